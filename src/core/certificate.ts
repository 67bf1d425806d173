import { type Bytes, byteAt, copyBytes, isBytes, toHex } from './bytes.ts';
import {
  atEnd,
  derCursor,
  type DerCursor,
  enter,
  fail,
  leave,
  nextIs,
  readPositiveInteger,
  readOctetBitString,
  readSmallInteger,
  SEQUENCE,
} from './der.ts';
import { AttestationError } from './errors.ts';
import {
  type BasicConstraints,
  type ExtensionRecord,
  type KeyUsage,
  oidOf,
  readExtensions,
  readStandardExtensions,
  type StandardExtensions,
} from './extensions.ts';
import { describeName, type Name, readName } from './name.ts';
import { describePublicKey, type KeyRecord, type PublicKey, readPublicKey } from './public-key.ts';
import { type Hash, readSignatureHash } from './signature.ts';
import { readTime } from './time.ts';

/** Named limit: a leaf of 2026 has about 860 bytes; room for post-quantum keys and signatures. */
export const MAX_CERTIFICATE_BYTES = 16_384;

/** RFC 5280, 4.1.2.2. */
const MAX_SERIAL_NUMBER_BYTES = 20;

/** A parsed X.509 certificate (RFC 5280). Parsed is not verified: nothing in it is proven yet. */
export interface Certificate {
  /** A copy of all of it. */
  readonly der: Bytes;
  readonly version: 3;
  /** Lower-case hexadecimal of the INTEGER's bytes, without the sign byte. */
  readonly serialNumber: string;
  readonly signatureAlgorithm: { readonly name: 'ECDSA'; readonly hash: Hash };
  readonly issuer: Name;
  readonly subject: Name;
  /** First instant of the validity, inclusive. */
  readonly notBefore: Date;
  /** Last instant of the validity, inclusive. */
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
  /** In the order of the certificate. */
  readonly extensions: readonly Extension[];
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: KeyUsage | undefined;
  readonly subjectKeyIdentifier: Bytes | undefined;
  readonly authorityKeyIdentifier: Bytes | undefined;
  /** The part that is signed. */
  readonly tbsCertificate: Bytes;
  /** Ecdsa-Sig-Value, DER. */
  readonly signature: Bytes;
}

/** One extension; `value` is the content of its OCTET STRING. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Bytes;
}

/** What every certificate has, whoever may sign it and with whatever key: views on a private copy of the bytes. */
export interface CertificateFields<Algorithm, Key> {
  readonly der: Bytes;
  readonly tbs: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly algorithm: Algorithm;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: Key;
  readonly extensions: readonly ExtensionRecord[];
  readonly signature: Uint8Array;
}

/**
 * What the verification works on, which never leaves the core; signed by ECDSA, so the algorithm is the hash.
 * A `Certificate` is its description, made when somebody looks.
 */
export interface CertificateRecord extends CertificateFields<Hash, KeyRecord>, StandardExtensions {}

const records = /* @__PURE__ */ new WeakMap<Certificate, CertificateRecord>();

/**
 * Parses one certificate, strictly: DER alone, every byte read, version 3, ECDSA with SHA-2, a key on
 * P-256, P-384 or P-521 whose point lies on the curve.
 *
 * Checks: structure, limits, the key, no duplicate extension, inner and outer algorithm equal.
 * Leaves to you: everything that makes it trustworthy; see `verifyChain`.
 *
 * @param der the bytes of one certificate, at most 16,384
 * @throws AttestationError `ERR_MDA_DER_*`, `ERR_MDA_CERTIFICATE_*`, `ERR_MDA_KEY_*`
 * @throws TypeError if `der` is not a `Uint8Array`
 * @example
 * ```ts
 * import { appleEnterpriseAttestationRoot, parseCertificate } from 'managed-device-attestation';
 *
 * const certificate = parseCertificate(appleEnterpriseAttestationRoot().der);
 * console.log(certificate.subject.text); // C=US,O=Apple Inc.,CN=Apple Enterprise Attestation Root CA
 * console.log(certificate.publicKey.curve); // P-384
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function parseCertificate(der: Uint8Array): Certificate {
  return describeCertificate(readCertificate(der, 'der'));
}

/**
 * SHA-256 of a certificate's DER bytes.
 *
 * @returns 32 bytes
 * @throws TypeError if the certificate is not from `parseCertificate`
 * @example
 * ```ts
 * import { appleEnterpriseAttestationRoot, certificateFingerprint, toBase64 } from 'managed-device-attestation';
 *
 * console.log(toBase64(await certificateFingerprint(appleEnterpriseAttestationRoot())));
 * ```
 */
export async function certificateFingerprint(certificate: Certificate): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', recordOf(certificate, 'certificate').der));
}

/** The record behind a certificate that this library parsed. */
export function recordOf(certificate: Certificate, option: string): CertificateRecord {
  const record = records.get(certificate);
  if (record === undefined) throw new TypeError(`${option} must come from parseCertificate`);
  return record;
}

export function readCertificate(bytes: unknown, option: string): CertificateRecord {
  const fields = readCertificateFields(bytes, option, readSignatureHash, readPublicKey);
  return Object.assign(fields, readStandardExtensions(fields.der, fields.extensions));
}

