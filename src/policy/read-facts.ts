import { requirePlainObject } from '../core/options.ts';
import type {
  AttestationFacts,
  AttestationFreshness,
  AttestedName,
  Facts,
  InventoryFacts,
  ReportedFacts,
} from './facts.ts';
import { isPlatform } from './platforms.ts';
import type { ReasonCode } from './reasons.ts';

/** Who says what a rule is judged by. */
export type Source = 'attested' | 'reported' | 'inventory';

/** A value of the right type and who says it, or why there is none. Whether the value is a good one is not judged yet. */
export type Finding =
  | { readonly known: true; readonly value: unknown; readonly source: Source }
  | { readonly known: false; readonly code: ReasonCode; readonly source: Source };

/** What the caller passed, each member read once and of its type, so that what is judged twice is the same twice. */
export interface FactsReading {
  readonly attestation: AttestationReading | undefined;
  readonly reported: Readonly<Record<ReportedName, Finding>>;
  /** Milliseconds since 1970. */
  readonly reportedAt: number | undefined;
  readonly inventory: InventoryFacts;
}

/** The facts among what is reported. */
export type ReportedName = Exclude<keyof ReportedFacts, 'reportedAt'>;

export interface AttestationReading {
  readonly findings: Readonly<Record<AttestedName, Finding>>;
  readonly freshness: AttestationFreshness;
  readonly curve: string;
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly attestedAt: number | undefined;
  readonly notAfter: number;
}

const FRESHNESS: readonly AttestationFreshness[] = ['fresh', 'cached', 'unknown-nonce', 'not-requested'];

/**
 * Reads the facts of one decision. What a device says in the wrong form is malformed; what the caller passes
 * in the wrong form is a `TypeError`.
 */
export function readFacts(facts: Facts): FactsReading {
  try {
    requirePlainObject(facts, 'facts');
    const { attested, reported, inventory } = facts;
    requirePlainObject(reported, 'facts.reported');
    return {
      attestation: attested === undefined ? undefined : readAttestation(attested),
      reported: readReported(reported),
      reportedAt: readOptionalTime(ownMember(reported, 'reportedAt'), 'reported.reportedAt'),
      inventory: readInventory(inventory),
    };
  } catch (error) {
    // A getter of the caller's may throw anything.
    throw error instanceof TypeError ? error : new TypeError('facts could not be read', { cause: error });
  }
}

function readAttestation(attested: AttestationFacts): AttestationReading {
  requirePlainObject(attested, 'facts.attested');
  const { certificate, freshness, publicKey, attestedAt, notAfter } = attested;
  if (typeof certificate !== 'string' || certificate === '') fail('attested.certificate', 'a text that is not empty');
  if (!FRESHNESS.includes(freshness)) fail('attested.freshness', `one of ${FRESHNESS.join(', ')}`);
  requirePlainObject(publicKey, 'facts.attested.publicKey');
  const { curve, fingerprint } = publicKey;
  if (typeof curve !== 'string') fail('attested.publicKey.curve', 'a text');
  if (typeof fingerprint !== 'string' || fingerprint === '')
    fail('attested.publicKey.fingerprint', 'a text that is not empty');
  const read = (name: AttestedName): Finding => readFact(attested, name, 'string', 'attested', certificate);
  return {
    findings: {
      serialNumber: read('serialNumber'),
      udid: read('udid'),
      softwareUpdateDeviceId: read('softwareUpdateDeviceId'),
      osVersion: read('osVersion'),
      sepOsVersion: read('sepOsVersion'),
      llbVersion: read('llbVersion'),
      systemIntegrityProtection: read('systemIntegrityProtection'),
      secureBoot: read('secureBoot'),
      thirdPartyKernelExtensions: read('thirdPartyKernelExtensions'),
    },
    freshness,
    curve,
    fingerprint,
    attestedAt: readOptionalTime(attestedAt, 'attested.attestedAt'),
    notAfter: readTime(notAfter, 'attested.notAfter'),
  };
}

