import { byteAt } from '../core/bytes.ts';
import { type DerCursor, fail, readContent } from '../core/der.ts';

/** Why a certificate was revoked (RFC 5280, 5.3.1). */
export type RevocationReason =
  | 'unspecified'
  | 'key-compromise'
  | 'ca-compromise'
  | 'affiliation-changed'
  | 'superseded'
  | 'cessation-of-operation'
  | 'certificate-hold'
  | 'privilege-withdrawn'
  | 'aa-compromise';

/** By number; 7 is not in use, and 8 takes a certificate off a delta list, which no complete list does. */
const REASONS: readonly (RevocationReason | undefined)[] = [
  'unspecified',
  'key-compromise',
  'ca-compromise',
  'affiliation-changed',
  'superseded',
  'cessation-of-operation',
  'certificate-hold',
  undefined,
  undefined,
  'privilege-withdrawn',
  'aa-compromise',
];

const ENUMERATED = 0x0a;

/** An ENUMERATED of one byte. */
export function readEnumerated(cursor: DerCursor): number {
  const content = readContent(cursor, ENUMERATED);
  return content.length === 1 ? byteAt(content, 0) : fail(cursor, 'ERR_MDA_DER_INTEGER');
}

export function readReason(cursor: DerCursor): RevocationReason {
  return REASONS[readEnumerated(cursor)] ?? fail(cursor, 'ERR_MDA_REVOCATION_UNSUPPORTED');
}
