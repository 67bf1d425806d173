import { describe, expect, it } from 'vitest';
import type { AttestedName, Platform, ReasonCode, RuleDocument } from '../../src/policy/index.ts';
import {
  ABSENT,
  AT,
  attested,
  ATTESTED_AT,
  attestationOf,
  BLANK,
  codeOf,
  decide,
  MAC_RECORD,
  macFacts,
  MALFORMED,
  phoneFacts,
  reported,
  UNKNOWN,
  WEEK_SECONDS,
} from './facts.ts';

interface Case {
  readonly rule: RuleDocument;
  readonly name: AttestedName;
  /** Values and what the rule makes of them. */
  readonly values: readonly (readonly [value: string, code: ReasonCode])[];
}

/** The rules on what is attested. */
const PROPERTY_RULES: readonly Case[] = [
  {
    rule: { rule: 'os-version', minimum: '26.4' },
    name: 'osVersion',
    values: [
      ['26.4', 'met'],
      ['26.4.0', 'met'],
      ['26.4 (a)', 'met'],
      ['26.10', 'met'],
      ['27.0', 'met'],
      ['26.3.9 (z)', 'below-minimum'],
      ['26', 'below-minimum'],
      ['15.5', 'below-minimum'],
      ['26.4b', 'malformed'],
      [' 26.4', 'malformed'],
      ['026.4', 'malformed'],
      ['', 'malformed'],
      ['26.4.1.1', 'malformed'],
      ['99999.0', 'malformed'],
    ],
  },
  {
    rule: { rule: 'os-version', minimum: '18.7.1 (b)', below: '19' },
    name: 'osVersion',
    values: [
      ['18.7.1 (b)', 'met'],
      ['18.7.1 (c)', 'met'],
      ['18.9999.9999 (z)', 'met'],
      ['18.7.1 (a)', 'below-minimum'],
      ['18.7.1', 'below-minimum'],
      ['19', 'not-below'],
      ['26.4', 'not-below'],
    ],
  },
  {
    rule: { rule: 'sep-os-version', minimum: '26.4', below: '27.0' },
    name: 'sepOsVersion',
    values: [
      ['26.4', 'met'],
      ['26.3', 'below-minimum'],
      ['27.0', 'not-below'],
      ['sepOS', 'malformed'],
    ],
  },
  {
    rule: { rule: 'system-integrity-protection' },
    name: 'systemIntegrityProtection',
    values: [
      ['enabled', 'met'],
      ['disabled', 'disabled'],
      ['Enabled', 'malformed'],
      ['0', 'malformed'],
      ['', 'malformed'],
    ],
  },
  {
    rule: { rule: 'secure-boot', minimum: 'Full Security' },
    name: 'secureBoot',
    values: [
      ['Full Security', 'met'],
      ['Reduced Security', 'below-minimum'],
      ['Permissive Security', 'below-minimum'],
      ['full', 'malformed'],
      ['No Security', 'malformed'],
      ['__proto__', 'malformed'],
    ],
  },
  {
    rule: { rule: 'secure-boot', minimum: 'Reduced Security' },
    name: 'secureBoot',
    values: [
      ['Full Security', 'met'],
      ['Reduced Security', 'met'],
      ['Permissive Security', 'below-minimum'],
    ],
  },
  {
    rule: { rule: 'secure-boot', minimum: 'Permissive Security' },
    name: 'secureBoot',
    values: [
      ['Permissive Security', 'met'],
      ['Other Security', 'malformed'],
    ],
  },
  {
    rule: { rule: 'kernel-extensions' },
    name: 'thirdPartyKernelExtensions',
    values: [
      ['not allowed', 'met'],
      ['allowed', 'kernel-extensions-allowed'],
      ['0', 'malformed'],
    ],
  },
  {
    rule: { rule: 'software-update-device-id', anyOf: ['J514sAP', 'J516sAP'] },
    name: 'softwareUpdateDeviceId',
    values: [
      ['J514sAP', 'met'],
      ['J516sAP', 'met'],
      ['j514sap', 'not-listed'],
      ['J514s', 'not-listed'],
      ['constructor', 'not-listed'],
      ['', 'malformed'],
      ['J514sAP\n', 'malformed'],
      ['J514\u0455AP', 'malformed'],
    ],
  },
];

