import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_FRESHNESS_CODE_BYTES } from '../../src/core/freshness.ts';
import { freshnessCodeForNonce, freshnessCodeForToken } from '../../src/index.ts';

describe('the freshness code of a token', () => {
  it('is SHA-256 of its ASCII bytes', async () => {
    for (const token of ['LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0', 'a', '-_', 'x'.repeat(1000)]) {
      const expected = new Uint8Array(createHash('sha256').update(token, 'ascii').digest());
      expect(await freshnessCodeForToken(token)).toEqual(expected);
    }
  });

  it('is that of a known token', async () => {
    const code = await freshnessCodeForToken('abc');
    expect(Buffer.from(code).toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each<[title: string, token: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['bytes', Uint8Array.of(97)],
    ['a number', 42],
    ['empty', ''],
    ['a key authorization', 'token.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI'],
    ['padded', 'YQ=='],
    ['of the alphabet of base64', 'a+b/'],
    ['followed by a line feed', 'abc\n'],
    ['surrounded by spaces', ' abc '],
    ['not ASCII', 'äbc'],
    ['of digits that are not ASCII', '٣٣٣'],
  ])('is not that of a token that is %s: a TypeError', async (_, token) => {
    await expect(freshnessCodeForToken(token as string)).rejects.toThrow(TypeError);
  });
});

describe('the freshness code of a nonce', () => {
  it('is a copy of it, of 1 to 32 bytes', () => {
    expect(MAX_FRESHNESS_CODE_BYTES).toBe(32);
    for (const size of [1, 31, 32]) {
      const nonce = Uint8Array.from({ length: size }, (_, index) => index);
      const code = freshnessCodeForNonce(nonce);
      expect(code).toEqual(nonce);
      nonce.fill(9);
      expect(code[0]).toBe(0);
    }
  });

  it('is a plain Uint8Array, even of a Buffer', () => {
    const code = freshnessCodeForNonce(Buffer.from([1, 2]));
    expect(code).toEqual(Uint8Array.of(1, 2));
    expect(code).not.toBeInstanceOf(Buffer);
  });

  it.each<[title: string, nonce: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', 'AQID'],
    ['an array', [1, 2, 3]],
    ['an ArrayBuffer', new ArrayBuffer(32)],
    ['empty', new Uint8Array()],
    ['of 33 bytes', new Uint8Array(33)],
  ])('is not that of a nonce that is %s: a TypeError', (_, nonce) => {
    expect(() => freshnessCodeForNonce(nonce as Uint8Array)).toThrow(TypeError);
  });
});
