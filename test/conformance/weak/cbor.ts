import type { Bytes } from '../../../src/core/bytes.ts';
import { demand } from './protocol.ts';

export type CborValue = string | Bytes | readonly CborValue[] | ReadonlyMap<string, CborValue>;

/** What a lenient decoder lets pass. With none of it, the decoder is that of the reference. */
export interface CborTolerance {
  readonly duplicateKeys?: 'first wins' | 'last wins';
  readonly indefiniteLengths?: boolean;
  readonly longLengths?: boolean;
  readonly trailingBytes?: boolean;
  /** Tags before a value are passed over. */
  readonly tags?: boolean;
  readonly invalidUtf8?: boolean;
  readonly anyDepth?: boolean;
  readonly anyCount?: boolean;
}

const MAX_DEPTH = 4;
const MAX_ITEMS = 32;
const BREAK = 0xff;

/** RFC 8949, 4.2.1, for the four types that an attestation object holds. */
export function cborDecoder(tolerance: CborTolerance = {}): (bytes: Bytes) => CborValue {
  return (bytes) => {
    const strictText = new TextDecoder('utf-8', { fatal: tolerance.invalidUtf8 !== true, ignoreBOM: true });
    let offset = 0;
    let items = 0;

    const peek = (): number => {
      const byte = bytes[offset];
      demand(byte !== undefined, 'CBOR ends too early');
      return byte;
    };
    const take = (length: number): Bytes => {
      demand(length <= bytes.length - offset, 'CBOR ends too early');
      offset += length;
      return bytes.slice(offset - length, offset);
    };

    /** The head of a value: its major type and its length; undefined is an indefinite one. */
    const readHead = (): { readonly major: number; readonly length: number | undefined } => {
      const initial = peek();
      offset++;
      const [major, short] = [initial >> 5, initial & 0x1f];
      if (short < 24) return { major, length: short };
      if (short === 31) {
        demand(tolerance.indefiniteLengths === true, 'CBOR of indefinite length');
        return { major, length: undefined };
      }
      demand(short <= 27, 'CBOR with a reserved length');
      const width = 2 ** (short - 24);
      const length = take(width).reduce((value, byte) => value * 256 + byte, 0);
      const shortest = length >= (width === 1 ? 24 : 256 ** (width / 2));
      demand(shortest || tolerance.longLengths === true, 'a CBOR length in more bytes than it takes');
      return { major, length };
    };

    /** Calls `read` for every element of a value with this length. */
    const eachOf = (length: number | undefined, read: () => void): void => {
      if (length !== undefined) for (let left = length; left > 0; left--) read();
      else {
        while (peek() !== BREAK) read();
        offset++;
      }
    };

    const readString = (major: number, length: number | undefined): Bytes => {
      if (length !== undefined) return take(length);
      const pieces: Bytes[] = [];
      eachOf(undefined, () => {
        const piece = readHead();
        demand(piece.major === major && piece.length !== undefined, 'a piece of another CBOR type');
        pieces.push(take(piece.length));
      });
      return new Uint8Array(Buffer.concat(pieces));
    };

    const readText = (length: number | undefined): string => {
      const text = readString(3, length);
      try {
        return strictText.decode(text);
      } catch {
        demand(false, 'CBOR text that is not UTF-8');
      }
    };

    const readItem = (depth: number): CborValue => {
      demand(depth <= MAX_DEPTH || tolerance.anyDepth === true, 'CBOR that is too deep');
      demand(++items <= MAX_ITEMS || tolerance.anyCount === true, 'CBOR with too many values');
      let { major, length } = readHead();
      while (major === 6 && tolerance.tags === true) ({ major, length } = readHead());
      if (major === 2) return readString(2, length);
      if (major === 3) return readText(length);
      if (major === 4) {
        const list: CborValue[] = [];
        eachOf(length, () => list.push(readItem(depth + 1)));
        return list;
      }
      demand(major === 5, 'a CBOR type that no attestation object has');
      const map = new Map<string, CborValue>();
      eachOf(length, () => {
        const head = readHead();
        demand(head.major === 3, 'a CBOR key that is no text');
        const key = readText(head.length);
        const isNew = !map.has(key);
        demand(isNew || tolerance.duplicateKeys !== undefined, 'a CBOR key that occurs twice');
        const value = readItem(depth + 1);
        if (isNew || tolerance.duplicateKeys === 'last wins') map.set(key, value);
      });
      return map;
    };

    const value = readItem(1);
    demand(offset === bytes.length || tolerance.trailingBytes === true, 'bytes after the CBOR');
    return value;
  };
}
