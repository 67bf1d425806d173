import { afterEach, describe, expect, it } from 'vitest';
import { evaluatePolicy, type Facts, parsePolicy, type RuleDocument } from '../../src/policy/index.ts';
import { refusalOf } from '../support/refusal.ts';
import {
  ABSENT,
  AT,
  attestationOf,
  attested,
  CERTIFICATE,
  codeOf,
  decide,
  documentOf,
  MAC_RECORD,
  macFacts,
  reported,
} from './facts.ts';

/** Policies and facts made to do harm: an AttestationError at load time, a TypeError of the caller's, or a refusal. */

const GOOD = { rule: 'supervised' } as const;

describe('a policy that is no plain data', () => {
  class Rule {
    readonly rule = 'supervised';
  }
  const withAccessor = Object.defineProperty({ rule: 'os-version' }, 'minimum', {
    enumerable: true,
    get: () => '26.4',
  });
  const hidden = Object.defineProperty({ rule: 'supervised' }, 'accept', { enumerable: false, value: 'reported' });
  const failing = (trap: string) =>
    new Proxy(
      { rule: 'supervised' },
      {
        [trap]: () => {
          throw new RangeError('trap');
        },
      },
    );
  const { proxy: revoked, revoke } = Proxy.revocable({ rule: 'supervised' }, {});
  revoke();

  it.each<[title: string, rule: unknown, code: string]>([
    ['an instance of a class', new Rule(), 'ERR_MDA_POLICY_JSON'],
    ['what inherits its members', Object.create({ rule: 'supervised' }), 'ERR_MDA_POLICY_JSON'],
    ['a Map', new Map([['rule', 'supervised']]), 'ERR_MDA_POLICY_JSON'],
    ['a Date', new Date(), 'ERR_MDA_POLICY_JSON'],
    ['a boxed text', Object('supervised'), 'ERR_MDA_POLICY_JSON'],
    ['an accessor', withAccessor, 'ERR_MDA_POLICY_JSON'],
    ['a hidden member', hidden, 'ERR_MDA_POLICY_JSON'],
    ['a symbol', { rule: 'supervised', [Symbol('rule')]: 1 }, 'ERR_MDA_POLICY_JSON'],
    ['a proxy that fails on its keys', failing('ownKeys'), 'ERR_MDA_POLICY_JSON'],
    ['a proxy that fails on its members', failing('getOwnPropertyDescriptor'), 'ERR_MDA_POLICY_JSON'],
    ['a proxy that fails on its prototype', failing('getPrototypeOf'), 'ERR_MDA_POLICY_JSON'],
    ['a proxy that is no more', revoked, 'ERR_MDA_POLICY_JSON'],
    ['a function', Object.assign(() => 1, { rule: 'supervised' }), 'ERR_MDA_POLICY_TYPE'],
    [
      'a member named __proto__',
      JSON.parse('{"rule":"supervised","__proto__":{"accept":"reported"}}'),
      'ERR_MDA_POLICY_UNKNOWN',
    ],
    ['a member named constructor', { rule: 'supervised', constructor: 1 }, 'ERR_MDA_POLICY_UNKNOWN'],
    ['a member named toJSON', { rule: 'supervised', toJSON: () => GOOD }, 'ERR_MDA_POLICY_UNKNOWN'],
  ])('is refused: %s', (_, rule, code) => {
    const error = refusalOf(() => parsePolicy({ format: 1, rules: [rule] }));
    expect([error.code, error.field]).toEqual([code, 'rules[0]']);
  });

  it('gives the error of a proxy as the cause', () => {
    expect(refusalOf(() => parsePolicy({ format: 1, rules: [failing('ownKeys')] })).cause).toBeInstanceOf(RangeError);
    expect(
      Object.hasOwn(
        refusalOf(() => parsePolicy({ format: 1, rules: [new Date()] })),
        'cause',
      ),
    ).toBe(false);
  });

  it.each<[title: string, rules: unknown, code: string]>([
    ['a hole', [GOOD, , GOOD], 'ERR_MDA_POLICY_JSON'],
    ['an accessor', Object.defineProperty([GOOD], 1, { enumerable: true, get: () => GOOD }), 'ERR_MDA_POLICY_JSON'],
    ['nothing but a length', Object.assign([] as unknown[], { length: 2 }), 'ERR_MDA_POLICY_JSON'],
    [
      'a length of four thousand million',
      Object.assign([] as unknown[], { length: 2 ** 32 - 1 }),
      'ERR_MDA_POLICY_COUNT',
    ],
    ['what only looks like a list', { 0: GOOD, length: 1 }, 'ERR_MDA_POLICY_TYPE'],
    ['a Set', new Set([GOOD]), 'ERR_MDA_POLICY_TYPE'],
    ['a proxy that lies about its length', new Proxy([GOOD], { get: () => 1e9 }), 'ERR_MDA_POLICY_COUNT'],
    ['a proxy whose length is no number', new Proxy([GOOD], { get: () => ({}) }), 'ERR_MDA_POLICY_COUNT'],
    ['a proxy whose length is negative', new Proxy([GOOD], { get: () => -1 }), 'ERR_MDA_POLICY_VALUE'],
    ['a proxy whose length is a symbol', new Proxy([GOOD], { get: () => Symbol('length') }), 'ERR_MDA_POLICY_JSON'],
    [
      'a proxy that fails',
      new Proxy([GOOD], {
        getOwnPropertyDescriptor: () => {
          throw new Error('trap');
        },
      }),
      'ERR_MDA_POLICY_JSON',
    ],
  ])('is refused as a list: %s', (_, rules, code) => {
    const error = refusalOf(() => parsePolicy({ format: 1, rules }));
    expect([error.code, error.field]).toEqual([code, 'rules']);
  });

  it('may have no prototype, or that of another realm', () => {
    const bare = Object.assign(Object.create(null) as object, GOOD);
    expect(parsePolicy({ format: 1, rules: [bare] }).toJSON().rules).toEqual([GOOD]);
    const foreign = Object.create(Object.create(null) as object, Object.getOwnPropertyDescriptors(GOOD)) as object;
    expect(parsePolicy({ format: 1, rules: [foreign] }).toJSON().rules).toEqual([GOOD]);
  });

  it('is read once: a proxy that changes its mind does not change the policy', () => {
    let reads = 0;
    const fickle = new Proxy(
      { rule: 'platform', anyOf: ['macos'] },
      {
        getOwnPropertyDescriptor: (target, key) => {
          reads += 1;
          return { ...Object.getOwnPropertyDescriptor(target, key)!, configurable: true };
        },
      },
    );
    const policy = parsePolicy({ format: 1, rules: [fickle] });
    expect(reads).toBe(2);
    expect(policy.toJSON().rules).toEqual([{ rule: 'platform', anyOf: ['macos'] }]);
  });
});

