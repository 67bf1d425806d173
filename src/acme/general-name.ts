import { byteAt, type Bytes } from '../core/bytes.ts';
import {
  derCursor,
  type DerCursor,
  enter,
  fail,
  leave,
  nextIs,
  OCTET_STRING,
  OID,
  readContent,
  readOid,
  SEQUENCE,
  skipContent,
  skipOid,
  UTF8_STRING,
} from '../core/der.ts';
import { describeName, type Name, readName } from '../core/name.ts';
import { oidToString } from '../core/oid.ts';
import { decodeUtf8, INVISIBLE } from '../core/text.ts';
import { skipAny } from './der-any.ts';

/** One name of a subjectAltName (RFC 5280, 4.2.1.6). */
export type SubjectAlternativeName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  /** 4 or 16 bytes. */
  | { readonly kind: 'ip'; readonly address: Bytes }
  | { readonly kind: 'directory'; readonly name: Name }
  | ({ readonly kind: 'permanentIdentifier' } & PermanentIdentifier)
  | ({ readonly kind: 'hardwareModuleName' } & HardwareModuleName)
  /**
   * `tag` is the number of the choice: 0 an otherName, with its `oid` and the DER of its value; 3 an X.400 address,
   * 5 an EDI party, 8 an OID, with the content.
   */
  | { readonly kind: 'other'; readonly tag: number; readonly oid: string | undefined; readonly bytes: Bytes };

/** RFC 4043. */
export interface PermanentIdentifier {
  /** Left out, it is the serial number in the subject. */
  readonly identifierValue?: string;
  /** OID, dotted, of who assigned it; left out, it is the issuer. */
  readonly assigner?: string;
}

/** RFC 4108, 5. */
export interface HardwareModuleName {
  /** OID, dotted, of the kind of hardware. */
  readonly type: string;
  readonly serialNumber: Bytes;
}

/** OIDs below 1.3.6.1.5.5.7.8. */
export const PERMANENT_IDENTIFIER_OID = '1.3.6.1.5.5.7.8.3';
export const HARDWARE_MODULE_NAME_OID = '1.3.6.1.5.5.7.8.4';

export const OTHER_NAME = 0xa0;
export const EXPLICIT_0 = 0xa0;
const EMAIL = 0x81;
const DNS = 0x82;
const X400_ADDRESS = 0xa3;
const DIRECTORY = 0xa4;
const EDI_PARTY = 0xa5;
const URI = 0x86;
const IP = 0x87;
const REGISTERED_ID = 0x88;

const NUMBER_BITS = 0x1f;

/** Reads the GeneralName that comes next: there is one. */
export function readGeneralName(cursor: DerCursor): SubjectAlternativeName {
  const tag = byteAt(cursor.bytes, cursor.offset);
  switch (tag) {
    case OTHER_NAME:
      return readOtherName(cursor);
    case EMAIL:
      return { kind: 'email', value: readIa5(cursor, tag) };
    case DNS:
      return { kind: 'dns', value: readIa5(cursor, tag, HOST_NAME) };
    case URI:
      return { kind: 'uri', value: readIa5(cursor, tag) };
    case IP:
      return { kind: 'ip', address: readAddress(cursor) };
    case DIRECTORY:
      return { kind: 'directory', name: readDirectoryName(cursor) };
    case REGISTERED_ID:
      return { kind: 'other', ...unnamed(tag, cursor.bytes.subarray(skipOid(cursor, tag), cursor.offset)) };
    case X400_ADDRESS:
    case EDI_PARTY: {
      const start = cursor.offset;
      skipAny(cursor);
      return { kind: 'other', ...unnamed(tag, readContent(derCursor(cursor.bytes, start, cursor.offset), tag)) };
    }
    default:
      return fail(cursor, 'ERR_MDA_NAME_KIND');
  }
}

function unnamed(tag: number, content: Uint8Array) {
  return { tag: tag & NUMBER_BITS, oid: undefined, bytes: new Uint8Array(content) };
}

/** OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }, tagged implicitly. */
function readOtherName(cursor: DerCursor): SubjectAlternativeName {
  const nameEnd = enter(cursor, OTHER_NAME);
  const oid = oidToString(readOid(cursor));
  const valueEnd = enter(cursor, EXPLICIT_0);
  const name = readOtherValue(cursor, oid);
  leave(cursor, valueEnd);
  leave(cursor, nameEnd);
  return name;
}

function readOtherValue(cursor: DerCursor, oid: string): SubjectAlternativeName {
  switch (oid) {
    case PERMANENT_IDENTIFIER_OID:
      return { kind: 'permanentIdentifier', ...readPermanentIdentifier(cursor) };
    case HARDWARE_MODULE_NAME_OID:
      return { kind: 'hardwareModuleName', ...readHardwareModuleName(cursor) };
    default: {
      const start = cursor.offset;
      skipAny(cursor);
      return { kind: 'other', tag: 0, oid, bytes: new Uint8Array(cursor.bytes.subarray(start, cursor.offset)) };
    }
  }
}

/** PermanentIdentifier ::= SEQUENCE { identifierValue UTF8String OPTIONAL, assigner OBJECT IDENTIFIER OPTIONAL }. */
function readPermanentIdentifier(cursor: DerCursor): PermanentIdentifier {
  const end = enter(cursor, SEQUENCE);
  const identifier = {
    ...(nextIs(cursor, UTF8_STRING) ? { identifierValue: readVisibleText(cursor) } : {}),
    ...(nextIs(cursor, OID) ? { assigner: oidToString(readOid(cursor)) } : {}),
  };
  leave(cursor, end);
  return identifier;
}

/** HardwareModuleName ::= SEQUENCE { hwType OBJECT IDENTIFIER, hwSerialNum OCTET STRING }. */
function readHardwareModuleName(cursor: DerCursor): HardwareModuleName {
  const end = enter(cursor, SEQUENCE);
  const type = oidToString(readOid(cursor));
  const serialNumber = new Uint8Array(readContent(cursor, OCTET_STRING));
  leave(cursor, end);
  return { type, serialNumber };
}

function readVisibleText(cursor: DerCursor): string {
  const start = skipContent(cursor, UTF8_STRING);
  const text = decodeUtf8(cursor.bytes, start, cursor.offset);
  return text !== undefined && isVisible(text) ? text : fail(cursor, 'ERR_MDA_NAME_VALUE');
}

/**
 * What is written to be read by people and compared by programs: a value, nothing hidden in it, and nothing that
 * looks like the space that is not there. Stricter than a property, for here it is anybody who writes.
 */
export function isVisible(text: string): boolean {
  return text !== '' && text === text.trim() && text.search(INVISIBLE) === -1 && !OTHER_SPACES.test(text);
}

/** Spaces but the one of ASCII, and what is no character and never will be. */
const OTHER_SPACES = /(?! )\p{Zs}|\p{Noncharacter_Code_Point}/u;

const PRINTABLE = /^[\x20-\x7e]+$/;
/** RFC 5280, 4.2.1.6: not even " ". */
const HOST_NAME = /^[\x21-\x7e]+$/;

/** IA5String, of characters that can be seen, and not empty. */
function readIa5(cursor: DerCursor, tag: number, alphabet = PRINTABLE): string {
  const text = decodeUtf8(readContent(cursor, tag));
  return text !== undefined && alphabet.test(text) ? text : fail(cursor, 'ERR_MDA_NAME_VALUE');
}

function readAddress(cursor: DerCursor): Bytes {
  const address = readContent(cursor, IP);
  if (address.length !== 4 && address.length !== 16) fail(cursor, 'ERR_MDA_NAME_VALUE');
  return new Uint8Array(address);
}

/** Name is a CHOICE, so its tag is explicit. */
function readDirectoryName(cursor: DerCursor): Name {
  const end = enter(cursor, DIRECTORY);
  const name = describeName(readName(cursor));
  leave(cursor, end);
  return name;
}
