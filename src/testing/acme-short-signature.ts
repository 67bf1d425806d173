import type { Bytes } from '../core/bytes.ts';
import { concat } from './der-writer.ts';

/**
 * How a device writes the ECDSA signatures of its requests: `as-apple` cuts the first byte of R, of S, or of both
 * off where it is zero, which makes one in about 128 short; `always` signs until there is something to cut off;
 * `never` keeps to RFC 7518.
 */
export type ShortSignatures = 'as-apple' | 'always' | 'never';

export const SHORT_SIGNATURES: readonly ShortSignatures[] = ['as-apple', 'always', 'never'];

/** The halves of a raw signature, without their first byte where that is zero. */
export function shortenSignature(signature: Uint8Array): Bytes {
  const size = signature.length / 2;
  const cut = (half: Uint8Array): Uint8Array => half.subarray(half[0] === 0 ? 1 : 0);
  return concat(cut(signature.subarray(0, size)), cut(signature.subarray(size)));
}

/** One try in 128 is short: that so many are not has the odds of 10^-34. */
const TRIES = 10_000;

/** Signs with `sign`, whose signatures differ each time, as the mode says. */
export async function signShortened(sign: () => Promise<Bytes>, mode: ShortSignatures): Promise<Bytes> {
  for (let left = TRIES; left > 0; left--) {
    const signature = await sign();
    const short = shortenSignature(signature);
    if (mode === 'never') return signature;
    if (mode === 'as-apple' || short.length < signature.length) return short;
  }
  throw new TypeError('shortSignatures cannot be always where WebCrypto signs the same each time');
}
