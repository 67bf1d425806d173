import { describe, expect, it } from 'vitest';
import { evaluatePolicy, type Facts, parsePolicy, REASONS, type RuleDocument } from '../../src/policy/index.ts';
import {
  ABSENT,
  AT,
  attested,
  decide,
  documentOf,
  MAC_RECORD,
  macFacts,
  PHONE_RECORD,
  phoneFacts,
  reported,
  WEEK_SECONDS,
} from './facts.ts';

/** Rules that come to a known outcome with the facts of `macFacts()`. */
const MET: RuleDocument = { rule: 'system-integrity-protection' };
const NOT_MET: RuleDocument = { rule: 'os-version', minimum: '99.0' };
const UNDETERMINED: RuleDocument = { rule: 'known-device' };
/** For phones alone. */
const ELSEWHERE: RuleDocument = { rule: 'os-version', minimum: '18.0', platforms: ['ios'] };

const outcomeOf = (...rules: RuleDocument[]) => decide(rules, macFacts()).outcome;
const pathsOf = (...rules: RuleDocument[]) =>
  decide(rules, macFacts()).reasons.map(({ path, code }) => `${path} ${code}`);

describe('a decision', () => {
  it('allows what meets every rule, and has no reason against it', () => {
    expect(decide([MET, MET], macFacts())).toEqual({
      allowed: true,
      outcome: 'met',
      reasons: [],
      rules: [0, 1].map((index) => ({
        path: `rules[${index}]`,
        rule: 'system-integrity-protection',
        negated: false,
        outcome: 'met',
        code: 'met',
        source: 'attested',
      })),
    });
  });

  it('refuses with every reason, in the order of the policy', () => {
    const { allowed, outcome, reasons, rules } = decide([UNDETERMINED, MET, NOT_MET], macFacts());
    expect([allowed, outcome]).toEqual([false, 'not met']);
    expect(reasons).toEqual([
      {
        path: 'rules[0]',
        rule: 'known-device',
        negated: false,
        outcome: 'undetermined',
        code: 'not-recorded',
        source: 'inventory',
      },
      {
        path: 'rules[2]',
        rule: 'os-version',
        negated: false,
        outcome: 'not met',
        code: 'below-minimum',
        source: 'attested',
      },
    ]);
    expect(rules.map(({ path }) => path)).toEqual(['rules[0]', 'rules[1]', 'rules[2]']);
  });

  it('refuses what is undetermined', () => {
    expect(decide([MET, UNDETERMINED], macFacts())).toMatchObject({ allowed: false, outcome: 'undetermined' });
  });

  it('has an outcome for every code that agrees with its rule', () => {
    for (const { outcome, code } of decide([UNDETERMINED, MET, NOT_MET, ELSEWHERE], macFacts()).rules)
      expect(REASONS[code].outcome).toBe(outcome);
  });

  it('can be stored: it is JSON', () => {
    const decision = decide([UNDETERMINED, MET, NOT_MET], macFacts());
    expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
  });

  it('is the same for the same facts, and its lists are its own', () => {
    const policy = parsePolicy(documentOf([UNDETERMINED, NOT_MET]));
    const first = evaluatePolicy(policy, macFacts(), { at: AT });
    const expected = structuredClone(first);
    (first.reasons as unknown[]).length = 0;
    expect(evaluatePolicy(policy, macFacts(), { at: AT })).toEqual(expected);
  });
});

