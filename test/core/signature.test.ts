import { p256, p384, p521 } from '@noble/curves/nist.js';
import { describe, expect, it } from 'vitest';
import { parseAttestationChain, parseCertificate, verifyChain } from '../../src/index.ts';
import { concat, hex, integer, sequence } from '../../src/testing/der-writer.ts';
import { LEAF_KEY, mintLeaf, UNSIGNED } from '../support/leaf.ts';
import {
  AT,
  basicConstraints,
  type CertificateSpec,
  type CurveName,
  type Key,
  keyFrom,
  mintChain,
  type MintedChain,
} from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';

const CURVES = [
  ['P-256', p256],
  ['P-384', p384],
  ['P-521', p521],
] as const;

/** A Sub CA on each curve, and the root that issued it. */
const AUTHORITIES = Object.fromEntries(
  await Promise.all(
    CURVES.map(async ([curve]) => {
      const keys = { root: keyFrom('signature root'), subCa: keyFrom(`signature ${curve}`, curve), leaf: LEAF_KEY };
      return [
        curve,
        { key: keys.subCa, ...(await mintChain({ keys, subCa: { extensions: [basicConstraints(true)] } })) },
      ];
    }),
  ),
) as Record<CurveName, MintedChain & { readonly key: Key }>;

/** Verifies a leaf below an issuer on the curve, with something different in the leaf. */
async function outcomeOf(curve: CurveName, leaf: Partial<CertificateSpec>): Promise<string> {
  return outcomeOfLeaf(curve, await mintLeaf({ issuerKey: AUTHORITIES[curve].key, ...leaf }));
}

async function outcomeOfLeaf(curve: CurveName, leaf: Uint8Array): Promise<string> {
  const { subCa, root } = AUTHORITIES[curve];
  const options = { trustAnchors: [parseCertificate(root)], at: AT };
  const verified = verifyChain(parseAttestationChain([leaf, subCa]), options);
  return verified.then(
    () => 'accepted',
    async () => (await rejectionOf(verified)).code,
  );
}

/** The two numbers of an Ecdsa-Sig-Value whose headers have one byte of length, or one more. */
function numbersOf(value: Uint8Array): [r: bigint, s: bigint] {
  const start = value[1] === 0x81 ? 3 : 2;
  const middle = start + 2 + value[start + 1]!;
  const number = (from: number, to?: number): bigint =>
    BigInt(`0x${Buffer.from(value.subarray(from, to)).toString('hex')}`);
  return [number(start + 2, middle), number(middle + 2)];
}

describe.each(CURVES)('a signature on %s', (curve, noble) => {
  const { n } = noble.Point.CURVE();
  const withNumbers = (r: bigint, s: bigint): Promise<string> =>
    outcomeOf(curve, { issuerKey: UNSIGNED, signature: () => sequence(integer(r), integer(s)) });

  it('has numbers from 1 to n - 1', async () => {
    for (const number of [1n, 127n, 128n, 2n ** 128n, n / 2n, n - 256n, n - 1n]) {
      expect([number, await withNumbers(number, 1n)]).toEqual([number, 'ERR_MDA_CHAIN_SIGNATURE']);
      expect([number, await withNumbers(1n, number)]).toEqual([number, 'ERR_MDA_CHAIN_SIGNATURE']);
    }
    for (const number of [0n, -1n, -128n, -n, 1n - n, n, n + 1n, n + 2n ** 32n, 2n * n, 2n ** 528n, 2n ** 4096n]) {
      expect([number, await withNumbers(number, 1n)]).toEqual([number, 'ERR_MDA_CHAIN_SIGNATURE_ENCODING']);
      expect([number, await withNumbers(1n, number)]).toEqual([number, 'ERR_MDA_CHAIN_SIGNATURE_ENCODING']);
    }
  });

  it('is right with s and with n - s, and with nothing else', async () => {
    const change = (r: (r: bigint) => bigint, s: (s: bigint) => bigint): Promise<string> =>
      outcomeOf(curve, {
        signature: (value) => {
          const numbers = numbersOf(value);
          return sequence(integer(r(numbers[0])), integer(s(numbers[1])));
        },
      });
    const same = (number: bigint): bigint => number;
    expect(await change(same, same)).toBe('accepted');
    expect(await change(same, (s) => n - s)).toBe('accepted');
    expect(await change((r) => n - r, same)).toBe('ERR_MDA_CHAIN_SIGNATURE');
    expect(await change(same, (s) => s ^ 1n)).toBe('ERR_MDA_CHAIN_SIGNATURE');
    // The same residue with n added is another number.
    expect(await change((r) => r + n, same)).toBe('ERR_MDA_CHAIN_SIGNATURE_ENCODING');
    expect(await change(same, (s) => s + n)).toBe('ERR_MDA_CHAIN_SIGNATURE_ENCODING');
  });

  it('has numbers in the fewest bytes', async () => {
    const padded = (value: Uint8Array): Uint8Array => {
      const [r, s] = numbersOf(value).map((number) => number.toString(16)) as [string, string];
      const wide = (digits: string): Uint8Array => hex(digits.padStart(2 * Math.ceil(digits.length / 2) + 4, '0'));
      return sequence(
        concat(Uint8Array.of(2, wide(r).length), wide(r)),
        concat(Uint8Array.of(2, wide(s).length), wide(s)),
      );
    };
    expect(await outcomeOf(curve, { signature: padded })).toBe('ERR_MDA_CHAIN_SIGNATURE_ENCODING');
  });
});

