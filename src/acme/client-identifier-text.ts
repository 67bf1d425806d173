import { fromBase64Url, toBase64Url } from '../core/base64.ts';
import { type Bytes, byteAt, constantTimeEqual, toHex, toNumber } from '../core/bytes.ts';
import { AttestationError } from '../core/errors.ts';
import { type ClientIdentifierSecret, hmac, type Secrets } from './secret.ts';

/**
 * The text of a client identifier: the id of the secret, a dot, and the base64url of
 *
 *     version and flags 1, expiry 6, id 16, device 16 or none, authentication code 16 bytes
 *
 * The device is bound by a keyed hash under the id of the identifier, so that the text says nothing of the device,
 * not even that two of them are for the same one. Everything that stands before the code is authenticated.
 */

/** Named limit: what is issued has at most 83. */
export const MAX_CLIENT_IDENTIFIER_CHARACTERS = 100;

/** What a device-bound client identifier is bound to. Both, if both are given. */
export interface BoundDevice {
  readonly serialNumber: string | undefined;
  readonly udid: string | undefined;
}

export interface ClientIdentifierFields {
  readonly id: Bytes;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly hasSerialNumber: boolean;
  readonly hasUdid: boolean;
}

/** What was read and authenticated; internal. */
export interface ClientIdentifierRecord extends ClientIdentifierFields {
  readonly secret: ClientIdentifierSecret;
  /** Empty if it is bound to no device. */
  readonly binding: Bytes;
}

/** Milliseconds since 1970 in 6 bytes; internal. */
export const LAST_EXPIRY = 2 ** 48 - 1;

const VERSION = 0x10;
const VERSION_BITS = 0xf0;
const SERIAL_NUMBER_BIT = 1;
const UDID_BIT = 2;

const EXPIRY = 1;
const ID = 7;
const BINDING = 23;
const SHORT_HASH_BYTES = 16;
const WITHOUT_DEVICE = BINDING + SHORT_HASH_BYTES;
const WITH_DEVICE = WITHOUT_DEVICE + SHORT_HASH_BYTES;

export async function writeClientIdentifier(
  secret: ClientIdentifierSecret,
  fields: ClientIdentifierFields,
  device: BoundDevice,
): Promise<string> {
  const { id, expiresAt, hasSerialNumber, hasUdid } = fields;
  const bytes = new Uint8Array(hasSerialNumber || hasUdid ? WITH_DEVICE : WITHOUT_DEVICE);
  bytes[0] = VERSION | (hasSerialNumber ? SERIAL_NUMBER_BIT : 0) | (hasUdid ? UDID_BIT : 0);
  for (let i = ID - 1, rest = expiresAt; i >= EXPIRY; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  bytes.set(id, ID);
  if (bytes.length === WITH_DEVICE) bytes.set(await bind(secret, id, device), BINDING);
  const end = bytes.length - SHORT_HASH_BYTES;
  bytes.set(await authenticate(secret, bytes.subarray(0, end)), end);
  return `${secret.id}.${toBase64Url(bytes)}`;
}

/**
 * Reads a text and proves that one of the secrets made it. Everything else is judged by the caller.
 *
 * @throws AttestationError `ERR_MDA_CLIENT_IDENTIFIER_FORMAT`, `_SECRET`, `_FORGED`
 */
export async function authenticateClientIdentifier(text: string, secrets: Secrets): Promise<ClientIdentifierRecord> {
  const { secretId, bytes } = decode(text);
  const secret = secrets.find(({ id }) => id === secretId);
  if (secret === undefined) throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_SECRET');
  const end = bytes.length - SHORT_HASH_BYTES;
  const code = await authenticate(secret, bytes.subarray(0, end));
  if (!constantTimeEqual(code, bytes.subarray(end))) throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_FORGED');
  const flags = byteAt(bytes, 0);
  return {
    secret,
    id: bytes.slice(ID, BINDING),
    expiresAt: toNumber(bytes, EXPIRY, ID),
    hasSerialNumber: (flags & SERIAL_NUMBER_BIT) !== 0,
    hasUdid: (flags & UDID_BIT) !== 0,
    binding: bytes.slice(BINDING, end),
  };
}

function decode(text: string): { readonly secretId: string; readonly bytes: Bytes } {
  // The length first, so that a huge text costs nothing.
  const isShort = text.length <= MAX_CLIENT_IDENTIFIER_CHARACTERS;
  const [, secretId, encoded] = (isShort ? /^([\w-]{1,8})\.([\w-]+)$/.exec(text) : undefined) ?? [];
  if (secretId === undefined || encoded === undefined) throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_FORMAT');
  let bytes: Bytes;
  try {
    bytes = fromBase64Url(encoded);
  } catch (cause) {
    throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_FORMAT', { cause });
  }
  const hasVersion = (byteAt(bytes, 0) & VERSION_BITS) === VERSION;
  if (!hasVersion || (bytes.length !== WITHOUT_DEVICE && bytes.length !== WITH_DEVICE))
    throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_FORMAT');
  return { secretId, bytes };
}

/** Whether it is bound to this device, or to none. */
export async function isForDevice(record: ClientIdentifierRecord, device: BoundDevice): Promise<boolean> {
  const { secret, id, binding, hasSerialNumber, hasUdid } = record;
  if (binding.length === 0) return true;
  const { serialNumber, udid } = device;
  const named = { serialNumber: hasSerialNumber ? serialNumber : undefined, udid: hasUdid ? udid : undefined };
  return constantTimeEqual(await bind(secret, id, named), binding);
}

/** What an identifier is known by in a store and in a log. */
export function nameOf({ id }: Pick<ClientIdentifierFields, 'id'>): string {
  return toHex(id);
}

function bind(secret: ClientIdentifierSecret, id: Bytes, { serialNumber, udid }: BoundDevice): Promise<Bytes> {
  const device = JSON.stringify([toHex(id), serialNumber ?? null, udid ?? null]);
  return shortHmac(secret, 'device', new TextEncoder().encode(device));
}

function authenticate(secret: ClientIdentifierSecret, authenticated: Uint8Array): Promise<Bytes> {
  return shortHmac(secret, `identifier ${secret.id}`, authenticated);
}

/** HMAC-SHA-256, cut to 128 bits: a forger has one guess at each request. */
async function shortHmac(secret: ClientIdentifierSecret, purpose: string, data: Uint8Array): Promise<Bytes> {
  return (await hmac(secret, purpose, data)).slice(0, SHORT_HASH_BYTES);
}
