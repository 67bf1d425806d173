import { describe, expect, it } from 'vitest';
import { MAX_ATTESTATION_OBJECT_BYTES, parseAttestationObject } from '../../src/acme/index.ts';
import { verifyAttestation, parseCertificate } from '../../src/index.ts';
import { bytes, concat, hex } from '../../src/testing/der-writer.ts';
import { AT, FRESHNESS_CODE, mintChain } from '../support/mint.ts';
import { refusalOf } from '../support/refusal.ts';

/** Writes CBOR: what the helpers do not write is spelled out in hexadecimal. */
function head(major: number, length: number): Uint8Array {
  const short = major << 5;
  if (length < 24) return Uint8Array.of(short + length);
  if (length < 256) return Uint8Array.of(short + 24, length);
  if (length < 65_536) return Uint8Array.of(short + 25, length >> 8, length & 255);
  return Uint8Array.of(short + 26, 0, length >> 16, (length >> 8) & 255, length & 255);
}
const text = (value: string): Uint8Array => concat(head(3, bytes(value).length), bytes(value));
const byteString = (value: Uint8Array): Uint8Array => concat(head(2, value.length), value);
const array = (...items: readonly Uint8Array[]): Uint8Array => concat(head(4, items.length), ...items);
const map = (...entries: readonly (readonly [key: string, value: Uint8Array])[]): Uint8Array =>
  concat(head(5, entries.length), ...entries.flatMap(([key, value]) => [text(key), value]));

const { x5c, root } = await mintChain();
const FMT = ['fmt', text('apple')] as const;
const X5C = ['x5c', array(...x5c.map(byteString))] as const;
const STATEMENT = ['attStmt', map(X5C)] as const;
const AUTH_DATA = ['authData', byteString(new Uint8Array())] as const;

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}