describe('the codes', () => {
  it('have the outcomes that the documentation gives them', () => {
    const codes = (outcome: string) =>
      Object.entries(REASONS).flatMap(([code, entry]) => (entry.outcome === outcome ? [code] : []));
    expect(codes('met')).toEqual(['met']);
    expect(codes('not applicable')).toEqual(['out-of-scope']);
    expect(codes('not met')).toEqual([
      'below-minimum',
      'not-below',
      'disabled',
      'kernel-extensions-allowed',
      'not-supervised',
      'not-known',
      'not-user-authenticated',
      'not-listed',
      'too-old',
    ]);
    expect(codes('undetermined')).toHaveLength(Object.keys(REASONS).length - 11);
  });

  it('say who did not say', () => {
    const rules: readonly (readonly [rule: RuleDocument, code: string, source: string])[] = [
      [{ rule: 'os-version', minimum: '26.4' }, 'no-attestation', 'attested'],
      [{ rule: 'os-version', minimum: '26.4', accept: 'reported' }, 'absent', 'reported'],
      [{ rule: 'attestation-age', maximumSeconds: 1 }, 'no-attestation', 'attested'],
      [{ rule: 'report-age', maximumSeconds: 1 }, 'absent', 'reported'],
      [{ rule: 'key', anyOf: ['P-384'] }, 'no-attestation', 'attested'],
      [{ rule: 'supervised' }, 'not-linked', 'inventory'],
      [{ rule: 'known-device' }, 'not-linked', 'inventory'],
      [{ rule: 'known-device', accept: 'reported' }, 'not-linked', 'reported'],
      [{ rule: 'user-authenticated' }, 'not-recorded', 'inventory'],
      [{ rule: 'platform', anyOf: ['ios'] }, 'platform-unknown', 'inventory'],
    ];
    const facts: Facts = { attested: undefined, reported: {}, inventory: { ...MAC_RECORD, supervised: true } };
    for (const [rule, code, source] of rules) expect(decide(rule, facts).reasons).toMatchObject([{ code, source }]);
    const only = phoneFacts({ reported: { platform: reported('ios') } });
    expect(decide({ rule: 'platform', anyOf: ['ios'] }, only).reasons).toMatchObject([{ source: 'reported' }]);
    const other = macFacts({ inventory: PHONE_RECORD });
    const sourcesOf = (...of: RuleDocument[]) => decide(of, other).reasons.map(({ source }) => source);
    expect(
      sourcesOf({ rule: 'file-vault', accept: 'reported' }, { rule: 'supervised' }, { rule: 'kernel-extensions' }),
    ).toEqual(['reported', 'inventory', 'attested']);
  });

  it('say who did, where a time decides', () => {
    const facts = macFacts({ attested: { attestedAt: undefined }, reported: { reportedAt: AT } });
    const { rules } = decide(
      [
        { rule: 'report-age', maximumSeconds: 1 },
        { rule: 'attestation-age', maximumSeconds: 1 },
        { rule: 'key', anyOf: ['P-384'] },
      ],
      facts,
    );
    expect(rules).toMatchObject([
      { code: 'met', source: 'reported' },
      { code: 'absent', source: 'attested' },
      { code: 'met', source: 'attested' },
    ]);
    const age = decide({ rule: 'attestation-age', maximumSeconds: WEEK_SECONDS }, macFacts());
    expect(age.rules).toMatchObject([{ code: 'met', source: 'attested' }]);
  });
});

