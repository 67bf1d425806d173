import { beforeAll, describe, expect, it } from 'vitest';
import { parseAttestationObject } from '../../src/acme/index.ts';
import * as library from '../../src/index.ts';
import { FRESHNESS_CODE, type MintedChain, mintChain } from '../support/mint.ts';

/** A caller's mistake is a TypeError, whatever was passed in: never a crash, never a verdict. */

class Impostor {
  readonly length = 3;
  readonly 0 = 1;
}

/** A value of every type that is neither bytes nor text nor anything else that a function here takes. */
const VALUES: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['true', true],
  ['0', 0],
  ['NaN', Number.NaN],
  ['a bigint', 10n],
  ['a symbol', Symbol('bytes')],
  ['an object', {}],
  ['an object without a prototype', Object.create(null)],
  ['an object like bytes', { length: 3, 0: 1, 1: 2, 2: 3 }],
  ['an instance', new Impostor()],
  ['a function', () => undefined],
  ['a class', Impostor],
  ['a RegExp', /x/],
  ['a Map', new Map()],
  ['a Set', new Set()],
  ['a Promise', Promise.resolve(new Uint8Array(3))],
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['a SharedArrayBuffer', new SharedArrayBuffer(8)],
  ['a DataView', new DataView(new ArrayBuffer(8))],
  ['a Uint8ClampedArray', new Uint8ClampedArray(8)],
  ['an Int8Array', new Int8Array(8)],
  ['a Uint16Array', new Uint16Array(8)],
  ['a Float64Array', new Float64Array(8)],
  ['a BigUint64Array', new BigUint64Array(8)],
  ['a large DataView', new DataView(new ArrayBuffer(100_000))],
  ['a large Uint16Array', new Uint16Array(100_000)],
  ['a Proxy of bytes', new Proxy(new Uint8Array(8), {})],
  ['an object that inherits from bytes', Object.create(new Uint8Array(8))],
  ['boxed text', Object('MII')],
  ['a Blob', new Blob(['x'])],
  ['an Error', new Error('x')],
];
const TEXT = ['text', 'MIICJDCC'] as const;
const BYTES = ['bytes', new Uint8Array(3)] as const;
const ARRAYS: readonly (readonly [string, unknown])[] = [
  ['an empty array', []],
  ['an array of numbers', [1, 2, 3]],
  ['an array of text', ['MII']],
  ['an array of null', [null]],
  ['a sparse array', new Array(2)],
  ['an array of arrays', [[1, 2]]],
];

let chain: MintedChain;
let anchors: readonly library.Certificate[];
let parsed: library.AttestationChain;

beforeAll(async () => {
  chain = await mintChain();
  anchors = [library.parseCertificate(chain.root)];
  parsed = library.parseAttestationChain(chain.x5c);
});

/** Called as JavaScript calls it, without the compiler to help. */
type Loose = (...values: readonly unknown[]) => unknown;
const loose = (callee: unknown): Loose => callee as Loose;

async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return 'no error';
  } catch (error) {
    return error;
  }
}

const options = (): Record<string, unknown> => ({
  at: new Date('2026-06-01T12:00:00Z'),
  expectedFreshnessCode: FRESHNESS_CODE,
  trustAnchors: anchors,
});

/** Every public function in every place, with the values that belong there. */
const PLACES: readonly (readonly [string, (value: unknown) => unknown, readonly string[]])[] = [
  ['parseCertificate', (value) => loose(library.parseCertificate)(value), ['bytes']],
  ['parseAttestationChain', (value) => loose(library.parseAttestationChain)(value), ['an empty array']],
  ['parseAttestationChain, of one', (value) => loose(library.parseAttestationChain)([value]), ['bytes']],
  [
    'parseAttestationChain, the second',
    (value) => loose(library.parseAttestationChain)([chain.leaf, value]),
    ['bytes'],
  ],
  ['parseAttestationObject', (value) => loose(parseAttestationObject)(value), ['bytes']],
  ['fromPem', (value) => loose(library.fromPem)(value), ['text']],
  ['fromBase64', (value) => loose(library.fromBase64)(value), ['text']],
  ['fromBase64Url', (value) => loose(library.fromBase64Url)(value), ['text']],
  ['toPem', (value) => loose(library.toPem)(value), ['bytes', 'an empty array']],
  ['toPem, of one', (value) => loose(library.toPem)([value]), ['bytes']],
  ['toBase64', (value) => loose(library.toBase64)(value), ['bytes']],
  ['toBase64Url', (value) => loose(library.toBase64Url)(value), ['bytes']],
  ['constantTimeEqual', (value) => loose(library.constantTimeEqual)(value, value), ['bytes']],
  ['constantTimeEqual, one side', (value) => loose(library.constantTimeEqual)(new Uint8Array(3), value), ['bytes']],
  ['certificateFingerprint', (value) => loose(library.certificateFingerprint)(value), []],
  ['decodeProperties', (value) => loose(library.decodeProperties)(value), []],
  ['decodeProperties, a decoder', (value) => decoder(value), ['a function', 'a class']],
  ['freshnessCodeForToken', (value) => loose(library.freshnessCodeForToken)(value), ['text']],
  ['freshnessCodeForNonce', (value) => loose(library.freshnessCodeForNonce)(value), ['bytes']],
  ['verifyChain', (value) => loose(library.verifyChain)(value, { at: options()['at'] }), []],
  ['verifyChain, options', (value) => loose(library.verifyChain)(parsed, value), []],
  ['verifyAttestation', (value) => loose(library.verifyAttestation)(value, options()), []],
  ['verifyAttestation, options', (value) => loose(library.verifyAttestation)(parsed, value), []],
  ['verifyAttestation, at', (value) => withOption('at', value), []],
  ['verifyAttestation, expectedFreshnessCode', (value) => withOption('expectedFreshnessCode', value), ['bytes']],
  ['verifyAttestation, expectedPublicKey', (value) => withOption('expectedPublicKey', value), ['bytes']],
  ['verifyAttestation, trustAnchors', (value) => withOption('trustAnchors', value), []],
  ['verifyAttestation, one of trustAnchors', (value) => withOption('trustAnchors', [...anchors, value]), []],
  [
    'verifyChain, trustAnchors',
    (value) => loose(library.verifyChain)(parsed, { at: options()['at'], trustAnchors: value }),
    [],
  ],
  ['explainAttestation', (value) => loose(library.explainAttestation)(value, options()), ['an empty array']],
  ['explainAttestation, of one', (value) => loose(library.explainAttestation)([value], options()), ['bytes']],
  ['explainAttestation, options', (value) => loose(library.explainAttestation)(parsed, value), []],
];