function readReported(reported: ReportedFacts): FactsReading['reported'] {
  const text = (name: ReportedName): Finding => readFact(reported, name, 'string', 'reported');
  const flag = (name: ReportedName): Finding => readFact(reported, name, 'boolean', 'reported');
  return {
    serialNumber: text('serialNumber'),
    udid: text('udid'),
    provisioningUdid: text('provisioningUdid'),
    platform: text('platform'),
    osVersion: text('osVersion'),
    softwareUpdateDeviceId: text('softwareUpdateDeviceId'),
    model: text('model'),
    fileVault: flag('fileVault'),
    supervised: flag('supervised'),
    systemIntegrityProtection: text('systemIntegrityProtection'),
    secureBoot: text('secureBoot'),
    thirdPartyKernelExtensions: text('thirdPartyKernelExtensions'),
  };
}

/** A fact of a slot; the source that it names must be that of its slot, or two sources were mixed up. */
function readFact(
  slots: object,
  name: string,
  type: 'string' | 'boolean',
  source: 'attested' | 'reported',
  certificate?: string,
): Finding {
  const fact = ownMember(slots, name) as Readonly<Record<string, unknown>> | undefined;
  if (fact === undefined) return UNKNOWN[source].absent;
  // The place is put together only where it is needed: a decision reads twenty facts.
  if (!isPlain(fact)) fail(`${source}.${name}`, 'a plain object');
  const { status } = fact;
  if (status === 'absent' || status === 'blank' || status === 'malformed') return UNKNOWN[source][status];
  if (status !== 'known') fail(`${source}.${name}.status`, 'known, absent, blank or malformed');
  if (fact['source'] !== source) fail(`${source}.${name}.source`, source);
  if (source === 'attested' && fact['certificate'] !== certificate)
    fail(`${source}.${name}.certificate`, 'that of facts.attested');
  const { value } = fact;
  return typeof value === type ? { known: true, value, source } : UNKNOWN[source].malformed;
}

const UNKNOWN = {
  attested: {
    absent: { known: false, code: 'absent', source: 'attested' },
    blank: { known: false, code: 'blank', source: 'attested' },
    malformed: { known: false, code: 'malformed', source: 'attested' },
  },
  reported: {
    absent: { known: false, code: 'absent', source: 'reported' },
    blank: { known: false, code: 'blank', source: 'reported' },
    malformed: { known: false, code: 'malformed', source: 'reported' },
  },
} as const satisfies Record<string, Record<string, Finding>>;

/** The caller's own records: what is there is of its type. */
function readInventory(inventory: InventoryFacts): InventoryFacts {
  requirePlainObject(inventory, 'facts.inventory');
  const flag = (name: keyof InventoryFacts): boolean | undefined => {
    const value = ownMember(inventory, name);
    if (value !== undefined && typeof value !== 'boolean') fail(`inventory.${name}`, 'true, false or undefined');
    return value;
  };
  const text = (name: keyof InventoryFacts): string | undefined => {
    const value = ownMember(inventory, name);
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      fail(`inventory.${name}`, 'a text that is not empty, or undefined');
    return value;
  };
  const platform = text('platform');
  if (platform !== undefined && !isPlatform(platform)) fail('inventory.platform', 'a platform, or undefined');
  return {
    known: flag('known'),
    serialNumber: text('serialNumber'),
    udid: text('udid'),
    keyFingerprint: text('keyFingerprint'),
    platform,
    model: text('model'),
    supervised: flag('supervised'),
    userAuthenticated: flag('userAuthenticated'),
  };
}

function isPlain(value: unknown): boolean {
  if (value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What an object inherits is not a fact. */
function ownMember(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
}

function readOptionalTime(value: unknown, place: string): number | undefined {
  return value === undefined ? undefined : readTime(value, place);
}

function readTime(value: unknown, place: string): number {
  const time = Object.prototype.toString.call(value) === '[object Date]' ? Number(value) : NaN;
  if (Number.isNaN(time)) fail(place, 'a valid Date');
  return time;
}

function fail(place: string, what: string): never {
  throw new TypeError(`facts.${place} must be ${what}`);
}