describe.each(PROPERTY_RULES)('$rule', ({ rule, name, values }) => {
  it.each(values)('makes of %j: %s', (value, code) => {
    expect(codeOf(rule, macFacts({ attested: { [name]: attested(value) } }))).toBe(code);
  });

  it.each(UNKNOWN)('is undetermined where the fact is $status', (fact) => {
    const decision = decide(rule, macFacts({ attested: { [name]: fact } }));
    expect(decision).toMatchObject({ allowed: false, outcome: 'undetermined', rules: [{ code: fact.status }] });
  });

  it('reads no other fact of the attestation', () => {
    const nothing = Object.fromEntries(PROPERTY_RULES.map((other) => [other.name, ABSENT]));
    const [value, code] = values[0]!;
    expect(codeOf(rule, macFacts({ attested: { ...nothing, [name]: attested(value) } }))).toBe(code);
  });

  it('is undetermined without an attestation', () => {
    expect(codeOf(rule, macFacts({ attested: undefined }))).toBe('no-attestation');
  });

  it.each([undefined, null, 26.4, true, [], {}, Symbol('x')])(
    'takes a value that is no text for malformed: %s',
    (value) => {
      expect(codeOf(rule, macFacts({ attested: { [name]: attested(value) } }))).toBe('malformed');
    },
  );
});

const REPORTABLE = PROPERTY_RULES.filter(
  ({ rule, name }) => name !== 'sepOsVersion' && !('minimum' in rule && rule.minimum === 'Permissive Security'),
);

describe.each(REPORTABLE)('$rule and what the device says', ({ rule, name, values }) => {
  const accepting = { ...rule, accept: 'reported' } as RuleDocument;
  const [good] = values.find(([, code]) => code === 'met')!;
  const [bad, code] = values.find(([, other]) => other !== 'met')!;
  const with2 = (ofApple: unknown, ofDevice: unknown) =>
    macFacts({ attested: { [name]: ofApple }, reported: { [name]: ofDevice } });

  it('is not believed by itself', () => {
    expect(codeOf(rule, with2(ABSENT, reported(good)))).toBe('absent');
    expect(codeOf({ ...rule, accept: 'attested' } as RuleDocument, with2(BLANK, reported(good)))).toBe('blank');
  });

  it.each(UNKNOWN)('is believed if the rule says so and the attestation is $status', (fact) => {
    const { allowed, rules } = decide(accepting, with2(fact, reported(good)));
    expect([allowed, rules[0]]).toMatchObject([true, { code: 'met', source: 'reported' }]);
    expect(codeOf(accepting, with2(fact, reported(bad)))).toBe(code);
    for (const none of UNKNOWN) expect(codeOf(accepting, with2(fact, none))).toBe(none.status);
  });

  it('is believed without an attestation if the rule says so', () => {
    const facts = macFacts({ attested: undefined, reported: { [name]: reported(good) } });
    expect(codeOf(rule, facts)).toBe('no-attestation');
    expect(codeOf(accepting, facts)).toBe('met');
  });

  it('may agree with the attestation', () => {
    for (const either of [rule, accepting]) {
      expect(decide(either, with2(attested(good), reported(good))).rules[0]).toMatchObject({
        code: 'met',
        source: 'attested',
      });
      expect(codeOf(either, with2(attested(bad), reported(bad)))).toBe(code);
    }
  });

  it('leaves nothing known where it says the opposite of the attestation, whichever is the good one', () => {
    for (const either of [rule, accepting]) {
      const opposite = {
        allowed: false,
        outcome: 'undetermined',
        rules: [{ code: 'contradicted', source: 'reported' }],
      };
      expect(decide(either, with2(attested(good), reported(bad)))).toMatchObject(opposite);
      expect(decide(either, with2(attested(bad), reported(good)))).toMatchObject(opposite);
      expect(decide({ not: either }, with2(attested(bad), reported(good)))).toMatchObject(opposite);
      expect(decide({ not: either }, with2(attested(good), reported(bad)))).toMatchObject(opposite);
    }
  });

  it.each(UNKNOWN)('changes nothing where it is $status', (fact) => {
    expect(codeOf(rule, with2(attested(good), fact))).toBe('met');
    expect(codeOf(rule, with2(attested(bad), fact))).toBe(code);
  });

  it('is malformed with a value of another type', () => {
    for (const value of [null, 1, true, {}])
      expect(codeOf(accepting, with2(ABSENT, reported(value)))).toBe('malformed');
  });
});