function withOption(name: string, value: unknown): unknown {
  return loose(library.verifyAttestation)(parsed, { ...options(), [name]: value });
}

function decoder(value: unknown): unknown {
  const decoders = { '1.2.840.113635.100.8.9.3': value };
  return loose(library.decodeProperties)(library.parseCertificate(chain.leaf), { decoders });
}

describe.each(PLACES)('%s', (_, call, takes) => {
  it.each([...VALUES, TEXT, BYTES, ...ARRAYS].filter(([what]) => !takes.includes(what)))(
    'answers %s with a TypeError',
    async (_what, value) => {
      const error = await errorOf(() => call(value));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).not.toBeInstanceOf(library.AttestationError);
    },
  );
});

it('covers every public function', () => {
  const functions = Object.entries(library).flatMap(([name, value]) =>
    typeof value === 'function' && name !== 'AttestationError' ? [name] : [],
  );
  const covered = PLACES.map(([name]) => name.replace(/,.*/, ''));
  // These take nothing, or anything.
  const exempt = ['appleEnterpriseAttestationRoot', 'isVerifiedAttestation'];
  expect(functions.filter((name) => !covered.includes(name) && !exempt.includes(name))).toEqual([]);
});

it('takes nothing for a verified attestation', () => {
  for (const [, value] of [...VALUES, TEXT, BYTES, ...ARRAYS]) expect(library.isVerifiedAttestation(value)).toBe(false);
});

describe('bytes of other kinds', () => {
  it('are bytes: a Buffer, a part of a larger buffer, shared memory, a subclass', async () => {
    const { leaf } = chain;
    const shared = new Uint8Array(new SharedArrayBuffer(leaf.length));
    shared.set(leaf);
    const larger = new Uint8Array(leaf.length + 20);
    larger.set(leaf, 10);
    class Subclass extends Uint8Array {}
    const subclass = new Subclass(leaf);
    for (const bytes of [Buffer.from(leaf), larger.subarray(10, 10 + leaf.length), shared, subclass]) {
      expect(library.parseCertificate(bytes).der).toEqual(leaf);
      const attestation = await library.verifyAttestation(library.parseAttestationChain([bytes, chain.subCa]), {
        at: new Date('2026-06-01T12:00:00Z'),
        expectedFreshnessCode: FRESHNESS_CODE,
        trustAnchors: anchors,
      });
      expect(library.isVerifiedAttestation(attestation)).toBe(true);
    }
  });

  it('are refused without a crash when their memory is gone', () => {
    const bytes = chain.leaf.slice();
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    expect(bytes).toHaveLength(0);
    expect(() => library.parseCertificate(bytes)).toThrow();
    try {
      library.parseCertificate(bytes);
    } catch (error) {
      expect(error instanceof TypeError || error instanceof library.AttestationError).toBe(true);
    }
  });

  it('are refused that only say so', async () => {
    const tag = { [Symbol.toStringTag]: 'Uint8Array' };
    const leaked: string[] = [];
    for (const value of [
      { ...tag, length: undefined },
      { ...tag, length: 3 },
      { ...tag, length: 2 ** 40 },
      { ...tag, length: -1 },
    ])
      for (const [name, call] of PLACES.filter(([, , takes]) => takes.includes('bytes'))) {
        // Would count to 2^40.
        if (name === 'constantTimeEqual' && value.length === 2 ** 40) continue;
        const error = await errorOf(() => call(value));
        if (!(error instanceof TypeError)) leaked.push(`${name}, length ${String(value.length)}: ${String(error)}`);
      }
    expect(leaked).toEqual([]);
  });
});
