import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { toBase64Url } from '../core/base64.ts';
import { toBigInt } from '../core/bytes.ts';
import { bitString, bytes, concat, type Der, integer, oid, sequence } from './der-writer.ts';

export type CurveName = 'P-256' | 'P-384' | 'P-521';
export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface Key {
  readonly curve: CurveName;
  readonly spki: Der;
  readonly point: Der;
  /** Raw `r || s`. */
  sign(data: Uint8Array, hash: HashName): Uint8Array | Promise<Uint8Array>;
}

const CURVES = {
  'P-256': { noble: p256, oid: '1.2.840.10045.3.1.7', size: 32 },
  'P-384': { noble: p384, oid: '1.3.132.0.34', size: 48 },
  'P-521': { noble: p521, oid: '1.3.132.0.35', size: 66 },
} as const;

const DIGESTS = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const;

export const digest = (hash: HashName, data: Uint8Array): Uint8Array => DIGESTS[hash](data);

export function spkiOf(curve: CurveName, point: Uint8Array): Der {
  return sequence(sequence(oid('1.2.840.10045.2.1'), oid(CURVES[curve].oid)), bitString(point));
}

function secretFrom(seed: string, curve: CurveName) {
  const { noble, size } = CURVES[curve];
  const material = concat(digest('SHA-512', bytes(`${seed} 1`)), digest('SHA-512', bytes(`${seed} 2`)));
  const secret = material.slice(0, size);
  if (curve === 'P-521') secret[0] = 0;
  return { secret, size, point: new Uint8Array(noble.getPublicKey(secret, false)) };
}

/** A key that depends on the seed alone. */
export function keyFrom(seed: string, curve: CurveName = 'P-384'): Key {
  const { secret, point } = secretFrom(seed, curve);
  return {
    curve,
    point,
    spki: spkiOf(curve, point),
    sign: (data, hash) => CURVES[curve].noble.sign(digest(hash, data), secret, { prehash: false, lowS: false }),
  };
}

/** The same key for WebCrypto. */
export function privateJwkFrom(seed: string, curve: CurveName): { readonly spki: Der; readonly jwk: JsonWebKey } {
  const { secret, size, point } = secretFrom(seed, curve);
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)].map(toBase64Url);
  return { spki: spkiOf(curve, point), jwk: { kty: 'EC', crv: curve, d: toBase64Url(secret), x: x!, y: y! } };
}

/** A WebCrypto key: random, and quick where thousands of signatures are wanted. */
export async function randomKey(curve: CurveName = 'P-384'): Promise<Key> {
  const algorithm = { name: 'ECDSA', namedCurve: curve };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
  return {
    curve,
    point,
    spki: spkiOf(curve, point),
    sign: async (data, hash) =>
      new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash }, privateKey, new Uint8Array(data))),
  };
}

/** Ecdsa-Sig-Value from raw `r || s`. */
export function signatureValue(raw: Uint8Array): Der {
  const half = raw.length / 2;
  const number = (part: Uint8Array): bigint => toBigInt(part, 0, part.length);
  return sequence(integer(number(raw.subarray(0, half))), integer(number(raw.subarray(half))));
}

/** RFC 5280, 4.2.1.2 (1): SHA-1 of the point. */
export const keyIdentifierOf = (key: Pick<Key, 'point'>): Uint8Array => sha1(key.point);
