import type { Bytes } from '../core/bytes.ts';

/** Writes the little DER that `./acme` hands out; `src/testing/der-writer.ts` has more, and wrong DER too. */

/** A value of a tag of one byte. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [tag, ...encodeLength(length)];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let offset = head.length;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** X.690, 10.1: in the fewest bytes. */
export function encodeLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

/** The content of an OBJECT IDENTIFIER of at most 64 bytes, from its dotted form; undefined if the text is none. */
export function encodeOid(text: string): Bytes | undefined {
  if (text.length > 256 || !/^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d*))(?:\.(?:0|[1-9]\d*))*$/.test(text)) return undefined;
  const [first, second, ...rest] = text.split('.').map(BigInt) as [bigint, bigint, ...bigint[]];
  const bytes = [first * 40n + second, ...rest].flatMap(encodeArc);
  return bytes.length > 64 ? undefined : Uint8Array.from(bytes);
}

/** Seven bits to a byte, the first bit set in all but the last. */
export function encodeArc(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(0x80 | Number(rest & 0x7fn));
  return bytes;
}