describe('groups', () => {
  it.each<[rule: RuleDocument, outcome: string]>([
    [{ all: [MET, MET] }, 'met'],
    [{ all: [MET, NOT_MET, UNDETERMINED] }, 'not met'],
    [{ all: [MET, UNDETERMINED] }, 'undetermined'],
    [{ any: [NOT_MET, MET, UNDETERMINED] }, 'met'],
    [{ any: [NOT_MET, UNDETERMINED] }, 'undetermined'],
    [{ any: [NOT_MET, NOT_MET] }, 'not met'],
    [{ not: MET }, 'not met'],
    [{ not: NOT_MET }, 'met'],
    [{ not: UNDETERMINED }, 'undetermined'],
    [{ not: { not: UNDETERMINED } }, 'undetermined'],
    [{ not: { not: MET } }, 'met'],
    [{ not: { all: [MET, UNDETERMINED] } }, 'undetermined'],
    [{ not: { all: [NOT_MET, UNDETERMINED] } }, 'met'],
    [{ not: { any: [MET, UNDETERMINED] } }, 'not met'],
    [{ not: { any: [NOT_MET, UNDETERMINED] } }, 'undetermined'],
    [{ any: [{ not: UNDETERMINED }, { not: MET }] }, 'undetermined'],
  ])('%j', (rule, outcome) => {
    expect(outcomeOf(rule)).toBe(outcome);
  });

  it('are run to their end, for every reason is asked for', () => {
    const { rules } = decide({ any: [MET, { all: [NOT_MET, UNDETERMINED] }] }, macFacts());
    expect(rules.map(({ path, code }) => [path, code])).toEqual([
      ['rules[0].any[0]', 'met'],
      ['rules[0].any[1].all[0]', 'below-minimum'],
      ['rules[0].any[1].all[1]', 'not-recorded'],
    ]);
  });

  it.each<[rule: RuleDocument, reasons: string[]]>([
    [{ any: [MET, NOT_MET, UNDETERMINED] }, []],
    [{ any: [NOT_MET, UNDETERMINED] }, ['rules[1].any[0] below-minimum', 'rules[1].any[1] not-recorded']],
    [{ all: [MET, NOT_MET, UNDETERMINED] }, ['rules[1].all[1] below-minimum', 'rules[1].all[2] not-recorded']],
    [{ all: [{ any: [MET, NOT_MET] }, NOT_MET] }, ['rules[1].all[1] below-minimum']],
    [{ not: MET }, ['rules[1].not met']],
    [{ not: NOT_MET }, []],
    [{ not: UNDETERMINED }, ['rules[1].not not-recorded']],
    [{ not: { any: [MET, NOT_MET, UNDETERMINED] } }, ['rules[1].not.any[0] met', 'rules[1].not.any[2] not-recorded']],
    [{ not: { all: [MET, NOT_MET, UNDETERMINED] } }, []],
    [{ not: { not: NOT_MET } }, ['rules[1].not.not below-minimum']],
    [{ not: { all: [MET, { not: NOT_MET }] } }, ['rules[1].not.all[0] met', 'rules[1].not.all[1].not below-minimum']],
  ])('name as reasons what stands in the way, and nothing else: %j', (rule, reasons) => {
    expect(pathsOf(NOT_MET, rule)).toEqual(['rules[0] below-minimum', ...reasons]);
  });

  it('say where a rule is turned around', () => {
    const { rules } = decide([{ not: { all: [MET, { not: MET }] } }, { any: [MET] }], macFacts());
    expect(rules.map(({ path, negated }) => [path, negated])).toEqual([
      ['rules[0].not.all[0]', true],
      ['rules[0].not.all[1].not', false],
      ['rules[1].any[0]', false],
    ]);
  });
});