describe('a signature that is not well-formed', () => {
  const { n } = p256.Point.CURVE();

  it.each<[title: string, signature: Uint8Array, code: string]>([
    ['of no bytes', new Uint8Array(), 'ERR_MDA_DER_TRUNCATED'],
    ['with a byte after it', concat(sequence(integer(1n), integer(1n)), Uint8Array.of(0)), 'ERR_MDA_DER_TRAILING'],
    ['of three numbers', sequence(integer(1n), integer(1n), integer(1n)), 'ERR_MDA_DER_TRAILING'],
    ['with r of zero', sequence(integer(0n), integer(1n)), 'ERR_MDA_DER_INTEGER'],
    ['with s of zero', sequence(integer(1n), integer(0n)), 'ERR_MDA_DER_INTEGER'],
    ['with r of n', sequence(integer(n), integer(1n)), 'ERR_MDA_DER_INTEGER'],
    ['with s of n', sequence(integer(1n), integer(n)), 'ERR_MDA_DER_INTEGER'],
    ['with r longer than n', sequence(integer(2n ** 256n), integer(1n)), 'ERR_MDA_DER_INTEGER'],
    ['with s longer than n', sequence(integer(1n), integer(2n ** 256n)), 'ERR_MDA_DER_INTEGER'],
  ])('%s has that as its cause', async (_, signature, code) => {
    const { subCa, root } = AUTHORITIES['P-256'];
    const leaf = await mintLeaf({ issuerKey: UNSIGNED, signature: () => signature });
    const options = { trustAnchors: [parseCertificate(root)], at: AT };
    expect(await rejectionOf(verifyChain(parseAttestationChain([leaf, subCa]), options))).toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE_ENCODING',
      certificate: 0,
      cause: { code },
    });
  });
});

describe('a signature with a number that lacks its first byte', () => {
  it('is right as it is', async () => {
    // One signature in 128 is like that. They are deterministic, so the search ends, and always at the same.
    const lengths: number[] = [];
    const signature = (value: Uint8Array<ArrayBuffer>): Uint8Array => {
      lengths.push(Math.min(...numbersOf(value).map((number) => number.toString(16).length)));
      return value;
    };
    let leaf = new Uint8Array();
    for (let serialNumber = 1; (lengths.at(-1) ?? 64) > 62; serialNumber++)
      leaf = await mintLeaf({ serialNumber, hash: 'SHA-256', issuerKey: AUTHORITIES['P-256'].key, signature });
    expect(await outcomeOfLeaf('P-256', leaf)).toBe('accepted');
  });
});
