import { type Bytes, copyBytes } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';

/** A key that client identifiers are authenticated with. */
export interface ClientIdentifierSecret {
  /** 1 to 8 characters of base64url. It stands in the text and tells the secrets apart. */
  readonly id: string;
  /** At least 32 random bytes. */
  readonly key: Uint8Array;
}

/** Each with an id of its own. */
export type Secrets = readonly ClientIdentifierSecret[];

const MIN_KEY_BYTES = 32;

/** A copy of a caller's secret. */
export function requireSecret(secret: ClientIdentifierSecret, option: string): ClientIdentifierSecret {
  requireOptions(secret, ['id', 'key']);
  const { id, key } = secret;
  if (typeof id !== 'string' || !/^[\w-]{1,8}$/.test(id))
    throw new TypeError(`the id of ${option} must be 1 to 8 characters of base64url`);
  const copy = copyBytes(key, `the key of ${option}`);
  if (copy.length < MIN_KEY_BYTES) throw new TypeError(`the key of ${option} must have at least 32 bytes`);
  return { id, key: copy };
}

export function requireSecrets(secrets: Secrets): Secrets {
  if (!Array.isArray(secrets) || secrets.length === 0)
    throw new TypeError('secrets must be an array that is not empty');
  const copies = Array.from(secrets as Secrets, (secret, index) => requireSecret(secret, `secrets[${index}]`));
  if (new Set(copies.map(({ id }) => id)).size < copies.length) throw new TypeError('secrets must differ in their id');
  return copies;
}

/** HMAC-SHA-256 of a purpose and data. The purpose ends where the first zero byte stands. */
export async function hmac({ key }: ClientIdentifierSecret, purpose: string, data: Uint8Array): Promise<Bytes> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const cryptoKey = await crypto.subtle.importKey('raw', key as Bytes, algorithm, false, ['sign']);
  const label = new TextEncoder().encode(`managed-device-attestation ${purpose}\0`);
  const message = new Uint8Array(label.length + data.length);
  message.set(label);
  message.set(data, label.length);
  return new Uint8Array(await crypto.subtle.sign('HMAC', cryptoKey, message));
}
