import type { SubjectAlternativeName } from '../acme/general-name.ts';
import { type Bytes, copyBytes, equalBytes, isBytes, toHex } from '../core/bytes.ts';
import {
  type Extension,
  MAX_CERTIFICATE_BYTES,
  readExtensionsField,
  readSerialNumber,
  readVersion,
} from '../core/certificate.ts';
import { atEnd, derCursor, enter, fail, leave, readOctetBitString, SEQUENCE } from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import { type BasicConstraints, type ExtensionRecord, oidOf } from '../core/extensions.ts';
import { describeName, type Name, readName } from '../core/name.ts';
import { readTime } from '../core/time.ts';
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
export interface IdentityRecord extends PathExtensions {
  readonly der: Bytes;
  readonly tbs: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: IdentityKeyRecord;
  readonly extensions: readonly ExtensionRecord[];
  readonly signature: Uint8Array;
  /** Of a leaf, where its names are read with it. */
  readonly names?: readonly SubjectAlternativeName[];
}

/**
 * Reads a certificate of an organisation, as strictly as the core reads one of Apple: DER alone, every byte, version 3,
 * no extension twice. It may be signed by RSA and have an RSA key besides, which no attestation may.
 */
export function readIdentityCertificate(bytes: unknown, option: string): IdentityRecord {
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
  const algorithm = readSignatureAlgorithm(cursor);
  const issuer = readName(cursor);
  // An empty Name is 30 00. RFC 5280, 4.1.2.4: the issuer is not.
  if (issuer.length === 2) fail(cursor, 'ERR_MDA_CERTIFICATE_ISSUER_EMPTY');
  const validityEnd = enter(cursor, SEQUENCE);
  const notBefore = readTime(cursor);
  const notAfter = readTime(cursor);
  leave(cursor, validityEnd);
  if (notBefore > notAfter) fail(cursor, 'ERR_MDA_CERTIFICATE_VALIDITY');
  const subject = readName(cursor);
  const publicKey = readIdentityKey(cursor);
  const extensions = atEnd(cursor) ? [] : readExtensionsField(cursor);
  leave(cursor, tbsEnd);
  const tbs = der.subarray(tbsStart, cursor.offset);

  // RFC 5280, 4.1.1.2: both algorithm identifiers are the same; each algorithm here has one encoding.
  if (readSignatureAlgorithm(cursor) !== algorithm) fail(cursor, 'ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH');
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
    ...readPathExtensions(der, extensions),
  };
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
