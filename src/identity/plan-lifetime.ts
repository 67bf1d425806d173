import { isVerifiedAttestation, type VerifiedAttestation } from '../core/attestation.ts';
import { requireOptions, requireTime } from '../core/options.ts';
import type { Policy } from '../policy/policy.ts';
import { agesOf } from './policy-ages.ts';
import { MAX_SECONDS } from './seconds.ts';

/** What the lifetime of a certificate follows from. */
export interface PlanLifetimeOptions {
  /** The attestation that the certificate rests on. */
  readonly attestation: VerifiedAttestation;
  /** The time of issuing. */
  readonly at: Date;
  /** The longest time that the certificate may be valid after `at`, in seconds. */
  readonly maximumSeconds: number;
  /** The policy that relying parties apply: the certificate ends before the attestation is too old for it. */
  readonly policy?: Policy;
  /** How long before `at` the validity begins, for clocks that are behind; 0 unless given. Never before the attestation. */
  readonly backdateSeconds?: number;
  /** A certificate that would be valid for less after `at` is not worth issuing; 1 unless given. */
  readonly minimumSeconds?: number;
  /** notAfter of the authority's own certificate. */
  readonly issuerNotAfter?: Date;
}

/** What ends the life of a certificate. */
export type LifetimeBound =
  /** `maximumSeconds`; notAfter of the attestation; `issuerNotAfter`. */
  | { readonly by: 'maximum' | 'attestation' | 'issuer' }
  /** A rule of the policy, by the place where it stands, such as `rules[2].any[0]`. */
  | { readonly by: 'policy'; readonly path: string };

/** The validity of a certificate, or why there is none. */
export type LifetimePlan =
  | {
      readonly status: 'planned';
      readonly notBefore: Date;
      readonly notAfter: Date;
      /** From `at` to `notAfter`. */
      readonly validForSeconds: number;
      /** What `notAfter` follows from: every bound that ends there. */
      readonly boundedBy: readonly LifetimeBound[];
    }
  /** Not even `minimumSeconds` are left: ask the device for a new attestation, or renew the authority. */
  | { readonly status: 'refused'; readonly reason: 'nothing-left'; readonly boundedBy: readonly LifetimeBound[] }
  /** `at` lies before notBefore of the attestation: a clock is wrong. */
  | { readonly status: 'refused'; readonly reason: 'not-yet-attested'; readonly boundedBy: readonly [] };

/**
 * Plans how long a certificate for an attested device is valid: never longer than what authorizes it can last.
 *
 * A rule `attestation-age` of the policy bounds it wherever the rule could stop being met, in `any` and for other platforms
 * too; under `not` it does not, for there time only helps. One that is over already refuses if the policy cannot be met
 * without it; elsewhere something else meets the policy, and it bounds nothing.
 *
 * Checks: that the attestation was verified.
 * Leaves to you: that the policy is met at `at`; revocation, which is for what happens before `notAfter`.
 *
 * @returns times in whole seconds, as a certificate has them
 * @throws TypeError if the attestation was not verified, the policy is not from `parsePolicy`, or an option is missing,
 * unknown or of another type
 * @example
 * ```ts
 * import type { VerifiedAttestation } from 'managed-device-attestation';
 * import { planLifetime } from 'managed-device-attestation/identity';
 * import type { Policy } from 'managed-device-attestation/policy';
 *
 * export function validityOf(attestation: VerifiedAttestation, policy: Policy) {
 *   const week = 7 * 24 * 60 * 60;
 *   const plan = planLifetime({ attestation, policy, at: new Date(), maximumSeconds: week, backdateSeconds: 300 });
 *   if (plan.status === 'refused') throw new Error(`ask the device again: ${plan.reason}`);
 *   return { notBefore: plan.notBefore, notAfter: plan.notAfter };
 * }
 * ```
 * @see docs/identity.md
 */
export function planLifetime(options: PlanLifetimeOptions): LifetimePlan {
  const { leaf, at, maximum, ages, backdate, minimum, issuerNotAfter } = readOptions(options);
  if (at < leaf.notBefore) return { status: 'refused', reason: 'not-yet-attested', boundedBy: [] };
  const bounds: readonly (readonly [LifetimeBound, number])[] = [
    [{ by: 'maximum' }, at + 1000 * maximum],
    [{ by: 'attestation' }, leaf.notAfter],
    [{ by: 'issuer' }, issuerNotAfter],
    ...ages
      .map(({ path, maximumSeconds, isNeeded }) => ({ path, isNeeded, end: leaf.notBefore + 1000 * maximumSeconds }))
      .filter(({ isNeeded, end }) => isNeeded || end >= at)
      .map(({ path, end }) => [{ by: 'policy', path }, end] as const),
  ];
  const notAfter = wholeSeconds(Math.min(...bounds.map(([, end]) => end)));
  const boundedBy = bounds.filter(([, end]) => wholeSeconds(end) === notAfter).map(([bound]) => bound);
  if (notAfter - at < 1000 * minimum) return { status: 'refused', reason: 'nothing-left', boundedBy };
  return {
    status: 'planned',
    notBefore: new Date(Math.max(wholeSeconds(at - 1000 * backdate), leaf.notBefore)),
    notAfter: new Date(notAfter),
    validForSeconds: Math.floor((notAfter - at) / 1000),
    boundedBy,
  };
}

function wholeSeconds(time: number): number {
  return 1000 * Math.floor(time / 1000);
}

const OPTIONS = [
  'attestation',
  'at',
  'maximumSeconds',
  'policy',
  'backdateSeconds',
  'minimumSeconds',
  'issuerNotAfter',
];

function readOptions(options: PlanLifetimeOptions) {
  requireOptions(options, OPTIONS);
  const { attestation, backdateSeconds = 0, minimumSeconds = 1 } = options;
  if (!isVerifiedAttestation(attestation)) throw new TypeError('attestation must come from a verification');
  const { notBefore, notAfter } = attestation.certificates[0]!;
  return {
    leaf: { notBefore: Number(notBefore), notAfter: Number(notAfter) },
    at: requireTime(options.at),
    maximum: requireSeconds(options.maximumSeconds, 'maximumSeconds', 1),
    backdate: requireSeconds(backdateSeconds, 'backdateSeconds', 0),
    minimum: requireSeconds(minimumSeconds, 'minimumSeconds', 1),
    // Present but undefined is a lookup that found nothing, not a wish for no bound.
    ages: 'policy' in options ? agesOf(options.policy) : [],
    issuerNotAfter: 'issuerNotAfter' in options ? requireNotAfter(options.issuerNotAfter) : Infinity,
  };
}

function requireSeconds(value: unknown, option: string, least: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > MAX_SECONDS)
    throw new TypeError(`${option} must be a whole number of seconds from ${least} to ${MAX_SECONDS}`);
  return value as number;
}

function requireNotAfter(value: unknown): number {
  try {
    return requireTime(value);
  } catch {
    throw new TypeError('issuerNotAfter must be a valid Date');
  }
}
