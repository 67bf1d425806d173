import { describe, expect, it, vi } from 'vitest';
import {
  type AttestedProperties,
  type Certificate,
  decodeProperties,
  parseCertificate,
  type PropertyDecoder,
} from '../../src/index.ts';
import { boolean, bytes, concat, hex, integer, octetString, utf8 } from '../../src/testing/der-writer.ts';
import { mintLeaf, parsedLeafWithExtensions } from '../support/leaf.ts';
import { basicConstraints, extension, type ExtensionSpec, property, PROPERTIES } from '../support/mint.ts';

const ARC = '1.2.840.113635.100.8';

type Named = Exclude<keyof AttestedProperties, 'other'>;

/** The table of the properties, each with a good value. */
const TABLE: readonly (readonly [name: Named, arcs: string, good: Uint8Array, value: unknown])[] = [
  ['serialNumber', '9.1', bytes('TMWFWWWP67'), 'TMWFWWWP67'],
  ['udid', '9.2', bytes('00006030-000651690A84001C'), '00006030-000651690A84001C'],
  ['softwareUpdateDeviceId', '9.4', bytes('J514sAP'), 'J514sAP'],
  ['osVersion', '10.1', bytes('26.4.1'), '26.4.1'],
  ['sepOsVersion', '10.2', bytes('15.5'), '15.5'],
  ['llbVersion', '10.3', bytes('11881.121.1'), '11881.121.1'],
  ['freshnessCode', '11.1', hex('0102'), hex('0102')],
  ['systemIntegrityProtection', '13.1', integer(0), 'enabled'],
  ['secureBoot', '13.2', bytes('Full Security'), 'Full Security'],
  ['thirdPartyKernelExtensions', '13.3', integer(0), 'not allowed'],
];
const TEXTS = TABLE.filter(([, , , value]) => typeof value === 'string').slice(0, 6);

async function decode(...extensions: readonly ExtensionSpec[]): Promise<AttestedProperties> {
  return decodeProperties(await parsedLeafWithExtensions(basicConstraints(false), ...extensions));
}

async function decodeOne(name: Named, value: Uint8Array): Promise<unknown> {
  const arcs = TABLE.find(([other]) => other === name)![1];
  return (await decode(property(arcs, value)))[name];
}

describe.each(TABLE)('%s', (name, arcs, good, value) => {
  it('is attested with its value, and nothing else is', async () => {
    const properties = await decode(property(arcs, good));
    expect(properties[name]).toEqual({ status: 'attested', value });
    for (const [other] of TABLE) if (other !== name) expect(properties[other]).toEqual({ status: 'absent' });
    expect(properties.other).toEqual([]);
  });

  it('is blank where it has no bytes', async () => {
    expect(await decodeOne(name, new Uint8Array())).toEqual({ status: 'blank' });
  });

  it('is absent where it is not there', async () => {
    expect((await decode())[name]).toEqual({ status: 'absent' });
    const others = PROPERTIES.filter(({ oid }) => oid !== `${ARC}.${arcs}`);
    expect((await decode(...others))[name]).toEqual({ status: 'absent' });
  });

  it('is malformed, with its bytes, where it cannot be read', async () => {
    const bad = new Uint8Array(33).fill(0xff);
    expect(await decodeOne(name, bad)).toEqual({ status: 'malformed', bytes: bad });
  });

  it('is read whether its extension is critical or not', async () => {
    const properties = await decode(extension(`${ARC}.${arcs}`, good, true));
    expect(properties[name]).toEqual({ status: 'attested', value });
  });

  it('is copied: changing it changes no other description', async () => {
    const leaf = await parsedLeafWithExtensions(property(arcs, good));
    const first = decodeProperties(leaf)[name];
    if (first.status === 'attested' && first.value instanceof Uint8Array) first.value.fill(0);
    leaf.extensions[0]?.value.fill(0);
    leaf.der.fill(0);
    expect(decodeProperties(leaf)[name]).toEqual({ status: 'attested', value });
  });
});

