import type { Bytes } from '../core/bytes.ts';
import { AttestationError } from '../core/errors.ts';
import { parsePlist, type PlistDictionary, type PlistValue } from '../mdm/index.ts';
import { isArray, isDictionary } from '../mdm/plist-value.ts';
import { requireHttpsUrl, requireProfileFlag, requireProfileText } from '../mdm/profile-rules.ts';
import type { AcmePayloadOptions } from './acme-enrollment-options.ts';
import { readAcmePayload } from './acme-payload.ts';
import { deviceError, type MdmDeviceError } from './mdm-device-error.ts';

/** A payload that gives the device a key and a certificate. */
export interface IdentityPayload {
  readonly uuid: string;
  readonly payload: PlistDictionary;
  /** What the payload says, if it is one of ACME. */
  readonly acme: AcmePayloadOptions | undefined;
}

/** What an MDM payload says. */
export interface MdmPayload {
  readonly serverUrl: string;
  readonly checkInUrl: string;
  readonly topic: string;
  readonly identityUuid: string;
  readonly mode: string | undefined;
  readonly accessRights: bigint;
  readonly checkOutWhenRemoved: boolean;
}

/** A profile that a device can install. */
export interface ReadProfile {
  readonly bytes: Bytes;
  readonly content: PlistDictionary;
  readonly identifier: string;
  readonly uuid: string;
  readonly identities: readonly IdentityPayload[];
  readonly mdm: MdmPayload | undefined;
}

const ACME = 'com.apple.security.acme';
const IDENTITY_TYPES: readonly unknown[] = [ACME, 'com.apple.security.scep', 'com.apple.security.pkcs12'];

/** Reads a profile; what is wrong with it otherwise. */
export function readProfile(bytes: Bytes): ReadProfile | { readonly error: MdmDeviceError } {
  try {
    return read(bytes);
  } catch (error) {
    return { error: deviceError('the profile is not valid', describe(error as Error)) };
  }
}

/** An `AttestationError` of `./mdm`, or a TypeError of `readAcmePayload`. */
function describe(error: Error): string {
  const field = error instanceof AttestationError ? error.field : undefined;
  return field === undefined ? error.message : `${error.message}, ${field}`;
}

function read(bytes: Bytes): ReadProfile {
  const content = parsePlist(bytes);
  if (!isDictionary(content) || content.get('PayloadType') !== 'Configuration') refuse('PayloadType');
  const payloads = content.get('PayloadContent');
  if (!isArray(payloads) || !payloads.every(isDictionary)) refuse('PayloadContent');
  const [mdm, ...others] = payloads.filter((payload) => payload.get('PayloadType') === 'com.apple.mdm').map(readMdm);
  if (others.length > 0) refuse('PayloadContent');
  const identities = payloads.filter((payload) => IDENTITY_TYPES.includes(payload.get('PayloadType')));
  const read = identities.map(readIdentity);
  if (mdm !== undefined && !read.some(({ uuid }) => uuid === mdm.identityUuid)) refuse('IdentityCertificateUUID');
  return {
    bytes,
    content,
    identifier: textOf(content, 'PayloadIdentifier'),
    uuid: textOf(content, 'PayloadUUID'),
    identities: read,
    mdm,
  };
}

function readIdentity(payload: PlistDictionary): IdentityPayload {
  const isAcme = payload.get('PayloadType') === ACME;
  const acme = isAcme ? readAcmePayload(plain(payload) as Readonly<Record<string, unknown>>) : undefined;
  return { uuid: textOf(payload, 'PayloadUUID'), payload, acme };
}

function readMdm(payload: PlistDictionary): MdmPayload {
  const serverUrl = requireHttpsUrl(payload.get('ServerURL'), 'ServerURL');
  const mode = payload.get('EnrollmentMode');
  const accessRights = payload.get('AccessRights');
  // The simulated device has no writer of CMS to sign its messages with.
  if (payload.get('SignMessage') === true) refuse('SignMessage');
  return {
    serverUrl,
    checkInUrl: requireHttpsUrl(payload.get('CheckInURL') ?? serverUrl, 'CheckInURL'),
    topic: textOf(payload, 'Topic'),
    identityUuid: textOf(payload, 'IdentityCertificateUUID'),
    mode: mode === undefined ? undefined : requireProfileText(mode, 'EnrollmentMode'),
    accessRights: typeof accessRights === 'bigint' ? accessRights : 0n,
    checkOutWhenRemoved: requireProfileFlag(payload.get('CheckOutWhenRemoved') ?? false, 'CheckOutWhenRemoved'),
  };
}

const textOf = (values: PlistDictionary, key: string): string => requireProfileText(values.get(key), key);

/** The value as the usual parsers of property lists return it. */
function plain(value: PlistValue): unknown {
  if (isDictionary(value)) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (isArray(value)) return value.map(plain);
  return typeof value === 'bigint' ? Number(value) : value;
}

function refuse(field: string): never {
  throw new AttestationError('ERR_MDA_PROFILE_VALUE', { field });
}

/**
 * What a device that is enrolled does not let a profile do to its enrollment.
 *
 * @returns the key, or undefined if the profile may replace the installed one
 * @see Apple, "MDM", on updating the payload
 */
export function forbiddenChange(installed: MdmPayload, update: MdmPayload | undefined): string | undefined {
  if (update === undefined) return 'PayloadContent';
  if (update.serverUrl !== installed.serverUrl) return 'ServerURL';
  if (update.checkInUrl !== installed.checkInUrl) return 'CheckInURL';
  if (update.topic !== installed.topic) return 'Topic';
  if (update.mode !== installed.mode) return 'EnrollmentMode';
  return (update.accessRights & ~installed.accessRights) === 0n ? undefined : 'AccessRights';
}
