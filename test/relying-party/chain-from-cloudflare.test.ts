import { beforeAll, expect, it } from 'vitest';
import { toBase64 } from '../../src/index.ts';
import { chainFromCloudflare } from '../../src/relying-party/index.ts';
import { mintChain } from '../support/mint.ts';
import { refusalOf } from '../support/refusal.ts';
import { byteSequence } from './forwarded.ts';

let leaf: Uint8Array;
let issuer: Uint8Array;

beforeAll(async () => {
  const { x5c } = await mintChain();
  [leaf, issuer] = [x5c[0], x5c[1]];
});

const bytes = (chain: readonly Uint8Array[]) => chain.map((der) => toBase64(der));
const faultOf = (clientAuth: object | undefined) => {
  const { code, field } = refusalOf(() => chainFromCloudflare(clientAuth));
  return [code, field];
};

it('reads what the platform says of the client', () => {
  const certRFC9440 = byteSequence(leaf);
  expect(bytes(chainFromCloudflare({ certRFC9440, certRFC9440TooLarge: false }))).toEqual(bytes([leaf]));
  expect(bytes(chainFromCloudflare({ certRFC9440, certChainRFC9440: byteSequence(issuer) }))).toEqual(
    bytes([leaf, issuer]),
  );
  const alone = { certRFC9440, certChainRFC9440: '', certChainRFC9440TooLarge: false };
  expect(bytes(chainFromCloudflare(alone, { issuers: [issuer] }))).toEqual(bytes([leaf, issuer]));
});

it('refuses what is not there, too large, or not of the form', () => {
  const certRFC9440 = byteSequence(leaf);
  for (const nothing of [undefined, {}, { certRFC9440: '' }, { certRFC9440: 7 }])
    expect(faultOf(nothing)).toEqual(['ERR_MDA_HEADER_MISSING', 'certRFC9440']);
  expect(faultOf({ certRFC9440: '', certRFC9440TooLarge: true })).toEqual(['ERR_MDA_HEADER_TOO_LARGE', 'certRFC9440']);
  expect(faultOf({ certRFC9440, certChainRFC9440TooLarge: true })).toEqual([
    'ERR_MDA_HEADER_TOO_LARGE',
    'certChainRFC9440',
  ]);
  expect(faultOf({ certRFC9440: toBase64(leaf) })).toEqual(['ERR_MDA_HEADER_SYNTAX', 'certRFC9440']);
  expect(faultOf({ certRFC9440, certChainRFC9440: 'x' })).toEqual(['ERR_MDA_HEADER_SYNTAX', 'certChainRFC9440']);
  expect(faultOf({ certRFC9440, certChainRFC9440: ':AA==:,'.repeat(9) })).toEqual([
    'ERR_MDA_HEADER_COUNT',
    'certChainRFC9440',
  ]);
});

it('refuses what the caller got wrong', () => {
  expect(() => chainFromCloudflare({}, { misspelt: true } as never)).toThrow(TypeError);
  expect(() => chainFromCloudflare({ certRFC9440: byteSequence(leaf) }, { issuers: [] })).toThrow(TypeError);
});
