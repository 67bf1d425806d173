import { requireOptions, requirePlainObject } from '../core/options.ts';
import type { VerifiedIdentity } from '../identity/verify-identity.ts';
import { type LookupSignal, requireMilliseconds, withinTime } from './time-limit.ts';

/** What a check of revocation comes to. */
export type RevocationAnswer = 'good' | 'revoked' | 'unknown' | 'stale';

/** How revocation is checked, and what happens where nobody can say. */
export interface RevocationSource {
  /** Checks the identity: `checkRevocation` of `./identity` with lists or answers of yours, and its `status`. */
  readonly check: (
    identity: VerifiedIdentity,
    context: { readonly at: Date; readonly signal: LookupSignal },
  ) => Promise<RevocationAnswer> | RevocationAnswer;
  /** What `unknown` and `stale` come to, a check that throws, that takes too long, or that answers something else. */
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

/** Why revocation is in the way; undefined if it is not. */
export async function revocationRefusal(
  { check, onUnknown, timeoutMilliseconds }: RevocationSource,
  identity: VerifiedIdentity,
  at: number,
): Promise<{ readonly code: 'revoked' | 'revocation-unknown'; readonly error: unknown } | undefined> {
  let answer: unknown;
  let error: unknown;
  try {
    answer = await withinTime(timeoutMilliseconds, (signal) => check(identity, { at: new Date(at), signal }));
  } catch (thrown) {
    error = thrown;
  }
  if (answer === 'good') return undefined;
  if (answer === 'revoked') return { code: 'revoked', error };
  return onUnknown === 'accept' ? undefined : { code: 'revocation-unknown', error };
}
