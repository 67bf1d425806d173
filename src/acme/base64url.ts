import type { Bytes } from '../core/bytes.ts';
import { AttestationError } from '../core/errors.ts';

/** Above every digit. */
const NO_DIGIT = 64;

/** Of the characters below 128. */
const DIGITS = /* @__PURE__ */ digitsOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

function digitsOf(alphabet: string): Uint8Array {
  const digits = new Uint8Array(128).fill(NO_DIGIT);
  for (let digit = 0; digit < alphabet.length; digit++) digits[alphabet.charCodeAt(digit)] = digit;
  return digits;
}

/**
 * Decodes base64url as strictly as `fromBase64Url` of the core does, which goes through `atob` and back to see that
 * nothing was passed over: small, and for an attestation object a fiftieth of the whole verification. This is a table.
 *
 * @throws AttestationError `ERR_MDA_ENCODING_BASE64URL`
 */
export function decodeBase64Url(text: string): Bytes {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  // The last character of one too many has six bits, which are no byte.
  let all = text.length % 4 === 1 ? NO_DIGIT : 0;
  for (let i = 0; i < text.length; i++) {
    const digit = DIGITS[text.charCodeAt(i)] ?? NO_DIGIT;
    all |= digit;
    held = (held << 6) | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  // What is left over is zeros.
  if (all >= NO_DIGIT || held !== 0) throw new AttestationError('ERR_MDA_ENCODING_BASE64URL');
  return bytes;
}
