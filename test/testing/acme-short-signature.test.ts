import { describe, expect, it } from 'vitest';
import { restoreEcdsaSignature } from '../../src/acme/index.ts';
import { shortenSignature, signShortened } from '../../src/testing/acme-short-signature.ts';

/** A raw signature of P-256 whose halves begin with these bytes. */
function signature(r: readonly number[], s: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64).fill(9);
  bytes.set(r);
  bytes.set(s, 32);
  return bytes;
}

describe('a signature', () => {
  it.each([
    ['nothing', [1], [1], 64],
    ['R', [0], [1], 63],
    ['S', [1], [0], 63],
    ['both', [0], [0], 62],
    ['one byte of two', [0, 0], [1], 63],
    ['one byte of two, of both', [0, 0], [0, 0], 62],
  ])('is cut in %s, and can be restored', (_, r, s, length) => {
    const whole = signature(r, s);
    const short = shortenSignature(whole);
    expect(short).toHaveLength(length);
    expect(restoreEcdsaSignature(short, 'ES256')).toContainEqual(whole);
  });

  it('is made until it is short, if that is wished', async () => {
    const results = [signature([1], [1]), signature([2], [2]), signature([3], [0])];
    let count = 0;
    const sign = () => Promise.resolve(results[count++]!);
    expect(await signShortened(sign, 'always')).toHaveLength(63);
    expect(count).toBe(3);
  });

  it('is not waited for where it never comes', async () => {
    await expect(signShortened(() => Promise.resolve(signature([1], [1])), 'always')).rejects.toThrow(TypeError);
  });

  it('stays as it is, if that is wished', async () => {
    const whole = signature([0], [0]);
    expect(await signShortened(() => Promise.resolve(whole), 'never')).toBe(whole);
    expect(await signShortened(() => Promise.resolve(whole), 'as-apple')).toHaveLength(62);
  });
});
