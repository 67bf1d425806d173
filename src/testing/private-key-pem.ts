import { toBase64 } from '../core/base64.ts';
import type { EnclaveKey } from './enclave.ts';

/**
 * Writes the private key of a simulated device as PEM (PKCS #8, RFC 5958), for a TLS implementation that signs with nothing
 * else: the device has to have `exportableKeys`.
 *
 * @param key a key of `device.createKey`, such as the one of an `MdmIdentity`
 * @throws TypeError if the key cannot be taken out
 * @example
 * ```ts
 * import { createAttestationAuthority, createSimulatedDevice, exportPrivateKeyPem } from 'managed-device-attestation/testing';
 *
 * const at = new Date('2026-06-01T12:00:00Z');
 * const authority = await createAttestationAuthority({ at });
 * const device = createSimulatedDevice(authority, { clock: () => at, exportableKeys: true });
 * const pem = await exportPrivateKeyPem(await device.createKey({ curve: 'P-384' }));
 * console.log(pem.startsWith('-----BEGIN PRIVATE KEY-----')); // true
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc5958
 */
export async function exportPrivateKeyPem(key: EnclaveKey): Promise<string> {
  if (!key.privateKey.extractable) throw new TypeError('key must be of a device with exportableKeys');
  const base64 = toBase64(new Uint8Array(await crypto.subtle.exportKey('pkcs8', key.privateKey)));
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`;
}
