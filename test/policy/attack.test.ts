import { describe, expect, it } from 'vitest';
import type {
  AttestationFacts,
  Facts,
  PolicyDocument,
  ReasonCode,
  ReportedFacts,
  RuleDocument,
} from '../../src/policy/index.ts';
import {
  ABSENT,
  attested,
  BLANK,
  decide,
  MAC_RECORD,
  macFacts,
  PHONE_RECORD,
  phoneFacts,
  reported,
  UNKNOWN,
  WEEK_SECONDS,
} from './facts.ts';

/**
 * The attacker owns a device, says of it what he likes, holds attestations of his and of other devices, and
 * has a say in what his own attestation leaves out (a User Enrollment, an old system). Each test is one way in.
 */

/** What an organisation asks of Macs and iPhones that it owns. */
const OWNED: readonly RuleDocument[] = [
  { rule: 'known-device' },
  { rule: 'attestation-age', maximumSeconds: 2 * WEEK_SECONDS },
  { rule: 'os-version', minimum: '26.4', platforms: ['macos'] },
  { rule: 'os-version', minimum: '26.3', platforms: ['ios', 'ipados'] },
  { rule: 'system-integrity-protection', platforms: ['macos'] },
  { rule: 'secure-boot', minimum: 'Full Security', platforms: ['macos'] },
  { rule: 'kernel-extensions', platforms: ['macos'] },
];

/** The same for devices whose owner a user is, of whom no name is attested. */
const SHARED: readonly RuleDocument[] = [
  { any: [{ rule: 'known-device' }, { rule: 'user-authenticated' }] },
  ...OWNED.slice(1),
];

const WITHOUT_POSTURE = { systemIntegrityProtection: ABSENT, secureBoot: ABSENT, thirdPartyKernelExtensions: ABSENT };
const WITHOUT_NAME = { serialNumber: ABSENT, udid: ABSENT };
const BAD_MAC: Partial<AttestationFacts> = {
  osVersion: attested('15.5'),
  systemIntegrityProtection: attested('disabled'),
  secureBoot: attested('Permissive Security'),
  thirdPartyKernelExtensions: attested('allowed'),
} as const;
const GOOD_WORDS: ReportedFacts = {
  osVersion: reported('26.4.1'),
  systemIntegrityProtection: reported('enabled'),
  secureBoot: reported('Full Security'),
  thirdPartyKernelExtensions: reported('not allowed'),
  fileVault: reported(true),
  supervised: reported(true),
  model: reported('Mac15,6'),
  platform: reported('macos'),
};

function codesOf(rules: readonly RuleDocument[], facts: Facts, more?: Partial<PolicyDocument>): ReasonCode[] {
  const { allowed, reasons } = decide(rules, facts, more);
  expect(allowed).toBe(false);
  return [...new Set(reasons.map(({ code }) => code))];
}

it('lets in those whom it should', () => {
  expect(decide(OWNED, macFacts({ inventory: MAC_RECORD })).reasons).toEqual([]);
  expect(decide(OWNED, phoneFacts({ inventory: PHONE_RECORD })).reasons).toEqual([]);
  expect(decide(SHARED, macFacts({ attested: WITHOUT_NAME, inventory: { userAuthenticated: true } })).reasons).toEqual(
    [],
  );
});