describe('rules for other platforms', () => {
  it.each<[rule: RuleDocument, outcome: string]>([
    [{ all: [ELSEWHERE, MET] }, 'met'],
    [{ all: [ELSEWHERE, NOT_MET] }, 'not met'],
    [{ any: [ELSEWHERE, MET] }, 'met'],
    [{ any: [ELSEWHERE, NOT_MET] }, 'not met'],
    [{ any: [ELSEWHERE, UNDETERMINED] }, 'undetermined'],
    [{ not: { any: [ELSEWHERE, MET] } }, 'not met'],
    [{ not: { all: [ELSEWHERE, NOT_MET] } }, 'met'],
    [{ not: { all: [ELSEWHERE, UNDETERMINED] } }, 'undetermined'],
    [{ all: [{ any: [ELSEWHERE, { not: ELSEWHERE }] }, MET] }, 'met'],
  ])('are as if they were not written: %j', (rule, outcome) => {
    expect(outcomeOf(rule)).toBe(outcome);
  });

  it.each<[rule: RuleDocument]>([
    [ELSEWHERE],
    [{ not: ELSEWHERE }],
    [{ any: [ELSEWHERE, ELSEWHERE] }],
    [{ not: { all: [ELSEWHERE, { any: [ELSEWHERE] }] } }],
    [{ all: [MET], platforms: ['tvos', 'ios'] }],
    [{ not: NOT_MET, platforms: ['ios'] }],
  ])('alone let nobody in: %j', (rule) => {
    expect(outcomeOf(rule, MET)).toBe('met');
    const { allowed, outcome, reasons } = decide(rule, macFacts());
    expect([allowed, outcome]).toEqual([false, 'undetermined']);
    expect(reasons).toEqual([
      {
        path: 'rules',
        rule: 'policy',
        negated: false,
        outcome: 'undetermined',
        code: 'no-rule-applies',
        source: 'attested',
      },
    ]);
  });

  it('are named as such', () => {
    const { rules } = decide([ELSEWHERE, { not: MET, platforms: ['ios'] }, MET], macFacts());
    expect(rules.map(({ rule, outcome, code }) => [rule, outcome, code])).toEqual([
      ['os-version', 'not applicable', 'out-of-scope'],
      ['not', 'not applicable', 'out-of-scope'],
      ['system-integrity-protection', 'met', 'met'],
    ]);
  });

  it.each<[rule: RuleDocument]>([
    [ELSEWHERE],
    [{ ...MET, platforms: ['macos'] }],
    [{ not: ELSEWHERE }],
    [{ any: [ELSEWHERE] }],
    [{ all: [NOT_MET], platforms: ['ios'] }],
    [{ not: { any: [MET], platforms: ['macos'] } }],
  ])('are undetermined where the platform is not known: %j', (rule) => {
    const { outcome, reasons } = decide([rule, { rule: 'key', anyOf: ['P-384'] }], phoneFacts());
    expect(outcome).toBe('undetermined');
    expect(reasons.map(({ code }) => code)).toEqual(['platform-unknown']);
  });

  it('need no platform to hold for all of them', () => {
    expect(decide({ rule: 'os-version', minimum: '26.4' }, phoneFacts()).allowed).toBe(true);
  });
});

describe('a policy for Macs and iPhones', () => {
  const POLICY: readonly RuleDocument[] = [
    { rule: 'known-device' },
    { rule: 'os-version', minimum: '26.4', platforms: ['macos'] },
    { rule: 'os-version', minimum: '26.3', platforms: ['ios', 'ipados'] },
    {
      platforms: ['macos'],
      all: [
        { rule: 'system-integrity-protection' },
        { rule: 'secure-boot', minimum: 'Full Security' },
        { rule: 'kernel-extensions' },
      ],
    },
    { rule: 'attestation-age', maximumSeconds: WEEK_SECONDS },
  ];

  it('lets in a good Mac and a good iPhone', () => {
    expect(decide(POLICY, macFacts({ inventory: MAC_RECORD })).reasons).toEqual([]);
    expect(decide(POLICY, phoneFacts({ inventory: PHONE_RECORD })).reasons).toEqual([]);
  });

  it('does not let in a Mac that hides what only Macs have', () => {
    const hidden = { systemIntegrityProtection: ABSENT, secureBoot: ABSENT, thirdPartyKernelExtensions: ABSENT };
    expect(
      decide(POLICY, macFacts({ attested: hidden, inventory: MAC_RECORD })).reasons.map(({ code }) => code),
    ).toEqual(['absent', 'absent', 'absent']);
    const { platform, ...unsorted } = MAC_RECORD;
    expect(platform).toBe('macos');
    const { reasons } = decide(POLICY, macFacts({ attested: hidden, inventory: unsorted }));
    expect(new Set(reasons.map(({ code }) => code))).toEqual(new Set(['platform-unknown']));
  });
});

