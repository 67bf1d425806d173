import type { AttestedName } from './facts.ts';
import { isPlatform } from './platforms.ts';
import type { AttestationReading, FactsReading, Finding, ReportedName, Source } from './read-facts.ts';
import type { ReasonCode } from './reasons.ts';

/** What a policy believes beyond what every policy does. */
export interface Belief {
  readonly acceptReportedPlatform: boolean;
  readonly acceptFreshness: readonly string[];
}

/** The facts of one decision as far as they may be believed. */
export interface Evidence {
  attested(name: AttestedName): Finding;
  reported(name: ReportedName): Finding;
  /** What the inventory says of the device, if its record is of this device. */
  recorded(name: 'supervised' | 'model'): Finding;
  /** Whether the inventory knows the device, if this source names the one that was looked up. */
  known(linkedBy: 'attested' | 'reported'): Finding;
  readonly userAuthenticated: Finding;
  readonly curve: Finding;
  /** Age of the attestation in milliseconds. */
  readonly age: Finding;
  /** Age of the report in milliseconds. */
  readonly reportAge: Finding;
  readonly platform: Finding;
}

/** Judges the sources against each other, and the attestation by the time. */
export function weighFacts(reading: FactsReading, at: number, belief: Belief): Evidence {
  if (namesOtherDevice(reading)) return nothingBut('other-device');
  const { attestation, reported, reportedAt, inventory } = reading;
  const distrust = distrustOf(attestation, at, belief);
  const believed = distrust === undefined ? attestation : undefined;
  const ofAttestation = (read: (attestation: AttestationReading) => Finding): Finding =>
    believed === undefined ? unknown(distrust!, 'attested') : read(believed);
  const attested = (name: AttestedName): Finding => ofAttestation(({ findings }) => findings[name]);

  const linked = {
    attested:
      isOf(inventory, attested('serialNumber'), attested('udid')) ||
      (believed !== undefined && believed.fingerprint === inventory.keyFingerprint),
    reported: isOf(inventory, reported.serialNumber, reported.provisioningUdid),
  };
  // A record without identifiers was not looked up by one: the caller knows it from the connection itself.
  const isOfDevice =
    linked.attested || (inventory.serialNumber ?? inventory.udid ?? inventory.keyFingerprint) === undefined;
  const recorded = (name: 'supervised' | 'model' | 'platform'): Finding =>
    inventory[name] === undefined || isOfDevice ? entry(inventory[name]) : unknown('not-linked', 'inventory');

  return {
    attested,
    reported: (name) => reported[name],
    recorded,
    known: (linkedBy) => {
      const source = linkedBy === 'attested' ? 'inventory' : 'reported';
      return inventory.known === undefined || linked[linkedBy]
        ? entry(inventory.known, source)
        : unknown('not-linked', source);
    },
    userAuthenticated: entry(inventory.userAuthenticated),
    curve: ofAttestation(({ curve }) => ({ known: true, value: curve, source: 'attested' })),
    age: ofAttestation(({ attestedAt }) =>
      attestedAt === undefined
        ? unknown('absent', 'attested')
        : { known: true, value: at - attestedAt, source: 'attested' },
    ),
    reportAge:
      reportedAt === undefined
        ? unknown('absent', 'reported')
        : { known: true, value: at - reportedAt, source: 'reported' },
    platform: platformOf({
      hasPosture: hasPosture(attestation, ({ known }) => known),
      mayHavePosture: hasPosture(attestation, (finding) => finding.known || finding.code !== 'absent'),
      isBelieved: believed !== undefined,
      recorded: recorded('platform'),
      reported: reported.platform,
      belief,
    }),
  };
}

/** What only Macs have: an attestation that names one of them is that of a Mac. */
const POSTURE: readonly AttestedName[] = ['systemIntegrityProtection', 'secureBoot', 'thirdPartyKernelExtensions'];

function hasPosture(attestation: AttestationReading | undefined, is: (finding: Finding) => boolean): boolean {
  return attestation !== undefined && POSTURE.some((name) => is(attestation.findings[name]));
}