describe('a bad Mac', () => {
  it('does not talk itself good', () => {
    const facts = macFacts({ attested: BAD_MAC, reported: GOOD_WORDS, inventory: MAC_RECORD });
    expect(codesOf(OWNED, facts)).toEqual(['contradicted']);
  });

  it('does not talk itself good where the policy believes it, for its attestation says otherwise', () => {
    const believing = OWNED.map((rule) =>
      'rule' in rule &&
      ['os-version', 'system-integrity-protection', 'secure-boot', 'kernel-extensions'].includes(rule.rule)
        ? ({ ...rule, accept: 'reported' } as RuleDocument)
        : rule,
    );
    const facts = macFacts({ attested: BAD_MAC, reported: GOOD_WORDS, inventory: MAC_RECORD });
    expect(codesOf(believing, facts)).toEqual(['contradicted']);
  });

  it.each(UNKNOWN)('does not get in by an attestation whose properties are $status', (fact) => {
    for (const name of ['osVersion', 'systemIntegrityProtection', 'secureBoot', 'thirdPartyKernelExtensions'])
      expect(
        codesOf(OWNED, macFacts({ attested: { [name]: fact }, reported: GOOD_WORDS, inventory: MAC_RECORD })),
      ).toEqual([fact.status]);
  });

  it('does not become an iPhone by saying so', () => {
    const facts = (platform: 'ios' | 'tvos') =>
      macFacts({
        attested: { ...BAD_MAC, ...WITHOUT_NAME },
        reported: { platform: reported(platform) },
        inventory: { userAuthenticated: true },
      });
    expect(codesOf(SHARED, facts('ios'))).toEqual(['platform-contradicted']);
    expect(codesOf(SHARED, facts('ios'), { acceptReportedPlatform: true })).toEqual(['platform-contradicted']);
    expect(codesOf(SHARED, facts('tvos'), { acceptReportedPlatform: true })).toEqual(['platform-contradicted']);
  });

  it('does not become an iPhone by saying so on a system too old to attest what only Macs have', () => {
    const facts = macFacts({
      attested: { osVersion: attested('14.1'), ...WITHOUT_POSTURE },
      reported: { platform: reported('ios'), osVersion: reported('26.4') },
      inventory: { known: true, serialNumber: 'TMWFWWWP67' },
    });
    expect(codesOf(OWNED, facts)).toEqual(['platform-only-reported']);
  });

  it('does not become an iPhone by pointing at the record of one', () => {
    const pointing: ReportedFacts = { serialNumber: reported('F2LXPHONE01'), platform: reported('ios') };
    const named = macFacts({
      attested: { ...BAD_MAC, ...WITHOUT_POSTURE },
      reported: pointing,
      inventory: PHONE_RECORD,
    });
    expect(codesOf(OWNED, named)).toEqual(['other-device']);
    const nameless = macFacts({
      attested: { ...WITHOUT_NAME, ...WITHOUT_POSTURE, osVersion: attested('26.3') },
      reported: pointing,
      inventory: { ...PHONE_RECORD, userAuthenticated: true },
    });
    expect(codesOf(OWNED, nameless)).toEqual(['not-linked', 'platform-only-reported']);
    expect(codesOf(SHARED, nameless)).toEqual(['platform-only-reported']);
  });

  it('does not get out of a rule by leaving the platform open', () => {
    const facts = macFacts({
      attested: { ...BAD_MAC, ...WITHOUT_POSTURE },
      inventory: { known: true, serialNumber: 'TMWFWWWP67' },
    });
    expect(codesOf(OWNED, facts)).toEqual(['platform-unknown']);
  });

  it('does not get out of all rules by being what no rule is for', () => {
    const scoped = OWNED.slice(2);
    expect(codesOf(scoped, phoneFacts({ inventory: { ...PHONE_RECORD, platform: 'tvos' } }))).toEqual([
      'no-rule-applies',
    ]);
  });
});

describe('somebody else', () => {
  it('does not get in with the attestation of a good device that he asked for himself', () => {
    // His own management service sent our nonce to a good Mac of his; the connection is that of the bad one.
    const facts = macFacts({ reported: GOOD_WORDS, inventory: { ...MAC_RECORD, serialNumber: 'BADMAC0001' } });
    expect(codesOf(OWNED, facts)).toEqual(['other-device']);
  });

  it('does not get in with it where no names are attested, if the enrollment remembers its key', () => {
    const facts = (fingerprint: string) =>
      macFacts({ attested: WITHOUT_NAME, inventory: { userAuthenticated: true, keyFingerprint: fingerprint } });
    expect(decide(SHARED, facts('cd'.repeat(32))).allowed).toBe(true);
    expect(codesOf(SHARED, facts('ef'.repeat(32)))).toEqual(['other-device']);
  });

  it('does not get in with an attestation that was made for nobody, or for somebody else', () => {
    for (const freshness of ['unknown-nonce', 'not-requested'] as const)
      expect(codesOf(OWNED, macFacts({ attested: { freshness }, inventory: MAC_RECORD }))).toContain(
        'attestation-not-fresh',
      );
  });

  it('does not get in with an old one, of a time when the device was good', () => {
    const attestedAt = new Date('2026-05-20T12:00:00Z');
    const facts = macFacts({ attested: { freshness: 'cached', attestedAt }, inventory: MAC_RECORD });
    expect(codesOf(OWNED, facts)).toEqual(['too-old']);
    const ended = { notAfter: new Date('2026-06-08T11:59:59Z') };
    expect(codesOf(OWNED, macFacts({ attested: ended, inventory: MAC_RECORD }))).toContain('attestation-expired');
  });

  it('does not get in by the name of a known device, without an attestation', () => {
    const facts = macFacts({
      attested: undefined,
      reported: { ...GOOD_WORDS, serialNumber: reported('TMWFWWWP67') },
      inventory: MAC_RECORD,
    });
    expect(codesOf(OWNED, facts)).toEqual(['not-linked', 'no-attestation', 'platform-only-reported']);
  });

  it('does not get in by the name of a known device in a User Enrollment', () => {
    const facts = macFacts({
      attested: WITHOUT_NAME,
      reported: { serialNumber: reported('TMWFWWWP67') },
      inventory: MAC_RECORD,
    });
    expect(codesOf(OWNED, facts)).toEqual(['not-linked']);
  });

  it('does not get in by a name that is nearly the same', () => {
    for (const serialNumber of ['tmwfwwwp67', 'TMWFWWWP67 ', 'TMWFWWWP6\u0667', 'TMWFWWWP6７'])
      expect(
        codesOf(OWNED, macFacts({ attested: { serialNumber: attested(serialNumber) }, inventory: MAC_RECORD })),
      ).toEqual(['other-device']);
  });
});

