import { sha256 } from '../acme/sha256.ts';
import { toHex } from '../core/bytes.ts';
import { contentsOfIdentity, type VerifiedIdentity } from '../identity/verify-identity.ts';

/**
 * What a device is called where it is deauthorized: `device:` and its permanent identifier, or else its attested serial
 * number or UDID, so that a renewed certificate is the same device; `key:` and the SHA-256 of its SubjectPublicKeyInfo
 * where the certificate names no device. The fingerprint would not do: with the mirrored signature, which anybody can
 * make, the same certificate has another one.
 *
 * @example
 * ```ts
 * import { deviceOf } from 'managed-device-attestation/relying-party';
 * import type { VerifiedIdentity } from 'managed-device-attestation/identity';
 *
 * export const isDevice = (identity: VerifiedIdentity, serialNumber: string) => deviceOf(identity) === `device:${serialNumber}`;
 * ```
 */
export function deviceOf(identity: VerifiedIdentity): string {
  const { leaf, facts, properties } = contentsOfIdentity(identity);
  for (const name of leaf.names!)
    if (name.kind === 'permanentIdentifier' && name.identifierValue !== undefined)
      return `device:${name.identifierValue}`;
  if (facts.unattested === undefined) {
    const { serialNumber, udid } = properties();
    for (const property of [serialNumber, udid]) if (property.status === 'attested') return `device:${property.value}`;
  }
  return `key:${toHex(sha256(leaf.publicKey.spki))}`;
}
