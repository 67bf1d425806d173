import { byteAt, toNumber } from './bytes.ts';
import type { AttestationErrorCode } from './error-codes.ts';
import { AttestationError } from './errors.ts';

/**
 * A window on DER bytes (X.690). `enter` narrows it to the content of a value and `leave` widens it
 * again after every byte of that content was read, so nothing is skipped and nothing is left over.
 * Reading allocates nothing but views, and those only where somebody needs them: views are most of what a
 * parse costs. A length that lies costs nothing.
 */
export interface DerCursor {
  readonly bytes: Uint8Array;
  offset: number;
  end: number;
}

// Plain constants: a bundler writes the number in their place.
export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OID = 0x06;
export const UTF8_STRING = 0x0c;
export const PRINTABLE_STRING = 0x13;
export const IA5_STRING = 0x16;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;

const MAX_OID_BYTES = 64;

export function derCursor(bytes: Uint8Array, offset = 0, end = bytes.length): DerCursor {
  return { bytes, offset, end };
}

export function fail(cursor: DerCursor, code: AttestationErrorCode): never {
  throw new AttestationError(code, { offset: cursor.offset });
}

export function atEnd(cursor: DerCursor): boolean {
  return cursor.offset === cursor.end;
}

/** Whether a value with this tag comes next. */
export function nextIs(cursor: DerCursor, tag: number): boolean {
  return cursor.offset < cursor.end && cursor.bytes[cursor.offset] === tag;
}

/** Goes into the value that comes next; returns what `leave` needs to come out again. */
export function enter(cursor: DerCursor, tag: number): number {
  const { bytes, offset, end } = cursor;
  if (end - offset < 2) fail(cursor, 'ERR_MDA_DER_TRUNCATED');
  if (bytes[offset] !== tag) fail(cursor, 'ERR_MDA_DER_TAG');
  let start = offset + 2;
  let length = byteAt(bytes, offset + 1);
  if (length >= 0x80) {
    // X.690, 8.1.3 and 10.1: definite and in the fewest bytes; 0x80 would be indefinite.
    const width = length - 0x80;
    if (width === 0 || width > 4) fail(cursor, 'ERR_MDA_DER_LENGTH');
    if (end - start < width) fail(cursor, 'ERR_MDA_DER_TRUNCATED');
    length = toNumber(bytes, start, start + width);
    if (length < 0x80 || length < 256 ** (width - 1)) fail(cursor, 'ERR_MDA_DER_LENGTH');
    start += width;
  }
  if (length > end - start) fail(cursor, 'ERR_MDA_DER_TRUNCATED');
  cursor.offset = start;
  cursor.end = start + length;
  return end;
}

/** Comes out of a value of which every byte must have been read. */
export function leave(cursor: DerCursor, outerEnd: number): void {
  if (cursor.offset !== cursor.end) fail(cursor, 'ERR_MDA_DER_TRAILING');
  cursor.end = outerEnd;
}

/** Passes over the content of a value. Returns where it starts; it ends at the cursor. */
export function skipContent(cursor: DerCursor, tag: number): number {
  const outerEnd = enter(cursor, tag);
  const start = cursor.offset;
  cursor.offset = cursor.end;
  cursor.end = outerEnd;
  return start;
}

/** The content of a value, as a view. */
export function readContent(cursor: DerCursor, tag: number): Uint8Array {
  const start = skipContent(cursor, tag);
  return cursor.bytes.subarray(start, cursor.offset);
}

/** BOOLEAN DEFAULT FALSE. X.690, 11.1 and 11.5: TRUE is FF, and the default is left out. */
export function readFlag(cursor: DerCursor): boolean {
  if (!nextIs(cursor, BOOLEAN)) return false;
  const content = readContent(cursor, BOOLEAN);
  if (content.length !== 1) fail(cursor, 'ERR_MDA_DER_BOOLEAN');
  if (content[0] !== 0xff) fail(cursor, content[0] === 0 ? 'ERR_MDA_DER_DEFAULT' : 'ERR_MDA_DER_BOOLEAN');
  return true;
}

/** X.690, 8.3.2: two's complement in the fewest bytes. The content, as a view. */
export function readInteger(cursor: DerCursor): Uint8Array {
  const content = readContent(cursor, INTEGER);
  if (content.length === 0) fail(cursor, 'ERR_MDA_DER_INTEGER');
  if (content.length > 1) {
    const first = byteAt(content, 0);
    const next = byteAt(content, 1);
    if ((first === 0 && next < 0x80) || (first === 0xff && next >= 0x80)) fail(cursor, 'ERR_MDA_DER_INTEGER');
  }
  return content;
}

/** An INTEGER above zero, of any size: its bytes without the sign, as a view. */
export function readPositiveInteger(cursor: DerCursor, code: AttestationErrorCode = 'ERR_MDA_DER_INTEGER'): Uint8Array {
  const content = readInteger(cursor);
  const first = byteAt(content, 0);
  const magnitude = first === 0 ? content.subarray(1) : content;
  if (first >= 0x80 || magnitude.length === 0) fail(cursor, code);
  return magnitude;
}

/** An INTEGER from 0 to 2^31 - 1: wide enough for any count, and exact. */
export function readSmallInteger(cursor: DerCursor): number {
  const content = readInteger(cursor);
  if (content.length > 4 || byteAt(content, 0) >= 0x80) fail(cursor, 'ERR_MDA_DER_INTEGER');
  return toNumber(content, 0, content.length);
}

/** A BIT STRING of whole bytes, as a view. */
export function readOctetBitString(cursor: DerCursor): Uint8Array {
  const content = readContent(cursor, BIT_STRING);
  if (content.length === 0 || content[0] !== 0) fail(cursor, 'ERR_MDA_DER_BIT_STRING');
  return content.subarray(1);
}

/**
 * X.690, 11.2.2: a named bit list ends with its last one bit. At most 16 bits, which KeyUsage has not. Returns
 * the first eight, first bit highest.
 */
export function readNamedBits(cursor: DerCursor): number {
  const content = readContent(cursor, BIT_STRING);
  if (content.length < 2 || content.length > 3) fail(cursor, 'ERR_MDA_DER_BIT_STRING');
  const unused = byteAt(content, 0);
  const last = byteAt(content, content.length - 1);
  // The lowest one bit of the last byte is the last bit in use. A power, for a shift by 32 is a shift by 0.
  if (last === 0 || (last & -last) !== 2 ** unused) fail(cursor, 'ERR_MDA_DER_BIT_STRING');
  return byteAt(content, 1);
}

/** X.690, 8.19.2: every arc in the fewest bytes. Returns where the content starts; it ends at the cursor. */
export function skipOid(cursor: DerCursor, tag = OID): number {
  const outerEnd = enter(cursor, tag);
  const { bytes, offset, end } = cursor;
  if (offset === end || end - offset > MAX_OID_BYTES) fail(cursor, 'ERR_MDA_DER_OID');
  let startsArc = true;
  for (let i = offset; i < end; i++) {
    const byte = byteAt(bytes, i);
    if (startsArc && byte === 0x80) fail(cursor, 'ERR_MDA_DER_OID');
    startsArc = byte < 0x80;
  }
  if (!startsArc) fail(cursor, 'ERR_MDA_DER_OID');
  cursor.offset = end;
  cursor.end = outerEnd;
  return offset;
}

/** The content of an OID, as a view. */
export function readOid(cursor: DerCursor): Uint8Array {
  const start = skipOid(cursor);
  return cursor.bytes.subarray(start, cursor.offset);
}
