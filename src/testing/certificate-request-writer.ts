import type { Bytes } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';
import { encodeExtensions, extension, type ExtensionSpec, keyUsage, SIGNATURE_OIDS } from './certificate-writer.ts';
import { bitString, type Der, integer, oid, sequence, set, tlv } from './der-writer.ts';
import type { EnclaveKey } from './enclave.ts';
import { encodeSubjectAltName, type SubjectAltName } from './general-name-writer.ts';
import { signatureValue } from './key.ts';
import { extendedKeyUsage } from './leaf.ts';
import { encodeSubjectName, isOid, type SubjectName } from './subject-name.ts';

/** What the certificate is asked to say; the issuer may do as it likes. */
export interface RequestedCertificate {
  readonly subject?: SubjectName;
  readonly subjectAltName?: SubjectAltName;
  /** Dotted OIDs. */
  readonly extendedKeyUsage?: readonly string[];
  /** As in a payload: 1 to sign, 4 to encrypt, 5 for both; none unless given. */
  readonly usageFlags?: number;
}

/** Every part of a request as DER, so that any one can be replaced by what should not be there. */
export interface CertificateRequestParts {
  readonly version: Uint8Array;
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** With their tag, [0]. */
  readonly attributes: Uint8Array;
  /** AlgorithmIdentifier of the signature. */
  readonly algorithm: Uint8Array;
}

/** How a certificate request is written. */
export interface CertificateRequestOptions extends RequestedCertificate {
  readonly key: EnclaveKey;
  /** Replaces parts before the signature is made: the request is wrong, and its signature right. */
  readonly replace?: Partial<CertificateRequestParts>;
  /** Replaces the Ecdsa-Sig-Value. */
  readonly signature?: (value: Bytes) => Uint8Array;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const HASHES = { 'P-256': 'SHA-256', 'P-384': 'SHA-384' } as const;
const USAGE_FLAGS = [0, 1, 4, 5];

/**
 * Writes a certificate request (PKCS #10, RFC 2986) as the simulated device does: ECDSA with SHA-256 for P-256
 * and with SHA-384 for P-384, and the extensions that it asks for in an extensionRequest (RFC 2985).
 *
 * @param options.key a key of `device.createKey`
 * @param options.replace DER in the place of a part
 * @returns DER
 * @throws TypeError if an option is unknown or of another type
 * @example
 * ```ts
 * import { createAttestationAuthority, createCertificateRequest, createSimulatedDevice } from 'managed-device-attestation/testing';
 *
 * const at = new Date('2026-06-01T12:00:00Z');
 * const device = createSimulatedDevice(await createAttestationAuthority({ at }), { clock: () => at });
 * const [key, other] = [await device.createKey({ curve: 'P-256' }), await device.createKey({ curve: 'P-256' })];
 * // The public key of one, signed with another.
 * const csr = await createCertificateRequest({ key, subject: [[['CN', 'device']]], replace: { publicKey: other.publicKey } });
 * console.log(csr[0]); // 48
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc2986
 */
export async function createCertificateRequest(options: CertificateRequestOptions): Promise<Bytes> {
  requireOptions(options, ['key', 'replace', 'signature', ...REQUESTED]);
  const { key, replace, signature = (value: Bytes): Uint8Array => value } = options;
  const hash = HASHES[key.curve];
  const parts: CertificateRequestParts = {
    version: integer(0),
    publicKey: key.publicKey,
    algorithm: sequence(oid(SIGNATURE_OIDS[hash])),
    ...encodeRequested(options),
    ...replace,
  };
  const info = sequence(parts.version, parts.subject, parts.publicKey, parts.attributes);
  const raw = await crypto.subtle.sign({ name: 'ECDSA', hash }, key.privateKey, info);
  return sequence(info, parts.algorithm, bitString(signature(signatureValue(new Uint8Array(raw)))));
}

export const REQUESTED = ['subject', 'subjectAltName', 'extendedKeyUsage', 'usageFlags'] as const;

/** The parts that say what is asked for; a TypeError if they cannot be written. */
export function encodeRequested(requested: RequestedCertificate): { readonly subject: Der; readonly attributes: Der } {
  const { subject = [], subjectAltName = {}, usageFlags = 0 } = requested;
  const purposes: unknown = requested.extendedKeyUsage ?? [];
  if (!isListOfOids(purposes)) throw new TypeError('extendedKeyUsage must be a list of dotted OIDs');
  if (!USAGE_FLAGS.includes(usageFlags)) throw new TypeError('usageFlags must be 0, 1, 4 or 5');
  const names = encodeSubjectAltName(subjectAltName);
  const extensions: readonly ExtensionSpec[] = [
    // The flags count the bits of a keyUsage from the lowest, DER from the highest.
    ...(usageFlags === 0 ? [] : [keyUsage((usageFlags & 1) * 0x80 + (usageFlags & 4) * 0x08)]),
    ...(purposes.length === 0 ? [] : [extendedKeyUsage(...purposes)]),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))]),
  ];
  const request = sequence(oid(EXTENSION_REQUEST), set(encodeExtensions(extensions)));
  return { subject: encodeSubjectName(subject), attributes: tlv(0xa0, ...(extensions.length === 0 ? [] : [request])) };
}

const isListOfOids = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isOid);
