import type { VerifiedAttestation } from '../core/attestation.ts';
import { requireMembers } from './answer.ts';
import { type AcmeIdentifier, equalText, PERMANENT_IDENTIFIER } from './identifier.ts';
import { type Reason, reasonOf, requireReasons } from './reason.ts';

/** What a device claims, once its attestation is verified. */
export interface IdentityClaim {
  /** What was ordered. */
  readonly identifier: AcmeIdentifier;
  /** What is attested. */
  readonly attestation: VerifiedAttestation;
  /** The token of the challenge. It names this attempt, also when it is made again after a crash. */
  readonly token: string;
  readonly at: Date;
}

/**
 * Whether the ordered identifier belongs to the device that is attested. A yes has no reasons, a no has nothing else,
 * and a member that is not listed here is a `TypeError`. The validator works with a fixed copy.
 */
export type Identification =
  | {
      readonly identified: true;
      /** What it was identified by, such as `serial-number`. */
      readonly by: string;
      /** The device, in the words of the caller's inventory. */
      readonly device?: string;
      /** The user to whom the enrollment belongs. */
      readonly user?: string;
      /**
       * Takes what may be taken once. The validator calls it last, after everything else has passed; false means
       * that another was quicker. Called again for the same token, it answers as before. Left out, if there is nothing
       * to take: undefined is a `TypeError`.
       */
      readonly claim?: () => Promise<boolean> | boolean;
    }
  | { readonly identified: false; readonly reasons: readonly Reason[] };

/** Says whether the ordered identifier belongs to the device. What it throws or rejects with, the validator does. */
export type Identify = (claim: IdentityClaim) => Promise<Identification> | Identification;

/**
 * Identifies a device whose serial number was ordered.
 *
 * Checks: type `permanent-identifier`; the value against the attested serial number, exactly and in constant time.
 * Absent, blank and malformed match nothing.
 * Leaves to you: whether the device of this number may have a certificate (`evaluate`).
 *
 * @example
 * ```ts
 * import { createDeviceAttestValidator, identifierIsSerialNumber } from 'managed-device-attestation/acme';
 *
 * export const validate = createDeviceAttestValidator({ identify: identifierIsSerialNumber });
 * ```
 */
export const identifierIsSerialNumber: Identify = (claim) => identifyByProperty(claim, 'serialNumber', 'serial-number');

/**
 * Identifies a device whose UDID was ordered. On a Mac that is the provisioning UDID, not the UDID that MDM uses.
 *
 * Checks: type `permanent-identifier`; the value against the attested UDID, exactly and in constant time. Absent,
 * blank and malformed match nothing.
 * Leaves to you: whether the device of this UDID may have a certificate (`evaluate`).
 *
 * @example
 * ```ts
 * import { createDeviceAttestValidator, identifierIsUdid } from 'managed-device-attestation/acme';
 *
 * export const validate = createDeviceAttestValidator({ identify: identifierIsUdid });
 * ```
 */
export const identifierIsUdid: Identify = (claim) => identifyByProperty(claim, 'udid', 'udid');

function identifyByProperty(
  { identifier, attestation }: IdentityClaim,
  property: 'serialNumber' | 'udid',
  by: string,
): Identification {
  if (identifier.type !== PERMANENT_IDENTIFIER) return notIdentified('ERR_MDA_IDENTIFIER_TYPE');
  const attested = attestation.properties[property];
  if (attested.status !== 'attested') return notIdentified('ERR_MDA_IDENTIFIER_NOT_ATTESTED');
  if (!equalText(attested.value, identifier.value)) return notIdentified('ERR_MDA_IDENTIFIER_MISMATCH');
  return { identified: true, by, device: attested.value };
}

export function notIdentified(...codes: Parameters<typeof reasonOf>): Identification {
  return { identified: false, reasons: codes.map(reasonOf) };
}

/**
 * Asks several functions in their order until one knows the device.
 *
 * Checks: each until the first that identifies; if none does, the reasons are those of all. One that throws or
 * rejects ends it.
 *
 * @throws TypeError if there is none, or one is no function
 * @example
 * ```ts
 * import { createDeviceAttestValidator, firstIdentification, identifierIsSerialNumber, identifierIsUdid } from 'managed-device-attestation/acme';
 *
 * export const validate = createDeviceAttestValidator({
 *   identify: firstIdentification(identifierIsSerialNumber, identifierIsUdid),
 * });
 * ```
 */
export function firstIdentification(...identify: readonly Identify[]): Identify {
  if (identify.length === 0 || !identify.every((each) => typeof each === 'function'))
    throw new TypeError('identify must be one function or several');
  return async (claim) => {
    const reasons: Reason[] = [];
    for (const each of identify) {
      const identification = requireIdentification(await each(claim));
      if (identification.identified) return identification;
      reasons.push(...identification.reasons);
    }
    return { identified: false, reasons };
  };
}

/** Judges the answer of a caller's function, and copies it, so that nobody can change it who is shown it. */
export function requireIdentification(answer: unknown): Identification {
  const { identified } = Object(answer) as Partial<Identification>;
  requireMembers(answer, 'identify', identified === false ? NO_MEMBERS : YES_MEMBERS);
  if (identified === false) {
    const { reasons } = answer as Identification & { readonly identified: false };
    return Object.freeze({ identified, reasons: requireReasons(reasons, 'identify') });
  }
  const { by, device, user, ...rest } = answer as Identification & { readonly identified: true };
  // Present but undefined is a lookup that found nothing, not a wish to claim nothing.
  const isClaim = !('claim' in rest) || typeof rest.claim === 'function';
  if (identified !== true || typeof by !== 'string' || !isText(device) || !isText(user) || !isClaim)
    throw new TypeError('identify must return an Identification');
  return Object.freeze({
    identified,
    by,
    ...(device === undefined ? {} : { device }),
    ...(user === undefined ? {} : { user }),
    ...(rest.claim && { claim: rest.claim.bind(answer) }),
  });
}

const NO_MEMBERS = ['identified', 'reasons'];
const YES_MEMBERS = ['identified', 'by', 'device', 'user', 'claim'];

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
