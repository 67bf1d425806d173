import { requireOptions, requirePlainObject, requireTime } from '../core/options.ts';
import type { RevocationVerdict } from '../identity/check-revocation.ts';
import type { VerifiedIdentity } from '../identity/verify-identity.ts';
import { type LookupSignal, requireMilliseconds, withinTime } from './time-limit.ts';

/** What a check of revocation comes to: what `checkRevocation` returns, as it is, or its `status` alone. */
export type RevocationAnswer =
  | RevocationVerdict['status']
  | (Pick<RevocationVerdict, 'accepted' | 'status'> & Partial<Pick<RevocationVerdict, 'currentUntil'>>);

/** How revocation is checked, and what happens where nobody can say. */
export interface RevocationSource {
  /**
   * Checks the identity: `checkRevocation` of `./identity` with lists or answers of yours. A decision ends with
   * `currentUntil`, where that is there.
   */
  readonly check: (
    identity: VerifiedIdentity,
    context: { readonly at: Date; readonly signal: LookupSignal },
  ) => Promise<RevocationAnswer> | RevocationAnswer;
  /**
   * What `unknown` and `stale` come to, a check that throws, that takes too long, or that answers something else. A verdict
   * that is not accepted is refused in any case.
   */
  readonly onUnknown: 'refuse' | 'accept';
  /** How long it may take. */
  readonly timeoutMilliseconds: number;
}

export function requireRevocationSource(source: RevocationSource): RevocationSource {
  requirePlainObject(source, 'revocation');
  requireOptions(source, ['check', 'onUnknown', 'timeoutMilliseconds']);
  const { check, onUnknown } = source;
  if (typeof check !== 'function') throw new TypeError('revocation.check must be a function');
  if (!(['refuse', 'accept'] as unknown[]).includes(onUnknown))
    throw new TypeError('revocation.onUnknown must be refuse or accept');
  const timeoutMilliseconds = requireMilliseconds(source.timeoutMilliseconds, 'revocation.timeoutMilliseconds');
  return { check, onUnknown, timeoutMilliseconds };
}

/** What revocation has to say: that it is in the way, or until when it is not. */
export type RevocationFinding =
  | { readonly code: 'revoked' | 'revocation-unknown'; readonly error: unknown }
  | { readonly code?: undefined; readonly currentUntil: number };

/** Nobody is asked, or nobody can say and that is accepted. */
const NOT_IN_THE_WAY: RevocationFinding = { currentUntil: Infinity };

export async function askRevocation(
  source: RevocationSource | undefined,
  identity: VerifiedIdentity,
  at: number,
): Promise<RevocationFinding> {
  if (source === undefined) return NOT_IN_THE_WAY;
  const { check, onUnknown, timeoutMilliseconds } = source;
  let error: unknown;
  let isAccepted = onUnknown === 'accept';
  try {
    const answer = await withinTime(timeoutMilliseconds, (signal) => check(identity, { at: new Date(at), signal }));
    const { accepted, status, currentUntil } = readAnswer(answer);
    if (status === 'revoked') return { code: 'revoked', error };
    // Documents that have run out say nothing.
    if (accepted && status === 'good' && currentUntil >= at) return { currentUntil };
    isAccepted &&= accepted;
  } catch (thrown) {
    error = thrown;
  }
  return isAccepted ? NOT_IN_THE_WAY : { code: 'revocation-unknown', error };
}

interface ReadAnswer {
  readonly accepted: boolean;
  readonly status: unknown;
  /** Milliseconds since 1970. */
  readonly currentUntil: number;
}

/** Reads each member once, and throws for what is none of the forms. */
function readAnswer(answer: unknown): ReadAnswer {
  if (typeof answer === 'string') return { accepted: true, status: answer, currentUntil: Infinity };
  requirePlainObject(answer, 'the answer');
  const { accepted, status, currentUntil } = answer as Partial<RevocationVerdict>;
  if (typeof accepted !== 'boolean') throw new TypeError('accepted must be true or false');
  return { accepted, status, currentUntil: currentUntil === undefined ? Infinity : requireTime(currentUntil) };
}