describe('a value that is attested and cannot be read', () => {
  const facts = macFacts({ attested: { osVersion: attested('Tahoe') }, reported: { osVersion: reported('26.4') } });

  it('is as good as none', () => {
    expect(codeOf({ rule: 'os-version', minimum: '26.4' }, facts)).toBe('malformed');
    expect(codeOf({ rule: 'os-version', minimum: '26.4', accept: 'reported' }, facts)).toBe('met');
  });

  it('is contradicted by nothing, and contradicts nothing', () => {
    const unreadable = macFacts({ reported: { osVersion: reported('Tahoe') } });
    expect(codeOf({ rule: 'os-version', minimum: '26.4' }, unreadable)).toBe('met');
  });
});

describe('sep-os-version', () => {
  it('cannot be reported', () => {
    const facts = macFacts({
      attested: { sepOsVersion: ABSENT },
      reported: { sepOsVersion: reported('26.4') } as object,
    });
    expect(codeOf({ rule: 'sep-os-version', minimum: '26.4' }, facts)).toBe('absent');
  });
});

describe('file-vault', () => {
  const rule = { rule: 'file-vault', accept: 'reported' } as const;

  it.each([
    [reported(true), 'met'],
    [reported(false), 'disabled'],
    [ABSENT, 'absent'],
    [BLANK, 'blank'],
    [MALFORMED, 'malformed'],
    [undefined, 'absent'],
    [reported('true'), 'malformed'],
    [reported(1), 'malformed'],
    [reported(null), 'malformed'],
  ])('makes of %j: %s', (fileVault, code) => {
    expect(codeOf(rule, macFacts({ reported: { fileVault } as object }))).toBe(code);
  });

  it('names the device as its source', () => {
    expect(decide(rule, macFacts({ reported: { fileVault: reported(true) } })).rules[0]?.source).toBe('reported');
  });
});

describe('supervised', () => {
  const rule = { rule: 'supervised' } as const;
  const accepting = { rule: 'supervised', accept: 'reported' } as const;

  it.each([
    [true, undefined, 'met', 'met'],
    [false, undefined, 'not-supervised', 'not-supervised'],
    [undefined, undefined, 'not-recorded', 'absent'],
    [undefined, true, 'not-recorded', 'met'],
    [undefined, false, 'not-recorded', 'not-supervised'],
    [true, true, 'met', 'met'],
    [true, false, 'contradicted', 'contradicted'],
    [false, true, 'contradicted', 'contradicted'],
  ])('with %s in the inventory and %s reported: %s, %s', (supervised, ofDevice, code, acceptedCode) => {
    const facts = macFacts({
      inventory: { supervised },
      reported: ofDevice === undefined ? {} : { supervised: reported(ofDevice) },
    });
    expect(codeOf(rule, facts)).toBe(code);
    expect(codeOf(accepting, facts)).toBe(acceptedCode);
  });
});

describe('model', () => {
  const rule = { rule: 'model', anyOf: ['Mac15,6', 'Mac16,1'] } as const;

  it.each([
    ['Mac15,6', undefined, 'met', 'met'],
    ['Mac14,7', undefined, 'not-listed', 'not-listed'],
    [undefined, 'Mac16,1', 'not-recorded', 'met'],
    [undefined, 'mac16,1', 'not-recorded', 'not-listed'],
    ['Mac15,6', 'Mac14,7', 'contradicted', 'contradicted'],
    ['Mac15,6', 'Mac16,1', 'met', 'met'],
  ])('with %s in the inventory and %s reported: %s, %s', (model, ofDevice, code, acceptedCode) => {
    const facts = macFacts({
      inventory: { model },
      reported: ofDevice === undefined ? {} : { model: reported(ofDevice) },
    });
    expect(codeOf(rule, facts)).toBe(code);
    expect(codeOf({ ...rule, accept: 'reported' }, facts)).toBe(acceptedCode);
  });
});

describe('user-authenticated', () => {
  it.each([
    [true, 'met'],
    [false, 'not-user-authenticated'],
    [undefined, 'not-recorded'],
  ])('with %s in the inventory: %s', (userAuthenticated, code) => {
    expect(codeOf({ rule: 'user-authenticated' }, macFacts({ inventory: { userAuthenticated } }))).toBe(code);
  });
});

