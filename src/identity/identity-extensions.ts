import { isVerifiedAttestation, type VerifiedAttestation } from '../core/attestation.ts';
import type { Bytes } from '../core/bytes.ts';
import { certificateFingerprint, type Extension } from '../core/certificate.ts';
import { BOOLEAN, OCTET_STRING, OID, SEQUENCE } from '../core/der.ts';
import { requireOptions } from '../core/options.ts';
import { encodeOid, tlv } from '../acme/der-writer.ts';
import type { AttestedName } from '../policy/facts.ts';
import { encodeAttestationEvidence } from './attestation-evidence.ts';
import { deviceNames, encodeAlternativeNames, requireOtherNames } from './device-names.ts';
import { APPLE_ARC, attestationEvidenceOid, SUBJECT_ALTERNATIVE_NAME_OID } from './oids.ts';

/** What an authority puts into a certificate that it issues. */
export interface IdentityExtensionsOptions {
  /**
   * The attested properties to pass on: those named, or `all`, then with those of Apple's that have no name yet, as
   * far as `privacy` lets them. The freshness code is never passed on.
   */
  readonly include: 'all' | readonly AttestedName[];
  /**
   * `identify` names the device in a subjectAltName. `withhold-identifiers` does not, and leaves out its serial number, its
   * UDID, and properties that have no name yet, for they may be identifiers.
   */
  readonly privacy: 'identify' | 'withhold-identifiers';
  /**
   * Other names for the subjectAltName, each the DER of a GeneralName. Those that name a device are refused, unless they
   * are those of this one.
   */
  readonly subjectAlternativeNames?: readonly Uint8Array[];
  /** Whether the subject of the certificate is empty; then the subjectAltName is critical (RFC 5280, 4.2.1.6). */
  readonly subjectIsEmpty?: boolean;
}

/** An extension to put into a certificate. */
export interface CertificateExtension {
  readonly oid: string;
  readonly critical: boolean;
  /** The content of the OCTET STRING. */
  readonly value: Bytes;
  /** The whole Extension. */
  readonly der: Bytes;
}

/**
 * Makes the extensions of a certificate for an attested device: who it is, what is attested of it, and by which
 * attestation.
 *
 * In this order: one subjectAltName, if there is a name; each attested property under Apple's own OID with the attested
 * bytes, not critical, so that `decodeProperties` reads it; the extension "attestation evidence".
 *
 * Checks: that the attestation was verified; other names: strict DER, none that names a device.
 * Leaves to you: the rest of the certificate, its key above all, which is the attested one if `verifyCertificateRequest`
 * passed; to copy no extension of the request; and `planLifetime`.
 *
 * @param attestation from `verifyAttestation` or the validator
 * @throws AttestationError `ERR_MDA_NAME_*`, `ERR_MDA_DER_*`, `ERR_MDA_CERTIFICATE_NAME` for one of
 * `subjectAlternativeNames`
 * @throws TypeError if the attestation was not verified, an option is missing, unknown or of another type, or `include`
 * names what `privacy` withholds
 * @example
 * ```ts
 * import type { VerifiedAttestation } from 'managed-device-attestation';
 * import { identityExtensions, toPkijsExtensions } from 'managed-device-attestation/identity';
 * import { Extension } from 'pkijs';
 *
 * export async function extensionsFor(attestation: VerifiedAttestation): Promise<Extension[]> {
 *   const extensions = await identityExtensions(attestation, { include: 'all', privacy: 'identify' });
 *   return toPkijsExtensions(extensions, Extension);
 * }
 * ```
 * @see docs/identity.md; https://www.rfc-editor.org/rfc/rfc4043; https://www.rfc-editor.org/rfc/rfc4108#section-5
 */
