import { describe, expect, it } from 'vitest';
import type { AttestationErrorCode } from '../../src/index.ts';
import { evaluatePolicy, parsePolicy, type Policy } from '../../src/policy/index.ts';
import { refusalOf } from '../support/refusal.ts';
import { FULL_RULES, nested, SHORT_RULES } from './documents.ts';
import { AT, documentOf, macFacts } from './facts.ts';

/** Code and place of a refusal. */
function faultOf(document: unknown): [AttestationErrorCode, string | undefined] {
  const { code, field } = refusalOf(() => parsePolicy(document));
  return [code, field];
}

const faultOfRule = (rule: unknown) => faultOf({ format: 1, rules: [rule] });

describe('a policy', () => {
  it.each([...FULL_RULES, ...SHORT_RULES])('may hold %j', (rule) => {
    const document = documentOf([rule]);
    expect(parsePolicy(document).toJSON()).toEqual(document);
  });

  it('may say more about itself', () => {
    const document = {
      $schema: './policy.schema.json',
      ...documentOf(SHORT_RULES),
      title: 'Buchhaltung: nur Geräte der Firma 🍏',
      acceptReportedPlatform: true,
      acceptFreshness: ['not-requested', 'unknown-nonce'],
    };
    expect(parsePolicy(document).toJSON()).toEqual(document);
    expect(parsePolicy(JSON.parse(JSON.stringify(parsePolicy(document)))).toJSON()).toEqual(document);
  });

  it('is a copy: what becomes of the document later changes nothing', () => {
    const rules = [{ rule: 'platform', anyOf: ['macos'] }];
    const policy = parsePolicy({ format: 1, rules });
    rules[0]!.anyOf[0] = 'ios';
    rules.length = 0;
    expect(policy.toJSON()).toEqual({ format: 1, rules: [{ rule: 'platform', anyOf: ['macos'] }] });
    expect(evaluatePolicy(policy, macFacts(), { at: AT }).allowed).toBe(true);
  });

  it('and what it hands out cannot be changed', () => {
    const policy = parsePolicy(documentOf(FULL_RULES));
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(policy.toJSON())).toBe(true);
    expect(frozen(policy)).toBe(true);
  });

  it('comes from parsePolicy alone', () => {
    const genuine = parsePolicy(documentOf(SHORT_RULES));
    const { constructor } = genuine as unknown as { readonly constructor: unknown };
    expect(constructor).toBe(Object);
    const forged: unknown[] = [
      undefined,
      null,
      'policy',
      genuine.toJSON(),
      { ...genuine },
      Object.create(genuine),
      Object.create(Object.getPrototypeOf(genuine) as object),
      new Proxy(genuine, {}),
    ];
    for (const policy of forged)
      expect(() => evaluatePolicy(policy as Policy, macFacts(), { at: AT })).toThrow(
        /^policy must come from parsePolicy$/,
      );
  });
});

