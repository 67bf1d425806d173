import { beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeCbor } from '../../src/core/cbor.ts';
import { derCursor } from '../../src/core/der.ts';
import { readExtensions } from '../../src/core/extensions.ts';
import { readName } from '../../src/core/name.ts';
import { bytes, concat, name, octetString, oid, sequence } from '../../src/testing/der-writer.ts';

/**
 * Work counted in reads of bytes, which depends on no clock and no machine: twice the input, at most twice
 * the reads. Time itself is for the benchmark.
 */

interface Counted {
  readonly view: Uint8Array;
  readonly count: { reads: number };
}

/** What is behind each view, for the platform, which takes no proxy. */
const targets = new WeakMap<object, { readonly target: Uint8Array; readonly count: Counted['count'] }>();

beforeEach(() => {
  // Called on the decoder that the library made.
  const decode: (this: TextDecoder, bytes: Uint8Array) => string = Reflect.get(TextDecoder.prototype, 'decode');
  vi.spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, view) {
    const { target, count } = targets.get(view as Uint8Array)!;
    count.reads += target.length;
    return decode.call(this, target);
  });
});

/** The bytes, with a count of how often one of them is read; views count into the same. */
function counted(input: Uint8Array, count = { reads: 0 }): Counted {
  const view = new Proxy(input, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) count.reads++;
      const value: unknown = Reflect.get(target, key, target);
      if (key === 'subarray') return (start?: number, end?: number) => counted(target.subarray(start, end), count).view;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  targets.set(view, { target: input, count });
  return { view, count };
}

const repeated = (count: number, part: Uint8Array): Uint8Array => concat(...Array.from({ length: count }, () => part));
const cborHead = (major: number, size: number): Uint8Array => Uint8Array.of((major << 5) | 25, size >> 8, size & 0xff);

describe.each<[string, (size: number) => Uint8Array, (input: Uint8Array) => unknown]>([
  ['CBOR, a byte string', (size) => concat(cborHead(2, size), new Uint8Array(size)), decodeCbor],
  [
    'CBOR, an array of byte strings',
    (size) => concat(Uint8Array.of(0x98, 31), repeated(31, concat(cborHead(2, size), new Uint8Array(size)))),
    decodeCbor,
  ],
  [
    'a name of many relative names',
    (size) => sequence(repeated(size, name({ CN: 'a', O: 'b' }).subarray(2))),
    (input) => readName(derCursor(input)),
  ],
  ['a name of one long value', (size) => name({ CN: 'a'.repeat(size) }), (input) => readName(derCursor(input))],
  [
    'extensions of large values',
    (size) => sequence(...[1, 2, 3, 4].map((arc) => sequence(oid(`1.2.${arc}`), octetString(new Uint8Array(size))))),
    (input) => readExtensions(derCursor(input)),
  ],
  [
    'an extension of a long value',
    (size) => sequence(sequence(oid('1.2.3'), octetString(bytes('a'.repeat(size))))),
    (input) => readExtensions(derCursor(input)),
  ],
])('%s', (_, make, read) => {
  it('takes at most twice the reads for twice the input', () => {
    const readsOf = (size: number): number => {
      const { view, count } = counted(make(size));
      read(view);
      return count.reads;
    };
    const [once, twice] = [readsOf(500), readsOf(1000)];
    expect(once).toBeGreaterThan(0);
    expect(once).toBeLessThan(20 * make(500).length);
    // A few reads more for lengths of one byte more.
    expect(twice).toBeLessThanOrEqual(2 * once + 20);
  });
});
