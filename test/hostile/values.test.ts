import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/index.ts';
import { bytes, explicit, hex, integer, sequence, tlv } from '../../src/testing/der-writer.ts';
import { basicConstraints, extension, LEAF_EXTENSIONS } from '../support/mint.ts';
import { refusalOf } from './judge.ts';
import { leafVerdict, mint, verdictOf, verdictsWith } from './replaced.ts';

/** Values that are DER and should not be there, in a leaf and in a Sub CA whose signatures are right. */

const utc = (text: string) => tlv(0x17, bytes(text));
const generalized = (text: string) => tlv(0x18, bytes(text));

describe('a date', () => {
  it.each([
    utc('260230000000Z'),
    utc('250229000000Z'),
    utc('260431000000Z'),
    utc('261301000000Z'),
    utc('260001000000Z'),
    utc('260100000000Z'),
    utc('260132000000Z'),
    utc('260101240000Z'),
    utc('260101006000Z'),
    utc('260101000060Z'),
    utc('2601010000Z'),
    utc('260101000000'),
    utc('260101000000z'),
    utc('260101000000+0000'),
    utc('260101000000-0000'),
    utc('260101000000.0Z'),
    utc('260101000000Z '),
    utc(' 260101000000Z'),
    utc('-60101000000Z'),
    utc('2 0101000000Z'),
    utc('２６0101000000Z'),
    utc('20260101000000Z'),
    utc(''),
    utc('Z'),
    generalized('20260101000000Z'),
    generalized('20491231235959Z'),
    generalized('00000101000000Z'),
    generalized('20510229000000Z'),
    generalized('21000229000000Z'),
    generalized('20500101000000.5Z'),
    generalized('20500101000000.Z'),
    generalized('20500101000000+0000'),
    generalized('20500101000000'),
    generalized('205001010000Z'),
    generalized('2050010100Z'),
    generalized('500101000000Z'),
    generalized('120500101000000Z'),
    generalized(''),
    tlv(0x57, bytes('260101000000Z')),
    tlv(0x0c, bytes('260101000000Z')),
    tlv(0x37, utc('260101000000Z')),
  ])('is refused: %s', async (notBefore) => {
    const codes = /^ERR_MDA_(DER_TIME|DER_TAG|DER_TRUNCATED|CERTIFICATE_VALIDITY)$/;
    for (const code of await verdictsWith({ notBefore })) expect(code).toMatch(codes);
    for (const code of await verdictsWith({ notAfter: notBefore })) expect(code).toMatch(codes);
  });

  it.each([
    [utc('500101000000Z'), '1950-01-01T00:00:00.000Z'],
    [utc('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    [utc('240229000000Z'), '2024-02-29T00:00:00.000Z'],
    [utc('000229000000Z'), '2000-02-29T00:00:00.000Z'],
    [generalized('20500101000000Z'), '2050-01-01T00:00:00.000Z'],
    [generalized('24000229000000Z'), '2400-02-29T00:00:00.000Z'],
    [generalized('99991231235959Z'), '9999-12-31T23:59:59.000Z'],
  ])('at a limit is read: %s', async (time, iso) => {
    const { leaf } = await mint({ leaf: { replace: { notBefore: time, notAfter: time } } });
    const { notBefore, notAfter } = parseCertificate(leaf);
    expect([notBefore.toISOString(), notAfter.toISOString()]).toEqual([iso, iso]);
  });
});

describe('an INTEGER', () => {
  it.each([
    '0200',
    '020100',
    '0201ff',
    '020180',
    '02020001',
    '0202007f',
    '0202ff80',
    '0202ffff',
    '0282000101',
    '0a0101',
  ])('is refused as serial number: %s', async (text) => {
    const codes = /^ERR_MDA_(CERTIFICATE_SERIAL_NUMBER|DER_INTEGER|DER_TAG|DER_LENGTH)$/;
    for (const code of await verdictsWith({ serialNumber: hex(text) })) expect(code).toMatch(codes);
  });

  it('is refused as serial number of 21 bytes, of 20 with a sign byte, and of 10,000', async () => {
    for (const serialNumber of [integer(2n ** 167n - 1n), integer(2n ** 160n - 1n), integer(2n ** 80_000n)])
      for (const code of await verdictsWith({ serialNumber }))
        expect(code).toMatch(serialNumber.length > 23 ? /SERIAL_NUMBER$/ : /SERIAL_NUMBER$|accepted$/);
    expect(await leafVerdict({ serialNumber: integer(2n ** 160n - 1n) })).toBe('ERR_MDA_CERTIFICATE_SERIAL_NUMBER');
    expect(await leafVerdict({ serialNumber: integer(2n ** 159n - 1n) })).toBe('accepted');
  });

  it.each([
    '',
    '0200',
    '020100',
    '020101',
    '020103',
    '0201ff',
    '02020002',
    '0205010000000200',
    '02050100000002',
    '020900000000000000000002',
  ])('is refused as version: %s', async (text) => {
    const codes = /^ERR_MDA_(CERTIFICATE_VERSION|DER_)/;
    for (const code of await verdictsWith({ version: explicit(0, hex(text)) })) expect(code).toMatch(codes);
  });

  // A limit that 32 bits of arithmetic would take for 0, 1 or none.
  it.each([
    '0200',
    '0201ff',
    '02020000',
    '0205010000000000',
    '02050100000000',
    '02050080000000',
    '0209010000000000000000',
    '0204ffffffff',
  ])('is refused as path length: %s', async (text) => {
    const value = sequence(hex('0101ff'), hex(text));
    const { subCa } = await mint({ subCa: { extensions: [extension('2.5.29.19', value, true)] } });
    expect(refusalOf(() => parseCertificate(subCa))).toBe('ERR_MDA_CERTIFICATE_EXTENSION');
  });
});

describe('a named bit list', () => {
  const withKeyUsage = async (text: string): Promise<string> => {
    const extensions = [basicConstraints(false), extension('2.5.29.15', hex(text), true), ...LEAF_EXTENSIONS.slice(2)];
    return verdictOf({ leaf: { extensions } });
  };

  it.each([
    '0300',
    '030100',
    '03020000',
    '03020700',
    '030203f0',
    '030205f0',
    '030200f0',
    '03020780c0',
    '0303008000',
    '030208f0',
  ])('is refused that does not end with its last one bit: %s', async (text) => {
    expect(await withKeyUsage(text)).toBe('ERR_MDA_CERTIFICATE_EXTENSION');
  });

  // X.690, 8.6.2.2: the initial octet is from 0 to 7. A shift in JavaScript takes 36 for 4.
  it.each(['030224f0', '030244f0', '030264f0', '0302e4f0'])(
    'is refused with more than 7 unused bits: %s',
    async (text) => {
      expect(await withKeyUsage(text)).toBe('ERR_MDA_CERTIFICATE_EXTENSION');
    },
  );
});

describe('deep nesting', () => {
  // As deep as the limit of a certificate allows: two bytes to a level at first, four beyond 255 bytes.
  const nested = (tag: number, depth: number): Uint8Array => {
    let inner: Uint8Array = new Uint8Array();
    for (let level = 0; level < depth; level++) inner = tlv(tag, inner);
    return inner;
  };

  it('of 100,000 levels is refused', () => {
    const indefinite = Uint8Array.from({ length: 200_000 }, (_, index) => (index % 2 === 0 ? 0x30 : 0x80));
    expect(refusalOf(() => parseCertificate(indefinite))).toBe('ERR_MDA_CERTIFICATE_TOO_LARGE');
    expect(refusalOf(() => parseCertificate(indefinite.subarray(0, 16_384)))).toBe('ERR_MDA_DER_LENGTH');
  });

  it.each([0x30, 0x31, 0xa0, 0xa3, 0x24])('of 3,500 levels is refused in every part: tag %i', async (tag) => {
    const deep = nested(tag, 3500);
    expect(refusalOf(() => parseCertificate(deep))).toMatch(/^ERR_MDA_/);
    for (const part of [
      'version',
      'issuer',
      'subject',
      'publicKey',
      'extensions',
      'innerAlgorithm',
      'notBefore',
    ] as const)
      expect(await leafVerdict({ [part]: deep })).toMatch(/^ERR_MDA_/);
  });

  it('in the value of an extension that nobody reads costs nothing', async () => {
    const extensions = [...LEAF_EXTENSIONS, extension('1.2.3', nested(0x30, 3500))];
    expect(await verdictOf({ leaf: { extensions } })).toBe('accepted');
    expect(
      await verdictOf({
        leaf: { extensions: [...LEAF_EXTENSIONS, extension('1.2.3', nested(0x30, 3500), true)] },
      }),
    ).toBe('ERR_MDA_CHAIN_CRITICAL_EXTENSION');
  });
});
