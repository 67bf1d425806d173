import { byteAt, type Bytes, copyBytes, isBytes } from '../core/bytes.ts';
import {
  atEnd,
  derCursor,
  type DerCursor,
  enter,
  fail,
  leave,
  nextIs,
  readOctetBitString,
  readSmallInteger,
  SEQUENCE,
  SET,
  skipOid,
} from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import { type ExtensionRecord, oidOf, readExtensions, readStandardExtensions } from '../core/extensions.ts';
import { readName } from '../core/name.ts';
import { oidToString } from '../core/oid.ts';
import { type KeyRecord, readPublicKey } from '../core/public-key.ts';
import { type Hash, readSignatureHash } from '../core/signature.ts';
import { readAlternativeNames } from './alternative-names.ts';
import { skipAny } from './der-any.ts';
import type { SubjectAlternativeName } from './general-name.ts';

/** Named limit: a request of Apple's has about 400 bytes. */
export const MAX_CERTIFICATE_REQUEST_BYTES = 16_384;

/** Named limit: Apple's has one. */
const MAX_ATTRIBUTES = 16;

/** A request as it was read: views on a private copy of the bytes. Nothing in it is proven. */
export interface CertificateRequestRecord {
  readonly der: Bytes;
  /** CertificationRequestInfo: the part that is signed. */
  readonly info: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKey: KeyRecord;
  readonly extensions: readonly ExtensionRecord[];
  readonly subjectAlternativeNames: readonly SubjectAlternativeName[];
  readonly hash: Hash;
  readonly signature: Uint8Array;
}

/** CertificationRequest (RFC 2986, 4), in DER alone. */
export function readCertificateRequest(bytes: unknown): CertificateRequestRecord {
  // Judged before the copy, so that a huge input costs nothing.
  if (isBytes(bytes) && bytes.length > MAX_CERTIFICATE_REQUEST_BYTES)
    throw new AttestationError('ERR_MDA_CSR_TOO_LARGE');
  const der = copyBytes(bytes, 'csr');
  const cursor = derCursor(der);
  const requestEnd = enter(cursor, SEQUENCE);

  const infoStart = cursor.offset;
  const infoEnd = enter(cursor, SEQUENCE);
  if (readSmallInteger(cursor) !== 0) fail(cursor, 'ERR_MDA_CSR_VERSION');
  const subject = readName(cursor);
  const publicKey = readPublicKey(cursor);
  const extensions = readAttributes(cursor);
  leave(cursor, infoEnd);
  const info = der.subarray(infoStart, cursor.offset);

  const hash = readSignatureHash(cursor);
  const signature = readOctetBitString(cursor);
  leave(cursor, requestEnd);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');

  // Refused if malformed, as in a certificate: whatever reads them next must see what was meant.
  readStandardExtensions(der, extensions);
  const subjectAlternativeNames = readNames(der, extensions);
  return { der, info, subject, publicKey, extensions, subjectAlternativeNames, hash, signature };
}

function readNames(der: Bytes, extensions: readonly ExtensionRecord[]): readonly SubjectAlternativeName[] {
  const extension = extensions.find((candidate) => oidOf(der, candidate) === SUBJECT_ALTERNATIVE_NAME);
  if (extension === undefined) return [];
  const cursor = derCursor(der, extension.start, extension.end);
  const names = readAlternativeNames(cursor);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
  return names;
}

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
/** PKCS #9 (RFC 2985, 5.4.2). */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
/**
 * Microsoft's: the same in another attribute, which OpenSSL and others take for the first. Whoever reads the request
 * after this library must not find other extensions than it did.
 */
const MICROSOFT_EXTENSION_REQUEST = '1.3.6.1.4.1.311.2.1.14';

const ATTRIBUTES = 0xa0;

/** attributes [0] IMPLICIT SET OF Attribute: may be empty, may not be left out. Returns the extensions asked for. */
function readAttributes(cursor: DerCursor): readonly ExtensionRecord[] {
  if (!nextIs(cursor, ATTRIBUTES)) fail(cursor, 'ERR_MDA_CSR_ATTRIBUTES');
  const seen: string[] = [];
  let extensions: readonly ExtensionRecord[] = [];
  readSetOf(cursor, ATTRIBUTES, () => {
    if (seen.length === MAX_ATTRIBUTES) fail(cursor, 'ERR_MDA_CSR_ATTRIBUTE_COUNT');
    const end = enter(cursor, SEQUENCE);
    const oid = oidToString(cursor.bytes.subarray(skipOid(cursor), cursor.offset));
    if (seen.includes(oid))
      throw new AttestationError('ERR_MDA_CSR_ATTRIBUTE_DUPLICATE', { offset: cursor.offset, oid });
    seen.push(oid);
    if (oid === MICROSOFT_EXTENSION_REQUEST) fail(cursor, 'ERR_MDA_CSR_ATTRIBUTES');
    if (oid === EXTENSION_REQUEST) extensions = readExtensionRequest(cursor);
    else if (readSetOf(cursor, SET, skipAny) === 0) fail(cursor, 'ERR_MDA_CSR_ATTRIBUTES');
    leave(cursor, end);
  });
  return extensions;
}

/** One value, for two lists of extensions could hold the same one twice. */
function readExtensionRequest(cursor: DerCursor): readonly ExtensionRecord[] {
  const end = enter(cursor, SET);
  const extensions = readExtensions(cursor);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_CSR_ATTRIBUTES');
  leave(cursor, end);
  return extensions;
}

/** X.690, 11.6: the elements stand in the order of their encodings; here no two are the same. Returns their number. */
function readSetOf(cursor: DerCursor, tag: number, read: (cursor: DerCursor) => void): number {
  const { bytes } = cursor;
  const setEnd = enter(cursor, tag);
  let count = 0;
  let previous: Range = [cursor.offset, cursor.offset];
  for (; !atEnd(cursor); count++) {
    const start = cursor.offset;
    read(cursor);
    if (!isBefore(bytes, previous, [start, cursor.offset])) fail(cursor, 'ERR_MDA_DER_ORDER');
    previous = [start, cursor.offset];
  }
  leave(cursor, setEnd);
  return count;
}

type Range = readonly [start: number, end: number];

/** Whether one encoding stands before another. None is the beginning of another, but for the empty one before the first. */
function isBefore(bytes: Uint8Array, [aStart, aEnd]: Range, [bStart, bEnd]: Range): boolean {
  for (let i = 0; aStart + i < aEnd && bStart + i < bEnd; i++) {
    const difference = byteAt(bytes, aStart + i) - byteAt(bytes, bStart + i);
    if (difference !== 0) return difference < 0;
  }
  return aStart === aEnd;
}
