import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/acme/sha256.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import { SEED, settings } from '../hostile/generators.ts';

console.log(`FUZZ_SEED=${SEED}`);

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const platform = async (data: Uint8Array<ArrayBuffer>): Promise<string> =>
  hex(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));

describe('SHA-256', () => {
  it.each([
    // FIPS 180-4 and its examples at NIST.
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of %.10s is that of FIPS 180-4', (text, digest) => {
    expect(hex(sha256(bytes(text)))).toBe(digest);
  });

  it('is that of the platform at every length about a block', async () => {
    for (let length = 0; length < 260; length++) {
      const data = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
      expect(hex(sha256(data)), `${length} bytes`).toBe(await platform(data));
    }
  });

  it('is that of the platform for any bytes, also a part of more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 1000 }), fc.nat(50), async (data, from) => {
        const part = data.subarray(from);
        expect(hex(sha256(part))).toBe(await platform(new Uint8Array(part)));
      }),
      settings(500),
    );
  });

  it('is made anew each time, and leaves what it reads', () => {
    const data = bytes('abc');
    sha256(data).fill(0);
    expect(hex(sha256(data))).toMatch(/^ba7816bf/);
    expect(data).toEqual(bytes('abc'));
  });
});
