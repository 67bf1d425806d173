import { calculateJwkThumbprint, type JWK } from 'jose';
import { fromBase64Url } from '../../../src/index.ts';
import { atEnd, derCursor } from '../../../src/core/der.ts';
import { readPublicKey } from '../../../src/core/public-key.ts';
import { concat } from '../../../src/testing/der-writer.ts';
import { type CurveName, spkiOf } from '../../../src/testing/key.ts';
import { isObject } from './json.ts';
import { refusal } from './problem.ts';

/** RFC 8555, 6.2: no MAC and no `none`. Each kind of key has the one algorithm that goes with it. */
export const SIGNATURE_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** The public key of an account, or of a certificate that is to be revoked. */
export interface AccountKey {
  readonly jwk: JWK;
  readonly algorithm: SignatureAlgorithm;
  /** RFC 7638. */
  readonly thumbprint: string;
}

const CURVES: Readonly<Record<CurveName, { readonly algorithm: SignatureAlgorithm; readonly size: number }>> = {
  'P-256': { algorithm: 'ES256', size: 32 },
  'P-384': { algorithm: 'ES384', size: 48 },
  'P-521': { algorithm: 'ES512', size: 66 },
};

/** Reads a public key, and judges it before WebCrypto sees it. What is not public has no business here. */
export async function readAccountKey(value: unknown): Promise<AccountKey> {
  if (!isObject(value)) throw refusal('malformed', 'jwk must be an object');
  if ('d' in value || 'k' in value) throw refusal('badPublicKey', 'the key is not a public key');
  const { kty } = value;
  const read = kty === 'EC' ? readEc : kty === 'RSA' ? readRsa : kty === 'OKP' ? readEd25519 : undefined;
  if (read === undefined) throw refusal('badPublicKey', 'the key must be EC, RSA or Ed25519');
  const { jwk, algorithm } = read(value);
  return { jwk, algorithm, thumbprint: await calculateJwkThumbprint(jwk) };
}

/** The thumbprint of a key that is only compared; undefined for what has none. */
export async function thumbprintOf(jwk: unknown): Promise<string | undefined> {
  try {
    return await calculateJwkThumbprint(jwk as JWK);
  } catch {
    return undefined;
  }
}

type Members = Readonly<Record<string, unknown>>;
type Read = Pick<AccountKey, 'jwk' | 'algorithm'>;

function bytesOf(value: unknown): Uint8Array {
  try {
    return fromBase64Url(value as string);
  } catch {
    throw refusal('badPublicKey', 'a member of the key is not base64url');
  }
}

function readEc({ crv, x, y }: Members): Read {
  if (typeof crv !== 'string' || !Object.hasOwn(CURVES, crv))
    throw refusal('badPublicKey', 'the curve must be P-256, P-384 or P-521');
  const curve = crv as CurveName;
  const { algorithm, size } = CURVES[curve];
  const [xBytes, yBytes] = [bytesOf(x), bytesOf(y)];
  // RFC 7518, 6.2.1.2: as long as the curve requires.
  if (xBytes.length !== size || yBytes.length !== size || !isOnCurve(curve, xBytes, yBytes))
    throw refusal('badPublicKey', 'the point is not on the curve');
  return { jwk: { kty: 'EC', crv, x: x as string, y: y as string }, algorithm };
}

function isOnCurve(curve: CurveName, x: Uint8Array, y: Uint8Array): boolean {
  const cursor = derCursor(spkiOf(curve, concat(Uint8Array.of(4), x, y)));
  try {
    readPublicKey(cursor);
    return atEnd(cursor);
  } catch {
    return false;
  }
}

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 4096;

function readRsa({ n, e }: Members): Read {
  const [modulus, exponent] = [bytesOf(n), bytesOf(e)];
  const bits = 8 * modulus.length - (Math.clz32(modulus[0] ?? 0) - 24);
  // RFC 8017, 3.1: odd and at least 3; nobody has more than 65537.
  const power = exponent.length > 3 ? 0 : exponent.reduce((number, byte) => number * 256 + byte, 0);
  // RFC 7518, 6.3.1.1: no octet more than it takes, or one key would have several thumbprints.
  if (modulus[0] === 0 || exponent[0] === 0) throw refusal('badPublicKey', 'a number of the key has zeros before it');
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || modulus.at(-1)! % 2 === 0 || power < 3 || power % 2 === 0)
    throw refusal('badPublicKey', 'an RSA key must have 2048 to 4096 bits and a usual exponent');
  return { jwk: { kty: 'RSA', n: n as string, e: e as string }, algorithm: 'RS256' };
}

function readEd25519({ crv, x }: Members): Read {
  if (crv !== 'Ed25519' || bytesOf(x).length !== 32) throw refusal('badPublicKey', 'the curve must be Ed25519');
  return { jwk: { kty: 'OKP', crv, x: x as string }, algorithm: 'EdDSA' };
}
