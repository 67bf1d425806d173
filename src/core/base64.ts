import { type Bytes, copyBytes } from './bytes.ts';
import type { AttestationErrorCode } from './error-codes.ts';
import { AttestationError } from './errors.ts';
import { decodeUtf8, requireText } from './text.ts';

// `atob` skips white space and takes a missing or non-canonical end: what it took must be what it would write.
function decode(base64: string, code: AttestationErrorCode): Bytes {
  let binary: string | undefined;
  try {
    binary = atob(base64);
  } catch {
    // Not base64 at all; `btoa` of nothing differs from it.
  }
  if (binary === undefined || btoa(binary) !== base64) throw new AttestationError(code);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * Decodes base64 (RFC 4648, section 4): padded, canonical, nothing between the characters.
 *
 * Leaves to you: to limit the length.
 *
 * @throws AttestationError `ERR_MDA_ENCODING_BASE64`
 * @throws TypeError if `text` is not a string
 * @example
 * ```ts
 * import { fromBase64 } from 'managed-device-attestation';
 *
 * fromBase64('AQID'); // Uint8Array [1, 2, 3]
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
export function fromBase64(text: string): Bytes {
  requireText(text);
  return decode(text, 'ERR_MDA_ENCODING_BASE64');
}

/**
 * Decodes base64url (RFC 4648, section 5) as JOSE and ACME write it: no padding, canonical.
 *
 * Leaves to you: to limit the length.
 *
 * @throws AttestationError `ERR_MDA_ENCODING_BASE64URL`
 * @throws TypeError if `text` is not a string
 * @example
 * ```ts
 * import { fromBase64Url } from 'managed-device-attestation';
 *
 * fromBase64Url('-_8'); // Uint8Array [251, 255]
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-5
 */
export function fromBase64Url(text: string): Bytes {
  requireText(text);
  if (/[+/=]/.test(text)) throw new AttestationError('ERR_MDA_ENCODING_BASE64URL');
  // Over bytes: `replaceAll` takes seconds for what an attacker may send.
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x2d) bytes[i] = 0x2b;
    if (bytes[i] === 0x5f) bytes[i] = 0x2f;
  }
  return decode(decodeUtf8(bytes)! + '='.repeat(-text.length & 3), 'ERR_MDA_ENCODING_BASE64URL');
}

/**
 * Encodes as padded base64 (RFC 4648, section 4).
 *
 * @throws TypeError if `bytes` is not a `Uint8Array`
 * @example
 * ```ts
 * import { toBase64 } from 'managed-device-attestation';
 *
 * console.log(toBase64(Uint8Array.of(1, 2, 3))); // AQID
 * ```
 */
export function toBase64(bytes: Uint8Array): string {
  const copy = copyBytes(bytes, 'bytes');
  let binary = '';
  // In pieces, so that the argument list never outgrows the stack.
  for (let i = 0; i < copy.length; i += 4096) binary += String.fromCharCode(...copy.subarray(i, i + 4096));
  return btoa(binary);
}

/**
 * Encodes as unpadded base64url (RFC 4648, section 5).
 *
 * @throws TypeError if `bytes` is not a `Uint8Array`
 * @example
 * ```ts
 * import { toBase64Url } from 'managed-device-attestation';
 *
 * console.log(toBase64Url(Uint8Array.of(251, 255))); // -_8
 * ```
 */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
}