export async function identityExtensions(
  attestation: VerifiedAttestation,
  options: IdentityExtensionsOptions,
): Promise<readonly CertificateExtension[]> {
  if (!isVerifiedAttestation(attestation)) throw new TypeError('attestation must come from a verification');
  const { oids, withholds, otherNames, subjectIsEmpty } = readOptions(options);
  const { properties, publicKey, certificates, at, freshness } = attestation;
  const leaf = certificates[0]!;
  const names = encodeAlternativeNames(withholds ? [] : deviceNames(properties), otherNames);
  const isIncluded = ({ oid }: Extension): boolean =>
    oids === undefined ? isPassedOn(oid, withholds) : oids.includes(oid);
  const evidence = encodeAttestationEvidence({
    version: 0,
    attestedAt: leaf.notBefore,
    verifiedAt: at,
    notAfter: leaf.notAfter,
    freshness,
    certificateHash: await certificateFingerprint(leaf),
    publicKeyHash: new Uint8Array(await crypto.subtle.digest('SHA-256', publicKey.spki)),
  });
  return [
    ...(names === undefined ? [] : [extension(SUBJECT_ALTERNATIVE_NAME_OID, subjectIsEmpty, names)]),
    ...leaf.extensions.filter(isIncluded).map(({ oid, value }) => extension(oid, false, value)),
    extension(attestationEvidenceOid, false, evidence),
  ];
}

const PROPERTY_OIDS: Readonly<Record<AttestedName, string>> = {
  serialNumber: `${APPLE_ARC}.9.1`,
  udid: `${APPLE_ARC}.9.2`,
  softwareUpdateDeviceId: `${APPLE_ARC}.9.4`,
  osVersion: `${APPLE_ARC}.10.1`,
  sepOsVersion: `${APPLE_ARC}.10.2`,
  llbVersion: `${APPLE_ARC}.10.3`,
  systemIntegrityProtection: `${APPLE_ARC}.13.1`,
  secureBoot: `${APPLE_ARC}.13.2`,
  thirdPartyKernelExtensions: `${APPLE_ARC}.13.3`,
};
const FRESHNESS_CODE_OID = `${APPLE_ARC}.11.1`;
const IDENTIFIERS: readonly string[] = [PROPERTY_OIDS.serialNumber, PROPERTY_OIDS.udid];
/** What is known to say nothing of who the device is. */
const IMPERSONAL = /* @__PURE__ */ Object.values(PROPERTY_OIDS).filter((oid) => !IDENTIFIERS.includes(oid));

/** Whether a property of the leaf belongs to `all`. The freshness code answers a challenge that is over. */
function isPassedOn(oid: string, withholds: boolean): boolean {
  if (withholds) return IMPERSONAL.includes(oid);
  return `${oid}.`.startsWith(`${APPLE_ARC}.`) && oid !== FRESHNESS_CODE_OID;
}

const PRIVACY: readonly unknown[] = ['identify', 'withhold-identifiers'];
const OPTIONS = ['include', 'privacy', 'subjectAlternativeNames', 'subjectIsEmpty'];

function readOptions(options: IdentityExtensionsOptions) {
  requireOptions(options, OPTIONS);
  const { include, privacy, subjectIsEmpty = false } = options;
  if (!PRIVACY.includes(privacy)) throw new TypeError(`privacy must be ${PRIVACY.join(' or ')}`);
  if (typeof subjectIsEmpty !== 'boolean') throw new TypeError('subjectIsEmpty must be a boolean');
  const withholds = privacy === 'withhold-identifiers';
  const oids = include === 'all' ? undefined : requireNames(include);
  if (withholds && oids?.some((oid) => IDENTIFIERS.includes(oid)) === true)
    throw new TypeError('include must not name what privacy withholds');
  // Present but undefined is a lookup that found nothing, not a wish for no other names.
  const otherNames = 'subjectAlternativeNames' in options ? requireOtherNames(options.subjectAlternativeNames) : [];
  return { oids, withholds, otherNames, subjectIsEmpty };
}

function requireNames(include: unknown): readonly string[] {
  if (!Array.isArray(include)) throw new TypeError("include must be 'all' or an array");
  // Not `map`, which passes over the holes of an array.
  return Array.from(include, (name: unknown) => {
    if (typeof name !== 'string' || !Object.hasOwn(PROPERTY_OIDS, name))
      throw new TypeError('include must name attested properties');
    return PROPERTY_OIDS[name as AttestedName];
  });
}

/** Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } (RFC 5280, 4.1). */
function extension(oid: string, critical: boolean, value: Bytes): CertificateExtension {
  const flag = critical ? [tlv(BOOLEAN, Uint8Array.of(0xff))] : [];
  return { oid, critical, value, der: tlv(SEQUENCE, tlv(OID, encodeOid(oid)!), ...flag, tlv(OCTET_STRING, value)) };
}
