import { Constructed, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import { describe, expect, it } from 'vitest';
import {
  encodeHardwareModuleName,
  encodePermanentIdentifier,
  MAX_ALTERNATIVE_NAME_BYTES,
  parseSubjectAlternativeNames,
} from '../../src/acme/index.ts';
import {
  bytes,
  concat,
  explicit,
  hex,
  integer,
  name,
  octetString,
  oid,
  printable,
  sequence,
  tlv,
  utf8,
} from '../../src/testing/der-writer.ts';
import { outcomeOf } from '../support/refusal.ts';

const parse = (...names: readonly Uint8Array[]) => parseSubjectAlternativeNames(sequence(...names));
const codeOf = (...names: readonly Uint8Array[]) => outcomeOf(() => parse(...names));
const otherName = (type: string, value: Uint8Array) => tlv(0xa0, oid(type), explicit(0, value));
const PERMANENT_IDENTIFIER = '1.3.6.1.5.5.7.8.3';
const HARDWARE_MODULE_NAME = '1.3.6.1.5.5.7.8.4';

describe('subject alternative names', () => {
  it('are read by kind, in their order', () => {
    const principal = '1.3.6.1.4.1.311.20.2.3';
    const x400 = tlv(0xa3, sequence());
    const ediParty = tlv(0xa5, tlv(0xa1, utf8('party')));
    const names = parse(
      tlv(0x82, bytes('device.example')),
      tlv(0x81, bytes('a@example.com')),
      tlv(0x86, bytes('https://example.com/?a b')),
      tlv(0x87, Uint8Array.of(127, 0, 0, 1)),
      tlv(0x87, new Uint8Array(16)),
      tlv(0xa4, name({ CN: 'SIMULATED1' })),
      otherName(PERMANENT_IDENTIFIER, sequence(utf8('SIMULATED1'), oid('1.2.3'))),
      otherName(HARDWARE_MODULE_NAME, sequence(oid('1.2.3'), octetString(hex('00ff')))),
      otherName(principal, utf8('a@example.com')),
      x400,
      ediParty,
      tlv(0x88, hex('2a03')),
    );
    expect(names).toEqual([
      { kind: 'dns', value: 'device.example' },
      { kind: 'email', value: 'a@example.com' },
      { kind: 'uri', value: 'https://example.com/?a b' },
      { kind: 'ip', address: Uint8Array.of(127, 0, 0, 1) },
      { kind: 'ip', address: new Uint8Array(16) },
      { kind: 'directory', name: { der: name({ CN: 'SIMULATED1' }), text: 'CN=SIMULATED1' } },
      { kind: 'permanentIdentifier', identifierValue: 'SIMULATED1', assigner: '1.2.3' },
      { kind: 'hardwareModuleName', type: '1.2.3', serialNumber: hex('00ff') },
      { kind: 'other', tag: 0, oid: principal, bytes: utf8('a@example.com') },
      { kind: 'other', tag: 3, oid: undefined, bytes: sequence() },
      { kind: 'other', tag: 5, oid: undefined, bytes: tlv(0xa1, utf8('party')) },
      { kind: 'other', tag: 8, oid: undefined, bytes: hex('2a03') },
    ]);
  });

  it('may say of a permanent identifier who assigned it, what it is, or neither (RFC 4043, 2)', () => {
    const permanent = (...parts: readonly Uint8Array[]) => parse(otherName(PERMANENT_IDENTIFIER, sequence(...parts)));
    expect(permanent()).toEqual([{ kind: 'permanentIdentifier' }]);
    expect(permanent(utf8('x'))).toEqual([{ kind: 'permanentIdentifier', identifierValue: 'x' }]);
    expect(permanent(oid('1.2.3'))).toEqual([{ kind: 'permanentIdentifier', assigner: '1.2.3' }]);
    // A space within, another alphabet, and what Unicode leaves to private use.
    for (const text of ['A B', '字', 'A\ue000'])
      expect(permanent(utf8(text))).toEqual([{ kind: 'permanentIdentifier', identifierValue: text }]);
  });

  it('are copies', () => {
    const der = sequence(otherName(HARDWARE_MODULE_NAME, sequence(oid('1.2.3'), octetString(hex('00ff')))));
    const [read] = parseSubjectAlternativeNames(der);
    der.fill(0);
    expect(read).toMatchObject({ serialNumber: hex('00ff') });
  });

  it('are 64 at most', () => {
    const list = Array.from({ length: 65 }, () => tlv(0x82, bytes('a')));
    expect(parse(...list.slice(1))).toHaveLength(64);
    expect(codeOf(...list)).toBe('ERR_MDA_NAME_COUNT');
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty DNS name', tlv(0x82), 'ERR_MDA_NAME_VALUE'],
    ['a space in a DNS name', tlv(0x82, bytes('example.com attacker.example')), 'ERR_MDA_NAME_VALUE'],
    ['a space for a DNS name', tlv(0x82, bytes(' ')), 'ERR_MDA_NAME_VALUE'],
    ['a NUL in a DNS name', tlv(0x82, bytes('example.com\0.attacker.example')), 'ERR_MDA_NAME_VALUE'],
    ['a line in an address', tlv(0x81, bytes('a@example.com\n')), 'ERR_MDA_NAME_VALUE'],
    ['a letter beyond ASCII', tlv(0x86, bytes('https://exämple.com')), 'ERR_MDA_NAME_VALUE'],
    ['Latin-1', tlv(0x82, hex('e4')), 'ERR_MDA_NAME_VALUE'],
    ['an address of 5 bytes', tlv(0x87, new Uint8Array(5)), 'ERR_MDA_NAME_VALUE'],
    ['an address of none', tlv(0x87), 'ERR_MDA_NAME_VALUE'],
    ['an address with its mask', tlv(0x87, new Uint8Array(8)), 'ERR_MDA_NAME_VALUE'],
    ['a DNS name that is constructed', tlv(0xa2, bytes('a')), 'ERR_MDA_NAME_KIND'],
    ['a choice that is not there', tlv(0x89, bytes('a')), 'ERR_MDA_NAME_KIND'],
    ['a bare text', utf8('a'), 'ERR_MDA_NAME_KIND'],
    ['a tag in high form', hex('9f2100'), 'ERR_MDA_NAME_KIND'],
    ['a directory name with an empty value', tlv(0xa4, name({ CN: '' })), 'ERR_MDA_CERTIFICATE_NAME'],
    ['a directory name without its tag', tlv(0xa4, tlv(0x31)), 'ERR_MDA_DER_TAG'],
    ['an OID of nothing', tlv(0x88), 'ERR_MDA_DER_OID'],
    ['an OID that is padded', tlv(0x88, hex('2a8001')), 'ERR_MDA_DER_OID'],
    ['an OID without its end', tlv(0x88, hex('2a80')), 'ERR_MDA_DER_OID'],
    ['an OID of 65 bytes', tlv(0x88, new Uint8Array(65).fill(1)), 'ERR_MDA_DER_OID'],
    ['an OID that is constructed', tlv(0xa8, hex('2a03')), 'ERR_MDA_NAME_KIND'],
    ['an otherName without a value', tlv(0xa0, oid('1.2.3')), 'ERR_MDA_DER_TRUNCATED'],
    [
      'an otherName with an empty value',
      tlv(0xa0, oid('1.2.3'), explicit(0, new Uint8Array())),
      'ERR_MDA_DER_TRUNCATED',
    ],
    ['an otherName with two values', otherName('1.2.3', concat(utf8('a'), utf8('b'))), 'ERR_MDA_DER_TRAILING'],
    ['an otherName with more', tlv(0xa0, oid('1.2.3'), explicit(0, utf8('a')), utf8('b')), 'ERR_MDA_DER_TRAILING'],
    [
      'a permanent identifier as a PrintableString',
      otherName(PERMANENT_IDENTIFIER, sequence(printable('a'))),
      'ERR_MDA_DER_TRAILING',
    ],
    ['a permanent identifier of nothing', otherName(PERMANENT_IDENTIFIER, sequence(utf8(''))), 'ERR_MDA_NAME_VALUE'],
    [
      'a permanent identifier of white space',
      otherName(PERMANENT_IDENTIFIER, sequence(utf8(' '))),
      'ERR_MDA_NAME_VALUE',
    ],
    [
      'a permanent identifier with what cannot be seen',
      otherName(PERMANENT_IDENTIFIER, sequence(utf8('A\u200b'))),
      'ERR_MDA_NAME_VALUE',
    ],
    ...[' A', 'A ', 'A\u00a0B', 'A\u2003B', 'A\u3000', 'A\ufffe', 'A\ufdd0', 'A\u{10ffff}'].map(
      (text): [string, Uint8Array, string] => [
        `a permanent identifier with white space around it, another space, or a noncharacter: ${encodeURI(text)}`,
        otherName(PERMANENT_IDENTIFIER, sequence(utf8(text))),
        'ERR_MDA_NAME_VALUE',
      ],
    ),
    [
      'a permanent identifier that is no UTF-8',
      otherName(PERMANENT_IDENTIFIER, sequence(tlv(0x0c, hex('ff')))),
      'ERR_MDA_NAME_VALUE',
    ],
    [
      'a permanent identifier in the wrong order',
      otherName(PERMANENT_IDENTIFIER, sequence(oid('1.2.3'), utf8('a'))),
      'ERR_MDA_DER_TRAILING',
    ],
    ['a permanent identifier that is a text', otherName(PERMANENT_IDENTIFIER, utf8('a')), 'ERR_MDA_DER_TAG'],
    [
      'a hardware module without a number',
      otherName(HARDWARE_MODULE_NAME, sequence(oid('1.2.3'))),
      'ERR_MDA_DER_TRUNCATED',
    ],
    [
      'a hardware module with a text for a number',
      otherName(HARDWARE_MODULE_NAME, sequence(oid('1.2.3'), utf8('a'))),
      'ERR_MDA_DER_TAG',
    ],
    [
      'a hardware module with more',
      otherName(HARDWARE_MODULE_NAME, sequence(oid('1.2.3'), octetString(hex('00')), integer(1))),
      'ERR_MDA_DER_TRAILING',
    ],
  ])('are refused: %s', (_, der, code) => {
    expect(codeOf(der)).toBe(code);
    expect(codeOf(tlv(0x82, bytes('a')), der)).toBe(code);
  });

  it('are refused: none, bytes behind them, another type, nothing, more than fits', () => {
    expect(codeOf()).toBe('ERR_MDA_NAME_COUNT');
    expect(outcomeOf(() => parseSubjectAlternativeNames(concat(sequence(tlv(0x82, bytes('a'))), hex('00'))))).toBe(
      'ERR_MDA_DER_TRAILING',
    );
    expect(outcomeOf(() => parseSubjectAlternativeNames(tlv(0x31, tlv(0x82, bytes('a')))))).toBe('ERR_MDA_DER_TAG');
    expect(outcomeOf(() => parseSubjectAlternativeNames(new Uint8Array()))).toBe('ERR_MDA_DER_TRUNCATED');
    expect(outcomeOf(() => parseSubjectAlternativeNames(new Uint8Array(MAX_ALTERNATIVE_NAME_BYTES + 1)))).toBe(
      'ERR_MDA_NAME_COUNT',
    );
    expect(outcomeOf(() => parseSubjectAlternativeNames(new Uint8Array(MAX_ALTERNATIVE_NAME_BYTES)))).toBe(
      'ERR_MDA_DER_TAG',
    );
  });

  it('are bytes', () => {
    for (const value of [undefined, null, 'MAA=', [48, 0], new ArrayBuffer(2), new Uint16Array(2)])
      expect(() => parseSubjectAlternativeNames(value as never)).toThrow(TypeError);
  });
});

describe('a value of any type', () => {
  const any = (value: Uint8Array) => codeOf(otherName('1.2.3', value));
  const nested = (levels: number): Uint8Array => {
    let value: Uint8Array = integer(1);
    for (let level = 1; level < levels; level++) value = sequence(value);
    return value;
  };

  it.each<[string, Uint8Array]>([
    ['TRUE', hex('0101ff')],
    ['FALSE', hex('010100')],
    ['an INTEGER', integer(-129)],
    ['a BIT STRING', hex('030206c0')],
    ['a BIT STRING of nothing', hex('030100')],
    ['a BIT STRING of one bit', hex('03020780')],
    ['NULL', hex('0500')],
    ['a REAL', hex('0900')],
    ['a GeneralizedTime', tlv(0x18, bytes('20260601120000Z'))],
    ['a SEQUENCE of values', sequence(integer(1), tlv(0x31), hex('0500'))],
    ['something tagged', tlv(0xa3, integer(1))],
    ['something tagged implicitly', tlv(0x83, hex('00'))],
    ['of an application', tlv(0x61, integer(1))],
    ['16 levels', nested(16)],
  ])('is passed over: %s', (_, value) => {
    expect(any(value)).toBe('accepted');
  });

  it.each<[string, Uint8Array, string]>([
    ['TRUE as 01', hex('010101'), 'ERR_MDA_DER_BOOLEAN'],
    ['a BOOLEAN of two bytes', hex('0102ffff'), 'ERR_MDA_DER_BOOLEAN'],
    ['an INTEGER of nothing', hex('0200'), 'ERR_MDA_DER_INTEGER'],
    ['a padded INTEGER', hex('02020001'), 'ERR_MDA_DER_INTEGER'],
    ['a BIT STRING without a first byte', hex('0300'), 'ERR_MDA_DER_BIT_STRING'],
    ['a BIT STRING with 8 unused bits', hex('03020800'), 'ERR_MDA_DER_BIT_STRING'],
    ['a BIT STRING of no bits, of which some are unused', hex('030101'), 'ERR_MDA_DER_BIT_STRING'],
    ['a BIT STRING whose unused bits are set', hex('030204ff'), 'ERR_MDA_DER_BIT_STRING'],
    ['a NULL with content', hex('050100'), 'ERR_MDA_DER_LENGTH'],
    ['an OID that is padded', hex('06028001'), 'ERR_MDA_DER_OID'],
    ['a SEQUENCE that is primitive', hex('1000'), 'ERR_MDA_DER_TAG'],
    ['a SET that is primitive', hex('1100'), 'ERR_MDA_DER_TAG'],
    ['an OCTET STRING that is constructed', hex('2403040100'), 'ERR_MDA_DER_TAG'],
    ['an UTF8String that is constructed', hex('2c030c0141'), 'ERR_MDA_DER_TAG'],
    ['the end of contents', hex('0000'), 'ERR_MDA_DER_TAG'],
    ['a tag in high form', hex('1f8100'), 'ERR_MDA_DER_TAG'],
    ['a tag in high form, of the context', hex('bf8100'), 'ERR_MDA_DER_TAG'],
    ['an indefinite length', hex('30800000'), 'ERR_MDA_DER_LENGTH'],
    ['nested indefinite lengths', sequence(hex('30800000')), 'ERR_MDA_DER_LENGTH'],
    ['a length that lies', hex('3003020101'.replace('3003', '3004')), 'ERR_MDA_DER_TRUNCATED'],
    ['17 levels', nested(17), 'ERR_MDA_DER_DEPTH'],
  ])('is refused: %s', (_, value, code) => {
    expect(any(value)).toBe(code);
  });
});

describe('what is written', () => {
  it('is the otherName of RFC 4043', () => {
    const written = encodePermanentIdentifier({ identifierValue: 'TMWFWWWP67' });
    expect(written).toEqual(otherName(PERMANENT_IDENTIFIER, sequence(utf8('TMWFWWWP67'))));
    expect(Buffer.from(written).toString('hex')).toBe('a01a06082b06010505070803a00e300c0c0a544d57465757575036' + '37');
    const full = { identifierValue: '字', assigner: '2.999.3' };
    expect(parse(encodePermanentIdentifier(full))).toEqual([{ kind: 'permanentIdentifier', ...full }]);
    expect(parse(encodePermanentIdentifier({}))).toEqual([{ kind: 'permanentIdentifier' }]);
    expect(parse(encodePermanentIdentifier({ assigner: '0.0' }))).toEqual([
      { kind: 'permanentIdentifier', assigner: '0.0' },
    ]);
  });

  it('is the otherName of RFC 4108', () => {
    const serialNumber = hex('00ff');
    const written = encodeHardwareModuleName({ type: '1.3.6.1.4.1.32473.1', serialNumber: Buffer.from(serialNumber) });
    expect(written).toEqual(
      otherName(HARDWARE_MODULE_NAME, sequence(oid('1.3.6.1.4.1.32473.1'), octetString(serialNumber))),
    );
    expect(parse(written)).toEqual([{ kind: 'hardwareModuleName', type: '1.3.6.1.4.1.32473.1', serialNumber }]);
  });

  it('has lengths of any width', () => {
    for (const length of [0, 127, 128, 255, 256, 70_000]) {
      const valueHex = new Uint8Array(length);
      const module = new Sequence({
        value: [new ObjectIdentifier({ value: '1.2.3' }), new OctetString({ valueHex })],
      });
      const name = new Constructed({
        idBlock: { tagClass: 3, tagNumber: 0 },
        value: [
          new ObjectIdentifier({ value: HARDWARE_MODULE_NAME }),
          new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [module] }),
        ],
      });
      const written = encodeHardwareModuleName({ type: '1.2.3', serialNumber: valueHex });
      expect(Buffer.from(written).equals(Buffer.from(name.toBER()))).toBe(true);
    }
  });

  it.each(['0.0', '0.39', '1.39', '2.0', '2.40', '2.999', '1.2.840.113549.1.9.14', `2.${2n ** 128n}`, '1.2.0.127.128'])(
    'has the OID %s as it is read',
    (assigner) => {
      expect(parse(encodePermanentIdentifier({ assigner }))).toEqual([{ kind: 'permanentIdentifier', assigner }]);
    },
  );

  it('has an OID of 64 bytes, and none of 65', () => {
    const assigner = (bytesAfter: number) => `2.5${'.1'.repeat(bytesAfter)}`;
    expect(parse(encodePermanentIdentifier({ assigner: assigner(63) }))).toHaveLength(1);
    expect(() => encodePermanentIdentifier({ assigner: assigner(64) })).toThrow(TypeError);
    expect(() => encodePermanentIdentifier({ assigner: 'x' })).toThrow('assigner');
    expect(() => encodePermanentIdentifier({ identifierValue: '' })).toThrow('identifierValue');
    expect(() => encodeHardwareModuleName({ type: 'x', serialNumber: new Uint8Array() })).toThrow('type');
    expect(() => encodeHardwareModuleName({ type: '1.2', serialNumber: 'x' as never })).toThrow('serialNumber');
  });

  it.each([
    '',
    '1',
    '1.',
    '.1',
    '1..2',
    '1.40',
    '0.40',
    '3.1',
    '01.2',
    '1.02',
    '1.2.03',
    '1.2 ',
    '-1.2',
    '1.2.x',
    '١.٢',
    `1.2${'.1'.repeat(64)}`,
    `1.2${'.0'.repeat(1_000_000)}`,
  ])('has no OID %.20s', (text) => {
    expect(() => encodePermanentIdentifier({ assigner: text })).toThrow(TypeError);
    expect(() => encodeHardwareModuleName({ type: text, serialNumber: new Uint8Array() })).toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'TMWFWWWP67'],
    ['a value that is undefined', { identifierValue: undefined }],
    ['an empty value', { identifierValue: '' }],
    ['a value that is a number', { identifierValue: 7 }],
    ['a value with a NUL', { identifierValue: 'A\0' }],
    ['a value with a space before it', { identifierValue: ' A' }],
    ['a value with a space that does not break', { identifierValue: 'A\u00a0B' }],
    ['a noncharacter', { identifierValue: 'A\uffff' }],
    ['half of a surrogate pair', { identifierValue: '\ud800' }],
    ['an assigner that is undefined', { identifierValue: 'A', assigner: undefined }],
    ['an unknown member', { identifier: 'A' }],
  ])('is no permanent identifier of %s', (_, identifier) => {
    expect(() => encodePermanentIdentifier(identifier as never)).toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no type', { serialNumber: new Uint8Array() }],
    ['a type that is a number', { type: 1.2, serialNumber: new Uint8Array() }],
    ['no number', { type: '1.2.3' }],
    ['a number in text', { type: '1.2.3', serialNumber: 'A' }],
    ['an unknown member', { type: '1.2.3', serialNumber: new Uint8Array(), serial: 1 }],
  ])('is no hardware module of %s', (_, module) => {
    expect(() => encodeHardwareModuleName(module as never)).toThrow(TypeError);
  });
});
