import { byteAt } from '../core/bytes.ts';
import {
  atEnd,
  BIT_STRING,
  BOOLEAN,
  type DerCursor,
  enter,
  fail,
  INTEGER,
  leave,
  OID,
  readContent,
  readInteger,
  SEQUENCE,
  SET,
  skipContent,
  skipOid,
} from '../core/der.ts';

/** Named limit: levels of a value that nobody here gives a meaning. */
const MAX_DEPTH_OF_ANY = 16;

const NULL = 0x05;
const CONSTRUCTED = 0x20;
const CLASS_BITS = 0xc0;
const NUMBER_BITS = 0x1f;

/** Passes over a value of any type, and holds it to DER down to its leaves as far as its tags tell their types. */
export function skipAny(cursor: DerCursor, depth = 0): void {
  if (depth === MAX_DEPTH_OF_ANY) fail(cursor, 'ERR_MDA_DER_DEPTH');
  if (atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRUNCATED');
  const tag = byteAt(cursor.bytes, cursor.offset);
  // Numbers from 31 on take several bytes; nothing that belongs here has one. Number 0 is the end of an indefinite length.
  const isUniversal = (tag & CLASS_BITS) === 0;
  if ((tag & NUMBER_BITS) === NUMBER_BITS || tag === 0) fail(cursor, 'ERR_MDA_DER_TAG');
  if ((tag & CONSTRUCTED) === 0) skipPrimitive(cursor, tag);
  // X.690, 10.2: of the universal types, SEQUENCE and SET alone are constructed.
  else if (isUniversal && tag !== SEQUENCE && tag !== SET) fail(cursor, 'ERR_MDA_DER_TAG');
  else {
    const end = enter(cursor, tag);
    while (!atEnd(cursor)) skipAny(cursor, depth + 1);
    leave(cursor, end);
  }
}

function skipPrimitive(cursor: DerCursor, tag: number): void {
  switch (tag) {
    case BOOLEAN: {
      const content = readContent(cursor, tag);
      if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) fail(cursor, 'ERR_MDA_DER_BOOLEAN');
      return;
    }
    case INTEGER:
      readInteger(cursor);
      return;
    case BIT_STRING:
      requireBitString(cursor, readContent(cursor, tag));
      return;
    case NULL:
      if (readContent(cursor, tag).length > 0) fail(cursor, 'ERR_MDA_DER_LENGTH');
      return;
    case OID:
      skipOid(cursor);
      return;
    case SEQUENCE - CONSTRUCTED:
    case SET - CONSTRUCTED:
      return fail(cursor, 'ERR_MDA_DER_TAG');
    default:
      skipContent(cursor, tag);
  }
}

/** X.690, 11.2.1: the bits that are not in use are zero. */
function requireBitString(cursor: DerCursor, content: Uint8Array): void {
  const unused = content[0] ?? 8;
  const last = content.length > 1 ? byteAt(content, content.length - 1) : 0;
  if (unused > 7 || (unused > 0 && content.length === 1) || last % 2 ** unused !== 0)
    fail(cursor, 'ERR_MDA_DER_BIT_STRING');
}
