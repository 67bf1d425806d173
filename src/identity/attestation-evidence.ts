import { type Bytes, copyBytes, isBytes } from '../core/bytes.ts';
import {
  atEnd,
  BOOLEAN,
  derCursor,
  type DerCursor,
  enter,
  fail,
  GENERALIZED_TIME,
  INTEGER,
  leave,
  OCTET_STRING,
  readContent,
  readSmallInteger,
  SEQUENCE,
} from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import { numberReader } from '../core/time.ts';
import { tlv } from '../acme/der-writer.ts';

/** Named limit, judged before the copy; what is written has 127 bytes, for every field has a fixed length. */
const MAX_ATTESTATION_EVIDENCE_BYTES = 256;

/**
 * What an issuing authority says of the attestation behind a certificate: the content of the extension with the OID
 * `attestationEvidenceOid`.
 */
export interface AttestationEvidence {
  readonly version: 0;
  /** notBefore of the attestation's leaf: when Apple attested. */
  readonly attestedAt: Date;
  /** When the authority verified it, to the second. */
  readonly verifiedAt: Date;
  /** notAfter of the attestation's leaf: what it says is worth nothing later. */
  readonly notAfter: Date;
  /** Whether the authority compared the freshness code, or left that out. */
  readonly freshness: 'matched' | 'not checked';
  /** SHA-256 of the attestation's leaf, 32 bytes. */
  readonly certificateHash: Bytes;
  /** SHA-256 of the attested key's SubjectPublicKeyInfo, 32 bytes; where it is that of the certificate, the key is attested. */
  readonly publicKeyHash: Bytes;
}

/**
 * Decodes the value of the extension "attestation evidence".
 *
 * Checks: strict DER, each field of its length, times to the second in UTC, attested before verified before the end.
 * Leaves to you: to believe it only of an authority that you know to issue with `identityExtensions`; `verifyIdentity` does
 * all of that.
 *
 * @param der the content of the extension's OCTET STRING
 * @throws AttestationError `ERR_MDA_DER_*`, `ERR_MDA_EVIDENCE_VERSION`, `ERR_MDA_EVIDENCE_VALUE`
 * @throws TypeError if `der` is not a `Uint8Array`
 * @example
 * ```ts
 * import type { Certificate } from 'managed-device-attestation';
 * import { attestationEvidenceOid, decodeAttestationEvidence } from 'managed-device-attestation/identity';
 *
 * export function attestedAt({ extensions }: Certificate): Date | undefined {
 *   const extension = extensions.find(({ oid }) => oid === attestationEvidenceOid);
 *   return extension && decodeAttestationEvidence(extension.value).attestedAt;
 * }
 * ```
 * @see docs/identity.md
 */
export function decodeAttestationEvidence(der: Uint8Array): AttestationEvidence {
  if (isBytes(der) && der.length > MAX_ATTESTATION_EVIDENCE_BYTES) throw new AttestationError('ERR_MDA_DER_TRAILING');
  const cursor = derCursor(copyBytes(der, 'der'));
  const end = enter(cursor, SEQUENCE);
  const version = readSmallInteger(cursor);
  if (version !== 0) fail(cursor, 'ERR_MDA_EVIDENCE_VERSION');
  const attestedAt = readTimeToTheSecond(cursor);
  const verifiedAt = readTimeToTheSecond(cursor);
  const notAfter = readTimeToTheSecond(cursor);
  if (attestedAt > verifiedAt || verifiedAt > notAfter) fail(cursor, 'ERR_MDA_EVIDENCE_VALUE');
  const freshness = readBoolean(cursor) ? 'matched' : 'not checked';
  const certificateHash = readHash(cursor);
  const publicKeyHash = readHash(cursor);
  leave(cursor, end);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
  return {
    version,
    attestedAt: new Date(attestedAt),
    verifiedAt: new Date(verifiedAt),
    notAfter: new Date(notAfter),
    freshness,
    certificateHash,
    publicKeyHash,
  };
}

/** Of every year, unlike the times of a certificate: one form for all is one form less to get wrong. */
export function readTimeToTheSecond(cursor: DerCursor): number {
  const text = readContent(cursor, GENERALIZED_TIME);
  if (text.length !== 15 || text[14] !== 0x5a) fail(cursor, 'ERR_MDA_DER_TIME');
  const number = numberReader(cursor, text);
  const month = number(4, 2) - 1;
  const day = number(6, 2);
  const hour = number(8, 2);
  const minute = number(10, 2);
  const second = number(12, 2);
  // Not `Date.UTC`, to which the year 50 is 1950.
  const date = new Date(0);
  date.setUTCFullYear(number(0, 4), month, day);
  // 30 February becomes a day of March: what comes back must be what was read.
  const isReal = date.getUTCMonth() === month && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return isReal ? date.setUTCHours(hour, minute, second) : fail(cursor, 'ERR_MDA_DER_TIME');
}

function readBoolean(cursor: DerCursor): boolean {
  const content = readContent(cursor, BOOLEAN);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) fail(cursor, 'ERR_MDA_DER_BOOLEAN');
  return content[0] === 0xff;
}

function readHash(cursor: DerCursor): Bytes {
  const hash = readContent(cursor, OCTET_STRING);
  if (hash.length !== 32) fail(cursor, 'ERR_MDA_EVIDENCE_VALUE');
  return new Uint8Array(hash);
}

/** The value of the extension. */
export function encodeAttestationEvidence(evidence: AttestationEvidence): Bytes {
  return tlv(
    SEQUENCE,
    tlv(INTEGER, Uint8Array.of(evidence.version)),
    ...[evidence.attestedAt, evidence.verifiedAt, evidence.notAfter].map((time) =>
      tlv(GENERALIZED_TIME, new TextEncoder().encode(generalizedTime(time))),
    ),
    tlv(BOOLEAN, Uint8Array.of(evidence.freshness === 'matched' ? 0xff : 0)),
    tlv(OCTET_STRING, evidence.certificateHash),
    tlv(OCTET_STRING, evidence.publicKeyHash),
  );
}

/** X.690, 11.7: to the second, in UTC. */
function generalizedTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace(/\D/g, '')}Z`;
}