describe('an attestation', () => {
  const codesAt = (
    at: Date,
    freshness: 'fresh' | 'cached' | 'unknown-nonce' | 'not-requested' = 'fresh',
    more = {},
  ) => {
    const policy = parsePolicy(documentOf([MET, { rule: 'key', anyOf: ['P-384'] }, { rule: 'known-device' }], more));
    const facts = macFacts({ attested: { freshness }, inventory: MAC_RECORD });
    return evaluatePolicy(policy, facts, { at }).rules.map(({ code }) => code);
  };

  it('says something within its validity alone', () => {
    expect(codesAt(new Date('2026-06-01T12:00:00Z'))).toEqual(['met', 'met', 'met']);
    expect(codesAt(new Date('2026-08-31T12:00:00Z'))).toEqual(['met', 'met', 'met']);
    expect(codesAt(new Date('2026-08-31T12:00:00.001Z'))).toEqual([
      'attestation-expired',
      'attestation-expired',
      'not-linked',
    ]);
    expect(codesAt(new Date('2026-06-01T11:59:59.999Z'))).toEqual([
      'attestation-not-yet-valid',
      'attestation-not-yet-valid',
      'not-linked',
    ]);
  });

  it('says something if it was made for a request of this server', () => {
    expect(codesAt(AT, 'cached')).toEqual(['met', 'met', 'met']);
    for (const freshness of ['unknown-nonce', 'not-requested'] as const)
      expect(codesAt(AT, freshness)).toEqual(['attestation-not-fresh', 'attestation-not-fresh', 'not-linked']);
  });

  it('may be another one only as far as the policy says', () => {
    const accepts = { acceptFreshness: ['not-requested'] };
    expect(codesAt(AT, 'not-requested', accepts)).toEqual(['met', 'met', 'met']);
    expect(codesAt(AT, 'unknown-nonce', accepts)).toEqual([
      'attestation-not-fresh',
      'attestation-not-fresh',
      'not-linked',
    ]);
  });

  it('that counts for nothing still names its device, and that it is a Mac', () => {
    const other = macFacts({ attested: { freshness: 'unknown-nonce' }, inventory: PHONE_RECORD });
    expect(decide({ rule: 'user-authenticated' }, other).reasons[0]?.code).toBe('other-device');
    const phone = macFacts({ attested: { freshness: 'unknown-nonce' }, inventory: { platform: 'ios' } });
    expect(decide({ rule: 'platform', anyOf: ['ios'] }, phone).reasons[0]?.code).toBe('platform-contradicted');
    const nothing = macFacts({ attested: { freshness: 'unknown-nonce' } });
    expect(decide({ rule: 'platform', anyOf: ['macos'] }, nothing).reasons[0]?.code).toBe('platform-unknown');
    const mac = macFacts({ attested: { freshness: 'unknown-nonce' }, inventory: { platform: 'macos' } });
    expect(decide({ rule: 'platform', anyOf: ['macos'] }, mac).rules[0]).toMatchObject({
      code: 'met',
      source: 'inventory',
    });
  });
});

