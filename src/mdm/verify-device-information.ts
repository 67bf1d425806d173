import { isVerifiedAttestation, type VerifiedAttestation } from '../core/attestation.ts';
import { constantTimeEqual, type Bytes } from '../core/bytes.ts';
import { type Certificate, MAX_CERTIFICATE_BYTES } from '../core/certificate.ts';
import { AttestationError } from '../core/errors.ts';
import { requireBytes, requireOptions, requireTime, requireTrustAnchors } from '../core/options.ts';
import type { AttestedProperties } from '../core/properties.ts';
import {
  type ComparedName,
  compareProperties,
  contradictionsOf,
  type PropertyComparisons,
} from './compare-properties.ts';
import { type DeviceInformationFreshness, type KnownNonce, readNonces, verifyWithNonces } from './device-freshness.ts';
import { requireDate, requireMembers } from './options.ts';
import type { ReportedProperties, ReportedSecurity } from './reported.ts';
import { type AcknowledgedResponse, isAcknowledged } from './response.ts';

/**
 * Says, where the caller's code is read, that the device is not compared with the one that was asked: any genuine
 * attestation will do. For forensics; a User Enrollment has `unnamedDevice`.
 *
 * @see verifyDeviceInformation
 */
export const skipDeviceCheck: unique symbol = /* @__PURE__ */ Symbol('skipDeviceCheck');

/**
 * Says that the attestation must name no device, as in a User Enrollment: one that does is of another enrollment.
 *
 * @see verifyDeviceInformation
 */
export const unnamedDevice: unique symbol = /* @__PURE__ */ Symbol('unnamedDevice');

/** What the service sent, to compare the answer with. */
export interface DeviceInformationRequest {
  readonly commandUUID: string;
  /** The nonce of this command; undefined where it had none. */
  readonly nonce: Uint8Array | undefined;
  /** Nonces of earlier commands to the same device; none unless given. */
  readonly knownNonces?: readonly KnownNonce[];
}

/** Who the service knows the device to be: at least one of the two. */
export interface ExpectedDevice {
  readonly serialNumber?: string;
  /** As it is attested: on a Mac the provisioning UDID. */
  readonly udid?: string;
}

/** What to store of an attestation, to judge the next one by. */
export interface PreviousAttestation {
  readonly publicKey: { readonly spki: Uint8Array };
  /** When Apple issued the leaf. */
  readonly attestedAt: Date;
}

/** What an answer is judged by. */
export interface VerifyDeviceInformationOptions {
  /** The time to judge at. */
  readonly at: Date;
  readonly request: DeviceInformationRequest;
  /** Who the device must be attested to be; for a User Enrollment `unnamedDevice`; or `skipDeviceCheck`. */
  readonly expectedDevice: ExpectedDevice | typeof unnamedDevice | typeof skipDeviceCheck;
  /** The last attestation of this enrollment, or what you stored of it. */
  readonly previous?: VerifiedAttestation | PreviousAttestation;
  /** The last answer of the device to a SecurityInfo command, to compare. */
  readonly security?: ReportedSecurity;
  /** From `parseCertificate`; Apple's root unless given. */
  readonly trustAnchors?: readonly Certificate[];
}

/** The device answered without an attestation: it does not support one, or Apple's servers refused it. */
export interface NotAttested {
  readonly status: 'not-attested';
  readonly reported: ReportedProperties;
}

