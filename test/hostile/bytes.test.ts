import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from '../../src/index.ts';
import { concat, integer, sequence } from '../../src/testing/der-writer.ts';
import { type MintedChain, mintChain } from '../support/mint.ts';
import { parses, refusalOf, verdict } from './judge.ts';
import { parseTlv } from './tlv.ts';

/** A valid chain with bytes cut off, flipped, put in and taken out, everywhere. */

const ORDER = 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn;

let chain: MintedChain;
let anchors: readonly Certificate[];

beforeAll(async () => {
  chain = await mintChain();
  anchors = [parseCertificate(chain.root)];
  // The Sub CA is remembered from here on: what is refused below is refused in spite of that.
  expect(await verdict(chain.x5c, anchors)).toBe('accepted');
});

const PLACES = ['leaf', 'subCa'] as const;

/** The chain with other bytes in one place. */
function withBytes(place: (typeof PLACES)[number], bytes: Uint8Array): readonly Uint8Array[] {
  return place === 'leaf' ? [bytes, chain.subCa] : [chain.leaf, bytes];
}

/** Those that parse in spite of what was done to them, which verification has to refuse. */
async function acceptedOf(place: (typeof PLACES)[number], variants: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const parsable = variants.filter(parses);
  const verdicts = await Promise.all(parsable.map((bytes) => verdict(withBytes(place, bytes), anchors)));
  return parsable.filter((_, index) => verdicts[index] === 'accepted');
}

describe.each(PLACES)('the %s', (place) => {
  it('is refused cut off at every byte', async () => {
    for (let end = 0; end < chain[place].length; end++) {
      const cut = chain[place].subarray(0, end);
      expect(refusalOf(() => parseCertificate(cut))).toMatch(/^ERR_MDA_DER_/);
      expect(await verdict(withBytes(place, cut), anchors)).not.toBe('accepted');
    }
  });

  it('is refused cut off with the outer length set right', () => {
    const { [place]: der } = chain;
    for (let end = 4; end < der.length; end++)
      expect(refusalOf(() => parseCertificate(sequence(der.subarray(4, end))))).toMatch(/^ERR_MDA_/);
  });

  it('is refused with any one bit flipped, signed or not', async () => {
    const flips = Array.from({ length: chain[place].length * 8 }, (_, bit) => {
      const flipped = chain[place].slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      return flipped;
    });
    expect(await acceptedOf(place, flips)).toEqual([]);
  });

  it('is refused with a byte put in at any offset', async () => {
    const { [place]: der } = chain;
    const variants: Uint8Array[] = [];
    for (let offset = 0; offset <= der.length; offset++)
      for (const byte of new Set([0x00, 0x01, 0x30, 0x80, 0xff, der[offset] ?? 0]))
        variants.push(concat(der.subarray(0, offset), Uint8Array.of(byte), der.subarray(offset)));
    expect(await acceptedOf(place, variants)).toEqual([]);
  });

  it('is refused with one to four bytes taken out at any offset', async () => {
    const { [place]: der } = chain;
    const variants: Uint8Array[] = [];
    for (let offset = 0; offset < der.length; offset++)
      for (let count = 1; count <= Math.min(4, der.length - offset); count++)
        variants.push(concat(der.subarray(0, offset), der.subarray(offset + count)));
    expect(await acceptedOf(place, variants)).toEqual([]);
  });

  it('is refused with any byte set to 0, 1, 7F, 80 or FF', async () => {
    const { [place]: der } = chain;
    const variants: Uint8Array[] = [];
    for (let offset = 0; offset < der.length; offset++)
      for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        if (byte === der[offset]) continue;
        const changed = der.slice();
        changed[offset] = byte;
        variants.push(changed);
      }
    expect(await acceptedOf(place, variants)).toEqual([]);
  });

  it('is refused with two bytes that differ exchanged', async () => {
    const { [place]: der } = chain;
    const variants: Uint8Array[] = [];
    for (let offset = 0; offset + 1 < der.length; offset++) {
      if (der[offset] === der[offset + 1]) continue;
      const swapped = der.slice();
      swapped[offset] = der[offset + 1]!;
      swapped[offset + 1] = der[offset]!;
      variants.push(swapped);
    }
    expect(await acceptedOf(place, variants)).toEqual([]);
  });
});

describe('a signature', () => {
  // ECDSA itself: (r, n - s) verifies where (r, s) does. What is signed is the same, so nothing is gained by it.
  it('has exactly one other form that is accepted, its mirror image', async () => {
    const mirrored = await mintChain({
      leaf: {
        signature: (value) => mapScalars(value, (r, s) => [r, ORDER - s]),
      },
    });
    expect(mirrored.leaf).not.toEqual(chain.leaf);
    expect(await verdict([mirrored.leaf, chain.subCa], anchors)).toBe('accepted');
  });

  it.each<[string, (r: bigint, s: bigint) => readonly [bigint, bigint]]>([
    ['r plus n', (r, s) => [r + ORDER, s]],
    ['s plus n', (r, s) => [r, s + ORDER]],
    ['-s', (r, s) => [r, -s]],
    ['-r', (r, s) => [-r, s]],
    ['n - r', (r, s) => [ORDER - r, s]],
    ['r and s exchanged', (r, s) => [s, r]],
    ['both 0', () => [0n, 0n]],
    ['r 0', (_, s) => [0n, s]],
    ['s 0', (r) => [r, 0n]],
    ['both 1', () => [1n, 1n]],
    ['r n', (_, s) => [ORDER, s]],
    ['s n', (r) => [r, ORDER]],
    ['both n - 1', () => [ORDER - 1n, ORDER - 1n]],
    ['s of 2^3000', (r) => [r, 2n ** 3000n]],
    ['both of 2^60000', () => [2n ** 60_000n, 2n ** 60_000n]],
  ])('is refused as %s', async (_, change) => {
    const spoilt = await mintChain({ leaf: { signature: (value) => mapScalars(value, change) } });
    expect(await verdict([spoilt.leaf, chain.subCa], anchors)).toMatch(/^ERR_MDA_CHAIN_SIGNATURE(_ENCODING)?$/);
  });
});

function mapScalars(value: Uint8Array, change: (r: bigint, s: bigint) => readonly [bigint, bigint]): Uint8Array {
  const [r, s] = (parseTlv(value).children ?? []).map(({ content }) =>
    BigInt(`0x${Buffer.from(content).toString('hex')}`),
  );
  return sequence(...change(r!, s!).map(integer));
}
