import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { fromHex, toBigInt, toHex, toNumber } from '../../src/core/bytes.ts';
import { constantTimeEqual } from '../../src/index.ts';

describe('constantTimeEqual', () => {
  it.each<[title: string, a: number[], b: number[], equal: boolean]>([
    ['nothing and nothing', [], [], true],
    ['the same byte', [7], [7], true],
    ['a byte and nothing', [0], [], false],
    ['nothing and a byte', [], [0], false],
    ['the first byte', [1, 2, 3], [0, 2, 3], false],
    ['the last bit', [1, 2, 2], [1, 2, 3], false],
    ['a prefix', [1, 2], [1, 2, 3], false],
    ['a prefix of what follows', [1, 2, 3], [1, 2], false],
    ['a zero more', [1, 2], [1, 2, 0], false],
    ['differences that would cancel out', [1, 1], [2, 2], false],
  ])('tells %s', (_, a, b, equal) => {
    expect(constantTimeEqual(Uint8Array.from(a), Uint8Array.from(b))).toBe(equal);
  });

  it('takes bytes of any realm, and a Buffer', () => {
    const foreign = runInNewContext('Uint8Array.of(1, 2)') as Uint8Array;
    expect(constantTimeEqual(foreign, Buffer.from([1, 2]))).toBe(true);
  });

  it.each([undefined, null, 'AQ', [1], {}, new ArrayBuffer(1), new Int8Array(1), new DataView(new ArrayBuffer(1))])(
    'takes bytes alone: %o is a TypeError',
    (value) => {
      const wrong = value as Uint8Array;
      expect(() => constantTimeEqual(wrong, new Uint8Array(1))).toThrow(TypeError);
      expect(() => constantTimeEqual(new Uint8Array(1), wrong)).toThrow(TypeError);
    },
  );
});

describe('hexadecimal', () => {
  it('is lower-case, two digits to a byte, there and back', () => {
    const bytes = Uint8Array.of(0, 1, 0x0f, 0x10, 0xab, 0xff);
    expect(toHex(bytes)).toBe('00010f10abff');
    expect(fromHex('00010f10abff')).toEqual(bytes);
    expect(toHex(new Uint8Array())).toBe('');
  });
});

describe('big-endian numbers', () => {
  it('of any number of bytes are exact', () => {
    const bytes = Uint8Array.from({ length: 80 }, (_, index) => 255 - index * 3);
    for (let end = 0; end <= bytes.length; end++)
      for (const start of [0, Math.floor(end / 2), end]) {
        const expected = BigInt(`0x0${Buffer.from(bytes.subarray(start, end)).toString('hex')}`);
        expect(toBigInt(bytes, start, end)).toBe(expected);
      }
  });

  it('of 48 bits are exact as numbers', () => {
    expect(toNumber(new Uint8Array(6).fill(255), 0, 6)).toBe(2 ** 48 - 1);
    expect(toNumber(Uint8Array.of(1, 2, 3), 1, 3)).toBe(0x0203);
    expect(toNumber(Uint8Array.of(1), 1, 1)).toBe(0);
  });
});
