import { copyBytes, equalBytes, fromHex, isBytes } from '../core/bytes.ts';
import {
  atEnd,
  derCursor,
  type DerCursor,
  enter,
  fail,
  leave,
  nextIs,
  OCTET_STRING,
  readContent,
  readOctetBitString,
  readOid,
  readPositiveInteger,
  SEQUENCE,
  skipContent,
} from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import { oidOf, readExtensions } from '../core/extensions.ts';
import { readName } from '../core/name.ts';
import { readTimeToTheSecond } from './attestation-evidence.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './identity-signature.ts';
import { readEnumerated, readReason, type RevocationReason } from './revocation-reason.ts';

/** Named limits: a response has an answer and a certificate or two; responders that sign ahead send a few more. */
export const MAX_OCSP_RESPONSE_BYTES = 65_536;
const MAX_OCSP_ANSWERS = 64;
const MAX_OCSP_CERTIFICATES = 8;

/** An OCSP response (RFC 6960); internal. */
export interface OcspResponse {
  readonly tbs: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly responder: OcspResponder;
  readonly answers: readonly OcspAnswer[];
  /** Certificates that came along, not read yet. */
  readonly certificates: readonly Uint8Array[];
}

/** How the responder calls itself. */
export type OcspResponder =
  | { readonly name: Uint8Array; readonly keyHash: undefined }
  /** SHA-1 of the key's BIT STRING. */
  | { readonly name: undefined; readonly keyHash: Uint8Array };

/** What a response says of one certificate. */
export interface OcspAnswer {
  /** Undefined: a hash that this library does not compute. */
  readonly hash: 'SHA-1' | 'SHA-256' | undefined;
  readonly nameHash: Uint8Array;
  readonly keyHash: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly status: OcspStatus;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
}

export type OcspStatus =
  | { readonly status: 'good' | 'unknown' }
  | { readonly status: 'revoked'; readonly revokedAt: number; readonly reason: RevocationReason };

const SUCCESSFUL = 0;
/** id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1. */
const BASIC = /* @__PURE__ */ fromHex('2b0601050507300101');
const EXPLICIT_0 = 0xa0;
const EXPLICIT_1 = 0xa1;
const BY_NAME = 0xa1;
const BY_KEY = 0xa2;
const GOOD = 0x80;
const REVOKED = 0xa1;
const UNKNOWN = 0x82;

/** OCSPResponse, and the BasicOCSPResponse in it. */
export function readOcspResponse(bytes: unknown, option: string): OcspResponse {
  if (isBytes(bytes) && bytes.length > MAX_OCSP_RESPONSE_BYTES)
    throw new AttestationError('ERR_MDA_REVOCATION_TOO_LARGE');
  const cursor = derCursor(copyBytes(bytes, option));
  const end = enter(cursor, SEQUENCE);
  // Whatever a responder has to say instead of an answer, it is not signed.
  if (readEnumerated(cursor) !== SUCCESSFUL) fail(cursor, 'ERR_MDA_REVOCATION_STATUS');
  const response = readExplicit(cursor, EXPLICIT_0, readResponseBytes);
  leave(cursor, end);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
  return readBasicResponse(derCursor(response));
}

function readExplicit<Result>(cursor: DerCursor, tag: number, read: (cursor: DerCursor) => Result): Result {
  const end = enter(cursor, tag);
  const result = read(cursor);
  leave(cursor, end);
  return result;
}

function readResponseBytes(cursor: DerCursor): Uint8Array {
  const end = enter(cursor, SEQUENCE);
  if (!equalBytes(readOid(cursor), BASIC)) fail(cursor, 'ERR_MDA_REVOCATION_UNSUPPORTED');
  const response = readContent(cursor, OCTET_STRING);
  leave(cursor, end);
  return response;
}

function readBasicResponse(cursor: DerCursor): OcspResponse {
  const end = enter(cursor, SEQUENCE);
  const tbsStart = cursor.offset;
  const data = readExplicit(cursor, SEQUENCE, readResponseData);
  const tbs = cursor.bytes.subarray(tbsStart, cursor.offset);
  const algorithm = readSignatureAlgorithm(cursor);
  const signature = readOctetBitString(cursor);
  const certificates = atEnd(cursor) ? [] : readExplicit(cursor, EXPLICIT_0, readCertificates);
  leave(cursor, end);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
  return { tbs, algorithm, signature, ...data, certificates };
}

