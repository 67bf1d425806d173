import { describe, expect, it } from 'vitest';
import { decodeProperties, parseCertificate } from '../../src/index.ts';
import { bytes, concat, explicit, hex, name, oid, sequence, set, tlv } from '../../src/testing/der-writer.ts';
import { type ExtensionSpec, encodeExtensions, extension, LEAF_EXTENSIONS } from '../support/mint.ts';
import { leafVerdict, mint, verdictsWith } from './replaced.ts';

/** Extensions and names that are not as RFC 5280 has them, in certificates whose signatures are right. */

describe('extensions', () => {
  const withExtensions = (content: Uint8Array) => verdictsWith({ extensions: content });
  const list = (extensions: readonly ExtensionSpec[]) => explicit(3, encodeExtensions(extensions));
  const another = (index: number) => extension(`1.2.3.${index}`, Uint8Array.of(5, 0));

  it.each<[string, Uint8Array]>([
    ['an empty list', explicit(3, sequence())],
    ['two lists', concat(list(LEAF_EXTENSIONS), list(LEAF_EXTENSIONS))],
    ['two lists in one', explicit(3, concat(encodeExtensions(LEAF_EXTENSIONS), encodeExtensions(LEAF_EXTENSIONS)))],
    ['a SET for the list', explicit(3, set(sequence(oid('1.2.3'), tlv(0x04))))],
    ['one twice', list([...LEAF_EXTENSIONS, LEAF_EXTENSIONS[5]!])],
    ['one twice, the second critical', list([...LEAF_EXTENSIONS, { ...LEAF_EXTENSIONS[5]!, critical: true }])],
    ['65 of them', list([...LEAF_EXTENSIONS, ...Array.from({ length: 53 }, (_, index) => another(index))])],
    ['1,000 of them', list(Array.from({ length: 1000 }, (_, index) => another(index)))],
    ['explicit critical FALSE', explicit(3, sequence(sequence(oid('1.2.3'), hex('010100'), tlv(0x04))))],
    ['critical of 01', explicit(3, sequence(sequence(oid('1.2.3'), hex('010101'), tlv(0x04))))],
    ['critical twice', explicit(3, sequence(sequence(oid('1.2.3'), hex('0101ff0101ff'), tlv(0x04))))],
    ['a value twice', explicit(3, sequence(sequence(oid('1.2.3'), tlv(0x04), tlv(0x04))))],
    ['no value', explicit(3, sequence(sequence(oid('1.2.3'))))],
    ['no OID', explicit(3, sequence(sequence(tlv(0x04))))],
    ['an empty one', explicit(3, sequence(sequence()))],
    ['an empty OID', explicit(3, sequence(sequence(tlv(0x06), tlv(0x04))))],
    ['[3] IMPLICIT', tlv(0xa3, sequence(oid('1.2.3'), tlv(0x04)))],
    ['[4]', tlv(0xa4, encodeExtensions(LEAF_EXTENSIONS))],
    ['[3] primitive', tlv(0x83, encodeExtensions(LEAF_EXTENSIONS))],
    ['an issuer unique identifier', concat(tlv(0x81, Uint8Array.of(0, 1)), list(LEAF_EXTENSIONS))],
    ['a constructed subject unique identifier', concat(tlv(0xa2, Uint8Array.of(0, 1)), list(LEAF_EXTENSIONS))],
  ])('are refused with %s', async (_, content) => {
    for (const code of await withExtensions(content)) expect(code).toMatch(/^ERR_MDA_(CERTIFICATE|DER)_/);
  });

  it('may be 64', async () => {
    const extensions = [...LEAF_EXTENSIONS, ...Array.from({ length: 52 }, (_, index) => another(index))];
    expect(await leafVerdict({ extensions: list(extensions) })).toBe('accepted');
  });

  // Two OIDs whose last arcs are equal in 32 bits: not the same extension, and not Apple's.
  it('are not taken for others by 32 bits of their OID', async () => {
    const arc = (text: string) => extension(`1.2.840.113635.100.8.${text}`, bytes('FORGED'));
    const extensions = [
      ...LEAF_EXTENSIONS.slice(0, 2),
      arc('9.4294967297'),
      arc('4294967305.1'),
      arc('9.1.0'),
      arc('9.129'),
    ];
    const { leaf } = await mint({ leaf: { extensions } });
    const { serialNumber, other } = decodeProperties(parseCertificate(leaf));
    expect(serialNumber).toEqual({ status: 'absent' });
    expect(other.map((property) => property.oid.slice('1.2.840.113635.100.8.'.length))).toEqual([
      '9.4294967297',
      '4294967305.1',
      '9.1.0',
      '9.129',
    ]);
  });
});