describe('a rule that is turned around', () => {
  /** Known devices have to be good; of unknown ones a user has to answer for. */
  const TWO_CLASSES: RuleDocument = {
    any: [
      { all: [{ rule: 'known-device' }, { rule: 'system-integrity-protection' }] },
      { all: [{ not: { rule: 'known-device' } }, { rule: 'user-authenticated' }] },
    ],
  };

  it('does not let a known bad device pass for an unknown one', () => {
    const user = { userAuthenticated: true };
    const bad: Partial<AttestationFacts> = { systemIntegrityProtection: attested('disabled') };
    // He reports a name that the inventory does not know.
    const lied = macFacts({
      attested: bad,
      reported: { serialNumber: reported('NOBODY') },
      inventory: { ...user, known: false, serialNumber: 'NOBODY' },
    });
    expect(codesOf([TWO_CLASSES], lied)).toEqual(['other-device']);
    // He has no name attested.
    const nameless = macFacts({
      attested: { ...bad, ...WITHOUT_NAME },
      reported: { serialNumber: reported('NOBODY') },
      inventory: { ...user, known: false, serialNumber: 'NOBODY' },
    });
    expect(codesOf([TWO_CLASSES], nameless)).toContain('not-linked');
    // The inventory was not reached.
    expect(codesOf([TWO_CLASSES], macFacts({ attested: bad, inventory: user }))).toContain('not-recorded');
  });

  it.each<[title: string, rule: RuleDocument]>([
    ['not below a version', { not: { rule: 'os-version', minimum: '1.0', below: '26.4' } }],
    ['not on a board', { not: { rule: 'software-update-device-id', anyOf: ['J999AP'] } }],
    ['not without kernel extensions', { not: { rule: 'kernel-extensions' } }],
    ['not protected', { not: { rule: 'system-integrity-protection' } }],
    ['not in full security', { not: { rule: 'secure-boot', minimum: 'Full Security' } }],
    ['not known', { not: { rule: 'known-device' } }],
    ['not new', { not: { rule: 'attestation-age', maximumSeconds: 1 } }],
    ['not with a small key', { not: { rule: 'key', anyOf: ['P-256'] } }],
    ['not a model', { not: { rule: 'model', anyOf: ['Mac1,1'] } }],
    ['not a TV', { not: { rule: 'platform', anyOf: ['tvos'] } }],
    ['not supervised', { not: { rule: 'supervised' } }],
    ['not by a user', { not: { rule: 'user-authenticated' } }],
    ['not neither', { not: { all: [{ rule: 'supervised' }, { rule: 'known-device' }] } }],
    ['not one of both', { not: { any: [{ rule: 'supervised' }, { rule: 'known-device' }] } }],
    ['not on Macs', { not: { rule: 'known-device', platforms: ['macos'] } }],
    ['not not', { not: { not: { not: { rule: 'known-device' } } } }],
  ])('is no way in for who says nothing: %s', (_, rule) => {
    const nothing: Facts = { attested: undefined, reported: {}, inventory: {} };
    expect(decide(rule, nothing)).toMatchObject({ allowed: false, outcome: 'undetermined' });
  });

  it.each<[name: string, rule: RuleDocument]>([
    ['osVersion', { rule: 'os-version', minimum: '1.0', below: '26.4' }],
    ['sepOsVersion', { rule: 'sep-os-version', minimum: '1.0', below: '26.4' }],
    ['softwareUpdateDeviceId', { rule: 'software-update-device-id', anyOf: ['J999AP'] }],
    ['systemIntegrityProtection', { rule: 'system-integrity-protection' }],
    ['secureBoot', { rule: 'secure-boot', minimum: 'Full Security' }],
    ['thirdPartyKernelExtensions', { rule: 'kernel-extensions' }],
  ])('is no way in for what cannot be read: %s', (name, rule) => {
    for (const fact of [...UNKNOWN, ...['\u0000', ' ', '?', 'x'.repeat(65)].map(attested)])
      expect(decide({ not: rule }, macFacts({ attested: { [name]: fact } }))).toMatchObject({
        allowed: false,
        outcome: 'undetermined',
      });
  });
});

