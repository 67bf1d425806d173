import { byteAt, type Bytes, toNumber } from './bytes.ts';
import type { AttestationErrorCode } from './error-codes.ts';
import { AttestationError } from './errors.ts';
import { decodeUtf8 } from './text.ts';

/** What an attestation object may hold: maps with text keys, arrays, text and byte strings. */
export type CborValue = string | Bytes | readonly CborValue[] | ReadonlyMap<string, CborValue>;

/** Object, statement, `x5c`, certificate. */
const MAX_DEPTH = 4;

/** Named limit: an object, its values and a few certificates are fewer than 20. A key is counted with its value. */
const MAX_ITEMS = 32;

interface CborCursor {
  readonly bytes: Uint8Array;
  offset: number;
  items: number;
}

const MAJOR = { bytes: 2, text: 3, array: 4, map: 5 } as const;

/**
 * Decodes one CBOR item (RFC 8949) that fills `bytes`: definite lengths in their shortest form, no
 * key twice. Numbers, tags, floats, booleans and null never occur in an attestation object: refused.
 * Byte strings come out as copies. Time and memory are linear in `bytes`; a declared length that lies
 * allocates nothing.
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const cursor: CborCursor = { bytes, offset: 0, items: 0 };
  const value = readItem(cursor, MAX_DEPTH);
  if (cursor.offset !== bytes.length) fail(cursor, 'ERR_MDA_CBOR_TRAILING');
  return value;
}

function fail(cursor: CborCursor, code: AttestationErrorCode): never {
  throw new AttestationError(code, { offset: cursor.offset });
}

function readItem(cursor: CborCursor, depth: number): CborValue {
  if (depth === 0) fail(cursor, 'ERR_MDA_CBOR_DEPTH');
  if (++cursor.items > MAX_ITEMS) fail(cursor, 'ERR_MDA_CBOR_COUNT');
  if (cursor.offset === cursor.bytes.length) fail(cursor, 'ERR_MDA_CBOR_TRUNCATED');
  const major = byteAt(cursor.bytes, cursor.offset) >> 5;
  switch (major) {
    case MAJOR.bytes:
      return new Uint8Array(readString(cursor));
    case MAJOR.text:
      return readText(cursor);
    case MAJOR.array: {
      const items: CborValue[] = [];
      for (let left = readLength(cursor); left > 0; left--) items.push(readItem(cursor, depth - 1));
      return items;
    }
    case MAJOR.map: {
      const map = new Map<string, CborValue>();
      for (let left = readLength(cursor); left > 0; left--) {
        if (cursor.offset < cursor.bytes.length && byteAt(cursor.bytes, cursor.offset) >> 5 !== MAJOR.text)
          fail(cursor, 'ERR_MDA_CBOR_KEY');
        const key = readText(cursor);
        if (map.has(key)) fail(cursor, 'ERR_MDA_CBOR_DUPLICATE_KEY');
        map.set(key, readItem(cursor, depth - 1));
      }
      return map;
    }
    default:
      return fail(cursor, 'ERR_MDA_CBOR_TYPE');
  }
}

function readText(cursor: CborCursor): string {
  const text = decodeUtf8(readString(cursor));
  return text ?? fail(cursor, 'ERR_MDA_CBOR_UTF8');
}

/** The bytes of a byte or text string, as a view. */
function readString(cursor: CborCursor): Uint8Array {
  const length = readLength(cursor);
  const { bytes, offset } = cursor;
  if (length > bytes.length - offset) fail(cursor, 'ERR_MDA_CBOR_TRUNCATED');
  cursor.offset = offset + length;
  return bytes.subarray(offset, cursor.offset);
}

/** RFC 8949, 3 and 4.2.1: the argument of the initial byte, in the fewest bytes. */
function readLength(cursor: CborCursor): number {
  const { bytes, offset } = cursor;
  if (offset === bytes.length) fail(cursor, 'ERR_MDA_CBOR_TRUNCATED');
  const short = byteAt(bytes, offset) & 0x1f;
  if (short < 24) {
    cursor.offset = offset + 1;
    return short;
  }
  if (short === 31) fail(cursor, 'ERR_MDA_CBOR_INDEFINITE');
  if (short > 26) fail(cursor, 'ERR_MDA_CBOR_LENGTH');
  const width = 1 << (short - 24);
  if (bytes.length - offset <= width) fail(cursor, 'ERR_MDA_CBOR_TRUNCATED');
  const length = toNumber(bytes, offset + 1, offset + 1 + width);
  if (length < (width === 1 ? 24 : 256 ** (width / 2))) fail(cursor, 'ERR_MDA_CBOR_LENGTH');
  cursor.offset = offset + 1 + width;
  return length;
}