describe('a policy without end', () => {
  it('that contains itself is refused for its depth', () => {
    const all: unknown[] = [GOOD];
    const group = { all };
    all.push(group);
    const error = refusalOf(() => parsePolicy({ format: 1, rules: [group] }));
    expect([error.code, error.field]).toEqual(['ERR_MDA_POLICY_DEPTH', `rules[0]${'.all[1]'.repeat(8)}`]);
    const turned: Record<string, unknown> = {};
    turned['not'] = turned;
    expect(refusalOf(() => parsePolicy({ format: 1, rules: [turned] })).code).toBe('ERR_MDA_POLICY_DEPTH');
  });

  it('that contains the same many times is refused for its count, before it is unfolded', () => {
    let group: unknown = GOOD;
    for (let depth = 0; depth < 8; depth++) group = { any: Array.from({ length: 100 }, () => group) };
    const start = performance.now();
    expect(refusalOf(() => parsePolicy({ format: 1, rules: [group] })).code).toBe('ERR_MDA_POLICY_COUNT');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('that is deeper than any stack is refused', () => {
    let group: unknown = GOOD;
    for (let depth = 0; depth < 100_000; depth++) group = { not: group };
    expect(refusalOf(() => parsePolicy({ format: 1, rules: [group] })).code).toBe('ERR_MDA_POLICY_DEPTH');
    let list: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) list = [list];
    expect(refusalOf(() => parsePolicy({ format: 1, rules: list })).code).toBe('ERR_MDA_POLICY_TYPE');
  });

  it('that is large is refused', () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`x${index}`, GOOD]));
    expect(refusalOf(() => parsePolicy(wide)).code).toBe('ERR_MDA_POLICY_MISSING');
    expect(refusalOf(() => parsePolicy({ ...wide, ...documentOf([GOOD]) })).code).toBe('ERR_MDA_POLICY_UNKNOWN');
    const version = '1'.repeat(10_000_000);
    const rule = { rule: 'os-version', minimum: version } as const;
    expect(refusalOf(() => parsePolicy(documentOf([rule]))).code).toBe('ERR_MDA_POLICY_VERSION');
  });
});