describe('sources that name different devices', () => {
  const RULES: readonly RuleDocument[] = [
    MET,
    { not: NOT_MET },
    { rule: 'known-device', accept: 'reported' },
    { rule: 'user-authenticated' },
    { rule: 'supervised' },
    { rule: 'file-vault', accept: 'reported' },
    { rule: 'attestation-age', maximumSeconds: WEEK_SECONDS },
    { rule: 'report-age', maximumSeconds: 1 },
    { rule: 'key', anyOf: ['P-384'] },
    { rule: 'platform', anyOf: ['macos'] },
    { rule: 'os-version', minimum: '1', platforms: ['macos'] },
  ];
  const good = {
    reported: {
      reportedAt: AT,
      fileVault: reported(true),
      serialNumber: reported('TMWFWWWP67'),
      udid: reported('another, for MDM'),
    },
    inventory: { ...MAC_RECORD, supervised: true, userAuthenticated: true },
  };

  it('may be silent', () => {
    expect(decide(RULES, macFacts(good)).reasons).toEqual([]);
  });

  it.each([
    [
      'attested and reported serial number',
      macFacts({ ...good, reported: { ...good.reported, serialNumber: reported('OTHER') } }),
    ],
    [
      'attested and recorded serial number',
      macFacts({ ...good, inventory: { ...good.inventory, serialNumber: 'OTHER' } }),
    ],
    [
      'reported and recorded serial number',
      macFacts({
        ...good,
        attested: { serialNumber: ABSENT },
        inventory: { ...good.inventory, serialNumber: 'OTHER' },
      }),
    ],
    [
      'attested and reported UDID',
      macFacts({ ...good, reported: { ...good.reported, provisioningUdid: reported('OTHER') } }),
    ],
    ['attested and recorded UDID', macFacts({ ...good, inventory: { ...good.inventory, udid: 'OTHER' } })],
    [
      'reported and recorded UDID',
      macFacts({
        attested: undefined,
        reported: { ...good.reported, provisioningUdid: reported('ONE') },
        inventory: { ...good.inventory, udid: 'OTHER' },
      }),
    ],
    [
      'attested and recorded key',
      macFacts({ ...good, inventory: { ...good.inventory, keyFingerprint: 'ef'.repeat(32) } }),
    ],
    ['case of a serial number', macFacts({ ...good, inventory: { ...good.inventory, serialNumber: 'tmwfwwwp67' } })],
  ])('leave nothing known: %s', (_, facts) => {
    const { allowed, rules } = decide(RULES, facts);
    expect(allowed).toBe(false);
    expect(rules.map(({ code }) => code)).toEqual(RULES.map(() => 'other-device'));
  });

  it('are not known by a name that cannot be read', () => {
    const facts = macFacts({ ...good, attested: { serialNumber: attested(1 as unknown as string) } });
    expect(decide(MET, facts).allowed).toBe(true);
  });
});

describe('a record of the inventory', () => {
  const rules: readonly RuleDocument[] = [
    { rule: 'supervised' },
    { rule: 'model', anyOf: ['Mac15,6'] },
    { rule: 'platform', anyOf: ['macos'] },
  ];
  const record = { supervised: true, model: 'Mac15,6', platform: 'macos' } as const;
  const nameless = {
    serialNumber: ABSENT,
    udid: ABSENT,
    systemIntegrityProtection: ABSENT,
    secureBoot: ABSENT,
    thirdPartyKernelExtensions: ABSENT,
  };
  const codes = (facts: ReturnType<typeof macFacts>) => decide(rules, facts).rules.map(({ code }) => code);

  it('that was looked up by no identifier is that of the connection', () => {
    expect(codes(macFacts({ attested: nameless, inventory: record }))).toEqual(['met', 'met', 'met']);
    expect(codes(macFacts({ attested: undefined, inventory: record }))).toEqual(['met', 'met', 'met']);
  });

  it('that was looked up by an identifier counts if the attestation names it', () => {
    expect(codes(macFacts({ inventory: { ...record, serialNumber: 'TMWFWWWP67' } }))).toEqual(['met', 'met', 'met']);
    const unnamed = ['not-linked', 'not-linked', 'platform-unknown'];
    expect(codes(macFacts({ attested: nameless, inventory: { ...record, serialNumber: 'TMWFWWWP67' } }))).toEqual(
      unnamed,
    );
    expect(codes(macFacts({ attested: nameless, inventory: { ...record, udid: 'X' } }))).toEqual(unnamed);
    const pointed = macFacts({
      attested: nameless,
      reported: { serialNumber: reported('TMWFWWWP67') },
      inventory: { ...record, serialNumber: 'TMWFWWWP67' },
    });
    expect(codes(pointed)).toEqual(unnamed);
  });

  it('that does not say says nothing', () => {
    expect(codes(macFacts({ attested: nameless, inventory: { serialNumber: 'X' } }))).toEqual([
      'not-recorded',
      'not-recorded',
      'platform-unknown',
    ]);
  });
});
