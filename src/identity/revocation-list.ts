import { copyBytes, equalBytes, isBytes } from '../core/bytes.ts';
import {
  atEnd,
  derCursor,
  type DerCursor,
  enter,
  fail,
  GENERALIZED_TIME,
  INTEGER,
  leave,
  nextIs,
  OCTET_STRING,
  readFlag,
  readInteger,
  readOctetBitString,
  readSmallInteger,
  SEQUENCE,
  skipContent,
  skipOid,
  UTC_TIME,
} from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import { type ExtensionRecord, oidOf, readAuthorityKeyIdentifier, readExtensions } from '../core/extensions.ts';
import { readName } from '../core/name.ts';
import { readTime } from '../core/time.ts';
import { readWhole } from './certificate-extensions.ts';
import { type ListScope, readListScope } from './distribution-point.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './identity-signature.ts';
import { readReason, type RevocationReason } from './revocation-reason.ts';

/** Named limit: some hundred thousand entries. */
export const MAX_REVOCATION_LIST_BYTES = 4_194_304;

/** A certificate revocation list (RFC 5280, 5), its entries not read yet; internal. */
export interface RevocationList {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly issuer: Uint8Array;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly scope: ListScope;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  /** Where the entries lie. */
  readonly start: number;
  readonly end: number;
}

export interface RevokedEntry {
  /** Milliseconds since 1970. */
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

const EXTENSIONS = 0xa0;

/**
 * Reads a list but for its entries, which are read when its signature is known to be right: a list that anybody made up
 * costs as much as its header. Version 2, complete, with a time of the next one.
 */
export function readRevocationList(bytes: unknown, option: string): RevocationList {
  if (isBytes(bytes) && bytes.length > MAX_REVOCATION_LIST_BYTES)
    throw new AttestationError('ERR_MDA_REVOCATION_TOO_LARGE');
  const der = copyBytes(bytes, option);
  const cursor = derCursor(der);
  const listEnd = enter(cursor, SEQUENCE);

  const tbsStart = cursor.offset;
  const tbsEnd = enter(cursor, SEQUENCE);
  if (!nextIs(cursor, INTEGER) || readSmallInteger(cursor) !== 1) fail(cursor, 'ERR_MDA_REVOCATION_UNSUPPORTED');
  const algorithm = readSignatureAlgorithm(cursor);
  const issuer = readName(cursor);
  const thisUpdate = readTime(cursor);
  // RFC 5280, 5.1.2.5: a list says when the next one comes. One that does not would be good for ever.
  if (!nextIsTime(cursor)) fail(cursor, 'ERR_MDA_REVOCATION_UNSUPPORTED');
  const nextUpdate = readTime(cursor);
  const start = nextIs(cursor, SEQUENCE) ? skipContent(cursor, SEQUENCE) : cursor.offset;
  const end = cursor.offset;
  const extensions = atEnd(cursor) ? [] : readExtensionsOf(cursor);
  leave(cursor, tbsEnd);
  const tbs = der.subarray(tbsStart, cursor.offset);

  // Each algorithm has one encoding.
  if (readSignatureAlgorithm(cursor) !== algorithm) fail(cursor, 'ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH');
  const signature = readOctetBitString(cursor);
  leave(cursor, listEnd);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');

  return { der, tbs, algorithm, signature, issuer, thisUpdate, nextUpdate, ...readFields(der, extensions), start, end };
}

function nextIsTime(cursor: DerCursor): boolean {
  return nextIs(cursor, UTC_TIME) || nextIs(cursor, GENERALIZED_TIME);
}

function readExtensionsOf(cursor: DerCursor): readonly ExtensionRecord[] {
  const end = enter(cursor, EXTENSIONS);
  const extensions = readExtensions(cursor);
  leave(cursor, end);
  return extensions;
}

// id-ce is 2.5.29: 55 1D, then one byte for each extension of the table.
const ID_CE_CRL_NUMBER = 20;
const ID_CE_REASON = 21;
const ID_CE_INVALIDITY_DATE = 24;
const ID_CE_DELTA_CRL_INDICATOR = 27;
const ID_CE_ISSUING_DISTRIBUTION_POINT = 28;
const ID_CE_CERTIFICATE_ISSUER = 29;
const ID_CE_AUTHORITY_KEY_IDENTIFIER = 35;

/** The last number of an OID below id-ce; undefined for any other. */
function standardNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  return end - start === 3 && bytes[start] === 0x55 && bytes[start + 1] === 0x1d ? bytes[start + 2] : undefined;
}

