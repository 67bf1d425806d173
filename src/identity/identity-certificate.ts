import type { SubjectAlternativeName } from '../acme/general-name.ts';
import { type Bytes, equalBytes, toHex } from '../core/bytes.ts';
import { type CertificateFields, type Extension, readCertificateFields } from '../core/certificate.ts';
import { type BasicConstraints, oidOf } from '../core/extensions.ts';
import { describeName, type Name } from '../core/name.ts';
import {
  type ExtendedKeyUsage,
  type PathExtensions,
  type IdentityKeyUsage,
  readPathExtensions,
} from './certificate-extensions.ts';
import {
  describeIdentityKey,
  type IdentityKeyRecord,
  type IdentityPublicKey,
  readIdentityKey,
} from './identity-key.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './identity-signature.ts';

/** A certificate of an organisation (RFC 5280): of a device, or of one of its certification authorities. */
export interface IdentityCertificate {
  /** A copy of all of it. */
  readonly der: Bytes;
  readonly version: 3;
  /** Lower-case hexadecimal of the INTEGER's bytes, without the sign byte. */
  readonly serialNumber: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuer: Name;
  readonly subject: Name;
  /** First instant of the validity, inclusive. */
  readonly notBefore: Date;
  /** Last instant of the validity, inclusive. */
  readonly notAfter: Date;
  readonly publicKey: IdentityPublicKey;
  /** In the order of the certificate. */
  readonly extensions: readonly Extension[];
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: IdentityKeyUsage | undefined;
  readonly extendedKeyUsage: ExtendedKeyUsage | undefined;
  readonly subjectKeyIdentifier: Bytes | undefined;
  readonly authorityKeyIdentifier: Bytes | undefined;
}

/** What the verification works on: views on a private copy of the bytes; internal. */
export interface IdentityRecord extends CertificateFields<SignatureAlgorithm, IdentityKeyRecord>, PathExtensions {
  /** Of a leaf, where its names are read with it. */
  readonly names?: readonly SubjectAlternativeName[];
}

/**
 * Reads a certificate of an organisation, as strictly as the core reads one of Apple: DER alone, every byte, version 3,
 * no extension twice. It may be signed by RSA and have an RSA key besides, which no attestation may.
 */
export function readIdentityCertificate(bytes: unknown, option: string): IdentityRecord {
  const fields = readCertificateFields(bytes, option, readSignatureAlgorithm, readIdentityKey);
  return Object.assign(fields, readPathExtensions(fields.der, fields.extensions));
}

/** A certification authority is its name and its key, whichever certificate says so: renewed, or cross-signed. */
export function isSameAuthority(a: IdentityRecord, b: IdentityRecord): boolean {
  return equalBytes(a.publicKey.spki, b.publicKey.spki) && equalBytes(a.subject, b.subject);
}

/** A fresh description, every byte a copy: whatever a caller does to it, the record stays as it was read. */
export function describeIdentityCertificate(record: IdentityRecord): IdentityCertificate {
  return {
    der: new Uint8Array(record.der),
    version: 3,
    serialNumber: toHex(record.serialNumber),
    signatureAlgorithm: { name: record.algorithm.name, hash: record.algorithm.hash },
    issuer: describeName(record.issuer),
    subject: describeName(record.subject),
    notBefore: new Date(record.notBefore),
    notAfter: new Date(record.notAfter),
    publicKey: describeIdentityKey(record.publicKey),
    extensions: record.extensions.map((extension) => ({
      oid: oidOf(record.der, extension),
      critical: extension.critical,
      value: new Uint8Array(record.der.subarray(extension.start, extension.end)),
    })),
    basicConstraints: record.basicConstraints && { ...record.basicConstraints },
    keyUsage: record.keyUsage && { ...record.keyUsage },
    extendedKeyUsage: record.extendedKeyUsage && { ...record.extendedKeyUsage },
    subjectKeyIdentifier: record.subjectKeyIdentifier && new Uint8Array(record.subjectKeyIdentifier),
    authorityKeyIdentifier: record.authorityKeyIdentifier && new Uint8Array(record.authorityKeyIdentifier),
  };
}