describe.each(TEXTS)('the text %s', (name) => {
  it.each<[title: string, text: string]>([
    ['one character', 'x'],
    ['spaces', ' 26.4 '],
    ['a suffix', '17.2 (a)'],
    ['what looks like another version', '026.4'],
    ['punctuation', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'],
    ['letters that are not ASCII', 'Zoë 北京'],
    ['letters written from the right', 'אבג'],
    ['a character of four bytes', '😀'],
    ['a thousand characters', 'x'.repeat(1000)],
    ['words that mean nothing here', 'null'],
  ])('is kept as it was sent: %s', async (_, text) => {
    expect(await decodeOne(name, bytes(text))).toEqual({ status: 'attested', value: text });
  });

  it.each<[title: string, value: Uint8Array]>([
    ['a byte order mark', bytes('\ufeff26.4')],
    ['NUL', bytes('26.4\0')],
    ['a space alone', bytes(' ')],
    ['spaces of other kinds alone', bytes('\u00a0\u3000')],
    ['a filler of Hangul alone', bytes('\u3164')],
    ['NUL alone', bytes('\0')],
    ['a line feed', bytes('26.4\n')],
    ['a tab', bytes('26\t4')],
    ['an escape', bytes('\u001b[0m26.4')],
    ['DEL', bytes('26.4\u007f')],
    ['a control of Latin-1', bytes('26.4\u0085')],
    ['a right-to-left override', bytes('\u202e1.62')],
    ['an isolate', bytes('\u206726.4')],
    ['a zero width space', bytes('26\u200b.4')],
    ['a line separator', bytes('26.4\u2028')],
    ['a soft hyphen', bytes('26\u00ad.4')],
    ['Latin-1', hex('32e4')],
    ['UTF-8 that is cut off', hex('32e282')],
    ['an overlong form', hex('c0b2')],
    ['a surrogate', hex('eda080')],
    ['a tag of DER', utf8('26.4')],
    ['an INTEGER', integer(26)],
  ])('is malformed with %s', async (_, value) => {
    expect(await decodeOne(name, value)).toEqual({ status: 'malformed', bytes: value });
  });
});

describe('freshnessCode', () => {
  it.each<[title: string, value: Uint8Array]>([
    ['one byte', hex('00')],
    ['32 bytes', new Uint8Array(32).fill(7)],
    ['what looks like an OCTET STRING', octetString(hex('0102'))],
    ['32 bytes that look like an OCTET STRING', octetString(new Uint8Array(30))],
    ['what looks like a SEQUENCE', hex('3000')],
    ['what looks like text', bytes('0102')],
    ['a byte order mark', bytes('\ufeff')],
    ['zeros', new Uint8Array(32)],
  ])('is raw bytes: %s', async (_, value) => {
    expect(await decodeOne('freshnessCode', value)).toEqual({ status: 'attested', value });
  });

  it('is malformed above 32 bytes', async () => {
    for (const size of [33, 34, 64, 1000]) {
      const value = new Uint8Array(size);
      expect(await decodeOne('freshnessCode', value)).toEqual({ status: 'malformed', bytes: value });
    }
  });
});

/** What is no DER INTEGER that fills its bytes. */
const NO_INTEGERS: readonly (readonly [title: string, value: Uint8Array])[] = [
  ['padded 0', hex('02020000')],
  ['padded 1', hex('02020001')],
  ['padded -1', hex('0202ffff')],
  ['an INTEGER of no bytes', hex('0200')],
  ['an INTEGER that is cut off', hex('0201')],
  ['a tag alone', hex('02')],
  ['a byte after it', concat(integer(0), hex('00'))],
  ['an INTEGER twice', concat(integer(0), integer(0))],
  ['a length in the long form', hex('02810100')],
  ['an indefinite length', hex('0280000000')],
  ['FALSE', boolean(false)],
  ['TRUE', boolean(true)],
  ['an ENUMERATED', hex('0a0100')],
  ['a tagged string', utf8('0')],
  ['text', bytes('0')],
  ['an OCTET STRING around it', octetString(integer(0))],
  ['a bare zero', hex('00')],
  ['a bare one', hex('01')],
];

describe('systemIntegrityProtection', () => {
  it('is enabled for 0 and disabled for 1', async () => {
    expect(await decodeOne('systemIntegrityProtection', hex('020100'))).toEqual({
      status: 'attested',
      value: 'enabled',
    });
    expect(await decodeOne('systemIntegrityProtection', hex('020101'))).toEqual({
      status: 'attested',
      value: 'disabled',
    });
  });

  it.each([
    ...NO_INTEGERS,
    ...[2, -1, 127, 128, 255, 256, 257, 2 ** 32, 2 ** 32 + 1].map(
      (number) => [String(number), integer(number)] as const,
    ),
    ['2^64', integer(2n ** 64n)] as const,
  ])('is malformed for %s', async (_, value) => {
    expect(await decodeOne('systemIntegrityProtection', value)).toEqual({ status: 'malformed', bytes: value });
  });
});

describe('thirdPartyKernelExtensions', () => {
  it.each([
    [0, 'not allowed'],
    [1, 'allowed'],
    [2, 'allowed'],
    [128, 'allowed'],
    [255, 'allowed'],
    [32_768, 'allowed'],
    [-1, 'allowed'],
    [256, 'allowed'],
    [2 ** 32, 'allowed'],
    [2 ** 40, 'allowed'],
  ])('for %d are %s', async (number, value) => {
    expect(await decodeOne('thirdPartyKernelExtensions', integer(number))).toEqual({ status: 'attested', value });
  });

  it('for a number of a hundred bytes are allowed', async () => {
    const huge = integer(2n ** 800n);
    expect(await decodeOne('thirdPartyKernelExtensions', huge)).toEqual({ status: 'attested', value: 'allowed' });
  });

  it.each(NO_INTEGERS)('are malformed for %s', async (_, value) => {
    expect(await decodeOne('thirdPartyKernelExtensions', value)).toEqual({ status: 'malformed', bytes: value });
  });
});

describe('secureBoot', () => {
  it.each(['Full Security', 'Reduced Security', 'Permissive Security'])('is %s', async (value) => {
    expect(await decodeOne('secureBoot', bytes(value))).toEqual({ status: 'attested', value });
  });

  it.each([
    'full security',
    'FULL SECURITY',
    'Full  Security',
    ' Full Security',
    'Full Security ',
    'Full Security\0',
    'Full Security\n',
    'Full',
    'FullSecurity',
    'No Security',
    'Full\u00a0Security',
    '\ufeffFull Security',
    'Full Securit\u0443',
    '0',
    'toString',
  ])('is malformed for “%s”', async (text) => {
    expect(await decodeOne('secureBoot', bytes(text))).toEqual({ status: 'malformed', bytes: bytes(text) });
  });

  it('is malformed for a tagged string', async () => {
    const value = utf8('Full Security');
    expect(await decodeOne('secureBoot', value)).toEqual({ status: 'malformed', bytes: value });
  });
});

describe('what else stands under the arc', () => {
  const arcs = [
    '',
    '.9',
    '.9.3',
    '.9.1.1',
    '.9.1.0',
    '.13.4',
    '.1',
    '.9.0',
    '.9.129',
    '.1153',
    '.0.0',
    '.9.18446744073709551616',
  ];

  it('is passed on by OID and bytes, in the order of the certificate', async () => {
    const extensions = arcs.map((suffix, index) => extension(`${ARC}${suffix}`, Uint8Array.of(index)));
    const { other, ...named } = await decode(...extensions);
    expect(other).toEqual(
      arcs.map((suffix, index) => ({ oid: `${ARC}${suffix}`, bytes: Uint8Array.of(index), decoded: undefined })),
    );
    for (const property of Object.values(named)) expect(property).toEqual({ status: 'absent' });
  });

  it('may be blank', async () => {
    expect((await decode(property('13.4', new Uint8Array()))).other).toEqual([
      { oid: `${ARC}.13.4`, bytes: new Uint8Array(), decoded: undefined },
    ]);
  });

  it('does not hide a property, and no property hides it', async () => {
    const { other, serialNumber } = await decode(property('9.3', bytes('x')), property('9.1', bytes('y')));
    expect(serialNumber).toEqual({ status: 'attested', value: 'y' });
    expect(other.map(({ oid }) => oid)).toEqual([`${ARC}.9.3`]);
  });

  it('is not what stands beside the arc', async () => {
    const neighbours = [
      '1.2.840.113635.100.6.1',
      '1.2.840.113635.100.7.9.1',
      '1.2.840.113635.100.9.9.1',
      '1.2.840.113635.100.80.9.1',
      '1.2.840.113635.100.1032.9.1',
      '1.2.840.113635.100',
      '1.2.840.113635.101.8.9.1',
      '1.2.840.113636.100.8.9.1',
      '1.3.840.113635.100.8.9.1',
      '2.5.29.17',
    ];
    const { other, ...named } = await decode(...neighbours.map((oid) => extension(oid, bytes('x'))));
    expect(other).toEqual([]);
    for (const property of Object.values(named)) expect(property).toEqual({ status: 'absent' });
  });
});

describe('decoders', () => {
  const OID = `${ARC}.13.4`;
  async function decodeWith(value: Uint8Array, decoder: PropertyDecoder): Promise<unknown> {
    const leaf = await parsedLeafWithExtensions(property('13.4', value), property('9.3', bytes('y')));
    const { other } = decodeProperties(leaf, { decoders: { [OID]: decoder } });
    expect(other.map(({ oid, bytes: sent }) => [oid, sent])).toEqual([
      [OID, value],
      [`${ARC}.9.3`, bytes('y')],
    ]);
    expect(other[1]?.decoded).toBeUndefined();
    return other[0]?.decoded;
  }

  it('read the bytes of their property', async () => {
    const read: PropertyDecoder = (value) => new TextDecoder().decode(value);
    expect(await decodeWith(bytes('x'), read)).toEqual({ status: 'attested', value: 'x' });
  });

  it.each([null, false, 0, '', NaN])('may attest %o', async (value) => {
    expect(await decodeWith(bytes('x'), () => value)).toEqual({ status: 'attested', value });
  });

  it('that throw or return undefined mean that it is malformed', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const malformed = { status: 'malformed', bytes: bytes('x') };
    expect(await decodeWith(bytes('x'), fail)).toEqual(malformed);
    expect(await decodeWith(bytes('x'), () => undefined)).toEqual(malformed);
  });

  it('are not asked about a blank value', async () => {
    const decoder = vi.fn();
    expect(await decodeWith(new Uint8Array(), decoder)).toEqual({ status: 'blank' });
    expect(decoder).not.toHaveBeenCalled();
  });

  it('get bytes that they may keep and change', async () => {
    const destroy: PropertyDecoder = (value) => value.fill(0).length;
    expect(await decodeWith(bytes('xyz'), destroy)).toEqual({ status: 'attested', value: 3 });
  });

  it('are not asked about what is absent', async () => {
    const decoder = vi.fn();
    decodeProperties(await parsedLeafWithExtensions(basicConstraints(false)), { decoders: { [OID]: decoder } });
    expect(decoder).not.toHaveBeenCalled();
  });

  it('may be for any OID below the arc that has no name', async () => {
    const leaf = await parsedLeafWithExtensions(property('9.1.1', bytes('x')), property('1', bytes('y')));
    const decoders = { [`${ARC}.9.1.1`]: () => 1, [`${ARC}.1`]: () => 2 };
    expect(decodeProperties(leaf, { decoders }).other.map(({ decoded }) => decoded)).toEqual([
      { status: 'attested', value: 1 },
      { status: 'attested', value: 2 },
    ]);
  });

  it('may be a table without a prototype', async () => {
    const leaf = await parsedLeafWithExtensions(property('13.4', bytes('x')));
    const decoders = Object.assign(Object.create(null) as Record<string, PropertyDecoder>, { [OID]: () => 1 });
    expect(decodeProperties(leaf, { decoders }).other[0]?.decoded).toEqual({ status: 'attested', value: 1 });
  });

  const decoder: PropertyDecoder = () => 'x';
  it.each<[title: string, options: unknown]>([
    ...TABLE.map(([name, arcs]): [string, unknown] => [`for ${name}`, { decoders: { [`${ARC}.${arcs}`]: decoder } }]),
    ['for the arc itself', { decoders: { [ARC]: decoder } }],
    ['for an OID outside of the arc', { decoders: { '1.2.840.113635.100.9.1': decoder } }],
    ['for an OID that begins alike', { decoders: { '1.2.840.113635.100.80.1': decoder } }],
    ['for what the arc is below', { decoders: { '1.2.840.113635.100': decoder } }],
    ['for the name of a property', { decoders: { serialNumber: decoder } }],
    ['for nothing', { decoders: { '': decoder } }],
    ['for __proto__', { decoders: JSON.parse('{"__proto__": 1}') as unknown }],
    ['for constructor', { decoders: { constructor: decoder } }],
    ['that are no functions', { decoders: { [OID]: 'utf8' } }],
    ['that are undefined', { decoders: { [OID]: undefined } }],
    ['in a list', { decoders: [decoder] }],
    ['in a Map', { decoders: new Map([[OID, decoder]]) }],
    ['in null', { decoders: null }],
    ['under another name', { decoder: { [OID]: decoder } }],
    ['in no object', null],
    ['as a function', decoder],
  ])('%s are a TypeError', async (_, options) => {
    const leaf = await parsedLeafWithExtensions(property('13.4', bytes('x')));
    expect(() => decodeProperties(leaf, options as never)).toThrow(TypeError);
  });
});

describe('the properties', () => {
  it('of a whole leaf are all there', async () => {
    const properties = decodeProperties(parseCertificate(await mintLeaf()));
    for (const [name] of TABLE) expect(properties[name].status).toBe('attested');
    expect(Object.keys(properties).sort()).toEqual([...TABLE.map(([name]) => name), 'other'].sort());
  });

  it('are read from certificates alone: anything else is a TypeError', async () => {
    const der = await mintLeaf();
    const forged: unknown[] = [
      undefined,
      null,
      der,
      {},
      { ...parseCertificate(der) },
      parseCertificate(der).extensions,
    ];
    for (const value of forged) expect(() => decodeProperties(value as Certificate)).toThrow(TypeError);
  });
});
