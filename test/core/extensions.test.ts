import { describe, expect, it } from 'vitest';
import { MAX_EXTENSIONS } from '../../src/core/extensions.ts';
import { parseCertificate } from '../../src/index.ts';
import {
  bitString,
  boolean,
  bytes,
  concat,
  explicit,
  hex,
  integer,
  octetString,
  oid,
  sequence,
} from '../../src/testing/der-writer.ts';
import { mintLeaf, mintLeafWith, parsedLeafWithExtensions } from '../support/leaf.ts';
import { extension, type ExtensionSpec } from '../support/mint.ts';
import { refusalOf } from '../support/refusal.ts';

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';

const many = (count: number): ExtensionSpec[] =>
  Array.from({ length: count }, (_, index) => extension(`1.2.3.${index}`, bytes('x')));
const withField = (extensions: Uint8Array): Promise<Uint8Array> =>
  mintLeafWith({ extensions: explicit(3, extensions) });
const one = (...content: readonly Uint8Array[]): Promise<Uint8Array> => withField(sequence(sequence(...content)));

describe('the list of extensions', () => {
  it('has 1 to 64 of them', async () => {
    expect(MAX_EXTENSIONS).toBe(64);
    for (const count of [1, MAX_EXTENSIONS])
      expect((await parsedLeafWithExtensions(...many(count))).extensions).toHaveLength(count);
    for (const count of [0, MAX_EXTENSIONS + 1, 500]) {
      const der = await mintLeaf({ extensions: many(count) });
      expect(refusalOf(() => parseCertificate(der))).toHaveProperty('code', 'ERR_MDA_CERTIFICATE_EXTENSION_COUNT');
    }
  });

  it.each<[title: string, extensions: readonly ExtensionSpec[]]>([
    ['next to each other', [extension('1.2.3.4', bytes('x')), extension('1.2.3.4', bytes('x'))]],
    ['far from each other', [extension('1.2.3.4', bytes('x')), ...many(20), extension('1.2.3.4', bytes('y'))]],
    ['one of them critical', [extension('1.2.3.4', bytes('x')), extension('1.2.3.4', bytes('x'), true)]],
    ['both blank', [extension('1.2.3.4', hex('')), extension('1.2.3.4', hex(''))]],
  ])('has none twice, %s', async (_, extensions) => {
    const der = await mintLeaf({ extensions });
    const error = refusalOf(() => parseCertificate(der));
    expect(error).toMatchObject({ code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE', oid: '1.2.3.4' });
    // A log prints a cause that is there, even one that is undefined.
    expect(Object.hasOwn(error, 'cause')).toBe(false);
  });

  it('has none twice, whatever it is', async () => {
    for (const id of [BASIC_CONSTRAINTS, KEY_USAGE, '1.2.840.113635.100.8.11.1']) {
      const value = id === KEY_USAGE ? hex('03020780') : sequence();
      const der = await mintLeaf({ extensions: [extension(id, value), extension(id, value)] });
      expect(refusalOf(() => parseCertificate(der))).toMatchObject({
        code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
        oid: id,
      });
    }
  });

  it('may have OIDs that begin alike', async () => {
    const ids = ['1.2.3', '1.2.3.4', '1.2.3.4.5', '1.2.3.45'];
    const { extensions } = await parsedLeafWithExtensions(...ids.map((id) => extension(id, bytes('x'))));
    expect(extensions.map(({ oid: id }) => id)).toEqual(ids);
  });
});

describe('an extension', () => {
  const id = oid('1.2.3.4');
  const value = octetString(bytes('x'));

  it.each<[title: string, content: readonly Uint8Array[], code: string]>([
    ['that says FALSE, which is left out', [id, boolean(false), value], 'ERR_MDA_DER_DEFAULT'],
    ['with a TRUE of BER', [id, hex('010101'), value], 'ERR_MDA_DER_BOOLEAN'],
    ['with an empty BOOLEAN', [id, hex('0100'), value], 'ERR_MDA_DER_BOOLEAN'],
    ['with two BOOLEANs', [id, boolean(true), boolean(true), value], 'ERR_MDA_DER_TAG'],
    ['without a value', [id], 'ERR_MDA_DER_TRUNCATED'],
    ['without an OID', [value], 'ERR_MDA_DER_TAG'],
    ['without anything', [], 'ERR_MDA_DER_TRUNCATED'],
    ['with two values', [id, value, value], 'ERR_MDA_DER_TRAILING'],
    ['with a value that is no OCTET STRING', [id, hex('0500')], 'ERR_MDA_DER_TAG'],
    ['with a value in pieces', [id, concat(hex('2403'), hex('040178'))], 'ERR_MDA_DER_TAG'],
    ['with an OID that is padded', [hex('06032a8001'), value], 'ERR_MDA_DER_OID'],
    ['with an OID that is not finished', [hex('06022a81'), value], 'ERR_MDA_DER_OID'],
    ['with an OID of no bytes', [hex('0600'), value], 'ERR_MDA_DER_OID'],
    ['with an OID of 65 bytes', [concat(hex('0641'), new Uint8Array(65).fill(1)), value], 'ERR_MDA_DER_OID'],
  ])('%s is refused', async (_, content, code) => {
    const der = await one(...content);
    expect(refusalOf(() => parseCertificate(der))).toHaveProperty('code', code);
  });

  it.each<[title: string, field: Uint8Array, code: string]>([
    ['in a SET', concat(hex('31'), sequence(sequence(id, value)).subarray(1)), 'ERR_MDA_DER_TAG'],
    ['that is a SET', sequence(concat(hex('31'), sequence(id, value).subarray(1))), 'ERR_MDA_DER_TAG'],
    ['with a list after its list', concat(sequence(sequence(id, value)), sequence()), 'ERR_MDA_DER_TRAILING'],
  ])('%s is refused', async (_, field, code) => {
    const der = await withField(field);
    expect(refusalOf(() => parseCertificate(der))).toHaveProperty('code', code);
  });

  it.each(['1.2.4294967295.4294967296', '1.2.18446744073709551616', `2.25.${2n ** 128n}`])(
    'keeps an OID of any size: %s',
    async (huge) => {
      expect((await parsedLeafWithExtensions(extension(huge, bytes('x')))).extensions[0]?.oid).toBe(huge);
    },
  );

  it.each([
    ['an arc of 2^32 more', '2.5.29.4294967315'],
    ['an arc of 2^64 more', '2.5.29.18446744073709551635'],
    ['an arc of 2^7 more', '2.5.29.147'],
    ['an arc after it', '2.5.29.19.0'],
    ['another third arc', '2.5.30.19'],
    ['another second arc', '2.6.29.19'],
  ])('with %s is another extension', async (_, other) => {
    const certificate = await parsedLeafWithExtensions(extension(other, sequence(boolean(true))));
    expect(certificate.basicConstraints).toBeUndefined();
    expect(certificate.extensions[0]?.oid).toBe(other);
  });
});

/** Standard extensions that are refused, with the code of what is wrong inside. */
const MALFORMED: readonly (readonly [id: string, title: string, value: Uint8Array, cause: string])[] = [
  [BASIC_CONSTRAINTS, 'of no bytes', hex(''), 'ERR_MDA_DER_TRUNCATED'],
  [BASIC_CONSTRAINTS, 'that is a BOOLEAN alone', boolean(true), 'ERR_MDA_DER_TAG'],
  [BASIC_CONSTRAINTS, 'with an explicit FALSE', sequence(boolean(false)), 'ERR_MDA_DER_DEFAULT'],
  [BASIC_CONSTRAINTS, 'with a TRUE of BER', sequence(hex('010101')), 'ERR_MDA_DER_BOOLEAN'],
  [BASIC_CONSTRAINTS, 'with pathLen and no cA', sequence(integer(0)), 'ERR_MDA_DER_TRAILING'],
  [BASIC_CONSTRAINTS, 'with pathLen -1', sequence(boolean(true), integer(-1)), 'ERR_MDA_DER_INTEGER'],
  [BASIC_CONSTRAINTS, 'with a padded pathLen', sequence(boolean(true), hex('02020000')), 'ERR_MDA_DER_INTEGER'],
  [BASIC_CONSTRAINTS, 'with pathLen 2^31', sequence(boolean(true), integer(2n ** 31n)), 'ERR_MDA_DER_INTEGER'],
  [BASIC_CONSTRAINTS, 'with pathLen 2^64', sequence(boolean(true), integer(2n ** 64n)), 'ERR_MDA_DER_INTEGER'],
  [BASIC_CONSTRAINTS, 'with a pathLen of no bytes', sequence(boolean(true), hex('0200')), 'ERR_MDA_DER_INTEGER'],
  [BASIC_CONSTRAINTS, 'with two pathLens', sequence(boolean(true), integer(0), integer(0)), 'ERR_MDA_DER_TRAILING'],
  [BASIC_CONSTRAINTS, 'with a NULL', sequence(boolean(true), hex('0500')), 'ERR_MDA_DER_TAG'],
  [BASIC_CONSTRAINTS, 'with something after it', concat(sequence(), hex('0500')), 'ERR_MDA_DER_TRAILING'],
  [KEY_USAGE, 'of no bytes', hex(''), 'ERR_MDA_DER_TRUNCATED'],
  [KEY_USAGE, 'of no bits', bitString(hex('')), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'of bits that are all zero', bitString(hex('00')), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'that says too few unused bits', bitString(hex('80')), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'that says too many unused bits', bitString(hex('06'), 2), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'with ones among the unused bits', bitString(hex('87'), 7), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'with a zero byte at its end', bitString(hex('0600')), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'with eight unused bits', bitString(hex('80'), 8), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'with 32 more unused bits than it has', bitString(hex('80'), 39), 'ERR_MDA_DER_BIT_STRING'],
  [KEY_USAGE, 'that is an INTEGER', integer(6), 'ERR_MDA_DER_TAG'],
  [KEY_USAGE, 'with something after it', concat(bitString(hex('80'), 7), hex('00')), 'ERR_MDA_DER_TRAILING'],
  [SUBJECT_KEY_IDENTIFIER, 'of no bytes', hex(''), 'ERR_MDA_DER_TRUNCATED'],
  [SUBJECT_KEY_IDENTIFIER, 'that is bare', bytes('a key'), 'ERR_MDA_DER_TAG'],
  [
    SUBJECT_KEY_IDENTIFIER,
    'with something after it',
    concat(octetString(hex('01')), hex('00')),
    'ERR_MDA_DER_TRAILING',
  ],
  [AUTHORITY_KEY_IDENTIFIER, 'of no bytes', hex(''), 'ERR_MDA_DER_TRUNCATED'],
  [AUTHORITY_KEY_IDENTIFIER, 'that is an OCTET STRING', octetString(hex('01')), 'ERR_MDA_DER_TAG'],
  [AUTHORITY_KEY_IDENTIFIER, 'with an untagged identifier', sequence(octetString(hex('01'))), 'ERR_MDA_DER_TAG'],
  [AUTHORITY_KEY_IDENTIFIER, 'with an issuer and no serial number', sequence(hex('a100')), 'ERR_MDA_DER_TRUNCATED'],
  [AUTHORITY_KEY_IDENTIFIER, 'with a serial number and no issuer', sequence(hex('820101')), 'ERR_MDA_DER_TAG'],
  [
    AUTHORITY_KEY_IDENTIFIER,
    'in the wrong order',
    sequence(hex('a100'), hex('820101'), hex('800101')),
    'ERR_MDA_DER_TRAILING',
  ],
  [AUTHORITY_KEY_IDENTIFIER, 'with two identifiers', sequence(hex('800101'), hex('800101')), 'ERR_MDA_DER_TAG'],
  [AUTHORITY_KEY_IDENTIFIER, 'with something after it', concat(sequence(), hex('00')), 'ERR_MDA_DER_TRAILING'],
  [EXTENDED_KEY_USAGE, 'of no bytes', hex(''), 'ERR_MDA_DER_TRUNCATED'],
  [EXTENDED_KEY_USAGE, 'of no purposes', sequence(), 'ERR_MDA_DER_TRUNCATED'],
  [EXTENDED_KEY_USAGE, 'of something other than OIDs', sequence(oid('1.2.3'), hex('0500')), 'ERR_MDA_DER_TAG'],
  [EXTENDED_KEY_USAGE, 'with a padded OID', sequence(hex('06032a8001')), 'ERR_MDA_DER_OID'],
  [EXTENDED_KEY_USAGE, 'with something after it', concat(sequence(oid('1.2.3')), hex('00')), 'ERR_MDA_DER_TRAILING'],
];

describe('a standard extension', () => {
  it.each(MALFORMED)('%s %s is refused, critical or not', async (id, _, value, cause) => {
    for (const critical of [false, true]) {
      const der = await mintLeaf({ extensions: [extension(id, value, critical)] });
      expect(refusalOf(() => parseCertificate(der))).toMatchObject({
        code: 'ERR_MDA_CERTIFICATE_EXTENSION',
        oid: id,
        cause: { code: cause },
      });
    }
  });

  it.each<[title: string, value: Uint8Array, ca: boolean, pathLength: number | undefined]>([
    ['of an end entity', sequence(), false, undefined],
    ['of an authority', sequence(boolean(true)), true, undefined],
    ['with pathLen 0', sequence(boolean(true), integer(0)), true, 0],
    ['with pathLen 128', sequence(boolean(true), integer(128)), true, 128],
    ['with the largest pathLen', sequence(boolean(true), integer(2 ** 31 - 1)), true, 2 ** 31 - 1],
  ])('basicConstraints %s is read', async (_, value, ca, pathLength) => {
    const certificate = await parsedLeafWithExtensions(extension(BASIC_CONSTRAINTS, value));
    expect(certificate.basicConstraints).toEqual({ ca, pathLength });
  });

  it.each<[title: string, value: Uint8Array, digitalSignature: boolean, keyCertSign: boolean]>([
    ['of Apple’s leaves', bitString(hex('f0'), 4), true, false],
    ['of authorities', bitString(hex('06'), 1), false, true],
    ['with both', bitString(hex('84'), 2), true, true],
    ['with neither', bitString(hex('08'), 3), false, false],
    ['with encipherOnly', bitString(hex('01'), 0), false, false],
    ['with decipherOnly, which is the ninth bit', bitString(hex('0080'), 7), false, false],
    ['with the first bit and the ninth', bitString(hex('8080'), 7), true, false],
  ])('keyUsage %s is read', async (_, value, digitalSignature, keyCertSign) => {
    const certificate = await parsedLeafWithExtensions(extension(KEY_USAGE, value));
    expect(certificate.keyUsage).toEqual({ digitalSignature, keyCertSign });
  });

  it.each<[title: string, value: Uint8Array, identifier: Uint8Array | undefined]>([
    ['with an identifier', sequence(hex('80020102')), hex('0102')],
    ['with an empty identifier', sequence(hex('8000')), hex('')],
    ['with everything', sequence(hex('80020102'), hex('a100'), hex('820101')), hex('0102')],
    ['with issuer and serial number alone', sequence(hex('a100'), hex('820101')), undefined],
    ['with nothing', sequence(), undefined],
  ])('authorityKeyIdentifier %s is read', async (_, value, identifier) => {
    const certificate = await parsedLeafWithExtensions(extension(AUTHORITY_KEY_IDENTIFIER, value));
    expect(certificate.authorityKeyIdentifier).toEqual(identifier);
  });

  it('subjectKeyIdentifier is read', async () => {
    const certificate = await parsedLeafWithExtensions(extension(SUBJECT_KEY_IDENTIFIER, octetString(hex('0102'))));
    expect(certificate.subjectKeyIdentifier).toEqual(hex('0102'));
  });

  it('extendedKeyUsage is left alone if it is well-formed', async () => {
    const value = sequence(oid('1.2.840.113635.100.4.24'), oid('1.3.6.1.5.5.7.3.2'));
    const certificate = await parsedLeafWithExtensions(extension(EXTENDED_KEY_USAGE, value));
    expect(certificate.extensions).toEqual([{ oid: EXTENDED_KEY_USAGE, critical: false, value }]);
  });

  it('that this library does not read may hold anything', async () => {
    const certificate = await parsedLeafWithExtensions(extension('2.5.29.17', bytes('no DER')));
    expect(certificate.extensions[0]?.value).toEqual(bytes('no DER'));
  });
});