describe('facts of the wrong shape are a mistake of the caller', () => {
  class Instance {
    readonly status = 'known';
  }
  const policy = parsePolicy(documentOf([{ rule: 'os-version', minimum: '26.4' }]));
  const messageOf = (facts: unknown): string => {
    try {
      evaluatePolicy(policy, facts as Facts, { at: AT });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return error.message;
    }
    return 'no error';
  };

  it.each<[facts: unknown, place: string]>([
    [undefined, 'facts'],
    [null, 'facts'],
    [[], 'facts'],
    ['facts', 'facts'],
    [new Instance(), 'facts'],
    [{}, 'facts.reported'],
    [{ ...macFacts(), reported: undefined }, 'facts.reported'],
    [{ ...macFacts(), reported: [] }, 'facts.reported'],
    [{ ...macFacts(), inventory: null }, 'facts.inventory'],
    [{ ...macFacts(), inventory: new Map() }, 'facts.inventory'],
    [{ ...macFacts(), attested: null }, 'facts.attested'],
    [{ ...macFacts(), attested: 'attested' }, 'facts.attested'],
    [macFacts({ attested: { certificate: '' } }), 'facts.attested.certificate'],
    [macFacts({ attested: { certificate: undefined as never } }), 'facts.attested.certificate'],
    [macFacts({ attested: { certificate: 'of another attestation' } }), 'facts.attested.serialNumber.certificate'],
    [macFacts({ attested: { freshness: 'stale' as never } }), 'facts.attested.freshness'],
    [macFacts({ attested: { freshness: undefined as never } }), 'facts.attested.freshness'],
    [macFacts({ attested: { publicKey: undefined as never } }), 'facts.attested.publicKey'],
    [
      macFacts({ attested: { publicKey: { keyType: 'EC', curve: 384 as never, fingerprint: '' } } }),
      'facts.attested.publicKey.curve',
    ],
    [
      macFacts({ attested: { publicKey: { keyType: 'EC', curve: 'P-384', fingerprint: '' } } }),
      'facts.attested.publicKey.fingerprint',
    ],
    [
      macFacts({ attested: { publicKey: { keyType: 'EC', curve: 'P-384' } as never } }),
      'facts.attested.publicKey.fingerprint',
    ],
    [macFacts({ reported: { reportedAt: 1 as never } }), 'facts.reported.reportedAt'],
    [macFacts({ inventory: { keyFingerprint: '' } }), 'facts.inventory.keyFingerprint'],
    [macFacts({ attested: { attestedAt: '2026-06-01T12:00:00Z' as never } }), 'facts.attested.attestedAt'],
    [macFacts({ attested: { attestedAt: null as never } }), 'facts.attested.attestedAt'],
    [macFacts({ attested: { attestedAt: new Date(NaN) } }), 'facts.attested.attestedAt'],
    [macFacts({ attested: { notAfter: undefined as never } }), 'facts.attested.notAfter'],
    [macFacts({ attested: { notAfter: 1.8e12 as never } }), 'facts.attested.notAfter'],
    [macFacts({ attested: { osVersion: '26.4' as never } }), 'facts.attested.osVersion'],
    [macFacts({ attested: { osVersion: null as never } }), 'facts.attested.osVersion'],
    [macFacts({ attested: { osVersion: new Instance() as never } }), 'facts.attested.osVersion'],
    [
      macFacts({ attested: { osVersion: { status: 'attested', value: '26.4' } as never } }),
      'facts.attested.osVersion.status',
    ],
    [macFacts({ attested: { osVersion: {} as never } }), 'facts.attested.osVersion.status'],
    [macFacts({ attested: { osVersion: reported('26.4') as never } }), 'facts.attested.osVersion.source'],
    [
      macFacts({ attested: { osVersion: { ...attested('26.4'), certificate: 'other' } } }),
      'facts.attested.osVersion.certificate',
    ],
    [macFacts({ reported: { osVersion: attested('26.4') as never } }), 'facts.reported.osVersion.source'],
    [macFacts({ reported: { fileVault: true as never } }), 'facts.reported.fileVault'],
    [
      macFacts({ reported: { fileVault: { status: 'known', value: true } as never } }),
      'facts.reported.fileVault.source',
    ],
    [macFacts({ inventory: { known: 1 as never } }), 'facts.inventory.known'],
    [macFacts({ inventory: { known: null as never } }), 'facts.inventory.known'],
    [macFacts({ inventory: { supervised: 'yes' as never } }), 'facts.inventory.supervised'],
    [macFacts({ inventory: { serialNumber: '' } }), 'facts.inventory.serialNumber'],
    [macFacts({ inventory: { udid: 7 as never } }), 'facts.inventory.udid'],
    [macFacts({ inventory: { platform: 'macOS' as never } }), 'facts.inventory.platform'],
    [macFacts({ inventory: { platform: 'toString' as never } }), 'facts.inventory.platform'],
  ])('%j: %s', (facts, place) => {
    expect(messageOf(facts)).toMatch(new RegExp(`^${place.replaceAll('.', '\\.')} must be `));
  });

  it('is not what a device says in the wrong form', () => {
    expect(messageOf(macFacts({ reported: { osVersion: reported({}) as never } }))).toBe('no error');
  });

  it.each<[options: unknown, message: RegExp]>([
    [undefined, /^options/],
    [{}, /^at must/],
    [{ at: '2026-06-08' }, /^at must/],
    [{ at: new Date(NaN) }, /^at must/],
    [{ at: AT, acceptReported: true }, /^unknown option acceptReported$/],
  ])('are options like %j', (options, message) => {
    expect(() => evaluatePolicy(policy, macFacts(), options as never)).toThrow(TypeError);
    expect(() => evaluatePolicy(policy, macFacts(), options as never)).toThrow(message);
  });
});