describe('an attestation object', () => {
  it.each(
    [...permutations([FMT, STATEMENT]), ...permutations([FMT, STATEMENT, AUTH_DATA])].map((entries) => ({
      entries,
      order: entries.map(([key]) => key).join(', '),
    })),
  )('is read with the keys $order', ({ entries }) => {
    const object = parseAttestationObject(map(...entries));
    expect(Object.keys(object).sort()).toEqual(['chain', 'format', 'x5c']);
    expect(object.format).toBe('apple');
    expect(object.x5c).toEqual(x5c);
    expect(object.chain.certificates).toEqual(x5c.map(parseCertificate));
  });

  it('holds a chain that verifies', async () => {
    const { chain } = parseAttestationObject(map(FMT, STATEMENT));
    const trustAnchors = [parseCertificate(root)];
    const attestation = await verifyAttestation(chain, { at: AT, trustAnchors, expectedFreshnessCode: FRESHNESS_CODE });
    expect(attestation.properties.serialNumber).toEqual({ status: 'attested', value: 'SIMULATED1' });
  });

  it('is copied: neither the input nor what it returned reaches the chain', async () => {
    const input = Buffer.from(map(FMT, STATEMENT));
    const object = parseAttestationObject(input);
    input.fill(0);
    expect(object.x5c).toEqual(x5c);
    for (const der of object.x5c) {
      expect(der.buffer.byteLength).toBe(der.length);
      der.fill(0);
    }
    expect(object.chain.certificates.map(({ der }) => der)).toEqual(x5c);
    const options = { at: AT, trustAnchors: [parseCertificate(root)], expectedFreshnessCode: FRESHNESS_CODE };
    await expect(verifyAttestation(object.chain, options)).resolves.toHaveProperty('freshness', 'matched');
  });

  it.each<[title: string, object: Uint8Array, code: string]>([
    ['without fmt', map(STATEMENT), 'ERR_MDA_OBJECT_SHAPE'],
    ['without attStmt', map(FMT), 'ERR_MDA_OBJECT_SHAPE'],
    ['without anything', map(), 'ERR_MDA_OBJECT_SHAPE'],
    ['that is an array', array(text('apple'), map(X5C)), 'ERR_MDA_OBJECT_SHAPE'],
    ['that is a text', text('apple'), 'ERR_MDA_OBJECT_SHAPE'],
    ['that is a byte string around it', byteString(map(FMT, STATEMENT)), 'ERR_MDA_OBJECT_SHAPE'],
    ['that is the list of certificates alone', X5C[1], 'ERR_MDA_OBJECT_SHAPE'],
    ['with a key that it does not know', map(FMT, STATEMENT, ['ver', text('2.0')]), 'ERR_MDA_OBJECT_SHAPE'],
    ['with an empty key', map(FMT, STATEMENT, ['', text('')]), 'ERR_MDA_OBJECT_SHAPE'],
    ['with a key in another case', map(['Fmt', text('apple')], STATEMENT), 'ERR_MDA_OBJECT_SHAPE'],
    ['with two keys that differ in case', map(FMT, ['FMT', text('apple')], STATEMENT), 'ERR_MDA_OBJECT_SHAPE'],
    ['with attstmt', map(FMT, ['attstmt', map(X5C)]), 'ERR_MDA_OBJECT_SHAPE'],
    ['with __proto__', map(FMT, STATEMENT, ['__proto__', map()]), 'ERR_MDA_OBJECT_SHAPE'],
    ['with constructor for a key', map(FMT, STATEMENT, ['constructor', map()]), 'ERR_MDA_OBJECT_SHAPE'],
    ['with a fmt of bytes', map(['fmt', byteString(bytes('apple'))], STATEMENT), 'ERR_MDA_OBJECT_SHAPE'],
    ['with a fmt that is a list', map(['fmt', array(text('apple'))], STATEMENT), 'ERR_MDA_OBJECT_SHAPE'],
    [
      'with authData that is not empty',
      map(FMT, STATEMENT, ['authData', byteString(hex('00'))]),
      'ERR_MDA_OBJECT_SHAPE',
    ],
    ['with authData that is a text', map(FMT, STATEMENT, ['authData', text('')]), 'ERR_MDA_OBJECT_SHAPE'],
    ['with authData that is a map', map(FMT, STATEMENT, ['authData', map()]), 'ERR_MDA_OBJECT_SHAPE'],
    ['with authData that is null', map(FMT, STATEMENT, ['authData', hex('f6')]), 'ERR_MDA_CBOR_TYPE'],
    ['with authData that is false', map(FMT, STATEMENT, ['authData', hex('f4')]), 'ERR_MDA_CBOR_TYPE'],

    ['of packed', map(['fmt', text('packed')], STATEMENT), 'ERR_MDA_OBJECT_FORMAT'],
    ['of none', map(['fmt', text('none')], STATEMENT), 'ERR_MDA_OBJECT_FORMAT'],
    ['of apple-appattest', map(['fmt', text('apple-appattest')], STATEMENT), 'ERR_MDA_OBJECT_FORMAT'],
    ['of Apple', map(['fmt', text('Apple')], STATEMENT), 'ERR_MDA_OBJECT_FORMAT'],
    ['of an empty format', map(['fmt', text('')], STATEMENT), 'ERR_MDA_OBJECT_FORMAT'],
    ['of apple and a NUL', map(['fmt', text('apple\0')], STATEMENT), 'ERR_MDA_OBJECT_FORMAT'],
    ['of packed, with another statement', map(['fmt', text('packed')], ['attStmt', map()]), 'ERR_MDA_OBJECT_FORMAT'],

    ['with an empty statement', map(FMT, ['attStmt', map()]), 'ERR_MDA_OBJECT_STATEMENT'],
    ['with a statement that is a list', map(FMT, ['attStmt', X5C[1]]), 'ERR_MDA_OBJECT_STATEMENT'],
    ['with a statement that is bytes', map(FMT, ['attStmt', byteString(map(X5C))]), 'ERR_MDA_OBJECT_STATEMENT'],
    ['with alg in its statement', map(FMT, ['attStmt', map(X5C, ['alg', text('ES256')])]), 'ERR_MDA_OBJECT_STATEMENT'],
    [
      'with sig in its statement',
      map(FMT, ['attStmt', map(['sig', byteString(hex('00'))], X5C)]),
      'ERR_MDA_OBJECT_STATEMENT',
    ],
    ['with X5C', map(FMT, ['attStmt', map(['X5C', X5C[1]])]), 'ERR_MDA_OBJECT_STATEMENT'],
    [
      'with __proto__ in its statement',
      map(FMT, ['attStmt', map(X5C, ['__proto__', map()])]),
      'ERR_MDA_OBJECT_STATEMENT',
    ],
    ['with an x5c of bytes', map(FMT, ['attStmt', map(['x5c', byteString(x5c[0])])]), 'ERR_MDA_OBJECT_STATEMENT'],
    ['with an x5c that is a map', map(FMT, ['attStmt', map(['x5c', map()])]), 'ERR_MDA_OBJECT_STATEMENT'],
    ['with an x5c that is a text', map(FMT, ['attStmt', map(['x5c', text('MIIC')])]), 'ERR_MDA_OBJECT_STATEMENT'],
    ['with an x5c of texts', map(FMT, ['attStmt', map(['x5c', array(text('MIIC'))])]), 'ERR_MDA_OBJECT_STATEMENT'],
    [
      'with an x5c of bytes and a text',
      map(FMT, ['attStmt', map(['x5c', array(byteString(x5c[0]), text('MIIC'))])]),
      'ERR_MDA_OBJECT_STATEMENT',
    ],
    ['with an x5c of lists', map(FMT, ['attStmt', map(['x5c', array(array())])]), 'ERR_MDA_OBJECT_STATEMENT'],
    [
      'with an x5c of lists of bytes',
      map(FMT, ['attStmt', map(['x5c', array(array(byteString(x5c[0])))])]),
      'ERR_MDA_CBOR_DEPTH',
    ],

    ['with an empty x5c', map(FMT, ['attStmt', map(['x5c', array()])]), 'ERR_MDA_CHAIN_EMPTY'],
    [
      'with six certificates',
      map(FMT, ['attStmt', map(['x5c', array(...Array.from({ length: 6 }, () => byteString(x5c[0])))])]),
      'ERR_MDA_CHAIN_TOO_LONG',
    ],
    [
      'with a certificate twice',
      map(FMT, ['attStmt', map(['x5c', array(byteString(x5c[0]), byteString(x5c[0]))])]),
      'ERR_MDA_CHAIN_DUPLICATE',
    ],
    [
      'with an empty certificate',
      map(FMT, ['attStmt', map(['x5c', array(byteString(hex('')))])]),
      'ERR_MDA_DER_TRUNCATED',
    ],
    [
      'with a huge certificate',
      map(FMT, ['attStmt', map(['x5c', array(byteString(new Uint8Array(16_385)))])]),
      'ERR_MDA_CERTIFICATE_TOO_LARGE',
    ],

    ['with fmt twice', map(FMT, FMT, STATEMENT), 'ERR_MDA_CBOR_DUPLICATE_KEY'],
    ['with attStmt twice', map(FMT, STATEMENT, STATEMENT), 'ERR_MDA_CBOR_DUPLICATE_KEY'],
    ['with x5c twice', map(FMT, ['attStmt', map(['x5c', array()], X5C)]), 'ERR_MDA_CBOR_DUPLICATE_KEY'],
    ['with a byte after it', concat(map(FMT, STATEMENT), hex('00')), 'ERR_MDA_CBOR_TRAILING'],
    ['that is cut off', map(FMT, STATEMENT).subarray(0, -1), 'ERR_MDA_CBOR_TRUNCATED'],
    ['that is empty', new Uint8Array(), 'ERR_MDA_CBOR_TRUNCATED'],
    [
      'of an indefinite length',
      concat(hex('bf'), map(FMT, STATEMENT).subarray(1), hex('ff')),
      'ERR_MDA_CBOR_INDEFINITE',
    ],
    [
      'with a length that is not the shortest',
      concat(hex('b802'), map(FMT, STATEMENT).subarray(1)),
      'ERR_MDA_CBOR_LENGTH',
    ],
    ['with a key that is a number', hex('a10160'), 'ERR_MDA_CBOR_KEY'],
    ['with a tag around it', concat(hex('d9d9f7'), map(FMT, STATEMENT)), 'ERR_MDA_CBOR_TYPE'],
    ['that is null', hex('f6'), 'ERR_MDA_CBOR_TYPE'],
    ['with a text that is not UTF-8', hex('a163666d7461ff'), 'ERR_MDA_CBOR_UTF8'],
    ['that is JSON', bytes('{"fmt":"apple"}'), 'ERR_MDA_CBOR_LENGTH'],
    ['that is a certificate', x5c[0], 'ERR_MDA_CBOR_TYPE'],
  ])('%s is refused', (_, object, code) => {
    expect(refusalOf(() => parseAttestationObject(object))).toHaveProperty('code', code);
  });

  it('says which of its certificates is at fault', () => {
    const object = map(FMT, ['attStmt', map(['x5c', array(byteString(x5c[0]), byteString(hex('30')))])]);
    expect(refusalOf(() => parseAttestationObject(object))).toMatchObject({
      code: 'ERR_MDA_DER_TRUNCATED',
      certificate: 1,
    });
  });

  it('has room for five certificates of the largest size, and no more', () => {
    const filled = (size: number): Uint8Array => {
      const certificates = Array.from({ length: 5 }, () => byteString(new Uint8Array(16_384)));
      const object = map(FMT, ['attStmt', map(['x5c', array(...certificates)])], AUTH_DATA);
      return concat(object, new Uint8Array(size - object.length));
    };
    expect(MAX_ATTESTATION_OBJECT_BYTES).toBe(82_176);
    // Large enough to be read, and then wrong for another reason.
    expect(refusalOf(() => parseAttestationObject(filled(82_176)))).toHaveProperty('code', 'ERR_MDA_CBOR_TRAILING');
    expect(refusalOf(() => parseAttestationObject(filled(82_177)))).toHaveProperty('code', 'ERR_MDA_OBJECT_TOO_LARGE');
    expect(refusalOf(() => parseAttestationObject(new Uint8Array(10_000_000)))).toHaveProperty(
      'code',
      'ERR_MDA_OBJECT_TOO_LARGE',
    );
  });

  it.each([undefined, null, 'o2NmbXQ', [0xa0], {}, new ArrayBuffer(1), new Uint16Array(1)])(
    'is bytes: %o is a TypeError',
    (value) => {
      expect(() => parseAttestationObject(value as never)).toThrow(TypeError);
    },
  );
});
