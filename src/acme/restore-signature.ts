import { type Bytes, copyBytes } from '../core/bytes.ts';

/** Bytes in either half of a signature (RFC 7518, 3.4). */
const HALF = { ES256: 32, ES384: 48, ES512: 66 } as const;

/**
 * Restores the zero bytes that Apple's ACME client cuts off the front of R, of S, or of both in the signature of a
 * JWS. One signature in about 128 is short by it. A short one may be one of several: try each with your JWS
 * library, or with WebCrypto, until one verifies.
 *
 * Leaves to you: to verify. No candidate is a signature before it verifies, and if none does, none was.
 *
 * @param signature the signature of the JWS, decoded
 * @returns the signature itself if it is whole, two candidates if it is one byte short, three if it is two bytes
 * short, none for any other length
 * @throws TypeError if `signature` is not a `Uint8Array`, or `alg` is another
 * @example
 * ```ts
 * import { restoreEcdsaSignature } from 'managed-device-attestation/acme';
 *
 * export async function verify(key: CryptoKey, signature: Uint8Array, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
 *   for (const candidate of restoreEcdsaSignature(signature, 'ES256'))
 *     if (await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, candidate, signed)) return true;
 *   return false;
 * }
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.4
 */
export function restoreEcdsaSignature(signature: Uint8Array, alg: 'ES256' | 'ES384' | 'ES512'): readonly Bytes[] {
  const bytes = copyBytes(signature, 'signature');
  if (!Object.hasOwn(HALF, alg)) throw new TypeError('alg must be ES256, ES384 or ES512');
  const half = HALF[alg];
  const missing = 2 * half - bytes.length;
  if (missing < 0 || missing > 2) return [];
  // All that is missing was cut off R, all of it off S, or a part off each.
  return Array.from({ length: missing + 1 }, (_, ofS) => {
    const sizeOfR = half - missing + ofS;
    const restored = new Uint8Array(2 * half);
    restored.set(bytes.subarray(0, sizeOfR), half - sizeOfR);
    restored.set(bytes.subarray(sizeOfR), 2 * half - (bytes.length - sizeOfR));
    return restored;
  });
}