function readCertificates(cursor: DerCursor): readonly Uint8Array[] {
  const certificates: Uint8Array[] = [];
  const end = enter(cursor, SEQUENCE);
  while (!atEnd(cursor)) {
    if (certificates.length === MAX_OCSP_CERTIFICATES) fail(cursor, 'ERR_MDA_REVOCATION_TOO_LARGE');
    const start = cursor.offset;
    skipContent(cursor, SEQUENCE);
    certificates.push(cursor.bytes.subarray(start, cursor.offset));
  }
  leave(cursor, end);
  return certificates;
}

/** A version has no place here: the only one is the default, which DER leaves out. */
function readResponseData(cursor: DerCursor): Pick<OcspResponse, 'responder' | 'answers'> {
  const responder = readResponder(cursor);
  readTimeToTheSecond(cursor);
  const answers: OcspAnswer[] = [];
  const end = enter(cursor, SEQUENCE);
  while (!atEnd(cursor)) {
    if (answers.length === MAX_OCSP_ANSWERS) fail(cursor, 'ERR_MDA_REVOCATION_TOO_LARGE');
    answers.push(readAnswer(cursor));
  }
  leave(cursor, end);
  readOtherExtensions(cursor);
  return { responder, answers };
}

function readResponder(cursor: DerCursor): OcspResponder {
  if (nextIs(cursor, BY_NAME)) return { name: readExplicit(cursor, BY_NAME, readName), keyHash: undefined };
  const keyHash = readExplicit(cursor, BY_KEY, (value) => readContent(value, OCTET_STRING));
  return { name: undefined, keyHash };
}

function readAnswer(cursor: DerCursor): OcspAnswer {
  const end = enter(cursor, SEQUENCE);
  const certificate = readExplicit(cursor, SEQUENCE, readCertificateId);
  const status = readStatus(cursor);
  const thisUpdate = readTimeToTheSecond(cursor);
  const nextUpdate = nextIs(cursor, EXPLICIT_0) ? readExplicit(cursor, EXPLICIT_0, readTimeToTheSecond) : undefined;
  readOtherExtensions(cursor);
  leave(cursor, end);
  return { ...certificate, status, thisUpdate, nextUpdate };
}

/** AlgorithmIdentifiers of hashes, with the NULL that most write and without. */
const HASHES: readonly { readonly der: Uint8Array; readonly hash: 'SHA-1' | 'SHA-256' }[] = /* @__PURE__ */ [
  { hash: 'SHA-1', der: fromHex('300906052b0e03021a0500') },
  { hash: 'SHA-1', der: fromHex('300706052b0e03021a') },
  { hash: 'SHA-256', der: fromHex('300d06096086480165030402010500') },
  { hash: 'SHA-256', der: fromHex('300b0609608648016503040201') },
];

function readCertificateId(cursor: DerCursor) {
  const start = cursor.offset;
  skipContent(cursor, SEQUENCE);
  const algorithm = cursor.bytes.subarray(start, cursor.offset);
  const nameHash = readContent(cursor, OCTET_STRING);
  const keyHash = readContent(cursor, OCTET_STRING);
  const serialNumber = readPositiveInteger(cursor);
  return { hash: HASHES.find(({ der }) => equalBytes(der, algorithm))?.hash, nameHash, keyHash, serialNumber };
}

function readStatus(cursor: DerCursor): OcspStatus {
  if (nextIs(cursor, REVOKED))
    return readExplicit(cursor, REVOKED, () => {
      const revokedAt = readTimeToTheSecond(cursor);
      const reason = atEnd(cursor) ? 'unspecified' : readExplicit(cursor, EXPLICIT_0, readReason);
      return { status: 'revoked', revokedAt, reason };
    });
  const status = nextIs(cursor, GOOD) ? 'good' : 'unknown';
  // NULL under a tag of its own.
  if (readContent(cursor, status === 'good' ? GOOD : UNKNOWN).length > 0) fail(cursor, 'ERR_MDA_DER_LENGTH');
  return { status };
}

/** None changes a verdict here; one that is critical would. */
function readOtherExtensions(cursor: DerCursor): void {
  if (atEnd(cursor)) return;
  const critical = readExplicit(cursor, EXPLICIT_1, readExtensions).find((extension) => extension.critical);
  if (critical !== undefined)
    throw new AttestationError('ERR_MDA_REVOCATION_UNSUPPORTED', { oid: oidOf(cursor.bytes, critical) });
}
