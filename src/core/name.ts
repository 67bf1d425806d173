import { byteAt, type Bytes } from './bytes.ts';
import {
  IA5_STRING,
  PRINTABLE_STRING,
  SEQUENCE,
  SET,
  UTF8_STRING,
  atEnd,
  derCursor,
  enter,
  fail,
  leave,
  readContent,
  readOid,
  skipContent,
  skipOid,
  type DerCursor,
} from './der.ts';
import { oidToString } from './oid.ts';
import { decodeUtf8, INVISIBLE } from './text.ts';

/** A distinguished name. Compare `der`; show `text`. */
export interface Name {
  readonly der: Bytes;
  /** RFC 4514: last attribute first, every character that cannot be seen escaped, so safe to log. */
  readonly text: string;
}

/** RFC 4514, 3: what Apple and most authorities write; other types show as their OID. */
const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
};

/** X.680, 41.4. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]+$/;

/**
 * Reads a Name (RFC 5280, 4.1.2.4) and returns all of it as a view. One attribute to each relative name,
 * its value not empty and of a type that the RFC tells a certification authority to use: PrintableString,
 * UTF8String or IA5String.
 */
export function readName(cursor: DerCursor): Uint8Array {
  const start = cursor.offset;
  eachAttribute(cursor, () => {
    skipOid(cursor);
    readAttributeValue(cursor);
  });
  return cursor.bytes.subarray(start, cursor.offset);
}

function eachAttribute(cursor: DerCursor, read: () => void): void {
  const nameEnd = enter(cursor, SEQUENCE);
  while (!atEnd(cursor)) {
    const relativeNameEnd = enter(cursor, SET);
    const attributeEnd = enter(cursor, SEQUENCE);
    read();
    leave(cursor, attributeEnd);
    // What is left would be a second attribute.
    if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_CERTIFICATE_NAME');
    leave(cursor, relativeNameEnd);
  }
  leave(cursor, nameEnd);
}

function readAttributeValue(cursor: DerCursor): void {
  const { bytes } = cursor;
  const tag = atEnd(cursor) ? undefined : bytes[cursor.offset];
  if (tag !== UTF8_STRING && tag !== PRINTABLE_STRING && tag !== IA5_STRING) fail(cursor, 'ERR_MDA_CERTIFICATE_NAME');
  const start = skipContent(cursor, tag);
  const end = cursor.offset;
  const text = decodeUtf8(bytes, start, end);
  if (!text) fail(cursor, 'ERR_MDA_CERTIFICATE_NAME');
  // UTF-8 with as many characters as bytes is ASCII, which is IA5.
  const inAlphabet =
    tag === UTF8_STRING || (tag === PRINTABLE_STRING ? PRINTABLE.test(text) : text.length === end - start);
  if (!inAlphabet) fail(cursor, 'ERR_MDA_CERTIFICATE_NAME');
}

/** Describes a name that `readName` has read. */
export function describeName(name: Uint8Array): Name {
  const cursor = derCursor(name);
  const attributes: string[] = [];
  eachAttribute(cursor, () => {
    const oid = oidToString(readOid(cursor));
    const value = decodeUtf8(readContent(cursor, byteAt(name, cursor.offset)))!;
    // RFC 4514, 2.1: last relative name first.
    attributes.unshift(`${ATTRIBUTE_NAMES[oid] ?? oid}=${escape(value)}`);
  });
  return { der: new Uint8Array(name), text: attributes.join(',') };
}

/** RFC 4514, 2.4. */
function escape(value: string): string {
  return value
    .replace(/["+,;<>\\]|^[ #]| $/g, '\\$&')
    .replace(INVISIBLE, (character) => encodeURIComponent(character).replaceAll('%', '\\'));
}
