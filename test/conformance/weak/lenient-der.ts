import type { Bytes } from '../../../src/core/bytes.ts';
import { concat, tlv } from '../../../src/testing/der-writer.ts';
import { demand } from './protocol.ts';

/** A value as a lenient reader sees it: with a length in any form, definite or not. */
export interface Value {
  readonly tag: number;
  readonly content: Bytes;
  /** Of a constructed value. */
  readonly children: readonly Value[];
  /** As it was sent. */
  readonly raw: Bytes;
}

const CONSTRUCTED = 0x20;

/** The value that the bytes begin with. */
export function readValue(bytes: Uint8Array): Value {
  const [tag, first] = bytes;
  demand(tag !== undefined && first !== undefined, 'DER ends too early');
  if (first === 0x80) return readIndefinite(tag, bytes);
  const start = first < 0x80 ? 2 : first - 0x80 + 2;
  const size = first < 0x80 ? first : bytes.subarray(2, start).reduce((value, byte) => value * 256 + byte, 0);
  demand(size <= bytes.length - start, 'DER ends too early');
  const content = new Uint8Array(bytes.subarray(start, start + size));
  const children = (tag & CONSTRUCTED) === 0 ? [] : readValues(content);
  return { tag, content, children, raw: new Uint8Array(bytes.subarray(0, start + size)) };
}

export function readValues(content: Uint8Array): readonly Value[] {
  const values: Value[] = [];
  for (let offset = 0; offset < content.length; offset += values.at(-1)!.raw.length)
    values.push(readValue(content.subarray(offset)));
  return values;
}

/** X.690, 8.1.3.6: two zero bytes end it. */
function readIndefinite(tag: number, bytes: Uint8Array): Value {
  const children: Value[] = [];
  let offset = 2;
  while (bytes[offset] !== 0 || bytes[offset + 1] !== 0) {
    const child = readValue(bytes.subarray(offset));
    children.push(child);
    offset += child.raw.length;
  }
  const content = new Uint8Array(bytes.subarray(2, offset));
  return { tag, content, children, raw: new Uint8Array(bytes.subarray(0, offset + 2)) };
}

/** The value in DER, with the lengths in their shortest form. */
export function write({ tag, content, children }: Value): Bytes {
  return (tag & CONSTRUCTED) === 0 ? tlv(tag, content) : tlv(tag, ...children.map(write));
}

export function primitive(tag: number, content: Uint8Array): Value {
  const raw = tlv(tag, content);
  return { tag, content: new Uint8Array(content), children: [], raw };
}

export function constructed(tag: number, children: readonly Value[]): Value {
  const content = concat(...children.map(({ raw }) => raw));
  return { tag, content, children, raw: tlv(tag, content) };
}

export const sameValue = (a: Value, b: Value): boolean => Buffer.compare(a.raw, b.raw) === 0;