describe('known-device', () => {
  const rule = { rule: 'known-device' } as const;
  const accepting = { rule: 'known-device', accept: 'reported' } as const;

  it('is met by the record of the attested device', () => {
    expect(decide(rule, macFacts({ inventory: MAC_RECORD })).rules[0]).toMatchObject({
      code: 'met',
      source: 'inventory',
    });
    const byUdid = { known: true, udid: '00006030-000651690A84001C' };
    expect(codeOf(rule, macFacts({ inventory: byUdid }))).toBe('met');
  });

  it('is not met where the inventory was asked about the attested device and does not know it', () => {
    expect(codeOf(rule, macFacts({ inventory: { ...MAC_RECORD, known: false } }))).toBe('not-known');
  });

  it('is undetermined where the inventory does not say', () => {
    expect(codeOf(rule, macFacts())).toBe('not-recorded');
    expect(codeOf(rule, macFacts({ inventory: { serialNumber: 'TMWFWWWP67' } }))).toBe('not-recorded');
  });

  it('is undetermined where nobody says which device was looked up', () => {
    expect(codeOf(rule, macFacts({ inventory: { known: true } }))).toBe('not-linked');
    expect(codeOf({ not: rule }, macFacts({ inventory: { known: false } }))).toBe('not-linked');
  });

  it('is met by the record of an enrollment whose attested key is the same, where a user enrolled the device', () => {
    const attestation = { serialNumber: ABSENT, udid: ABSENT };
    const enrollment = { known: true, keyFingerprint: 'cd'.repeat(32) };
    expect(codeOf(rule, macFacts({ attested: attestation, inventory: enrollment }))).toBe('met');
    const other = { known: true, keyFingerprint: 'ef'.repeat(32) };
    expect(codeOf(rule, macFacts({ attested: attestation, inventory: other }))).toBe('other-device');
    expect(codeOf(rule, macFacts({ attested: undefined, inventory: enrollment }))).toBe('not-linked');
    expect(codeOf(rule, macFacts({ attested: { freshness: 'unknown-nonce' }, inventory: enrollment }))).toBe(
      'not-linked',
    );
  });

  it('is undetermined where the attestation does not name the device, as in a User Enrollment', () => {
    const facts = macFacts({ attested: { serialNumber: ABSENT, udid: BLANK }, inventory: MAC_RECORD });
    expect(codeOf(rule, facts)).toBe('not-linked');
    expect(codeOf(accepting, facts)).toBe('not-linked');
  });

  it('believes the name that the device gives only if it says so', () => {
    const facts = macFacts({
      attested: { serialNumber: ABSENT, udid: ABSENT },
      reported: { serialNumber: reported('TMWFWWWP67') },
      inventory: MAC_RECORD,
    });
    expect(codeOf(rule, facts)).toBe('not-linked');
    expect(decide(accepting, facts).rules[0]).toMatchObject({ code: 'met', source: 'reported' });
    const byUdid = macFacts({
      attested: undefined,
      reported: { provisioningUdid: reported('00006030-000651690A84001C') },
      inventory: { known: true, udid: '00006030-000651690A84001C' },
    });
    expect(codeOf(rule, byUdid)).toBe('not-linked');
    expect(codeOf(accepting, byUdid)).toBe('met');
  });
});

describe('attestation-age', () => {
  const rule = { rule: 'attestation-age', maximumSeconds: WEEK_SECONDS } as const;
  const asked = (attestedAt: Date | undefined) => codeOf(rule, macFacts({ attested: { attestedAt } }));

  it('is met up to the very millisecond', () => {
    expect(AT.getTime() - ATTESTED_AT.getTime()).toBe(WEEK_SECONDS * 1000);
    expect(asked(ATTESTED_AT)).toBe('met');
    expect(asked(new Date(ATTESTED_AT.getTime() - 1))).toBe('too-old');
    expect(asked(AT)).toBe('met');
  });

  it('is undetermined where the time is not known or in the future', () => {
    expect(asked(undefined)).toBe('absent');
    expect(asked(new Date(AT.getTime() + 1))).toBe('attestation-not-yet-valid');
    expect(codeOf(rule, macFacts({ attested: undefined }))).toBe('no-attestation');
  });
});

describe('report-age', () => {
  const asked = (reportedAt: Date | undefined) =>
    codeOf({ rule: 'report-age', maximumSeconds: 60 }, macFacts({ attested: undefined, reported: { reportedAt } }));

  it('is met up to the very millisecond', () => {
    expect(asked(AT)).toBe('met');
    expect(asked(new Date(AT.getTime() - 60_000))).toBe('met');
    expect(asked(new Date(AT.getTime() - 60_001))).toBe('too-old');
  });

  it('is undetermined where the time is not known or in the future', () => {
    expect(asked(undefined)).toBe('absent');
    expect(asked(new Date(AT.getTime() + 1))).toBe('malformed');
  });
});