/** Why the attestation counts for nothing; undefined if it counts. */
function distrustOf(
  attestation: AttestationReading | undefined,
  at: number,
  { acceptFreshness }: Belief,
): ReasonCode | undefined {
  if (attestation === undefined) return 'no-attestation';
  const { attestedAt, notAfter, freshness } = attestation;
  if (attestedAt !== undefined && at < attestedAt) return 'attestation-not-yet-valid';
  if (at > notAfter) return 'attestation-expired';
  if (freshness !== 'fresh' && freshness !== 'cached' && !acceptFreshness.includes(freshness))
    return 'attestation-not-fresh';
  return undefined;
}

/**
 * Whether two sources name different devices. Then nothing that any of them says is known to be about the
 * one that asks: it may answer with the attestation of another device, or point at the record of another one.
 */
function namesOtherDevice({ attestation, reported, inventory }: FactsReading): boolean {
  const findings = attestation?.findings;
  return (
    differ(findings?.serialNumber, reported.serialNumber, inventory.serialNumber) ||
    // On a Mac the attested UDID is the provisioning UDID.
    differ(findings?.udid, reported.provisioningUdid, inventory.udid) ||
    areUnequal(attestation?.fingerprint, inventory.keyFingerprint)
  );
}

function differ(attested: Finding | undefined, reported: Finding, recorded: string | undefined): boolean {
  const first = valueOf(attested);
  const second = valueOf(reported);
  return areUnequal(first, second) || areUnequal(second, recorded) || areUnequal(first, recorded);
}

function areUnequal(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function valueOf(finding: Finding | undefined): unknown {
  return finding?.known === true ? finding.value : undefined;
}

function isOf(
  { serialNumber, udid }: FactsReading['inventory'],
  foundSerialNumber: Finding,
  foundUdid: Finding,
): boolean {
  const same = (recorded: string | undefined, finding: Finding): boolean =>
    recorded !== undefined && valueOf(finding) === recorded;
  return same(serialNumber, foundSerialNumber) || same(udid, foundUdid);
}

type KnownFinding = Finding & { readonly known: true };

interface PlatformSources {
  readonly hasPosture: boolean;
  /** Also where it is blank or malformed. */
  readonly mayHavePosture: boolean;
  readonly isBelieved: boolean;
  readonly recorded: Finding;
  readonly reported: Finding;
  readonly belief: Belief;
}

function platformOf(sources: PlatformSources): Finding {
  const { hasPosture, mayHavePosture, isBelieved, recorded, reported, belief } = sources;
  const named = [recorded, reported].filter((finding) => finding.known && isPlatform(finding.value)) as KnownFinding[];
  // Even an attestation that proves nothing of the moment was made for a Mac.
  const posture: KnownFinding[] = hasPosture ? [{ known: true, value: 'macos', source: 'attested' }] : [];
  const all = [...posture, ...named];
  const other = all.find(({ value }) => value !== all[0]!.value);
  if (other !== undefined) return unknown('platform-contradicted', other.source);
  const candidates = [...(isBelieved ? posture : []), ...named];
  const [best] = candidates;
  if (best === undefined) return unknown('platform-unknown', 'inventory');
  if (best.source !== 'reported') return best;
  // What only Macs have, without a value, proves no Mac; but it stands against the word of a device that it is none.
  if (mayHavePosture && best.value !== 'macos') return unknown('platform-contradicted', 'reported');
  return belief.acceptReportedPlatform ? best : unknown('platform-only-reported', 'reported');
}

function entry(value: unknown, source: Source = 'inventory'): Finding {
  return value === undefined ? unknown('not-recorded', source) : { known: true, value, source };
}

function unknown(code: ReasonCode, source: Source): Finding {
  return { known: false, code, source };
}

function nothingBut(code: ReasonCode): Evidence {
  const attested = unknown(code, 'attested');
  const reported = unknown(code, 'reported');
  const recorded = unknown(code, 'inventory');
  return {
    attested: () => attested,
    reported: () => reported,
    recorded: () => recorded,
    known: () => recorded,
    userAuthenticated: recorded,
    curve: attested,
    age: attested,
    reportAge: reported,
    platform: recorded,
  };
}
