import { concat, type Der } from '../../src/testing/der-writer.ts';

/** Turns DER into BER that says the same: what a strict reader must refuse, somebody has to write. */

/** The length in one byte more than it takes. */
export function withLongLength(der: Uint8Array): Der {
  const [tag, first] = der as unknown as readonly [number, number];
  if (first < 0x80) return concat(Uint8Array.of(tag, 0x81), der.subarray(1));
  return concat(Uint8Array.of(tag, first + 1, 0), der.subarray(2));
}

/** A constructed value without a length, ended by two zero bytes. */
export function withIndefiniteLength(der: Uint8Array): Der {
  const [tag, first] = der as unknown as readonly [number, number];
  const start = first < 0x80 ? 2 : 2 + (first & 0x7f);
  return concat(Uint8Array.of(tag, 0x80), der.subarray(start), Uint8Array.of(0, 0));
}
