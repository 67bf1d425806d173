import { describe, expect, it } from 'vitest';
import { decodeCbor } from '../../src/core/cbor.ts';
import { bytes, concat, hex } from '../../src/testing/der-writer.ts';
import { outcomeOf, refusalOf } from '../support/refusal.ts';

/** Entries of a map, each with a key of its own. */
const keys = (count: number): string =>
  Array.from({ length: count }, (_, i) => `61${(0x40 + i).toString(16)}60`).join('');

describe('CBOR that is read', () => {
  it.each<[title: string, cbor: string, value: unknown]>([
    ['an empty byte string', '40', hex('')],
    ['a byte string', '43 010203', hex('010203')],
    ['an empty text', '60', ''],
    ['a text', '63 616263', 'abc'],
    ['a text that is not ASCII', '64 c3a4c3b6', 'äö'],
    ['a text with a byte order mark, which stays', '64 efbbbf61', '\ufeffa'],
    ['an empty array', '80', []],
    ['an array', '82 60 40', ['', hex('')]],
    ['an empty map', 'a0', new Map()],
    [
      'a map',
      'a2 6162 60 6161 80',
      new Map<string, unknown>([
        ['b', ''],
        ['a', []],
      ]),
    ],
    ['a map with an empty key', 'a1 60 60', new Map([['', '']])],
    [
      'a map with keys that differ in case',
      'a2 6161 60 6141 60',
      new Map([
        ['a', ''],
        ['A', ''],
      ]),
    ],
    [
      'a map with keys that JavaScript knows',
      `a1 69 ${Buffer.from('__proto__').toString('hex')} 60`,
      new Map([['__proto__', '']]),
    ],
    ['four levels', '81 81 81 60', [[['']]]],
    ['32 items', `981f ${'60'.repeat(31)}`, Array(31).fill('')],
  ])('%s', (_, cbor, value) => {
    expect(decodeCbor(hex(cbor))).toEqual(value);
  });

  it.each([0, 1, 23, 24, 255, 256, 65_535, 65_536])('a byte string of %d, and a text', (length) => {
    const head = (major: number): Uint8Array => {
      const short = major << 5;
      if (length < 24) return Uint8Array.of(short + length);
      if (length < 256) return Uint8Array.of(short + 24, length);
      if (length < 65_536) return Uint8Array.of(short + 25, length >> 8, length & 255);
      return Uint8Array.of(short + 26, 0, length >> 16, (length >> 8) & 255, length & 255);
    };
    const content = new Uint8Array(length).fill(0x78);
    expect(Buffer.compare(decodeCbor(concat(head(2), content)) as Uint8Array, content)).toBe(0);
    expect(decodeCbor(concat(head(3), content))).toBe('x'.repeat(length));
  });

  it('is copied: its bytes are over memory of their own', () => {
    const input = Buffer.from([0x42, 1, 2]);
    const value = decodeCbor(input) as Uint8Array;
    input.fill(0);
    expect(value).toEqual(hex('0102'));
    expect(value).not.toBeInstanceOf(Buffer);
    expect(value.buffer.byteLength).toBe(2);
  });
});

