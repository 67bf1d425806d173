import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreEcdsaSignature } from '../../src/acme/index.ts';
import { SEED, settings } from '../hostile/generators.ts';

console.log(`FUZZ_SEED=${SEED}`);

const SIZES = { ES256: 32, ES384: 48, ES512: 66 } as const;
const ALGORITHMS = Object.keys(SIZES) as (keyof typeof SIZES)[];

/** As Apple's client writes it: the first byte of R, of S, or of both is left out where it is zero. */
function cut(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const shorten = (part: Uint8Array): Uint8Array => (part[0] === 0 ? part.subarray(1) : part);
  return Buffer.concat([shorten(signature.subarray(0, half)), shorten(signature.subarray(half))]);
}

const equals = (a: Uint8Array) => (b: Uint8Array) => Buffer.compare(a, b) === 0;

describe.each(ALGORITHMS)('a signature of %s', (alg) => {
  const size = SIZES[alg];
  const filled = (r: number, s: number): Uint8Array =>
    Uint8Array.from({ length: 2 * size }, (_, i) => (i === 0 ? r : i === size ? s : i + 1));

  it('that is whole is returned alone, as a copy', () => {
    const signature = Buffer.from(filled(1, 2));
    const [restored, ...more] = restoreEcdsaSignature(signature, alg);
    expect(more).toEqual([]);
    expect(restored).toEqual(new Uint8Array(signature));
    restored!.fill(0);
    expect(signature[0]).toBe(1);
  });

  it('that lacks the first byte of R, of S, or of both is among the candidates', () => {
    for (const [r, s, count] of [
      [0, 1, 2],
      [1, 0, 2],
      [0, 0, 3],
    ] as const) {
      const whole = filled(r, s);
      const candidates = restoreEcdsaSignature(cut(whole), alg);
      expect(candidates).toHaveLength(count);
      expect(candidates.filter(equals(whole))).toHaveLength(1);
      for (const candidate of candidates) expect(candidate).toHaveLength(2 * size);
    }
  });

  it('that lacks two bytes of R or two of S is among the candidates, too', () => {
    const whole = filled(0, 1);
    whole[1] = 0;
    expect(restoreEcdsaSignature(whole.subarray(2), alg).some(equals(whole))).toBe(true);
    const other = filled(1, 0);
    other[size + 1] = 0;
    const short = Buffer.concat([other.subarray(0, size), other.subarray(size + 2)]);
    expect(restoreEcdsaSignature(short, alg).some(equals(other))).toBe(true);
  });

  it('of any other length has no candidate', () => {
    for (const length of [0, 1, size, 2 * size - 3, 2 * size + 1, 4 * size, 1_000_000])
      expect(restoreEcdsaSignature(new Uint8Array(length), alg)).toEqual([]);
  });

  it('has at most four candidates, each a way to put the zeros back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2 * size - 4, maxLength: 2 * size + 2 }), (signature) => {
        const candidates = restoreEcdsaSignature(signature, alg);
        expect(candidates.length).toBeLessThanOrEqual(4);
        for (const candidate of candidates) {
          // Without the zeros, it is what was sent.
          const ways = [0, 1, 2].flatMap((ofR) => [0, 1, 2].map((ofS) => [ofR, ofS] as const));
          const isWay = ways.some(
            ([ofR, ofS]) =>
              candidate.subarray(0, ofR).every((byte) => byte === 0) &&
              candidate.subarray(size, size + ofS).every((byte) => byte === 0) &&
              equals(signature)(Buffer.concat([candidate.subarray(ofR, size), candidate.subarray(size + ofS)])),
          );
          expect(isWay).toBe(true);
        }
      }),
      settings(200),
    );
  });
});

it('verifies with the one candidate that is right', async () => {
  const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const data = new Uint8Array(1);
  // One in about 128 is short.
  let short: Uint8Array | undefined;
  for (let attempt = 0; attempt < 20_000 && short === undefined; attempt++) {
    const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key.privateKey, data));
    if (cut(signature).length < 64) short = cut(signature);
  }
  const candidates = restoreEcdsaSignature(short!, 'ES256');
  const verdicts = await Promise.all(
    candidates.map((candidate) => crypto.subtle.verify(algorithm, key.publicKey, candidate, data)),
  );
  expect(verdicts.filter(Boolean)).toHaveLength(1);
});

it('takes bytes and three algorithms', () => {
  for (const value of [undefined, null, 'AAAA', [1, 2], new ArrayBuffer(64), new Uint16Array(64)])
    expect(() => restoreEcdsaSignature(value as never, 'ES256')).toThrow(TypeError);
  for (const alg of [undefined, 'ES256K', 'EdDSA', 'es256', 'toString', '__proto__', 256])
    expect(() => restoreEcdsaSignature(new Uint8Array(64), alg as never)).toThrow(TypeError);
});
