import { byteAt, equalBytes, fromHex } from '../core/bytes.ts';
import {
  derCursor,
  type DerCursor,
  enter,
  fail,
  leave,
  readOctetBitString,
  readPositiveInteger,
  SEQUENCE,
} from '../core/der.ts';
import { atEnd } from '../core/der.ts';
import { toBase64Url } from '../core/base64.ts';
import type { Bytes } from '../core/bytes.ts';

/** Named limits: 2048 bits is the least that NIST allows (SP 800-131A); 4096 is the most that every runtime verifies. */
export const MIN_RSA_BITS = 2048;
export const MAX_RSA_BITS = 4096;

/** An RSA public key (RFC 8017) of 2048 to 4096 bits. */
export interface RsaPublicKey {
  readonly keyType: 'RSA';
  readonly modulusBits: number;
  /** SubjectPublicKeyInfo, DER: what `importKey('spki', …)` takes. */
  readonly spki: Bytes;
  readonly jwk: RsaPublicJwk;
}

/** RFC 7518, 6.3.1; both numbers are base64url, without leading zeros. */
export interface RsaPublicJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
}

/** Views on the bytes of a certificate; internal. */
export interface RsaKeyRecord {
  readonly keyType: 'RSA';
  readonly spki: Uint8Array;
  /** The content of the BIT STRING, which key identifiers and OCSP hash. */
  readonly keyBits: Uint8Array;
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  readonly modulusBits: number;
}

/** rsaEncryption and its NULL, complete: RFC 3279, 2.3.1, knows no other parameters. */
const RSA_ENCRYPTION = /* @__PURE__ */ fromHex('300d06092a864886f70d0101010500');

/** Whether the SubjectPublicKeyInfo that comes next names rsaEncryption, with parameters of whatever kind. */
export function nextIsRsaKey({ bytes, offset, end }: DerCursor): boolean {
  const outer = { bytes, offset, end };
  enter(outer, SEQUENCE);
  enter(outer, SEQUENCE);
  const { offset: start } = outer;
  return start + 11 <= outer.end && equalBytes(bytes, RSA_ENCRYPTION, start, start + 11, 2, 13);
}

/**
 * Reads a SubjectPublicKeyInfo of RSA and judges its numbers, before any platform API sees them: the modulus odd and
 * of 2048 to 4096 bits, the exponent odd and from 65,537 (FIPS 186-5, A.1.1) to 2^32 - 1, more than which costs time
 * and buys nothing.
 */
export function readRsaKey(cursor: DerCursor): RsaKeyRecord {
  const { bytes, offset: start } = cursor;
  const outerEnd = enter(cursor, SEQUENCE);
  const algorithmEnd = cursor.offset + RSA_ENCRYPTION.length;
  if (algorithmEnd > cursor.end || !equalBytes(bytes, RSA_ENCRYPTION, cursor.offset, algorithmEnd))
    fail(cursor, 'ERR_MDA_KEY_PARAMETERS');
  cursor.offset = algorithmEnd;
  const keyBits = readOctetBitString(cursor);
  leave(cursor, outerEnd);

  // RFC 8017, A.1.1: RSAPublicKey ::= SEQUENCE { modulus, publicExponent }.
  const key = derCursor(keyBits);
  const keyEnd = enter(key, SEQUENCE);
  const modulus = readPositiveInteger(key);
  const exponent = readPositiveInteger(key);
  leave(key, keyEnd);
  if (!atEnd(key)) fail(key, 'ERR_MDA_DER_TRAILING');

  const modulusBits = 8 * modulus.length - Math.clz32(byteAt(modulus, 0)) + 24;
  const isOdd = (number: Uint8Array): boolean => byteAt(number, number.length - 1) % 2 === 1;
  if (modulusBits < MIN_RSA_BITS || modulusBits > MAX_RSA_BITS || !isOdd(modulus)) fail(cursor, 'ERR_MDA_KEY_MODULUS');
  if (exponent.length < 3 || exponent.length > 4 || !isOdd(exponent)) fail(cursor, 'ERR_MDA_KEY_EXPONENT');
  return { keyType: 'RSA', spki: bytes.subarray(start, cursor.offset), keyBits, modulus, exponent, modulusBits };
}

export function describeRsaKey({ modulusBits, spki, modulus, exponent }: RsaKeyRecord): RsaPublicKey {
  return {
    keyType: 'RSA',
    modulusBits,
    spki: new Uint8Array(spki),
    jwk: { kty: 'RSA', n: toBase64Url(modulus), e: toBase64Url(exponent) },
  };
}
