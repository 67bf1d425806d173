import { readAlternativeNames } from '../acme/alternative-names.ts';
import type { SubjectAlternativeName } from '../acme/general-name.ts';
import { equalBytes, fromHex } from '../core/bytes.ts';
import {
  atEnd,
  derCursor,
  type DerCursor,
  enter,
  fail,
  leave,
  OCTET_STRING,
  readContent,
  readNamedBits,
  SEQUENCE,
  skipOid,
} from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import {
  type BasicConstraints,
  type ExtensionRecord,
  oidOf,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
} from '../core/extensions.ts';

/** RFC 5280, 4.2.1.3: the usages that a verdict rests on. */
export interface IdentityKeyUsage {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly crlSign: boolean;
}

/** RFC 5280, 4.2.1.12: the purposes that a verdict rests on. */
export interface ExtendedKeyUsage {
  readonly clientAuth: boolean;
  readonly ocspSigning: boolean;
  /** anyExtendedKeyUsage. */
  readonly any: boolean;
}

/** What path validation and revocation read of an organisation's certificate. */
export interface PathExtensions {
  basicConstraints: BasicConstraints | undefined;
  keyUsage: IdentityKeyUsage | undefined;
  extendedKeyUsage: ExtendedKeyUsage | undefined;
  subjectKeyIdentifier: Uint8Array | undefined;
  authorityKeyIdentifier: Uint8Array | undefined;
  nameConstraints: ExtensionRecord | undefined;
  distributionPoints: ExtensionRecord | undefined;
  alternativeNames: ExtensionRecord | undefined;
  /** The first critical extension that this reader does not understand. */
  unknownCritical: ExtensionRecord | undefined;
}

// id-ce is 2.5.29: 55 1D, then one byte for each extension of the table.
const ID_CE_SUBJECT_KEY_IDENTIFIER = 14;
const ID_CE_KEY_USAGE = 15;
const ID_CE_SUBJECT_ALT_NAME = 17;
const ID_CE_BASIC_CONSTRAINTS = 19;
const ID_CE_NAME_CONSTRAINTS = 30;
const ID_CE_CRL_DISTRIBUTION_POINTS = 31;
const ID_CE_AUTHORITY_KEY_IDENTIFIER = 35;
const ID_CE_EXTENDED_KEY_USAGE = 37;

/** Reads the extensions of the table; a malformed one is refused even where nothing rests on it. */
export function readPathExtensions(bytes: Uint8Array, extensions: readonly ExtensionRecord[]): PathExtensions {
  const found: PathExtensions = {
    basicConstraints: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    nameConstraints: undefined,
    distributionPoints: undefined,
    alternativeNames: undefined,
    unknownCritical: undefined,
  };
  for (const extension of extensions) {
    const understood = asMalformed(bytes, extension, (cursor) => understand(cursor, extension, found));
    if (extension.critical && !understood) found.unknownCritical ??= extension;
  }
  return found;
}

/** Reads the value of an extension; what is wrong in it is a fault of the certificate. */
export function asMalformed<Result>(
  bytes: Uint8Array,
  extension: ExtensionRecord,
  read: (cursor: DerCursor) => Result,
): Result {
  try {
    return read(derCursor(bytes, extension.start, extension.end));
  } catch (cause) {
    const details = { offset: extension.oidStart, oid: oidOf(bytes, extension), cause };
    throw new AttestationError('ERR_MDA_CERTIFICATE_EXTENSION', details);
  }
}

/** Reads a value to its end. */
export function readWhole<Result>(cursor: DerCursor, read: (cursor: DerCursor) => Result): Result {
  const result = read(cursor);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
  return result;
}

function understand(cursor: DerCursor, extension: ExtensionRecord, found: PathExtensions): boolean {
  const { bytes } = cursor;
  const { oidStart, oidEnd } = extension;
  if (oidEnd - oidStart !== 3 || bytes[oidStart] !== 0x55 || bytes[oidStart + 1] !== 0x1d) return false;
  switch (bytes[oidStart + 2]) {
    case ID_CE_BASIC_CONSTRAINTS:
      found.basicConstraints = readWhole(cursor, readBasicConstraints);
      return true;
    case ID_CE_KEY_USAGE:
      found.keyUsage = readWhole(cursor, readKeyUsage);
      return true;
    case ID_CE_EXTENDED_KEY_USAGE:
      found.extendedKeyUsage = readWhole(cursor, readExtendedKeyUsage);
      return true;
    case ID_CE_SUBJECT_KEY_IDENTIFIER:
      found.subjectKeyIdentifier = readWhole(cursor, (value) => readContent(value, OCTET_STRING));
      return true;
    case ID_CE_AUTHORITY_KEY_IDENTIFIER:
      found.authorityKeyIdentifier = readWhole(cursor, readAuthorityKeyIdentifier);
      return true;
    case ID_CE_SUBJECT_ALT_NAME:
      // Read where it counts, in the leaf: an authority's names decide nothing.
      found.alternativeNames = extension;
      return true;
    case ID_CE_NAME_CONSTRAINTS:
      // Refused by a check of its own.
      found.nameConstraints = extension;
      return true;
    case ID_CE_CRL_DISTRIBUTION_POINTS:
      // Read where a list says that it is for some of them alone; a critical one asks for more than is known here.
      found.distributionPoints = extension;
      return false;
    default:
      return false;
  }
}

function readKeyUsage(cursor: DerCursor): IdentityKeyUsage {
  const bits = readNamedBits(cursor);
  return { digitalSignature: (bits & 0x80) !== 0, keyCertSign: (bits & 0x04) !== 0, crlSign: (bits & 0x02) !== 0 };
}

const ID_KP = /* @__PURE__ */ fromHex('2b060105050703');
const CLIENT_AUTH = 2;
const OCSP_SIGNING = 9;
const ANY_EXTENDED_KEY_USAGE = /* @__PURE__ */ fromHex('551d2500');

/** At least one purpose. */
function readExtendedKeyUsage(cursor: DerCursor): ExtendedKeyUsage {
  const { bytes } = cursor;
  const end = enter(cursor, SEQUENCE);
  const found = { clientAuth: false, ocspSigning: false, any: false };
  do {
    const start = skipOid(cursor);
    const last = cursor.offset - 1;
    if (equalBytes(bytes, ID_KP, start, last)) {
      found.clientAuth ||= bytes[last] === CLIENT_AUTH;
      found.ocspSigning ||= bytes[last] === OCSP_SIGNING;
    }
    found.any ||= equalBytes(bytes, ANY_EXTENDED_KEY_USAGE, start, cursor.offset);
  } while (!atEnd(cursor));
  leave(cursor, end);
  return found;
}

/** The names of a leaf; none if it has no subjectAltName. */
export function readNamesOf(
  bytes: Uint8Array,
  { alternativeNames }: Pick<PathExtensions, 'alternativeNames'>,
): readonly SubjectAlternativeName[] {
  if (alternativeNames === undefined) return [];
  return asMalformed(bytes, alternativeNames, (cursor) => readWhole(cursor, readAlternativeNames));
}
