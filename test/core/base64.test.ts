import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../../src/index.ts';
import { outcomeOf } from '../support/refusal.ts';

/** RFC 4648, section 10. */
const VECTORS = [
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
] as const;

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);
const BIG = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 31) & 0xff);

const NOT_TEXT: readonly unknown[] = [undefined, null, 1, {}, new Uint8Array(1), ['AQID'], new String('AQID')];
const NOT_BYTES: readonly unknown[] = [undefined, null, 'AQID', [1, 2], {}, new ArrayBuffer(3), new Uint16Array(1)];

describe('base64', () => {
  it.each(VECTORS)('of “%s” is “%s”, there and back', (text, base64) => {
    expect(toBase64(bytesOf(text))).toBe(base64);
    expect(fromBase64(base64)).toEqual(bytesOf(text));
  });

  it.each([
    ['a space', 'AQ ID'],
    ['a space before it', ' AQID'],
    ['a line feed after it', 'AQID\n'],
    ['a line feed within', 'AQID\nAQID'],
    ['a tab', 'AQ\tID'],
    ['white space alone', ' '],
    ['no padding', 'Zg'],
    ['half of the padding', 'Zg='],
    ['too much padding', 'Zm8=='],
    ['padding where none belongs', 'Zm9v='],
    ['a quantum of padding', 'Zm9v===='],
    ['padding alone', '===='],
    ['padding within', 'Zg==Zg=='],
    ['padding first', '=Zm9'],
    ['one character', 'A'],
    ['one character too many', 'Zm9vA'],
    ['bits that are dropped, of two bytes', 'Zm9='],
    ['bits that are dropped, of one byte', 'Zh=='],
    ['the last of the dropped bits', 'Zn=='],
    ['the alphabet of base64url', '-_8='],
    ['a character outside of the alphabet', 'AQI*'],
    ['a character that is not ASCII', 'AQIÄ'],
    ['a fullwidth character', 'ＡQID'],
    ['NUL', 'AQI\0'],
    ['the text that `undefined` becomes', 'undefined!'],
  ])('with %s is refused', (_, text) => {
    expect(outcomeOf(() => fromBase64(text))).toBe('ERR_MDA_ENCODING_BASE64');
  });
});

describe('base64url', () => {
  it.each(VECTORS)('of “%s” is “%s” without its padding, there and back', (text, base64) => {
    const base64Url = base64.replaceAll('=', '');
    expect(toBase64Url(bytesOf(text))).toBe(base64Url);
    expect(fromBase64Url(base64Url)).toEqual(bytesOf(text));
  });

  it('has an alphabet of its own', () => {
    expect(toBase64Url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe('-_-_');
    expect(fromBase64Url('-_-_')).toEqual(Uint8Array.of(0xfb, 0xff, 0xbf));
  });

  it.each([
    ['padding', 'Zg=='],
    ['one padding character', 'Zm8='],
    ['the alphabet of base64', '+/+/'],
    ['a plus alone', 'AQ+D'],
    ['a slash alone', 'AQ/D'],
    ['a space', 'AQ ID'],
    ['a line feed after it', 'AQID\n'],
    ['one character', 'A'],
    ['one character too many', 'Zm9vA'],
    ['bits that are dropped, of two bytes', 'Zm9'],
    ['bits that are dropped, of one byte', 'Zh'],
    ['a full stop', 'AQID.AQID'],
    ['a character that is not ASCII', 'AQIÄ'],
    ['a surrogate alone', 'AQI\ud800'],
  ])('with %s is refused', (_, text) => {
    expect(outcomeOf(() => fromBase64Url(text))).toBe('ERR_MDA_ENCODING_BASE64URL');
  });
});

describe('both', () => {
  it('carry every byte, and a million of them', () => {
    for (const bytes of [ALL_BYTES, BIG, BIG.subarray(0, 4095), BIG.subarray(0, 4096), BIG.subarray(0, 4097)]) {
      expect(Buffer.compare(fromBase64(toBase64(bytes)), bytes)).toBe(0);
      expect(Buffer.compare(fromBase64Url(toBase64Url(bytes)), bytes)).toBe(0);
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
    }
  });

  it('return a plain Uint8Array over memory of its own', () => {
    for (const bytes of [fromBase64('AQID'), fromBase64Url('AQID')]) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
      expect(bytes.buffer.byteLength).toBe(3);
    }
  });

  it('encode a Buffer, and bytes of another realm', () => {
    expect(toBase64(Buffer.from([1, 2, 3]))).toBe('AQID');
    expect(toBase64Url(runInNewContext('Uint8Array.of(1, 2, 3)') as Uint8Array)).toBe('AQID');
  });

  it.each(NOT_TEXT.map((value) => [value]))('decode text alone: %o is a TypeError', (value) => {
    expect(() => fromBase64(value as string)).toThrow(TypeError);
    expect(() => fromBase64Url(value as string)).toThrow(TypeError);
  });

  it.each(NOT_BYTES.map((value) => [value]))('encode bytes alone: %o is a TypeError', (value) => {
    expect(() => toBase64(value as Uint8Array)).toThrow(TypeError);
    expect(() => toBase64Url(value as Uint8Array)).toThrow(TypeError);
  });
});