function readFields(
  der: Uint8Array,
  extensions: readonly ExtensionRecord[],
): Pick<RevocationList, 'scope' | 'authorityKeyIdentifier'> {
  let scope: ListScope = { names: undefined, onlyDevices: false, onlyAuthorities: false };
  let authorityKeyIdentifier: Uint8Array | undefined;
  for (const extension of extensions) {
    const cursor = derCursor(der, extension.start, extension.end);
    switch (standardNumber(der, extension.oidStart, extension.oidEnd)) {
      case ID_CE_AUTHORITY_KEY_IDENTIFIER:
        authorityKeyIdentifier = readWhole(cursor, readAuthorityKeyIdentifier);
        break;
      case ID_CE_ISSUING_DISTRIBUTION_POINT:
        scope = readWhole(cursor, readListScope);
        break;
      case ID_CE_CRL_NUMBER:
        readWhole(cursor, readInteger);
        break;
      case ID_CE_DELTA_CRL_INDICATOR:
        // Changes to a list that is somewhere else: critical by the RFC, refused even where it is not.
        return refuse(der, extension);
      default:
        if (extension.critical) refuse(der, extension);
    }
  }
  return { scope, authorityKeyIdentifier };
}

function refuse(der: Uint8Array, extension: ExtensionRecord): never {
  throw new AttestationError('ERR_MDA_REVOCATION_UNSUPPORTED', {
    offset: extension.oidStart,
    oid: oidOf(der, extension),
  });
}

/**
 * Looks for serial numbers among the entries, and gives what it found in their order. Every entry is looked at: RFC 5280,
 * 5.3, forbids to use a list with a critical extension in any entry that is not understood.
 */
export function findEntries(
  { der, start, end }: RevocationList,
  serialNumbers: readonly Uint8Array[],
): readonly (RevokedEntry | undefined)[] {
  const found = serialNumbers.map((): RevokedEntry | undefined => undefined);
  const cursor = derCursor(der, start, end);
  while (!atEnd(cursor)) {
    const entryEnd = enter(cursor, SEQUENCE);
    const number = readInteger(cursor);
    const serialNumber = number[0] === 0 ? number.subarray(1) : number;
    const timeStart = cursor.offset;
    skipContent(cursor, nextIs(cursor, UTC_TIME) ? UTC_TIME : GENERALIZED_TIME);
    const timeEnd = cursor.offset;
    const reason = atEnd(cursor) ? 'unspecified' : readEntryReason(cursor);
    const index = serialNumbers.findIndex((wanted) => equalBytes(wanted, serialNumber));
    leave(cursor, entryEnd);
    // A number that is there twice: a hold does not undo what is final.
    if (index === -1 || (found[index] !== undefined && found[index].reason !== 'certificate-hold')) continue;
    found[index] = { revokedAt: readTime(derCursor(der, timeStart, timeEnd)), reason };
  }
  return found;
}

/** The extensions of an entry, read in place: there may be a hundred thousand of them. */
function readEntryReason(cursor: DerCursor): RevocationReason {
  const { bytes } = cursor;
  let reason: RevocationReason | undefined;
  const listEnd = enter(cursor, SEQUENCE);
  while (!atEnd(cursor)) {
    const extensionEnd = enter(cursor, SEQUENCE);
    const number = standardNumber(bytes, skipOid(cursor), cursor.offset);
    const critical = readFlag(cursor);
    const valueEnd = enter(cursor, OCTET_STRING);
    if (number === ID_CE_REASON) {
      if (reason !== undefined) fail(cursor, 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE');
      reason = readReason(cursor);
    }
    // An entry of another issuer: the list is an indirect one, whatever else it says.
    else if (number === ID_CE_CERTIFICATE_ISSUER || (critical && number !== ID_CE_INVALIDITY_DATE))
      fail(cursor, 'ERR_MDA_REVOCATION_UNSUPPORTED');
    else cursor.offset = cursor.end;
    leave(cursor, valueEnd);
    leave(cursor, extensionEnd);
  }
  leave(cursor, listEnd);
  return reason ?? 'unspecified';
}
