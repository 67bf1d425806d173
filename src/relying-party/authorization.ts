import type { VerifiedIdentity } from '../identity/verify-identity.ts';
import type { Reason } from '../policy/evaluate-policy.ts';

/** Why a device may not, for the program. docs/relying-party.md says what each means and what to answer. */
export type RefusalCode =
  /** There is no certificate, or it is not accepted: `error` is the `AttestationError`. */
  | 'identity-refused'
  /** No policy is known for the resource. */
  | 'unknown-resource'
  | 'deauthorized'
  /** The certificate, or one above it, was revoked. */
  | 'revoked'
  /** The check of revocation gave no answer that counts, or none in time. */
  | 'revocation-unknown'
  /** The policy is not met: `reasons` says by which rules. */
  | 'policy'
  | 'dynamic-timeout'
  /** The lookup threw: `error` is what. */
  | 'dynamic-failed'
  /** The lookup answered in a form that no facts have. */
  | 'dynamic-invalid'
  /** Whether the device is deauthorized could not be read: `error` says why. */
  | 'store-failed';

/** The device may. */
export interface Allowed {
  readonly allowed: true;
  readonly identity: VerifiedIdentity;
  /** What the device is called where it is deauthorized: as `deviceOf` says. */
  readonly device: string;
  readonly reasons: readonly [];
  /** Whether an earlier decision was used. */
  readonly cached: boolean;
  /** Whether it was used past its time, because the lookup failed. */
  readonly stale: boolean;
  /** Last instant at which the decision holds, unless the device is deauthorized: do not keep a session for longer. */
  readonly validUntil: Date;
}

/** The device may not. */
export interface Refused {
  readonly allowed: false;
  readonly code: RefusalCode;
  /** With the code `policy`: every rule that stood in the way, as `evaluatePolicy` says. */
  readonly reasons: readonly Reason[];
  /** Undefined where there is none that was verified. */
  readonly identity: VerifiedIdentity | undefined;
  readonly device: string | undefined;
  readonly cached: boolean;
  /** What was thrown underneath, for a log. */
  readonly error: unknown;
}

/** Whether a device may, and why. */
export type Authorization = Allowed | Refused;