/** Reads a certificate as `parseCertificate` says. An algorithm that is read twice is the same value. */
export function readCertificateFields<Algorithm, Key>(
  bytes: unknown,
  option: string,
  readAlgorithm: (cursor: DerCursor) => Algorithm,
  readKey: (cursor: DerCursor) => Key,
): CertificateFields<Algorithm, Key> {
  // Judged before the copy, so that a huge input costs nothing.
  if (isBytes(bytes) && bytes.length > MAX_CERTIFICATE_BYTES)
    throw new AttestationError('ERR_MDA_CERTIFICATE_TOO_LARGE');
  const der = copyBytes(bytes, option);
  const cursor = derCursor(der);
  const certificateEnd = enter(cursor, SEQUENCE);

  const tbsStart = cursor.offset;
  const tbsEnd = enter(cursor, SEQUENCE);
  readVersion(cursor);
  const serialNumber = readSerialNumber(cursor);
  const algorithm = readAlgorithm(cursor);
  const issuer = readName(cursor);
  // An empty Name is 30 00. RFC 5280, 4.1.2.4: the issuer is not.
  if (issuer.length === 2) fail(cursor, 'ERR_MDA_CERTIFICATE_ISSUER_EMPTY');
  const validityEnd = enter(cursor, SEQUENCE);
  const notBefore = readTime(cursor);
  const notAfter = readTime(cursor);
  leave(cursor, validityEnd);
  if (notBefore > notAfter) fail(cursor, 'ERR_MDA_CERTIFICATE_VALIDITY');
  const subject = readName(cursor);
  const publicKey = readKey(cursor);
  // Unique identifiers, which RFC 5280, 4.1.2.8, tells authorities not to write, have a wrong tag here.
  const extensions = atEnd(cursor) ? [] : readExtensionsField(cursor);
  leave(cursor, tbsEnd);
  const tbs = der.subarray(tbsStart, cursor.offset);

  // RFC 5280, 4.1.1.2: both algorithm identifiers are the same; each algorithm that is read has one encoding.
  if (readAlgorithm(cursor) !== algorithm) fail(cursor, 'ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH');
  const signature = readOctetBitString(cursor);
  leave(cursor, certificateEnd);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');

  return {
    der,
    tbs,
    serialNumber,
    algorithm,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    signature,
  };
}

const CONTEXT_0_CONSTRUCTED = 0xa0;
const CONTEXT_3_CONSTRUCTED = 0xa3;

/** RFC 5280, 4.1.2.1: [0] EXPLICIT; a certificate without it is of version 1 and has no extensions. */
function readVersion(cursor: DerCursor): void {
  if (!nextIs(cursor, CONTEXT_0_CONSTRUCTED)) fail(cursor, 'ERR_MDA_CERTIFICATE_VERSION');
  const end = enter(cursor, CONTEXT_0_CONSTRUCTED);
  if (readSmallInteger(cursor) !== 2) fail(cursor, 'ERR_MDA_CERTIFICATE_VERSION');
  leave(cursor, end);
}

/** RFC 5280, 4.1.2.2: positive, at most 20 octets. */
function readSerialNumber(cursor: DerCursor): Uint8Array {
  const magnitude = readPositiveInteger(cursor, 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER');
  // The sign byte, which stands before a first bit of one, counts too.
  if (magnitude.length + (byteAt(magnitude, 0) >> 7) > MAX_SERIAL_NUMBER_BYTES)
    fail(cursor, 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER');
  return magnitude;
}

function readExtensionsField(cursor: DerCursor): ExtensionRecord[] {
  const end = enter(cursor, CONTEXT_3_CONSTRUCTED);
  const extensions = readExtensions(cursor);
  leave(cursor, end);
  return extensions;
}

/** A fresh description, every byte a copy: whatever a caller does to it, the record stays as it was read. */
export function describeCertificate(record: CertificateRecord): Certificate {
  const certificate: Certificate = {
    der: new Uint8Array(record.der),
    version: 3,
    serialNumber: toHex(record.serialNumber),
    signatureAlgorithm: { name: 'ECDSA', hash: record.algorithm },
    issuer: describeName(record.issuer),
    subject: describeName(record.subject),
    notBefore: new Date(record.notBefore),
    notAfter: new Date(record.notAfter),
    publicKey: describePublicKey(record.publicKey),
    extensions: record.extensions.map((extension) => ({
      oid: oidOf(record.der, extension),
      critical: extension.critical,
      value: new Uint8Array(record.der.subarray(extension.start, extension.end)),
    })),
    basicConstraints: record.basicConstraints && { ...record.basicConstraints },
    keyUsage: record.keyUsage && { ...record.keyUsage },
    subjectKeyIdentifier: record.subjectKeyIdentifier && new Uint8Array(record.subjectKeyIdentifier),
    authorityKeyIdentifier: record.authorityKeyIdentifier && new Uint8Array(record.authorityKeyIdentifier),
    tbsCertificate: new Uint8Array(record.tbs),
    signature: new Uint8Array(record.signature),
  };
  records.set(certificate, record);
  return certificate;
}
