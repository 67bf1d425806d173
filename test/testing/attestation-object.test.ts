import { describe, expect, it } from 'vitest';
import { parseAttestationObject } from '../../src/acme/index.ts';
import { head } from '../../src/testing/cbor-writer.ts';
import { encodeAttestationObject } from '../../src/testing/index.ts';
import { mintChain } from '../support/mint.ts';

const { x5c } = await mintChain();

describe('an attestation object', () => {
  it('reads back', () => {
    for (const authData of ['absent', 'empty'] as const)
      expect(parseAttestationObject(encodeAttestationObject(x5c, { authData })).x5c).toEqual(x5c);
    expect(parseAttestationObject(encodeAttestationObject(x5c)).x5c).toEqual(x5c);
  });

  it.each([undefined, null, 'MIIC', [1], [undefined], x5c[0]])('is of bytes alone: %o is a TypeError', (value) => {
    expect(() => encodeAttestationObject(value as never)).toThrow(TypeError);
  });
});

describe('the head of a CBOR item', () => {
  it.each([
    [0, '40'],
    [23, '57'],
    [24, '5818'],
    [255, '58ff'],
    [256, '590100'],
    [65_535, '59ffff'],
    [65_536, '5a00010000'],
    [4_294_967_295, '5affffffff'],
  ])('of %d bytes', (length, expected) => {
    expect(Buffer.from(head(2, length)).toString('hex')).toBe(expected);
  });

  it('may be longer than it need be', () => {
    expect(Buffer.from(head(5, 2, 4)).toString('hex')).toBe('ba00000002');
  });
});