describe('facts with a will of their own', () => {
  const rules: readonly RuleDocument[] = [
    { rule: 'os-version', minimum: '26.4', accept: 'reported' },
    { not: { rule: 'os-version', minimum: '27' } },
    { rule: 'platform', anyOf: ['macos'] },
    { rule: 'system-integrity-protection', platforms: ['macos'] },
  ];

  it('give a TypeError where a getter throws, with its error as the cause', () => {
    const getter = (error: unknown) =>
      macFacts({
        reported: Object.defineProperty({}, 'osVersion', {
          enumerable: true,
          get: () => {
            throw error;
          },
        }),
      });
    const cause = new RangeError('trap');
    expect(() => decide(rules, getter(cause))).toThrow(expect.objectContaining({ name: 'TypeError', cause }) as Error);
    expect(() => decide(rules, getter('a text'))).toThrow(TypeError);
    expect(() => decide(rules, getter(new TypeError('its own')))).toThrow(/^its own$/);
  });

  it('are read once each, so that they cannot answer one rule so and another one otherwise', () => {
    const reads = new Map<string, number>();
    const watched = <Value extends object>(value: Value, place: string): Value =>
      new Proxy(value, {
        get: (target, key, receiver): unknown => {
          const member: unknown = Reflect.get(target, key, receiver);
          if (member instanceof Date) return member;
          const path = `${place}.${String(key)}`;
          reads.set(path, (reads.get(path) ?? 0) + 1);
          return typeof member === 'object' && member !== null ? watched(member, path) : member;
        },
      });
    const facts = macFacts({
      reported: { osVersion: reported('26.4'), platform: reported('macos') },
      inventory: MAC_RECORD,
    });
    expect(decide(rules, watched(facts, 'facts')).allowed).toBe(true);
    expect(reads.size).toBeGreaterThan(30);
    expect([...reads].filter(([, count]) => count !== 1)).toEqual([]);
  });

  it('are their own: what they inherit is not said by anybody', () => {
    const base = Object.assign(Object.create(null) as object, { fileVault: reported(true), known: true });
    const heir = Object.create(base) as object;
    expect(codeOf({ rule: 'file-vault', accept: 'reported' }, { ...macFacts(), reported: heir })).toBe('absent');
    expect(codeOf({ rule: 'known-device' }, { ...macFacts(), inventory: heir })).toBe('not-recorded');
  });

  it('may have no prototype', () => {
    const bare = <Value extends object>(value: Value): Value => Object.assign(Object.create(null) as Value, value);
    const facts = bare({ ...macFacts(), reported: bare({ osVersion: bare(reported('26.4')) }) });
    expect(decide(rules, facts).allowed).toBe(true);
  });

  it('may have members that no rule reads', () => {
    const osVersion = { ...reported('26.4'), certificate: 'of the connection' };
    expect(decide(rules, macFacts({ reported: { osVersion } })).allowed).toBe(true);
    expect(decide(rules, { ...macFacts(), reported: { passcode: 1 } as object, more: 1 } as Facts).allowed).toBe(true);
  });

  it('may lack what a later attestation names: it is absent', () => {
    const { osVersion, ...older } = attestationOf();
    expect(osVersion.status).toBe('known');
    expect(codeOf({ rule: 'os-version', minimum: '26.4' }, { ...macFacts(), attested: older as never })).toBe('absent');
    const explicit = macFacts({ attested: { osVersion: undefined as never } });
    expect(codeOf({ rule: 'os-version', minimum: '26.4' }, explicit)).toBe('absent');
  });
});

