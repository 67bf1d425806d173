import { toBase64Url } from '../core/base64.ts';
import { type ShortSignatures, signShortened } from './acme-short-signature.ts';
import { bytes } from './der-writer.ts';

/** RFC 7515, 7.2.2: as it goes over the wire. */
export interface FlattenedJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** The key of an ACME account: P-256, for ES256 is what RFC 8555, 6.2, asks every server to know. */
export interface AccountKey {
  readonly jwk: Readonly<Record<'crv' | 'kty' | 'x' | 'y', string>>;
  /** RFC 7638. */
  readonly thumbprint: string;
  /** Signs an object, or nothing at all (POST-as-GET). */
  readonly sign: (header: object, payload: unknown) => Promise<FlattenedJws>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Random, and not extractable: what is in it does not leave the device. */
export async function createAccountKey(mode: ShortSignatures): Promise<AccountKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey);
  // RFC 7638, 3.2: these members, in this order.
  const jwk = { crv: 'P-256', kty: 'EC', x, y };
  const digest = await crypto.subtle.digest('SHA-256', bytes(JSON.stringify(jwk)));
  const sign = async (data: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, data));
  return {
    jwk,
    thumbprint: toBase64Url(new Uint8Array(digest)),
    sign: (header, payload) => writeJws(header, payload, (data) => signShortened(() => sign(data), mode)),
  };
}

/** RFC 8555, 7.3.4: what proves to the server that the account belongs to one that it knows from elsewhere. */
export interface AcmeExternalAccount {
  readonly keyId: string;
  /** The key of the HMAC, decoded. */
  readonly hmacKey: Uint8Array;
}

export async function signExternalAccount(
  { keyId, hmacKey }: AcmeExternalAccount,
  url: string,
  jwk: AccountKey['jwk'],
): Promise<FlattenedJws> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', new Uint8Array(hmacKey), algorithm, false, ['sign']);
  return writeJws(
    { alg: 'HS256', kid: keyId, url },
    jwk,
    async (data) => new Uint8Array(await crypto.subtle.sign('HMAC', key, data)),
  );
}

async function writeJws(
  header: object,
  payload: unknown,
  sign: (data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<FlattenedJws> {
  const encode = (value: unknown): string => toBase64Url(bytes(JSON.stringify(value)));
  const parts = { protected: encode(header), payload: payload === undefined ? '' : encode(payload) };
  return { ...parts, signature: toBase64Url(await sign(bytes(`${parts.protected}.${parts.payload}`))) };
}
