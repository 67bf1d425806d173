import { bytes, concat, type Der } from './der-writer.ts';

/** Writes the CBOR (RFC 8949) of attestation objects, right or with a length that is not the shortest. */

/** The initial byte and its argument, in `width` bytes where the caller wants more than it takes. */
export function head(major: number, argument: number, width?: 1 | 2 | 4): Der {
  const fewest = argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x10000 ? 2 : 4;
  const size = width ?? fewest;
  if (size === 0) return Uint8Array.of((major << 5) | argument);
  const digits = Array.from({ length: size }, (_, i) => Math.floor(argument / 256 ** (size - 1 - i)) & 0xff);
  return Uint8Array.of((major << 5) | (24 + Math.log2(size)), ...digits);
}

export const byteString = (content: Uint8Array): Der => concat(head(2, content.length), content);
export const text = (content: string): Der => concat(head(3, bytes(content).length), bytes(content));
export const array = (...items: readonly Uint8Array[]): Der => concat(head(4, items.length), ...items);
export const map = (...entries: readonly (readonly [key: string, value: Uint8Array])[]): Der =>
  concat(head(5, entries.length), ...entries.flatMap(([key, value]) => [text(key), value]));
