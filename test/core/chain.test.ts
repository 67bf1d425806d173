import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { MAX_CHAIN_CERTIFICATES } from '../../src/core/chain.ts';
import { parseAttestationChain, parseCertificate } from '../../src/index.ts';
import { concat } from '../../src/testing/der-writer.ts';
import { mintLeaf } from '../support/leaf.ts';
import { refusalOf } from '../support/refusal.ts';

const leaves = await Promise.all(Array.from({ length: 6 }, (_, index) => mintLeaf({ serialNumber: index + 1 })));
const [first, second] = leaves as [Uint8Array, Uint8Array];

describe('a chain', () => {
  it('holds 1 to 5 certificates, in the order in which they were sent', () => {
    expect(MAX_CHAIN_CERTIFICATES).toBe(5);
    for (const count of [1, 2, 5]) {
      const sent = leaves.slice(0, count);
      expect(parseAttestationChain(sent).certificates).toEqual(sent.map(parseCertificate));
    }
  });

  it('holds certificates that parseCertificate could have made', () => {
    const { certificates } = parseAttestationChain([first]);
    expect(certificates).toEqual([parseCertificate(first)]);
  });

  it.each<[title: string, certificates: readonly Uint8Array[], code: string, certificate: number | undefined]>([
    ['of none', [], 'ERR_MDA_CHAIN_EMPTY', undefined],
    ['of six', leaves, 'ERR_MDA_CHAIN_TOO_LONG', undefined],
    ['of a million', Array.from({ length: 1_000_000 }, () => first), 'ERR_MDA_CHAIN_TOO_LONG', undefined],
    ['with one twice in a row', [first, first], 'ERR_MDA_CHAIN_DUPLICATE', 1],
    ['with one twice apart', [first, second, first.slice()], 'ERR_MDA_CHAIN_DUPLICATE', 2],
    ['with empty bytes first', [new Uint8Array(), second], 'ERR_MDA_DER_TRUNCATED', 0],
    ['with a byte too many second', [first, concat(second, Uint8Array.of(0))], 'ERR_MDA_DER_TRAILING', 1],
    ['with a huge certificate second', [first, new Uint8Array(16_385)], 'ERR_MDA_CERTIFICATE_TOO_LARGE', 1],
    ['whose certificates run together', [concat(first, second)], 'ERR_MDA_DER_TRAILING', 0],
  ])('%s is refused', (_, certificates, code, certificate) => {
    expect(refusalOf(() => parseAttestationChain(certificates))).toMatchObject({ code, certificate });
  });

  it.each<[title: string, certificates: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['one certificate', first],
    ['text', 'MIIC'],
    ['a set', new Set([first])],
    ['something like an array', { length: 1, 0: first }],
    ['a list of text', ['MIIC']],
    ['a list with a hole', [first, undefined]],
    ['a list of arrays', [Array.from(first)]],
    ['a list of ArrayBuffers', [first.buffer]],
    ['a list of certificates', [parseCertificate(first)]],
    ['a list of lists', [[first]]],
  ])('is a list of bytes: %s is a TypeError', (_, certificates) => {
    expect(() => parseAttestationChain(certificates as never)).toThrow(TypeError);
  });

  it('may be a list of another realm', () => {
    const list = runInNewContext('[...bytes]', { bytes: [first] }) as Uint8Array[];
    expect(list).not.toBeInstanceOf(Array);
    expect(parseAttestationChain(list).certificates).toHaveLength(1);
  });
});
