import fc from 'fast-check';
import type {
  AttestationFacts,
  AttestationFreshness,
  Facts,
  InventoryFacts,
  Platform,
  PolicyDocument,
  ReportedFacts,
  RuleDocument,
} from '../../src/policy/index.ts';
import { ABSENT, AT, attested, ATTESTED_NAMES, attestationOf, BLANK, MALFORMED, reported } from './facts.ts';

/** Policies and facts that meet and miss each other often enough. */

const PLATFORMS: readonly Platform[] = ['macos', 'ios', 'ipados', 'tvos', 'watchos', 'visionos'];
const VERSIONS = ['26.4', '15.5', '26.4 (a)', '26.4.1', '27.0'];
const HARDWARE = ['J514sAP', 'D73AP', 'Mac15,6', 'iPhone16,1'];
const SERIAL_NUMBERS = ['TMWFWWWP67', 'F2LXPHONE01'];
const UDIDS = ['00006030-000651690A84001C', '00008120-001A2B3C4D5E6F70'];
const LEVELS = ['Full Security', 'Reduced Security', 'Permissive Security'] as const;

const sometimes = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const some = <Value>(...values: readonly Value[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

/** Without the members that are undefined: JSON has none. */
const withoutGaps = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;

const record = (members: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(members).map((value) => withoutGaps(value) as unknown as RuleDocument);

const platforms = sometimes(some<string>(...PLATFORMS.slice(0, 3)));
const macs = sometimes(fc.constant(['macos']));
const version = fc.constantFrom(...VERSIONS);

/** Rules of every kind. Without `believing`, none of them believes what the device says of itself. */
function rules(believing: boolean): fc.Arbitrary<RuleDocument> {
  const accept = sometimes(believing ? fc.constantFrom('attested', 'reported') : fc.constant('attested'));
  const acceptReported = sometimes(believing ? fc.constant('reported') : fc.constant(undefined));
  const rule = (name: string) => fc.constant(name);
  const reportAge = record({ rule: rule('report-age'), maximumSeconds: fc.constantFrom(1, 86_400), platforms });
  const fileVault = record({ rule: rule('file-vault'), accept: rule('reported'), platforms: macs });
  return fc.oneof(
    record({ rule: rule('os-version'), minimum: version, below: sometimes(fc.constant('27.1')), accept, platforms }),
    record({ rule: rule('sep-os-version'), minimum: version, platforms }),
    record({ rule: rule('system-integrity-protection'), accept, platforms: macs }),
    record({ rule: rule('secure-boot'), minimum: fc.constantFrom(...LEVELS), accept, platforms: macs }),
    record({ rule: rule('kernel-extensions'), accept, platforms: macs }),
    record({ rule: rule('supervised'), accept: acceptReported, platforms }),
    record({ rule: rule('known-device'), accept, platforms }),
    record({ rule: rule('user-authenticated'), platforms }),
    record({
      rule: rule('attestation-age'),
      maximumSeconds: fc.constantFrom(1, 604_799, 604_800, 10_000_000),
      platforms,
    }),
    record({ rule: rule('key'), anyOf: some('P-256', 'P-384', 'P-521'), platforms }),
    record({ rule: rule('software-update-device-id'), anyOf: some(...HARDWARE), accept, platforms }),
    record({ rule: rule('model'), anyOf: some(...HARDWARE), accept: acceptReported, platforms }),
    record({ rule: rule('platform'), anyOf: some(...PLATFORMS) }),
    ...(believing ? [fileVault, reportAge] : []),
  );
}

function ruleTrees(believing: boolean): fc.Arbitrary<RuleDocument> {
  const { node } = fc.letrec<{ node: RuleDocument }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      rules(believing),
      record({ all: fc.array(tie('node'), { minLength: 1, maxLength: 3 }), platforms }),
      record({ any: fc.array(tie('node'), { minLength: 1, maxLength: 3 }), platforms }),
      record({ not: tie('node'), platforms }),
    ),
  }));
  return node;
}

function policies(believing: boolean): fc.Arbitrary<PolicyDocument> {
  const freshness = sometimes(some('unknown-nonce', 'not-requested'));
  return record({
    format: fc.constant(1),
    title: sometimes(fc.constantFrom('Finance', 'Büro 🍏')),
    acceptReportedPlatform: sometimes(believing ? fc.boolean() : fc.constant(false)),
    acceptFreshness: freshness,
    rules: fc.array(ruleTrees(believing), { minLength: 1, maxLength: 4 }),
  }) as unknown as fc.Arbitrary<PolicyDocument>;
}

