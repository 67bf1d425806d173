import { sha256 } from '../acme/sha256.ts';
import { toHex } from '../core/bytes.ts';
import type { IdentityRecord } from '../identity/identity-certificate.ts';
import { contentsOfIdentity, recordsOfIdentity, type VerifiedIdentity } from '../identity/verify-identity.ts';

/**
 * What a device is called where it is deauthorized. `device:` and its permanent identifier, or else its serial number or
 * UDID, if that is attested; so a renewed certificate is the same device. `named:`, a hash of the authority's name and key,
 * the assigner and the permanent identifier, if an authority says it by itself, so that no authority speaks of the devices
 * of another. `key:` and the SHA-256 of the SubjectPublicKeyInfo where the certificate names no device. The fingerprint
 * would not do: with the mirrored signature, which anybody can make, the same certificate has another one.
 *
 * @example
 * ```ts
 * import { deviceOf } from 'managed-device-attestation/relying-party';
 * import type { VerifiedIdentity } from 'managed-device-attestation/identity';
 *
 * export const isOfList = (identity: VerifiedIdentity, lost: ReadonlySet<string>) => lost.has(deviceOf(identity));
 * ```
 */
export function deviceOf(identity: VerifiedIdentity): string {
  return namesOfDevice(identity)[0]!;
}

/**
 * All that the device may be marked by, its name first. What is claimed and not attested is among it, as is the key: which
 * authorities attest is a setting, and a mark must not be lost when that changes.
 */
export function namesOfDevice(identity: VerifiedIdentity): readonly string[] {
  const { leaf, facts, properties, publicKeyHash } = contentsOfIdentity(identity);
  const { serialNumber, udid } = properties();
  const key = `key:${toHex(publicKeyHash())}`;
  const devices: string[] = [];
  const own: string[] = [];
  for (const name of leaf.names!)
    if (name.kind === 'permanentIdentifier' && name.identifierValue !== undefined) {
      devices.push(`device:${name.identifierValue}`);
      own.push(`named:${authorityOf(identity)}:${name.assigner ?? ''}:${name.identifierValue}`);
      break;
    }
  for (const property of [serialNumber, udid])
    if (property.status === 'attested') devices.push(`device:${property.value}`);
  const names = facts.unattested === undefined ? [...devices, ...own, key] : [...own, key, ...devices];
  return [...new Set(names)];
}

/** Of authorities whose certificates are remembered, and so are the same object. */
const authorities = /* @__PURE__ */ new WeakMap<IdentityRecord, string>();

/** The authority that signed the leaf: SHA-256 of its name and its key, lower-case hexadecimal. */
export function authorityOf(identity: VerifiedIdentity): string {
  const record = recordsOfIdentity(identity)[1]!;
  let authority = authorities.get(record);
  if (authority === undefined) {
    const { subject, publicKey } = record;
    const both = new Uint8Array(subject.length + publicKey.spki.length);
    both.set(subject);
    both.set(publicKey.spki, subject.length);
    authority = toHex(sha256(both));
    authorities.set(record, authority);
  }
  return authority;
}