describe('key', () => {
  it.each([
    [['P-384'], 'met'],
    [['P-256', 'P-384'], 'met'],
    [['P-256', 'P-521'], 'not-listed'],
  ] as const)('of %j: %s', (anyOf, code) => {
    expect(codeOf({ rule: 'key', anyOf }, macFacts())).toBe(code);
  });

  it('is undetermined on a curve that there is not', () => {
    const publicKey = { keyType: 'EC', curve: 'P-192' as 'P-256', fingerprint: 'cd' } as const;
    expect(codeOf({ not: { rule: 'key', anyOf: ['P-256'] } }, macFacts({ attested: { publicKey } }))).toBe('malformed');
  });

  it('is undetermined without an attestation', () => {
    expect(codeOf({ rule: 'key', anyOf: ['P-384'] }, macFacts({ attested: undefined }))).toBe('no-attestation');
  });
});

describe('platform', () => {
  const macs = { rule: 'platform', anyOf: ['macos'] } as const;
  const phones = { rule: 'platform', anyOf: ['ios', 'ipados'] } as const;
  const named = (platform: Platform) => ({ inventory: { platform } });

  it('is known from what only Macs have', () => {
    expect(decide(macs, macFacts()).rules[0]).toMatchObject({ code: 'met', source: 'attested' });
    expect(codeOf(phones, macFacts())).toBe('not-listed');
  });

  it.each(['systemIntegrityProtection', 'secureBoot', 'thirdPartyKernelExtensions'] as const)(
    'is known from %s alone',
    (name) => {
      expect(codeOf(macs, phoneFacts({ attested: { [name]: attestationOf()[name] } }))).toBe('met');
    },
  );

  it('is known from the inventory', () => {
    expect(decide(phones, phoneFacts(named('ios'))).rules[0]).toMatchObject({ code: 'met', source: 'inventory' });
    expect(codeOf(macs, phoneFacts(named('tvos')))).toBe('not-listed');
  });

  it('is believed from the device only if the policy says so', () => {
    const facts = phoneFacts({ reported: { platform: reported('ios') } });
    expect(codeOf(phones, facts)).toBe('platform-only-reported');
    expect(codeOf(phones, facts, { acceptReportedPlatform: false })).toBe('platform-only-reported');
    expect(decide(phones, facts, { acceptReportedPlatform: true }).rules[0]).toMatchObject({
      code: 'met',
      source: 'reported',
    });
  });

  it.each([reported('android'), reported('constructor'), reported(1), ABSENT, BLANK, MALFORMED])(
    'is not known from %j',
    (platform) => {
      const facts = phoneFacts({ reported: { platform } as object });
      expect(codeOf(phones, facts, { acceptReportedPlatform: true })).toBe('platform-unknown');
    },
  );

  it('is not known where nobody says', () => {
    expect(codeOf(phones, phoneFacts())).toBe('platform-unknown');
    expect(codeOf(macs, phoneFacts({ attested: { secureBoot: BLANK } }))).toBe('platform-unknown');
  });

  it.each(['systemIntegrityProtection', 'secureBoot', 'thirdPartyKernelExtensions'] as const)(
    'is not believed from the device alone where %s is attested without a value',
    (name) => {
      for (const fact of [BLANK, MALFORMED]) {
        const facts = (platform: 'ios' | 'macos', freshness: 'fresh' | 'unknown-nonce' = 'fresh') =>
          phoneFacts({ attested: { [name]: fact, freshness }, reported: { platform: reported(platform) } });
        for (const freshness of ['fresh', 'unknown-nonce'] as const)
          expect(decide(phones, facts('ios', freshness), { acceptReportedPlatform: true }).rules[0]).toMatchObject({
            code: 'platform-contradicted',
            source: 'reported',
          });
        expect(codeOf(macs, facts('macos'), { acceptReportedPlatform: true })).toBe('met');
        // The inventory knows better than an attestation that says nothing.
        const recorded = { ...facts('ios'), ...named('ios') };
        expect(codeOf(phones, recorded, { acceptReportedPlatform: true })).toBe('met');
      }
    },
  );

  it.each([
    ['attested and recorded', macFacts(named('ios')), 'inventory'],
    ['attested and reported', macFacts({ reported: { platform: reported('ios') } }), 'reported'],
    ['recorded and reported', phoneFacts({ ...named('ios'), reported: { platform: reported('macos') } }), 'reported'],
  ] as const)('is contradicted where %s differ', (_, facts, source) => {
    const decision = decide(phones, facts, { acceptReportedPlatform: true });
    expect(decision.rules[0]).toMatchObject({ code: 'platform-contradicted', source });
  });
});