export const anyRule = ruleTrees(true);
export const anyPolicy = policies(true);
/** A policy that believes nothing of what a device says of itself. */
export const disbelievingPolicy = policies(false);

const unknownFact = fc.constantFrom(ABSENT, BLANK, MALFORMED);
const ofApple = (...values: readonly string[]) =>
  fc.oneof(
    { arbitrary: mostly(values[0]!, ...values).map(attested), weight: 5 },
    { arbitrary: unknownFact, weight: 1 },
  );
/** The first value most of the time: sources that never agree would test nothing else. */
const mostly = <Value>(first: Value, ...others: readonly Value[]) =>
  fc.oneof({ arbitrary: fc.constant(first), weight: 6 }, { arbitrary: fc.constantFrom(...others), weight: 1 });
const ofDevice = <Value>(...values: readonly Value[]) =>
  sometimes(
    fc.oneof(
      { arbitrary: mostly(values[0]!, ...values).map(reported), weight: 5 },
      { arbitrary: unknownFact, weight: 1 },
    ),
  );

export const anyAttestation: fc.Arbitrary<AttestationFacts> = fc
  .record({
    serialNumber: ofApple(...SERIAL_NUMBERS),
    udid: ofApple(...UDIDS),
    softwareUpdateDeviceId: ofApple(...HARDWARE),
    osVersion: ofApple(...VERSIONS, 'Tahoe'),
    sepOsVersion: ofApple(...VERSIONS),
    llbVersion: ofApple(...VERSIONS),
    systemIntegrityProtection: ofApple('enabled', 'disabled'),
    secureBoot: ofApple(...LEVELS),
    thirdPartyKernelExtensions: ofApple('allowed', 'not allowed'),
    attestedAt: mostly<Date | undefined>(new Date('2026-06-01T12:00:00Z'), AT, undefined),
    notAfter: mostly(new Date('2026-08-31T12:00:00Z'), AT, new Date('2026-06-05T12:00:00Z')),
    freshness: mostly<AttestationFreshness>('fresh', 'cached', 'unknown-nonce', 'not-requested'),
  })
  .map((changes) => attestationOf(changes as Partial<AttestationFacts>));

export const anyReported: fc.Arbitrary<ReportedFacts> = fc
  .record({
    serialNumber: ofDevice(...SERIAL_NUMBERS),
    udid: ofDevice(...UDIDS),
    provisioningUdid: ofDevice(...UDIDS),
    platform: ofDevice(...PLATFORMS),
    osVersion: ofDevice(...VERSIONS),
    softwareUpdateDeviceId: ofDevice(...HARDWARE),
    model: ofDevice(...HARDWARE),
    fileVault: ofDevice(true, false),
    supervised: ofDevice(true, false),
    systemIntegrityProtection: ofDevice('enabled', 'disabled'),
    secureBoot: ofDevice(...LEVELS),
    thirdPartyKernelExtensions: ofDevice('allowed', 'not allowed'),
    reportedAt: sometimes(mostly(AT, new Date('2026-06-01T12:00:00Z'), new Date('2026-06-09T12:00:00Z'))),
  })
  .map((facts) => withoutGaps(facts) as ReportedFacts);

export const anyInventory: fc.Arbitrary<InventoryFacts> = fc.record({
  known: sometimes(mostly(true, false)),
  serialNumber: sometimes(mostly(SERIAL_NUMBERS[0]!, ...SERIAL_NUMBERS)),
  udid: sometimes(mostly(UDIDS[0]!, ...UDIDS)),
  keyFingerprint: fc.option(mostly('cd'.repeat(32), 'ef'.repeat(32)), { nil: undefined, freq: 1 }),
  platform: sometimes(mostly<Platform>(...(PLATFORMS as [Platform, ...Platform[]]))),
  model: sometimes(fc.constantFrom(...HARDWARE)),
  supervised: sometimes(mostly(true, false)),
  userAuthenticated: sometimes(mostly(true, false)),
});

export const anyFacts: fc.Arbitrary<Facts> = fc.record({
  attested: fc.oneof({ arbitrary: anyAttestation, weight: 9 }, { arbitrary: fc.constant(undefined), weight: 1 }),
  reported: anyReported,
  inventory: anyInventory,
});

/** Which of the attested facts to take away. */
export const anyNames = fc.subarray(ATTESTED_NAMES);