/** The device answered with an attestation, and it is genuine. */
export interface AttestedDeviceInformation {
  readonly status: 'attested';
  readonly attestation: VerifiedAttestation;
  readonly freshness: DeviceInformationFreshness;
  /**
   * Whether the attested key is that of `previous`. A device keeps its key for as long as it is enrolled: a change
   * without a new enrollment wants an explanation.
   */
  readonly key: 'first' | 'same' | 'changed';
  /**
   * Whether it is older than `previous`. A device has its last attestation and none from before, so somebody kept this
   * one: it must not take the place of the newer one. `factsFrom` takes nothing from it.
   */
  readonly isSuperseded: boolean;
  /** Every attested property beside what the device says of it. */
  readonly comparisons: PropertyComparisons;
  /** The names of those that contradict each other. An update since the attestation explains one, a lie another. */
  readonly contradictions: readonly ComparedName[];
  /** When Apple issued the leaf. */
  readonly attestedAt: Date;
  /** Whole seconds from then to `at`. */
  readonly ageSeconds: number;
  readonly reported: ReportedProperties;
}

/** What came of an answer to a DeviceInformation command. */
export type DeviceInformationVerdict = NotAttested | AttestedDeviceInformation;

const OPTIONS = ['at', 'request', 'expectedDevice', 'previous', 'security', 'trustAnchors'];

/** Reads and judges the caller's options, before anything of the evidence is looked at. */
function readOptions(options: VerifyDeviceInformationOptions) {
  requireOptions(options, OPTIONS);
  const { request, expectedDevice } = options;
  requireMembers(request, 'request', ['commandUUID', 'nonce', 'knownNonces']);
  // Judged here, for an answer without an attestation gets no further.
  requireTrustAnchors(options);
  const { commandUUID, nonce, knownNonces = [] } = request;
  if (typeof commandUUID !== 'string') throw new TypeError('request.commandUUID must be a string');
  // A nonce that is left out must be one that was not sent.
  if (!('nonce' in request)) throw new TypeError('request.nonce must be there, undefined if none was sent');
  return {
    at: requireTime(options.at),
    commandUUID,
    nonces: readNonces(nonce, knownNonces),
    expectedDevice: readExpectedDevice(expectedDevice),
    previous: readPrevious(options),
    path: 'trustAnchors' in options ? { trustAnchors: options.trustAnchors } : {},
  };
}

const IDENTIFIERS = ['serialNumber', 'udid'] as const;

type Name = (typeof IDENTIFIERS)[number];

/** An identifier, and what is attested of it; undefined: nothing. */
type Identifier = readonly [name: Name, value: string | undefined];

function readExpectedDevice(expected: VerifyDeviceInformationOptions['expectedDevice']): readonly Identifier[] {
  if (expected === skipDeviceCheck) return [];
  if (expected === unnamedDevice) return IDENTIFIERS.map((name) => [name, undefined]);
  requireMembers(expected, 'expectedDevice', IDENTIFIERS);
  const given = Object.entries(expected) as [Name, unknown][];
  if (given.length === 0) throw new TypeError('expectedDevice must have a serialNumber or a udid');
  return given.map(([name, value]) => {
    // An empty text or undefined is a lookup that found nothing.
    if (typeof value !== 'string' || value === '') throw new TypeError(`expectedDevice.${name} must be a text`);
    return [name, value];
  });
}

interface Previous {
  readonly spki: Bytes;
  readonly attestedAt: number;
}

function readPrevious(options: VerifyDeviceInformationOptions): Previous | undefined {
  if (!('previous' in options)) return undefined;
  // What was stored may be anything.
  const previous = options.previous as
    { readonly publicKey?: { readonly spki?: unknown } | null; readonly attestedAt?: unknown } | null | undefined;
  const spki = requireBytes(previous?.publicKey?.spki, 'previous.publicKey.spki', MAX_CERTIFICATE_BYTES);
  const attestedAt = isVerifiedAttestation(previous) ? previous.certificates[0]!.notBefore : previous?.attestedAt;
  return { spki, attestedAt: requireDate(attestedAt, 'previous.attestedAt') };
}