describe('a name', () => {
  const attribute = (value: Uint8Array) => sequence(set(sequence(oid('2.5.4.3'), value)));
  it.each<[string, Uint8Array]>([
    ['an empty relative name', sequence(set())],
    ['an attribute without a value', sequence(set(sequence(oid('2.5.4.3'))))],
    [
      'an attribute with two values',
      sequence(set(sequence(oid('2.5.4.3'), tlv(0x0c, bytes('a')), tlv(0x0c, bytes('b'))))),
    ],
    ['an empty value', attribute(tlv(0x0c))],
    ['text that is not UTF-8', attribute(tlv(0x0c, hex('c328')))],
    ['a surrogate', attribute(tlv(0x0c, hex('eda080')))],
    ['an overlong zero', attribute(tlv(0x0c, hex('c080')))],
    ['a code point above U+10FFFF', attribute(tlv(0x0c, hex('f4908080')))],
    ['a PrintableString that is not', attribute(tlv(0x13, bytes('a@b')))],
    ['a PrintableString with a line feed at the end', attribute(tlv(0x13, bytes('a\n')))],
    ['an IA5String beyond ASCII', attribute(tlv(0x16, hex('80')))],
    ['a BMPString', attribute(tlv(0x1e, hex('0061')))],
    ['a TeletexString', attribute(tlv(0x14, bytes('a')))],
    ['a SEQUENCE for a value', attribute(sequence())],
    ['two attributes in one relative name', sequence(set(attr('2.5.4.3', 'a'), attr('2.5.4.10', 'a')))],
    ['two attributes out of order', sequence(set(attr('2.5.4.10', 'a'), attr('2.5.4.3', 'a')))],
    ['an attribute twice', sequence(set(attr('2.5.4.3', 'a'), attr('2.5.4.3', 'a')))],
    ['a SET for the whole', set()],
    ['a SEQUENCE for the relative name', sequence(sequence(attr('2.5.4.3', 'a')))],
  ])('is refused with %s', async (_, subject) => {
    expect(await leafVerdict({ subject })).toMatch(/^ERR_MDA_(CERTIFICATE_NAME|DER_)/);
    expect(await leafVerdict({ issuer: subject })).toMatch(/^ERR_MDA_(CERTIFICATE_NAME|DER_)/);
  });

  it('is not the same name in another string type, case or spelling', async () => {
    for (const issuer of [
      name({ CN: 'simulated enterprise attestation sub ca 1', O: 'Not Apple', C: 'US' }),
      name({ CN: 'Simulated  Enterprise Attestation Sub CA 1', O: 'Not Apple', C: 'US' }),
      name({ CN: 'Simulated Enterprise Attestation Sub CA 1\0', O: 'Not Apple', C: 'US' }),
      name({ O: 'Not Apple', CN: 'Simulated Enterprise Attestation Sub CA 1', C: 'US' }),
    ])
      expect(await leafVerdict({ issuer })).toBe('ERR_MDA_CHAIN_NAME');
  });
});

function attr(type: string, value: string): Uint8Array {
  return sequence(oid(type), tlv(0x0c, bytes(value)));
}
