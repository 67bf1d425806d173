import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVector, VECTOR_FLAGS, type Vector } from '../../src/conformance/index.ts';
import { VectorFault } from '../../src/conformance/parse-vector.ts';
import { SEED, settings } from '../hostile/generators.ts';
import { mintVectors } from '../support/vectors.ts';

console.log(`FUZZ_SEED=${SEED}`);

const vectors = await mintVectors();
const readSchema = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}.schema.json`, import.meta.url), 'utf8')) as {
    readonly $defs: Readonly<Record<string, unknown>>;
  };
const schema = readSchema('vector');
const isValid = new Ajv2020({ strict: true }).compile(schema);

type Json = Record<string, unknown>;

const vector = (id: string): Vector => vectors.find((one) => one.id === id)!;

/** A vector with other members; undefined takes one away. */
const changed = (id: string, members: Json): Json => JSON.parse(JSON.stringify({ ...vector(id), ...members })) as Json;

function faultOf(value: unknown): string | undefined {
  const { id } = Object(value) as { readonly id?: unknown };
  const path = typeof id === 'string' ? `${id}.json` : 'chain/expired.json';
  try {
    parseVector(JSON.stringify(value), path);
    return undefined;
  } catch (error) {
    if (!(error instanceof VectorFault)) throw error;
    expect(error.path).toBe(path);
    return error.fault;
  }
}

describe('a good vector', () => {
  it.each(vectors.map((one) => [one.id, one]))('%s is read as it is, and keeps to the schema', (id, one) => {
    expect(parseVector(JSON.stringify(one), `${id}.json`)).toEqual(one);
    expect(isValid(one), JSON.stringify(isValid.errors)).toBe(true);
  });
});

const EMPTY = { status: 'absent' };
/** The answer with other properties. */
function answerOf(members: Json): Json {
  const { answer } = vector('properties/genuine') as { readonly answer?: { readonly properties: object } };
  return { answer: { properties: { ...answer!.properties, ...members } } };
}

/** What is wrong, the vector with it, and a word that the fault must have. */
const BAD: readonly (readonly [string, unknown, string])[] = [
  ['no object', [], 'object'],
  ['null', null, 'object'],
  ['an unknown member', changed('chain/expired', { comment: 'x' }), '"comment"'],
  ['a member named __proto__', JSON.parse('{"op":"chain","result":"accept","__proto__":{}}'), 'member'],
  ...['id', 'title', 'op', 'input', 'trustAnchors', 'at', 'result', 'fault', 'flags', 'source'].map(
    (name) => [`without ${name}`, changed('chain/expired', { [name]: undefined }), name] as const,
  ),
  ...['id', 'title', 'op', 'input', 'trustAnchors', 'at', 'result', 'code', 'fault', 'flags', 'source'].map(
    (name) => [`${name} of another type`, changed('chain/expired', { [name]: 1 }), name] as const,
  ),
  ['an id without a folder', changed('chain/expired', { id: 'expired' }), 'id'],
  ['an id in capitals', changed('chain/expired', { id: 'chain/Expired' }), 'id'],
  ['an id of three parts', changed('chain/expired', { id: 'chain/time/expired' }), 'id'],
  ['an id with a line feed', changed('chain/expired', { id: 'chain/expired\n' }), 'id'],
  ['an empty title', changed('chain/expired', { title: '' }), 'title'],
  ['an unknown operation', changed('chain/expired', { op: 'toString' }), 'op'],
  ['an unknown result', changed('chain/expired', { result: 'maybe' }), 'result'],
  ['no flag', changed('chain/expired', { flags: [] }), 'flags'],
  ['an unknown flag', changed('chain/expired', { flags: ['path', 'weather'] }), 'flags[1]'],
  ['a flag twice', changed('chain/expired', { flags: ['path', 'path'] }), 'flags'],
  ['a code that is none', changed('chain/expired', { code: 'EXPIRED' }), 'code'],
  ['a code of accept', changed('chain/genuine', { code: 'ERR_MDA_CHAIN_EXPIRED' }), 'code'],
  ['a code of either', changed('chain/empty', { code: 'ERR_MDA_CHAIN_EXPIRED' }), 'code'],
  ['a fault of accept', changed('chain/genuine', { fault: 'x' }), 'fault'],
  ['an answer of reject', changed('chain/expired', { answer: { publicKey: 'AAAA' } }), 'answer'],
  ['an answer of either', changed('chain/empty', { answer: { publicKey: 'AAAA' } }), 'answer'],
  ['a reason of reject', changed('chain/expired', { reason: 'x' }), 'reason'],
  ['either without a reason', changed('chain/empty', { reason: undefined }), 'reason'],
  ['an empty answer', changed('chain/genuine', { answer: {} }), 'answer'],
  ['a freshness in the answer to a chain', changed('chain/genuine', { answer: { freshness: 'fresh' } }), 'freshness'],
  ['an unknown freshness', changed('device-information/cached', { answer: { freshness: 'stale' } }), 'freshness'],
  ['a key in the answer to properties', changed('properties/genuine', { answer: { publicKey: 'AAAA' } }), 'publicKey'],
  ['an answer to a csr', changed('csr/genuine', { answer: { publicKey: 'AAAA' } }), 'answer'],
  ['a key that is no base64', changed('chain/genuine', { answer: { publicKey: 'AAA' } }), 'publicKey'],
  ['no anchors', changed('chain/expired', { trustAnchors: [] }), 'trustAnchors'],
  ['an anchor that is no base64', changed('chain/expired', { trustAnchors: ['AAAA', 'AB=='] }), 'trustAnchors[1]'],
  ['anchors of properties', changed('properties/genuine', { trustAnchors: ['AAAA'] }), 'trustAnchors'],
  ['a time of a csr', changed('csr/genuine', { at: '2026-06-01T12:00:00Z' }), 'at'],
  ['a time without a zone', changed('chain/expired', { at: '2026-06-01T12:00:00' }), 'at'],
  ['a time of another zone', changed('chain/expired', { at: '2026-06-01T12:00:00+02:00' }), 'at'],
  ['a time of hour 24', changed('chain/expired', { at: '2026-06-01T24:00:00Z' }), 'at'],
  ['an unknown input', changed('chain/expired', { input: { x5c: [], nonce: null } }), 'nonce'],
  ['the input of another operation', changed('chain/expired', { input: { certificate: '' } }), 'x5c'],
  ['an x5c of numbers', changed('chain/expired', { input: { x5c: [1] } }), 'x5c[0]'],
  ['a token that is none', changed('acme/genuine', { input: { attObj: '', token: 'a.b' } }), 'token'],
  [
    'an identifier that is null',
    changed('acme/genuine', { input: { attObj: '', token: 'a', identifier: null } }),
    'id',
  ],
  [
    'a nonce that is no base64',
    changed('device-information/cached', { input: { x5c: [], nonce: '!', knownNonces: [] } }),
    'nonce',
  ],
  ['no nonce', changed('device-information/cached', { input: { x5c: [], knownNonces: [] } }), 'nonce'],
  ['an attested key that is no base64', changed('csr/genuine', { input: { csr: '', attestedKey: '' } }), 'attestedKey'],
  ['a property that is missing', changed('properties/genuine', answerOf({ udid: undefined })), 'udid'],
  ['a property that is unknown', changed('properties/genuine', answerOf({ colour: EMPTY })), 'colour'],
  ['a property that is a text', changed('properties/genuine', answerOf({ udid: 'x' })), 'udid'],
  ['a property of no state', changed('properties/genuine', answerOf({ udid: {} })), 'status'],
  ['a property of an unknown state', changed('properties/genuine', answerOf({ udid: { status: 'x' } })), 'status'],
  ['a value of what is absent', changed('properties/genuine', answerOf({ udid: { ...EMPTY, value: 'x' } })), 'value'],
  [
    'malformed without bytes',
    changed('properties/genuine', answerOf({ udid: { status: 'malformed', bytes: '' } })),
    'by',
  ],
  ['other that is no list', changed('properties/genuine', answerOf({ other: {} })), 'other'],
  ['other in capitals', changed('properties/genuine', answerOf({ other: [{ oid: '1.2', bytes: 'FF' }] })), 'other[0]'],
  ['other without an OID', changed('properties/genuine', answerOf({ other: [{ oid: '1', bytes: '' }] })), 'oid'],
];

describe('a bad vector', () => {
  it.each(BAD)('with %s is refused with the place, and breaks the schema', (_, value, word) => {
    const fault = faultOf(value);
    expect(fault).toContain(word);
    expect(fault).not.toMatch(/[\u0000-\u001f]/);
    expect(isValid(value)).toBe(false);
  });

  it('is no JSON, or not at its path', () => {
    expect(() => parseVector('{', 'chain/x.json')).toThrow(TypeError);
    expect(() => parseVector('{', 'chain/\u001b.json')).toThrow('"chain/\\u001b.json": it is not JSON');
    const text = JSON.stringify(vector('chain/expired'));
    for (const path of ['chain/other.json', 'chain/expired', 'x/chain/expired.json', ''])
      expect(() => parseVector(text, path)).toThrow(VectorFault);
  });

  it('has a day that does not exist, which no schema sees', () => {
    const value = changed('chain/expired', { at: '2026-02-30T00:00:00Z' });
    expect(faultOf(value)).toContain('at');
    expect(isValid(value)).toBe(true);
  });

  it('that causes anything else is a fault of the program', () => {
    const parse = JSON.parse;
    const broken = new RangeError('broken');
    const value = {
      get op() {
        throw broken;
      },
    };
    JSON.parse = () => value;
    try {
      expect(() => parseVector('{}', 'chain/x.json')).toThrow(broken);
    } finally {
      JSON.parse = parse;
    }
  });
});

/** Every place in a value, as a list of names. */
function placesIn(value: unknown, place: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...place, name]))];
}

const REMOVED = Symbol('removed');

/** A copy of a value with another value at a place. */
function withAt(value: unknown, [name, ...rest]: readonly string[], replacement: unknown): unknown {
  if (name === undefined) return replacement;
  const entries = Object.entries(value as object).flatMap(([key, member]: [string, unknown]) => {
    const changed = key === name ? withAt(member, rest, replacement) : member;
    return changed === REMOVED ? [] : [[key, changed] as const];
  });
  if (!Object.keys(value as object).includes(name)) entries.push([name, replacement]);
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

describe('the reader and the schema', () => {
  it('agree on vectors with a random member replaced, removed or added', () => {
    const strange = fc.constantFrom<unknown>(
      ...[REMOVED, null, true, 0, '', 'AAAA', 'AB==', '-_', 'accept', 'either', 'csr', 'path', 'absent', 'ERR_MDA_X'],
      ...['2026-06-01T12:00:00.5Z', 'ff', '1.2.3', [], ['AAAA'], ['time'], {}, { status: 'absent' }, { x5c: [] }],
    );
    const extra = fc.constantFrom('code', 'answer', 'fault', 'reason', 'at', 'identifier', 'value', 'freshness', 'x');
    const mutated = fc
      .tuple(fc.constantFrom(...vectors), fc.nat(), strange, fc.option(extra))
      .map(([one, index, replacement, name]) => {
        const places = placesIn(one);
        const place = places[index % places.length]!;
        const parent = place.slice(0, -1);
        const isAdded = name !== null && replacement !== REMOVED;
        return withAt(one, isAdded ? [...parent, name] : place, replacement);
      })
      .filter((value) => value !== REMOVED);
    let [good, bad] = [0, 0];
    fc.assert(
      fc.property(mutated, (value) => {
        const fault = faultOf(value);
        expect(isValid(value), fault ?? 'no fault').toBe(fault === undefined);
        if (fault === undefined) good++;
        else bad++;
      }),
      settings(2000),
    );
    expect(Math.min(good, bad)).toBeGreaterThan(50);
  });

  it('know the same flags, with the same meanings', () => {
    const { oneOf } = schema.$defs['flag'] as { oneOf: { const: string; description: string }[] };
    expect(Object.fromEntries(oneOf.map((one) => [one.const, one.description]))).toEqual(VECTOR_FLAGS);
  });
});

describe('the two schemas', () => {
  it('describe a property in the same words', () => {
    const protocol = readSchema('protocol');
    for (const name of ['base64', 'property', 'properties', 'freshness'])
      expect(protocol.$defs[name]).toEqual(schema.$defs[name]);
  });
});