/**
 * Verifies the attestation in an answer to a DeviceInformation command, and says what it is worth.
 *
 * Checks, in this order: the answer is to this command; the certificates; all of `verifyChain`; if a nonce was sent,
 * that the leaf has a freshness code; the device, against `expectedDevice`.
 * Leaves to you: whether the state of `freshness`, a changed `key`, one that `isSuperseded` and the `contradictions` will do, and the policy; that
 * the connection is that of the device that was asked; to store the nonces, the history, the public key and its time.
 *
 * @param response from `parseCommandResponse`
 * @returns a device without attestation is `not-attested`, and that is no error
 * @throws AttestationError `ERR_MDA_RESPONSE_COMMAND`, `ERR_MDA_RESPONSE_SHAPE`, those of `parseAttestationChain` and
 * `verifyAttestation`, `ERR_MDA_ATTESTATION_DEVICE` with the identifier in `field`
 * @throws TypeError if an option is missing, unknown or of another type, or the response is no acknowledgement from
 * `parseCommandResponse`
 * @example
 * ```ts
 * import { type AcknowledgedResponse, verifyDeviceInformation } from 'managed-device-attestation/mdm';
 *
 * export async function judge(response: AcknowledgedResponse, nonce: Uint8Array, serialNumber: string) {
 *   const verdict = await verifyDeviceInformation(response, {
 *     at: new Date(),
 *     request: { commandUUID: '0F5C1B2A-6D11-4C4B-8E57-3A1B7E0F9D21', nonce },
 *     expectedDevice: { serialNumber },
 *   });
 *   if (verdict.status === 'not-attested') return 'not supported, or refused';
 *   return verdict.freshness.state === 'fresh' ? verdict.attestation.properties.osVersion : 'an older one';
 * }
 * ```
 * @see Apple, "DeviceInformationResponse", DevicePropertiesAttestation
 */
export async function verifyDeviceInformation(
  response: AcknowledgedResponse,
  options: VerifyDeviceInformationOptions,
): Promise<DeviceInformationVerdict> {
  const { at, commandUUID, nonces, expectedDevice, previous, path } = readOptions(options);
  if (!isAcknowledged(response)) throw new TypeError('response must be an acknowledgement from parseCommandResponse');
  if (response.commandUUID !== commandUUID) throw new AttestationError('ERR_MDA_RESPONSE_COMMAND');
  const { reported, attestation: x5c, enrollment } = response;
  if (reported === undefined) throw new AttestationError('ERR_MDA_RESPONSE_SHAPE', { field: 'QueryResponses' });
  if (x5c === undefined) return { status: 'not-attested', reported };

  const { attestation, freshness, leaf } = await verifyWithNonces(x5c, nonces, { at: new Date(at), ...path });
  const { properties } = attestation;
  checkDevice(properties, expectedDevice);
  const comparisons = compareProperties(properties, {
    properties: reported,
    security: options.security,
    enrolledUdid: enrollment.udid,
  });
  return {
    status: 'attested',
    attestation,
    freshness,
    key: keyState(leaf.publicKey.spki, previous?.spki),
    isSuperseded: previous !== undefined && leaf.notBefore < previous.attestedAt,
    comparisons,
    contradictions: contradictionsOf(comparisons),
    attestedAt: new Date(leaf.notBefore),
    ageSeconds: Math.floor((at - leaf.notBefore) / 1000),
    reported,
  };
}

/** Absent, blank and malformed are not the device that was expected. Malformed is not nothing, either. */
function checkDevice(properties: AttestedProperties, expected: readonly Identifier[]): void {
  for (const [name, value] of expected) {
    const attested = properties[name];
    const isExpected =
      value === undefined
        ? attested.status === 'absent' || attested.status === 'blank'
        : attested.status === 'attested' && attested.value === value;
    if (!isExpected) throw new AttestationError('ERR_MDA_ATTESTATION_DEVICE', { certificate: 0, field: name });
  }
}

function keyState(spki: Uint8Array, previous: Bytes | undefined): AttestedDeviceInformation['key'] {
  if (previous === undefined) return 'first';
  return constantTimeEqual(spki, previous) ? 'same' : 'changed';
}