describe('CBOR that is refused', () => {
  it.each<[title: string, cbor: string, code: string]>([
    ['nothing', '', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a byte string that is cut off', '42 01', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a text that is cut off', '62 61', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a length of one byte that is cut off', '58', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a length of two bytes that is cut off', '5901', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a length of four bytes that is cut off', '5a010000', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a length in an array that is cut off', '81 5901', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a byte string of a length that lies', '5affffffff', 'ERR_MDA_CBOR_TRUNCATED'],
    ['an array of a length that lies', '9affffffff', 'ERR_MDA_CBOR_TRUNCATED'],
    ['an array that is cut off', '82 60', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a map of a length that lies', 'baffffffff', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a map without its entries', 'a1', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a map without a value', 'a1 6161', 'ERR_MDA_CBOR_TRUNCATED'],
    ['a map whose key is cut off', 'a1 62', 'ERR_MDA_CBOR_TRUNCATED'],

    ['a byte after it', '40 00', 'ERR_MDA_CBOR_TRAILING'],
    ['an item after it', '60 60', 'ERR_MDA_CBOR_TRAILING'],

    ['a length of 23 in one byte', `5817 ${'00'.repeat(23)}`, 'ERR_MDA_CBOR_LENGTH'],
    ['a length of 0 in one byte', '5800', 'ERR_MDA_CBOR_LENGTH'],
    ['a length of 255 in two bytes', `5900ff ${'00'.repeat(255)}`, 'ERR_MDA_CBOR_LENGTH'],
    ['a length of 65535 in four bytes', '5a0000ffff', 'ERR_MDA_CBOR_LENGTH'],
    ['a length of eight bytes', '5b0000000000000001 00', 'ERR_MDA_CBOR_LENGTH'],
    ['a length of eight bytes that needs them', '5b0000000100000000', 'ERR_MDA_CBOR_LENGTH'],
    ['a text of length 1 in one byte', '7801 61', 'ERR_MDA_CBOR_LENGTH'],
    ['an array of length 1 in one byte', '9801 60', 'ERR_MDA_CBOR_LENGTH'],
    ['a map of length 1 in one byte', 'b801 6161 60', 'ERR_MDA_CBOR_LENGTH'],
    ['a key of length 1 in one byte', 'a1 780161 60', 'ERR_MDA_CBOR_LENGTH'],
    ['a reserved length, 28', '5c', 'ERR_MDA_CBOR_LENGTH'],
    ['a reserved length, 29', '9d', 'ERR_MDA_CBOR_LENGTH'],
    ['a reserved length, 30', 'be', 'ERR_MDA_CBOR_LENGTH'],

    ['a byte string in pieces', '5f 4101 ff', 'ERR_MDA_CBOR_INDEFINITE'],
    ['a text in pieces', '7f 6161 ff', 'ERR_MDA_CBOR_INDEFINITE'],
    ['an array without a length', '9f 60 ff', 'ERR_MDA_CBOR_INDEFINITE'],
    ['a map without a length', 'bf 6161 60 ff', 'ERR_MDA_CBOR_INDEFINITE'],
    ['a key in pieces', 'a1 7f6161ff 60', 'ERR_MDA_CBOR_INDEFINITE'],

    ['a number', '00', 'ERR_MDA_CBOR_TYPE'],
    ['a large number', '1bffffffffffffffff', 'ERR_MDA_CBOR_TYPE'],
    ['a negative number', '20', 'ERR_MDA_CBOR_TYPE'],
    ['a tag', 'c0 60', 'ERR_MDA_CBOR_TYPE'],
    ['the tag of CBOR itself', 'd9d9f7 a0', 'ERR_MDA_CBOR_TYPE'],
    ['false', 'f4', 'ERR_MDA_CBOR_TYPE'],
    ['null', 'f6', 'ERR_MDA_CBOR_TYPE'],
    ['undefined', 'f7', 'ERR_MDA_CBOR_TYPE'],
    ['a float', 'f90000', 'ERR_MDA_CBOR_TYPE'],
    ['a break', 'ff', 'ERR_MDA_CBOR_TYPE'],
    ['a number in an array', '81 01', 'ERR_MDA_CBOR_TYPE'],
    ['null in a map', 'a1 6161 f6', 'ERR_MDA_CBOR_TYPE'],

    ['a key that is a number', 'a1 01 60', 'ERR_MDA_CBOR_KEY'],
    ['a key that is bytes', 'a1 4161 60', 'ERR_MDA_CBOR_KEY'],
    ['a key that is a map', 'a1 a0 60', 'ERR_MDA_CBOR_KEY'],
    ['a key that is null', 'a1 f6 60', 'ERR_MDA_CBOR_KEY'],

    ['the same key twice', 'a2 6161 60 6161 60', 'ERR_MDA_CBOR_DUPLICATE_KEY'],
    ['the same key twice, with another value', 'a2 6161 60 6161 80', 'ERR_MDA_CBOR_DUPLICATE_KEY'],
    ['the same key twice, apart', 'a3 6161 60 6162 60 6161 60', 'ERR_MDA_CBOR_DUPLICATE_KEY'],

    ['Latin-1 in a text', '61 e4', 'ERR_MDA_CBOR_UTF8'],
    ['an overlong form in a text', '62 c080', 'ERR_MDA_CBOR_UTF8'],
    ['a surrogate in a text', '63 eda080', 'ERR_MDA_CBOR_UTF8'],
    ['Latin-1 in a key', 'a1 61e4 60', 'ERR_MDA_CBOR_UTF8'],

    ['five levels of arrays', '81 81 81 81 60', 'ERR_MDA_CBOR_DEPTH'],
    ['five levels of maps', 'a16161 a16161 a16161 a16161 60', 'ERR_MDA_CBOR_DEPTH'],
    ['an array of 32 items, itself the 33rd', `9820 ${'60'.repeat(32)}`, 'ERR_MDA_CBOR_COUNT'],
    ['a map of 32 entries', `b820 ${keys(32)}`, 'ERR_MDA_CBOR_COUNT'],
    ['an array of as many empty arrays as fit', `998000 ${'80'.repeat(0x8000)}`, 'ERR_MDA_CBOR_COUNT'],
    ['a thousand levels', '81'.repeat(1000), 'ERR_MDA_CBOR_DEPTH'],
  ])('%s', (_, cbor, code) => {
    expect(outcomeOf(() => decodeCbor(hex(cbor)))).toBe(code);
  });

  it('says where it stopped', () => {
    expect(refusalOf(() => decodeCbor(hex('82 60 00')))).toMatchObject({ code: 'ERR_MDA_CBOR_TYPE', offset: 2 });
    expect(refusalOf(() => decodeCbor(hex('a1')))).toMatchObject({ code: 'ERR_MDA_CBOR_TRUNCATED', offset: 1 });
    expect(refusalOf(() => decodeCbor(concat(hex('63'), bytes('abc!'))))).toMatchObject({ offset: 4 });
  });
});