describe('several ways at once', () => {
  it('are no way: one choice of any that is not known does not cover for the others', () => {
    const either: RuleDocument = {
      any: [
        { rule: 'system-integrity-protection', platforms: ['macos'] },
        { rule: 'os-version', minimum: '26.3', platforms: ['ios'] },
      ],
    };
    // On an iPhone the first choice is not there; it is not one that is met.
    expect(
      codesOf([either], phoneFacts({ attested: { osVersion: attested('18.0') }, inventory: PHONE_RECORD })),
    ).toEqual(['below-minimum']);
    expect(codesOf([either], macFacts({ attested: { systemIntegrityProtection: BLANK } }))).toEqual(['blank']);
  });

  it('do not get an item from one attestation and an item from another', () => {
    const other = { ...attested('enabled' as const), certificate: 'ef'.repeat(32) };
    const facts = macFacts({ attested: { systemIntegrityProtection: other }, inventory: MAC_RECORD });
    expect(() => decide(OWNED, facts)).toThrow(TypeError);
  });

  it('do not pass a report off as an attestation', () => {
    const facts = macFacts({ attested: { osVersion: reported('26.4') as never }, inventory: MAC_RECORD });
    expect(() => decide(OWNED, facts)).toThrow(TypeError);
  });
});

/** What a policy gives away with the words that give it away: they are there to be found in a review. */
describe('by its own words a policy lets in', () => {
  it('any device of anybody, if it asks for no owner', () => {
    expect(decide(OWNED.slice(1), macFacts({ inventory: { platform: 'macos' } })).allowed).toBe(true);
  });

  it('an old Mac that calls itself an iPhone, with acceptReportedPlatform', () => {
    const facts = macFacts({
      attested: { osVersion: attested('26.3'), ...WITHOUT_POSTURE },
      reported: { platform: reported('ios') },
      inventory: { known: true, serialNumber: 'TMWFWWWP67' },
    });
    expect(decide(OWNED, facts, { acceptReportedPlatform: true }).allowed).toBe(true);
  });

  it('a Mac that says what its attestation does not, with accept', () => {
    const rule = { rule: 'system-integrity-protection', accept: 'reported' } as const;
    expect(decide(rule, macFacts({ attested: WITHOUT_POSTURE, reported: GOOD_WORDS })).allowed).toBe(true);
    expect(decide(rule, macFacts({ attested: undefined, reported: GOOD_WORDS })).allowed).toBe(true);
  });

  it('who replays the attestation of a known device, with acceptFreshness', () => {
    const facts = macFacts({ attested: { freshness: 'unknown-nonce' }, inventory: MAC_RECORD });
    expect(decide(OWNED, facts, { acceptFreshness: ['unknown-nonce'] }).allowed).toBe(true);
  });

  it('a device that was good up to 91 days ago, without attestation-age', () => {
    const facts = macFacts({ attested: { attestedAt: new Date('2026-03-10T12:00:00Z') }, inventory: MAC_RECORD });
    const ageless = OWNED.filter((rule) => !('rule' in rule && rule.rule === 'attestation-age'));
    expect(decide(ageless, facts).allowed).toBe(true);
    expect(codesOf(OWNED, facts)).toEqual(['too-old']);
  });

  it('a device that answers with the attestation of another one, by a record that names none', () => {
    const facts = (serialNumber?: string) => macFacts({ inventory: { userAuthenticated: true, serialNumber } });
    expect(decide(SHARED, facts()).allowed).toBe(true);
    expect(codesOf(SHARED, facts('BADMAC0001'))).toEqual(['other-device']);
    expect(codesOf(OWNED, macFacts({ inventory: { known: true } }))).toEqual(['not-linked']);
  });

  it('what a device said long ago, without report-age', () => {
    const facts = macFacts({ reported: { reportedAt: new Date('2026-01-01'), fileVault: reported(true) } });
    const rule = { rule: 'file-vault', accept: 'reported' } as const;
    expect(decide(rule, facts).allowed).toBe(true);
    expect(codesOf([rule, { rule: 'report-age', maximumSeconds: 86_400 }], facts)).toEqual(['too-old']);
  });
});