describe('a prototype that somebody has polluted', () => {
  const polluted = ['fileVault', 'known', 'platform', 'accept', 'platforms', 'acceptReportedPlatform'] as const;
  afterEach(() => {
    for (const name of polluted) Reflect.deleteProperty(Object.prototype, name);
  });
  const pollute = (name: (typeof polluted)[number], value: unknown): void => {
    Object.defineProperty(Object.prototype, name, { configurable: true, writable: true, value });
  };

  it('says nothing of a device', () => {
    pollute('fileVault', reported(true));
    pollute('known', true);
    expect(codeOf({ rule: 'file-vault', accept: 'reported' }, macFacts())).toBe('absent');
    expect(codeOf({ rule: 'known-device' }, macFacts({ inventory: { serialNumber: 'TMWFWWWP67' } }))).toBe(
      'not-recorded',
    );
  });

  it('adds nothing to a policy', () => {
    pollute('accept', 'reported');
    pollute('platforms', ['ios']);
    pollute('acceptReportedPlatform', true);
    const facts = macFacts({ attested: { osVersion: ABSENT }, reported: { osVersion: reported('26.4') } });
    expect(codeOf({ rule: 'os-version', minimum: '26.4' }, facts)).toBe('absent');
  });

  it('makes no fact of what is none', () => {
    expect(() =>
      decide(GOOD, {
        ...macFacts(),
        attested: { ...attestationOf(), osVersion: { certificate: CERTIFICATE } as never },
      }),
    ).toThrow(TypeError);
  });
});
