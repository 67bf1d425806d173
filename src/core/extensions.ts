import { equalBytes } from './bytes.ts';
import {
  OCTET_STRING,
  SEQUENCE,
  atEnd,
  derCursor,
  enter,
  fail,
  leave,
  nextIs,
  readFlag,
  readContent,
  readNamedBits,
  readSmallInteger,
  skipContent,
  skipOid,
  type DerCursor,
} from './der.ts';
import type { AttestationErrorCode } from './error-codes.ts';
import { AttestationError } from './errors.ts';
import { oidToString } from './oid.ts';

/** Named limit: a leaf of 2026 has 13. */
export const MAX_EXTENSIONS = 64;

/** Where an extension lies in the bytes of its certificate; internal. */
export interface ExtensionRecord {
  readonly oidStart: number;
  readonly oidEnd: number;
  readonly critical: boolean;
  /** The content of the OCTET STRING. */
  readonly start: number;
  readonly end: number;
}

/** The extensions that path validation reads (RFC 5280, 4.2.1). */
export interface StandardExtensions {
  basicConstraints: BasicConstraints | undefined;
  keyUsage: KeyUsage | undefined;
  subjectKeyIdentifier: Uint8Array | undefined;
  authorityKeyIdentifier: Uint8Array | undefined;
  /** The first critical extension that this library does not understand. */
  unknownCritical: ExtensionRecord | undefined;
}

/** RFC 5280, 4.2.1.9. */
export interface BasicConstraints {
  readonly ca: boolean;
  /** How many certification authorities may follow below; undefined is no limit. */
  readonly pathLength: number | undefined;
}

/** RFC 5280, 4.2.1.3: the two usages that a verdict rests on. */
export interface KeyUsage {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
}

const CONTEXT_0 = 0x80;
const CONTEXT_1_CONSTRUCTED = 0xa1;
const CONTEXT_2 = 0x82;

// id-ce is 2.5.29: 55 1D, then one byte for each extension of the table.
const ID_CE_SUBJECT_KEY_IDENTIFIER = 14;
const ID_CE_KEY_USAGE = 15;
const ID_CE_BASIC_CONSTRAINTS = 19;
const ID_CE_AUTHORITY_KEY_IDENTIFIER = 35;
const ID_CE_EXTENDED_KEY_USAGE = 37;

/** Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension (RFC 5280, 4.1), no OID twice (4.2). */
export function readExtensions(cursor: DerCursor): ExtensionRecord[] {
  const { bytes } = cursor;
  const listEnd = enter(cursor, SEQUENCE);
  const extensions: ExtensionRecord[] = [];
  while (!atEnd(cursor)) {
    if (extensions.length === MAX_EXTENSIONS) fail(cursor, 'ERR_MDA_CERTIFICATE_EXTENSION_COUNT');
    const extensionEnd = enter(cursor, SEQUENCE);
    const oidStart = skipOid(cursor);
    const oidEnd = cursor.offset;
    const critical = readFlag(cursor);
    const start = skipContent(cursor, OCTET_STRING);
    const extension = { oidStart, oidEnd, critical, start, end: cursor.offset };
    leave(cursor, extensionEnd);
    for (const other of extensions)
      if (equalBytes(bytes, bytes, oidStart, oidEnd, other.oidStart, other.oidEnd))
        refuse('ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE', bytes, extension);
    extensions.push(extension);
  }
  if (extensions.length === 0) fail(cursor, 'ERR_MDA_CERTIFICATE_EXTENSION_COUNT');
  leave(cursor, listEnd);
  return extensions;
}

export function oidOf(bytes: Uint8Array, { oidStart, oidEnd }: ExtensionRecord): string {
  return oidToString(bytes.subarray(oidStart, oidEnd));
}

function refuse(code: AttestationErrorCode, bytes: Uint8Array, extension: ExtensionRecord, cause?: unknown): never {
  const details = { offset: extension.oidStart, oid: oidOf(bytes, extension) };
  throw new AttestationError(code, cause === undefined ? details : { ...details, cause });
}

/** Reads the standard extensions of a certificate; a malformed one is refused even where nothing rests on it. */
export function readStandardExtensions(bytes: Uint8Array, extensions: readonly ExtensionRecord[]): StandardExtensions {
  const found: StandardExtensions = {
    basicConstraints: undefined,
    keyUsage: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    unknownCritical: undefined,
  };
  for (const extension of extensions) {
    const { oidStart, oidEnd, critical } = extension;
    const isStandard = oidEnd - oidStart === 3 && bytes[oidStart] === 0x55 && bytes[oidStart + 1] === 0x1d;
    const understood = isStandard && understand(bytes, extension, found);
    if (critical && !understood) found.unknownCritical ??= extension;
  }
  return found;
}

function understand(bytes: Uint8Array, extension: ExtensionRecord, found: StandardExtensions): boolean {
  const cursor = derCursor(bytes, extension.start, extension.end);
  try {
    switch (bytes[extension.oidStart + 2]) {
      case ID_CE_BASIC_CONSTRAINTS:
        found.basicConstraints = readBasicConstraints(cursor);
        break;
      case ID_CE_KEY_USAGE:
        found.keyUsage = readKeyUsage(cursor);
        break;
      case ID_CE_SUBJECT_KEY_IDENTIFIER:
        found.subjectKeyIdentifier = readContent(cursor, OCTET_STRING);
        break;
      case ID_CE_AUTHORITY_KEY_IDENTIFIER:
        found.authorityKeyIdentifier = readAuthorityKeyIdentifier(cursor);
        break;
      case ID_CE_EXTENDED_KEY_USAGE:
        // Leaves of 2026 have one, leaves of 2025 have none: well-formed is all that is asked of it.
        readExtendedKeyUsage(cursor);
        break;
      default:
        return false;
    }
    if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
    return true;
  } catch (cause) {
    return refuse('ERR_MDA_CERTIFICATE_EXTENSION', bytes, extension, cause);
  }
}

export function readBasicConstraints(cursor: DerCursor): BasicConstraints {
  const end = enter(cursor, SEQUENCE);
  const ca = readFlag(cursor);
  // RFC 5280, 4.2.1.9: no pathLenConstraint without cA, so what follows FALSE is trailing.
  const pathLength = ca && !atEnd(cursor) ? readSmallInteger(cursor) : undefined;
  leave(cursor, end);
  return { ca, pathLength };
}

function readKeyUsage(cursor: DerCursor): KeyUsage {
  const bits = readNamedBits(cursor);
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0 };
}

/** RFC 5280, 4.2.1.1. Issuer and serial number, which come together or not at all, decide nothing here. */
export function readAuthorityKeyIdentifier(cursor: DerCursor): Uint8Array | undefined {
  const end = enter(cursor, SEQUENCE);
  const keyIdentifier = nextIs(cursor, CONTEXT_0) ? readContent(cursor, CONTEXT_0) : undefined;
  if (!atEnd(cursor)) {
    skipContent(cursor, CONTEXT_1_CONSTRUCTED);
    skipContent(cursor, CONTEXT_2);
  }
  leave(cursor, end);
  return keyIdentifier;
}

/** RFC 5280, 4.2.1.12: at least one purpose. */
function readExtendedKeyUsage(cursor: DerCursor): void {
  const end = enter(cursor, SEQUENCE);
  do skipOid(cursor);
  while (!atEnd(cursor));
  leave(cursor, end);
}
