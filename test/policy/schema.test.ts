import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy, type PolicyDocument } from '../../src/policy/index.ts';
import { runs, SEED, settings } from '../hostile/generators.ts';
import { outcomeOf } from '../support/refusal.ts';
import { FULL_RULES, nested, SHORT_RULES } from './documents.ts';
import { documentOf } from './facts.ts';
import { anyPolicy } from './generators.ts';

/** docs/policy.schema.json says what parsePolicy does, but for what a schema cannot say. */

console.log(`FUZZ_SEED=${SEED}`);

const schema = JSON.parse(readFileSync(new URL('../../docs/policy.schema.json', import.meta.url), 'utf8')) as object;
const isValid = new Ajv2020({ strict: true, allowUnionTypes: false }).compile(schema);

/** How deep, how many in all, and which of two versions is the later one: no schema counts that. */
const BEYOND = ['accepted', 'ERR_MDA_POLICY_DEPTH', 'ERR_MDA_POLICY_COUNT', 'ERR_MDA_POLICY_RANGE'];

/** Whether the two agree on a document; returns whether it is accepted. */
function agree(document: unknown): boolean {
  const outcome = outcomeOf(() => parsePolicy(document));
  if (isValid(document)) expect(BEYOND, JSON.stringify(document)).toContain(outcome);
  else expect(outcome, JSON.stringify(document)).not.toBe('accepted');
  return outcome === 'accepted';
}

/** Every place in a JSON value, by its path. */
function placesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => placesOf(member, [...path, key]))];
}

/** A copy in which the value at the path is another one, or is not there where the change gives undefined. */
function replaced(value: unknown, [key, ...rest]: readonly string[], change: (value: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const isList = Array.isArray(value);
  const entries = Object.entries(value as object).flatMap(([name, member]: [string, unknown]) => {
    const copy = name === key ? replaced(member, rest, change) : member;
    return copy === undefined ? [] : [[name, copy] as const];
  });
  return isList ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

/** Own, whatever its name is. */
function withMember(value: unknown, key: string, junk: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.defineProperty({ ...value }, key, { value: junk, enumerable: true });
}

const JUNK: readonly unknown[] = [
  ...[null, true, false, 0, 1, 2, -1, 1.5, 2 ** 53, '', ' ', 'x', 'reported', 'attested', 'macos', 'ios', 'P-384'],
  ...['26.4', '27.0', '0.1', '26.4 (a)', '26.4\n', 'Mac15,6', 'x y', 'x'.repeat(65), 'x'.repeat(201), '🍏'.repeat(200)],
  ...['os-version', 'supervised', 'file-vault', 'platform', 'known-device', 'all', 'toString', 'not-requested'],
  ...[
    [],
    {},
    ['macos'],
    ['ios', 'ios'],
    [1],
    [[]],
    { rule: 'supervised' },
    { not: {} },
    { all: [{ rule: 'supervised' }] },
  ],
];
const KEYS = [
  'rule',
  'all',
  'any',
  'not',
  'platforms',
  'accept',
  'minimum',
  'below',
  'anyOf',
  'maximumSeconds',
  'x',
  '__proto__',
];

describe('the schema and parsePolicy agree', () => {
  it.each([...FULL_RULES, ...SHORT_RULES])('on %j', (rule) => {
    expect(agree(documentOf([rule]))).toBe(true);
  });

  it.each([...FULL_RULES, ...SHORT_RULES])('on %j with any one thing changed, put in or taken out', (rule) => {
    const document = documentOf([rule], { title: 'x' });
    for (const path of placesOf(document)) {
      agree(replaced(document, path, () => undefined));
      for (const junk of JUNK) agree(replaced(document, path, () => junk));
      for (const key of KEYS)
        for (const junk of ['reported', ['macos'], [{ rule: 'supervised' }]])
          agree(replaced(document, path, (value) => withMember(value, key, junk)));
    }
  });

  it('on every member of every rule in every other', () => {
    for (const rule of SHORT_RULES)
      for (const other of FULL_RULES)
        for (const [key, value] of Object.entries<unknown>({ ...other }))
          agree({ format: 1, rules: [{ [key]: value, ...rule }] });
  });

  it('on random policies, and on such with junk in them', () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyPolicy, fc.nat(), fc.nat(), fc.constantFrom(...JUNK), (policy, which, where, junk) => {
        expect(agree(policy)).toBe(true);
        const places = placesOf(policy);
        const changed = replaced(policy, places[where % places.length]!, (value) =>
          which % 3 === 0 ? junk : which % 3 === 1 ? undefined : [value, value],
        );
        accepted += Number(agree(changed));
      }),
      settings(1500),
    );
    expect(accepted / runs(1500)).toBeGreaterThan(0.02);
  });

  it('on the length of lists and titles', () => {
    const hardware = (length: number) =>
      ({ rule: 'model', anyOf: Array.from({ length }, (_, index) => `Mac${index}`) }) as const;
    expect(agree(documentOf([hardware(256)]))).toBe(true);
    expect(agree(documentOf([hardware(257)]))).toBe(false);
    const rules = (length: number) => documentOf(Array.from({ length }, () => ({ rule: 'supervised' }) as const));
    expect(agree(rules(256))).toBe(true);
    expect(agree(rules(257))).toBe(false);
    for (const [title, expected] of [
      ['x'.repeat(200), true],
      ['x'.repeat(201), false],
      ['🍏'.repeat(200), true],
      ['🍏'.repeat(201), false],
      ['\ud83c'.repeat(200), true],
    ] as const)
      expect(agree({ ...documentOf(SHORT_RULES), title } satisfies PolicyDocument)).toBe(expected);
  });

  it('but for what only parsePolicy can say', () => {
    const many = Array.from({ length: 200 }, () => ({ rule: 'supervised' }) as const);
    const documents: PolicyDocument[] = [
      documentOf([nested(9)]),
      documentOf([{ all: many }, { any: many }]),
      documentOf([{ rule: 'os-version', minimum: '26.4', below: '26.3' }]),
    ];
    expect(documents.map((document) => isValid(document))).toEqual([true, true, true]);
    expect(documents.map((document) => outcomeOf(() => parsePolicy(document)))).toEqual(BEYOND.slice(1));
  });
});
