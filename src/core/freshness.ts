import type { Bytes } from './bytes.ts';
import { requireBytes } from './options.ts';

/** Apple: a `DeviceAttestationNonce` has up to 32 bytes; so has any freshness code. */
export const MAX_FRESHNESS_CODE_BYTES = 32;

/**
 * The freshness code of an ACME attestation: SHA-256 of the ASCII bytes of the challenge's `token`.
 * Of the token, not of the key authorization.
 *
 * @param token the `token` of the `device-attest-01` challenge, base64url as RFC 8555 demands
 * @returns 32 bytes
 * @throws TypeError if the token is empty or not base64url (a key authorization, say)
 * @example
 * ```ts
 * import { freshnessCodeForToken } from 'managed-device-attestation';
 *
 * const expectedFreshnessCode = await freshnessCodeForToken('LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0');
 * ```
 * @see Apple, "Validating a Managed Device Attestation"; https://www.rfc-editor.org/rfc/rfc8555#section-8.3
 */
export async function freshnessCodeForToken(token: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', tokenBytes(token)));
}

/** The bytes of a token, which is no key authorization. */
export function tokenBytes(token: string): Bytes {
  if (typeof token !== 'string' || !/^[\w-]+$/.test(token))
    throw new TypeError('token must be the base64url token of the challenge');
  return new TextEncoder().encode(token);
}

/**
 * The freshness code of a DeviceInformation attestation: the `DeviceAttestationNonce` itself.
 *
 * @param nonce 1 to 32 bytes
 * @returns a copy
 * @throws TypeError if the nonce is not a `Uint8Array` or has another length
 * @example
 * ```ts
 * import { freshnessCodeForNonce } from 'managed-device-attestation';
 *
 * const nonce = crypto.getRandomValues(new Uint8Array(32));
 * const expectedFreshnessCode = freshnessCodeForNonce(nonce);
 * ```
 * @see Apple, "DeviceInformationCommand", DeviceAttestationNonce
 */
export function freshnessCodeForNonce(nonce: Uint8Array): Bytes {
  return requireBytes(nonce, 'nonce', MAX_FRESHNESS_CODE_BYTES);
}