describe('a fault is named with its place', () => {
  it.each<[title: string, document: unknown, code: string, field: string | undefined]>([
    ['undefined', undefined, 'ERR_MDA_POLICY_TYPE', undefined],
    ['null', null, 'ERR_MDA_POLICY_TYPE', undefined],
    ['a text', '{"format":1}', 'ERR_MDA_POLICY_TYPE', undefined],
    ['a list', [documentOf(SHORT_RULES)], 'ERR_MDA_POLICY_TYPE', undefined],
    ['a function', () => documentOf(SHORT_RULES), 'ERR_MDA_POLICY_TYPE', undefined],
    ['nothing in it', {}, 'ERR_MDA_POLICY_MISSING', 'format'],
    ['no format', { rules: SHORT_RULES }, 'ERR_MDA_POLICY_MISSING', 'format'],
    ['the format as text', { format: '1', rules: SHORT_RULES }, 'ERR_MDA_POLICY_TYPE', 'format'],
    ['a format of later', { format: 2, rules: SHORT_RULES }, 'ERR_MDA_POLICY_VALUE', 'format'],
    ['no rules', { format: 1 }, 'ERR_MDA_POLICY_MISSING', 'rules'],
    ['rules that are none', { format: 1, rules: {} }, 'ERR_MDA_POLICY_TYPE', 'rules'],
    ['an empty list of rules', { format: 1, rules: [] }, 'ERR_MDA_POLICY_VALUE', 'rules'],
    ['undefined rules', { format: 1, rules: undefined }, 'ERR_MDA_POLICY_TYPE', 'rules'],
    ['an unknown member', { ...documentOf(SHORT_RULES), comment: '' }, 'ERR_MDA_POLICY_UNKNOWN', undefined],
    [
      'a misspelt one',
      { ...documentOf(SHORT_RULES), acceptReportedplatform: false },
      'ERR_MDA_POLICY_UNKNOWN',
      undefined,
    ],
    ['an empty title', { ...documentOf(SHORT_RULES), title: '' }, 'ERR_MDA_POLICY_VALUE', 'title'],
    ['a long title', { ...documentOf(SHORT_RULES), title: 'x'.repeat(201) }, 'ERR_MDA_POLICY_VALUE', 'title'],
    ['a very long title', { ...documentOf(SHORT_RULES), title: '🍏'.repeat(201) }, 'ERR_MDA_POLICY_VALUE', 'title'],
    [
      'a title of many megabytes',
      { ...documentOf(SHORT_RULES), title: 'x'.repeat(2 ** 24) },
      'ERR_MDA_POLICY_VALUE',
      'title',
    ],
    ['a title that is no text', { ...documentOf(SHORT_RULES), title: 1 }, 'ERR_MDA_POLICY_TYPE', 'title'],
    ['a $schema that is no text', { ...documentOf(SHORT_RULES), $schema: {} }, 'ERR_MDA_POLICY_TYPE', '$schema'],
    [
      'a flag as text',
      { ...documentOf(SHORT_RULES), acceptReportedPlatform: 'true' },
      'ERR_MDA_POLICY_TYPE',
      'acceptReportedPlatform',
    ],
    [
      'a flag as null',
      { ...documentOf(SHORT_RULES), acceptReportedPlatform: null },
      'ERR_MDA_POLICY_TYPE',
      'acceptReportedPlatform',
    ],
    [
      'freshness as text',
      { ...documentOf(SHORT_RULES), acceptFreshness: 'not-requested' },
      'ERR_MDA_POLICY_TYPE',
      'acceptFreshness',
    ],
    [
      'freshness of another name',
      { ...documentOf(SHORT_RULES), acceptFreshness: ['cached'] },
      'ERR_MDA_POLICY_VALUE',
      'acceptFreshness[0]',
    ],
  ])('of the policy: %s', (_, document, code, field) => {
    expect(faultOf(document)).toEqual([code, field]);
  });

  it('takes a title of 200 characters, however they are stored', () => {
    for (const title of ['x'.repeat(200), '🍏'.repeat(200)])
      expect(parsePolicy({ ...documentOf(SHORT_RULES), title }).toJSON().title).toBe(title);
  });

  it.each<[title: string, rule: unknown, code: string, field: string]>([
    ['undefined', undefined, 'ERR_MDA_POLICY_TYPE', ''],
    ['a text', 'supervised', 'ERR_MDA_POLICY_TYPE', ''],
    ['a list', [{ rule: 'supervised' }], 'ERR_MDA_POLICY_TYPE', ''],
    ['no name', {}, 'ERR_MDA_POLICY_MISSING', '.rule'],
    ['no name, but members', { minimum: '26.4' }, 'ERR_MDA_POLICY_MISSING', '.rule'],
    ['a name that is no text', { rule: 1 }, 'ERR_MDA_POLICY_TYPE', '.rule'],
    ['a name as list', { rule: ['supervised'] }, 'ERR_MDA_POLICY_TYPE', '.rule'],
    ['an unknown rule', { rule: 'os' }, 'ERR_MDA_POLICY_RULE', '.rule'],
    ['an empty name', { rule: '' }, 'ERR_MDA_POLICY_RULE', '.rule'],
    ['a rule in capitals', { rule: 'Supervised' }, 'ERR_MDA_POLICY_RULE', '.rule'],
    ['a rule named like a group', { rule: 'all' }, 'ERR_MDA_POLICY_RULE', '.rule'],
    ['a rule named __proto__', { rule: '__proto__' }, 'ERR_MDA_POLICY_RULE', '.rule'],
    ['a rule named constructor', { rule: 'constructor' }, 'ERR_MDA_POLICY_RULE', '.rule'],
    ['an unknown member', { rule: 'supervised', minimum: '1.0' }, 'ERR_MDA_POLICY_UNKNOWN', ''],
    ['a rule that is a group too', { rule: 'supervised', all: [{ rule: 'supervised' }] }, 'ERR_MDA_POLICY_UNKNOWN', ''],
    ['two groups in one', { all: [{ rule: 'supervised' }], not: { rule: 'supervised' } }, 'ERR_MDA_POLICY_UNKNOWN', ''],
    ['a version left out', { rule: 'os-version' }, 'ERR_MDA_POLICY_MISSING', '.minimum'],
    ['a version as number', { rule: 'os-version', minimum: 26.4 }, 'ERR_MDA_POLICY_TYPE', '.minimum'],
    ['an impossible version', { rule: 'os-version', minimum: '26.x' }, 'ERR_MDA_POLICY_VERSION', '.minimum'],
    ['an empty version', { rule: 'sep-os-version', minimum: '' }, 'ERR_MDA_POLICY_VERSION', '.minimum'],
    ['a leading zero', { rule: 'os-version', minimum: '026.4' }, 'ERR_MDA_POLICY_VERSION', '.minimum'],
    [
      'an impossible upper bound',
      { rule: 'os-version', minimum: '26.4', below: 'next' },
      'ERR_MDA_POLICY_VERSION',
      '.below',
    ],
    ['a range of nothing', { rule: 'os-version', minimum: '26.4', below: '26.4.0' }, 'ERR_MDA_POLICY_RANGE', '.below'],
    [
      'a range turned around',
      { rule: 'sep-os-version', minimum: '26.4', below: '18.0' },
      'ERR_MDA_POLICY_RANGE',
      '.below',
    ],
    ['an undefined bound', { rule: 'os-version', minimum: '26.4', below: undefined }, 'ERR_MDA_POLICY_TYPE', '.below'],
    [
      'accept of another name',
      { rule: 'os-version', minimum: '26.4', accept: 'any' },
      'ERR_MDA_POLICY_VALUE',
      '.accept',
    ],
    ['accept as list', { rule: 'os-version', minimum: '26.4', accept: ['reported'] }, 'ERR_MDA_POLICY_TYPE', '.accept'],
    [
      'accept where nothing is reported',
      { rule: 'sep-os-version', minimum: '26.4', accept: 'reported' },
      'ERR_MDA_POLICY_UNKNOWN',
      '',
    ],
    [
      'accept where the key is attested',
      { rule: 'key', anyOf: ['P-384'], accept: 'reported' },
      'ERR_MDA_POLICY_UNKNOWN',
      '',
    ],
    ['FileVault without accept', { rule: 'file-vault' }, 'ERR_MDA_POLICY_MISSING', '.accept'],
    ['FileVault attested', { rule: 'file-vault', accept: 'attested' }, 'ERR_MDA_POLICY_VALUE', '.accept'],
    ['supervision attested', { rule: 'supervised', accept: 'attested' }, 'ERR_MDA_POLICY_VALUE', '.accept'],
    ['a model attested', { rule: 'model', anyOf: ['Mac15,6'], accept: 'attested' }, 'ERR_MDA_POLICY_VALUE', '.accept'],
    ['secure boot without a level', { rule: 'secure-boot' }, 'ERR_MDA_POLICY_MISSING', '.minimum'],
    ['another level', { rule: 'secure-boot', minimum: 'full' }, 'ERR_MDA_POLICY_VALUE', '.minimum'],
    ['no age', { rule: 'attestation-age' }, 'ERR_MDA_POLICY_MISSING', '.maximumSeconds'],
    ['an age as text', { rule: 'attestation-age', maximumSeconds: '60' }, 'ERR_MDA_POLICY_TYPE', '.maximumSeconds'],
    ...[0, -1, 1.5, NaN, Infinity, 2 ** 53].map((maximumSeconds): [string, unknown, string, string] => [
      `an age of ${maximumSeconds}`,
      { rule: 'attestation-age', maximumSeconds },
      'ERR_MDA_POLICY_VALUE',
      '.maximumSeconds',
    ]),
    ['no curves', { rule: 'key', anyOf: [] }, 'ERR_MDA_POLICY_VALUE', '.anyOf'],
    ['another curve', { rule: 'key', anyOf: ['P-384', 'P-192'] }, 'ERR_MDA_POLICY_VALUE', '.anyOf[1]'],
    ['a curve twice', { rule: 'key', anyOf: ['P-384', 'P-384'] }, 'ERR_MDA_POLICY_VALUE', '.anyOf'],
    ['one model and no list', { rule: 'model', anyOf: 'Mac15,6' }, 'ERR_MDA_POLICY_TYPE', '.anyOf'],
    ['a model that is none', { rule: 'model', anyOf: ['Mac 15,6'] }, 'ERR_MDA_POLICY_VALUE', '.anyOf[0]'],
    ['an empty model', { rule: 'model', anyOf: [''] }, 'ERR_MDA_POLICY_VALUE', '.anyOf[0]'],
    ['a long model', { rule: 'model', anyOf: ['x'.repeat(65)] }, 'ERR_MDA_POLICY_VALUE', '.anyOf[0]'],
    ['a model with a line feed', { rule: 'model', anyOf: ['Mac15,6\n'] }, 'ERR_MDA_POLICY_VALUE', '.anyOf[0]'],
    ['a hole', { rule: 'software-update-device-id', anyOf: ['a', , 'b'] }, 'ERR_MDA_POLICY_JSON', '.anyOf'],
    [
      'an item that is no text',
      { rule: 'software-update-device-id', anyOf: ['a', 1] },
      'ERR_MDA_POLICY_TYPE',
      '.anyOf[1]',
    ],
    [
      'too many models',
      { rule: 'model', anyOf: Array.from({ length: 257 }, String) },
      'ERR_MDA_POLICY_COUNT',
      '.anyOf',
    ],
    ['no platforms', { rule: 'supervised', platforms: [] }, 'ERR_MDA_POLICY_VALUE', '.platforms'],
    [
      'an unknown platform',
      { rule: 'supervised', platforms: ['macos', 'android'] },
      'ERR_MDA_POLICY_PLATFORM',
      '.platforms[1]',
    ],
    [
      'a platform in capitals',
      { rule: 'supervised', platforms: ['macOS'] },
      'ERR_MDA_POLICY_PLATFORM',
      '.platforms[0]',
    ],
    ['a platform twice', { rule: 'supervised', platforms: ['ios', 'ios'] }, 'ERR_MDA_POLICY_VALUE', '.platforms'],
    ['platforms as text', { rule: 'supervised', platforms: 'ios' }, 'ERR_MDA_POLICY_TYPE', '.platforms'],
    [
      'SIP on a phone',
      { rule: 'system-integrity-protection', platforms: ['ios'] },
      'ERR_MDA_POLICY_PLATFORM',
      '.platforms[0]',
    ],
    [
      'secure boot on a watch',
      { rule: 'secure-boot', minimum: 'Full Security', platforms: ['macos', 'watchos'] },
      'ERR_MDA_POLICY_PLATFORM',
      '.platforms[1]',
    ],
    [
      'kernel extensions on a TV',
      { rule: 'kernel-extensions', platforms: ['tvos'] },
      'ERR_MDA_POLICY_PLATFORM',
      '.platforms[0]',
    ],
    [
      'FileVault on a tablet',
      { rule: 'file-vault', accept: 'reported', platforms: ['ipados'] },
      'ERR_MDA_POLICY_PLATFORM',
      '.platforms[0]',
    ],
    ['platforms of a platform', { rule: 'platform', anyOf: ['ios'], platforms: ['ios'] }, 'ERR_MDA_POLICY_UNKNOWN', ''],
    ['a platform that is none', { rule: 'platform', anyOf: ['linux'] }, 'ERR_MDA_POLICY_PLATFORM', '.anyOf[0]'],
    ['an empty group', { all: [] }, 'ERR_MDA_POLICY_VALUE', '.all'],
    ['an empty choice', { any: [] }, 'ERR_MDA_POLICY_VALUE', '.any'],
    ['not of a list', { not: [{ rule: 'supervised' }] }, 'ERR_MDA_POLICY_TYPE', '.not'],
    ['a group of no list', { any: { rule: 'supervised' } }, 'ERR_MDA_POLICY_TYPE', '.any'],
    ['a group with more in it', { any: [{ rule: 'supervised' }], minimum: 2 }, 'ERR_MDA_POLICY_UNKNOWN', ''],
    [
      'a fault far inside',
      { any: [{ rule: 'supervised' }, { not: { all: [{ rule: 'key', anyOf: ['x'] }] } }] },
      'ERR_MDA_POLICY_VALUE',
      '.any[1].not.all[0].anyOf[0]',
    ],
  ])('of a rule: %s', (_, rule, code, field) => {
    expect(faultOfRule(rule)).toEqual([code, `rules[0]${field}`]);
  });

  it('at the rule that has it', () => {
    expect(faultOf(documentOf([...FULL_RULES, { rule: 'os-version', minimum: 'x' }]))).toEqual([
      'ERR_MDA_POLICY_VERSION',
      `rules[${FULL_RULES.length}].minimum`,
    ]);
  });

  it('never echoes the policy', () => {
    const secret = 'S3cretValue';
    const documents = [
      { format: 1, rules: [{ rule: secret }] },
      { format: 1, rules: [{ [secret]: 1 }] },
      { format: 1, rules: [{ rule: 'supervised', [secret]: 1 }] },
      { format: 1, [secret]: 1, rules: SHORT_RULES },
      { format: 1, rules: [{ rule: 'model', anyOf: [`${secret}!`] }] },
      { format: 1, rules: [{ rule: 'os-version', minimum: secret }] },
    ];
    for (const document of documents) {
      const error = refusalOf(() => parsePolicy(document));
      expect(JSON.stringify([error.message, error.field, error.cause])).not.toContain(secret);
    }
  });
});

describe('the limits', () => {
  it('hold for the rules of a policy, all told', () => {
    const rule = { rule: 'supervised' } as const;
    const many = (length: number) => Array.from({ length }, () => rule);
    parsePolicy(documentOf(many(256)));
    expect(faultOf(documentOf(many(257)))).toEqual(['ERR_MDA_POLICY_COUNT', 'rules']);
    parsePolicy(documentOf([{ any: many(127) }, { all: many(127) }]));
    expect(faultOf(documentOf([{ any: many(127) }, { all: many(128) }]))).toEqual([
      'ERR_MDA_POLICY_COUNT',
      'rules[1].all[127]',
    ]);
  });

  it('hold for groups in groups', () => {
    parsePolicy(documentOf([nested(8)]));
    expect(faultOf(documentOf([nested(9)]))).toEqual(['ERR_MDA_POLICY_DEPTH', `rules[0]${'.not'.repeat(8)}`]);
  });

  it('hold for the items of a list', () => {
    parsePolicy(documentOf([{ rule: 'model', anyOf: Array.from({ length: 256 }, (_, index) => `Mac${index}`) }]));
  });
});
