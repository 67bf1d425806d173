import { factsFromIdentity } from '../identity/identity-facts.ts';
import { evaluatePolicy } from '../policy/evaluate-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { RefusalCode } from './authorization.ts';
import type { Settings } from './authorizer-options.ts';
import type { CachedDecision } from './cached-decision.ts';
import { copyDynamicFacts, type DynamicFacts } from './dynamic-facts.ts';
import type { KnownIdentity } from './identity-memory.ts';
import { type PolicyTimes, unchangingSpan } from './policy-times.ts';
import { askRevocation } from './revocation-source.ts';
import { isTimeout, withinTime } from './time-limit.ts';

/** What a request comes to without what earlier ones left behind. */
export type Verdict =
  | { readonly decision: CachedDecision; readonly refusal?: undefined }
  | { readonly decision?: undefined; readonly refusal: Refusal };

export interface Refusal {
  readonly code: RefusalCode;
  readonly error: unknown;
}

/** What is judged. */
export interface Case {
  readonly known: KnownIdentity;
  readonly policy: Policy;
  readonly times: PolicyTimes;
  readonly resource: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the device, when the judgement begins. */
  readonly generation: string;
}

/** Asks whether the identity is revoked and what is known of the device, side by side, and applies the policy. */
export async function judgeIdentity({ dynamic, revocation }: Settings, subject: Case): Promise<Verdict> {
  const { known, policy, times, at, generation } = subject;
  const [unrevoked, found] = await Promise.all([
    askRevocation(revocation, known.identity, at),
    lookUp(dynamic, subject),
  ]);
  if (unrevoked.code !== undefined) return { refusal: unrevoked };
  if ('code' in found) return { refusal: found };
  try {
    const facts = factsFromIdentity(known.identity, found);
    const { allowed, reasons } = evaluatePolicy(policy, facts, { at: new Date(at) });
    const { from, until } = unchangingSpan(times, facts, at);
    const validFrom = Math.max(known.notBefore, from);
    const validUntil = Math.min(known.notAfter, until, unrevoked.currentUntil);
    return { decision: { allowed, decidedAt: at, validFrom, validUntil, generation, reasons } };
  } catch (error) {
    // The facts that the identity gives are always of their form.
    return { refusal: { code: 'dynamic-invalid', error } };
  }
}

async function lookUp(
  dynamic: Settings['dynamic'],
  { known: { identity }, at, resource }: Case,
): Promise<DynamicFacts | Refusal> {
  if (dynamic === undefined) return {};
  let answer: unknown;
  try {
    answer = await withinTime(dynamic.timeoutMilliseconds, (signal) =>
      dynamic.lookup(identity, { at: new Date(at), resource, signal }),
    );
  } catch (error) {
    return isTimeout(error) ? { code: 'dynamic-timeout', error: undefined } : { code: 'dynamic-failed', error };
  }
  try {
    return copyDynamicFacts(answer);
  } catch (error) {
    return { code: 'dynamic-invalid', error };
  }
}
