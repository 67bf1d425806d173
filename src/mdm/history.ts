import { requirePlainObject } from '../core/options.ts';
import type { AttestedProperties, Property } from '../core/properties.ts';
import { fullVersion } from './compare-properties.ts';
import type { DeviceInformationFreshness } from './device-freshness.ts';
import { requireDate, requireMembers } from './options.ts';
import type { ReportedProperties, ReportedSecurity } from './reported.ts';
import type { AttestedDeviceInformation, DeviceInformationVerdict } from './verify-device-information.ts';

/** The properties whose change makes an attestation old. */
export type WatchedName = 'osVersion' | 'systemIntegrityProtection' | 'secureBoot';

/** Their values, where they are known. */
export type WatchedValues = Readonly<Partial<Record<WatchedName, string>>>;

/**
 * What a service has to remember of the attestations of one enrollment: plain data that survives JSON. Store it with
 * the enrollment; make the next one with `recordAttestation`. Times are in ISO 8601.
 */
export interface AttestationHistory {
  readonly version: 1;
  /** The last attestation that verified. */
  readonly attested?: {
    /** notBefore of the leaf. */
    readonly at: string;
    /** notAfter of the leaf. */
    readonly until: string;
    /** Whether it was made for a nonce of ours. */
    readonly isOurs: boolean;
    readonly values: WatchedValues;
  };
  /** What the device says of itself now. */
  readonly reported?: WatchedValues;
  /** When the command was sent that has no answer yet. */
  readonly askedAt?: string;
  /** Answers without a new attestation, in a row. */
  readonly setback?: {
    readonly kind: Setback;
    readonly at: string;
    readonly count: number;
  };
}

/**
 * Why there is no new attestation: `not-now`, the device was busy; `none`, the answer had none; `failed`, the device
 * answered with an error, or what it sent did not verify; `old`, it sent one that was made for another nonce.
 */
export type Setback = 'not-now' | 'none' | 'failed' | 'old';

/** What happened between the service and the device. */
export type AttestationEvent =
  /** A DeviceInformation command with a nonce was sent. */
  | { readonly type: 'asked'; readonly at: Date }
  /** It was answered, and `verifyDeviceInformation` gave this verdict. */
  | { readonly type: 'answered'; readonly at: Date; readonly verdict: DeviceInformationVerdict }
  /** It was answered with NotNow. */
  | { readonly type: 'not-now'; readonly at: Date }
  /** It was answered with an error, or the verification threw one. */
  | { readonly type: 'failed'; readonly at: Date }
  /** The device reported something, in an answer to any command. */
  | {
      readonly type: 'reported';
      readonly at: Date;
      readonly reported?: ReportedProperties | undefined;
      readonly security?: ReportedSecurity | undefined;
    };

const MEMBERS: Readonly<Record<AttestationEvent['type'], readonly string[]>> = {
  asked: ['type', 'at'],
  answered: ['type', 'at', 'verdict'],
  'not-now': ['type', 'at'],
  failed: ['type', 'at'],
  reported: ['type', 'at', 'reported', 'security'],
};

/**
 * Adds what happened to the history of an enrollment.
 *
 * @param history the one that was stored; undefined for a new enrollment
 * @returns a new one; the old one is not changed
 * @throws TypeError if the history or the event is not of its form
 * @example
 * ```ts
 * import { nextAttestation, recordAttestation } from 'managed-device-attestation/mdm';
 *
 * const at = new Date('2026-06-01T12:00:00Z');
 * const history = recordAttestation(undefined, { type: 'asked', at });
 * console.log(nextAttestation(history, { at }).ask); // later
 * ```
 */
export function recordAttestation(
  history: AttestationHistory | undefined,
  event: AttestationEvent,
): AttestationHistory {
  const old: AttestationHistory = history === undefined ? { version: 1 } : requireHistory(history);
  requirePlainObject(event, 'event');
  if (!Object.hasOwn(MEMBERS, event.type)) throw new TypeError('event.type must be one that is known');
  requireMembers(event, 'event', MEMBERS[event.type]);
  const at = isoTime(requireDate(event.at, 'event.at'));
  switch (event.type) {
    case 'asked':
      return { ...old, askedAt: at };
    case 'answered':
      return recordVerdict(old, event.verdict, at);
    case 'not-now':
    case 'failed':
      return recordSetback(old, event.type, at);
    case 'reported':
      return withReports(old, event.reported, event.security);
  }
}

function recordVerdict(old: AttestationHistory, verdict: DeviceInformationVerdict, at: string): AttestationHistory {
  const reported = withReports(old, verdict.reported, undefined);
  if (verdict.status === 'not-attested') return recordSetback(reported, 'none', at);
  const attested = withAttestation(reported, verdict);
  const { state } = verdict.freshness;
  if (state === 'cached' || state === 'unknown-nonce') return recordSetback(attested, 'old', at);
  return without(attested, 'askedAt', 'setback');
}

function withAttestation(
  old: AttestationHistory,
  { attestation, attestedAt, freshness }: AttestedDeviceInformation,
): AttestationHistory {
  const at = isoTime(attestedAt.getTime());
  // Answers can overtake each other.
  if (old.attested !== undefined && old.attested.at > at) return old;
  const { properties, certificates } = attestation;
  const until = isoTime(certificates[0]!.notAfter.getTime());
  return { ...old, attested: { at, until, isOurs: isOurs(freshness), values: watchedOf(properties) } };
}

function isOurs(freshness: DeviceInformationFreshness): boolean {
  return freshness.state === 'fresh' || ('issuedAt' in freshness && freshness.issuedAt !== undefined);
}

function watchedOf({ osVersion, systemIntegrityProtection, secureBoot }: AttestedProperties): WatchedValues {
  return known({
    osVersion: valueOf(osVersion),
    systemIntegrityProtection: valueOf(systemIntegrityProtection),
    secureBoot: valueOf(secureBoot),
  });
}

function valueOf(property: Property<string>): string | undefined {
  return property.status === 'attested' ? property.value : undefined;
}

function withReports(
  old: AttestationHistory,
  reported: ReportedProperties | undefined,
  security: ReportedSecurity | undefined,
): AttestationHistory {
  const values = known({
    osVersion: reported && fullVersion(reported),
    systemIntegrityProtection: security?.systemIntegrityProtection,
    secureBoot: security?.secureBoot,
  });
  return { ...old, reported: { ...old.reported, ...values } };
}

function recordSetback(old: AttestationHistory, kind: Setback, at: string): AttestationHistory {
  const count = old.setback?.kind === kind ? old.setback.count + 1 : 1;
  return { ...without(old, 'askedAt'), setback: { kind, at, count } };
}

function without(history: AttestationHistory, ...keys: readonly (keyof AttestationHistory)[]): AttestationHistory {
  const rest = { ...history };
  for (const key of keys) Reflect.deleteProperty(rest, key);
  return rest;
}

/** Leaves out what is undefined, as JSON does. */
function known(values: Readonly<Record<WatchedName, string | undefined>>): WatchedValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}

/** What came back from a store: other than what was put there, it would be misread for years. */
export function requireHistory(history: unknown): AttestationHistory {
  if (!isHistory(history)) throw new TypeError('history must come from recordAttestation');
  return history;
}

const SETBACKS: readonly unknown[] = ['not-now', 'none', 'failed', 'old'] satisfies readonly Setback[];

function isHistory(value: unknown): value is AttestationHistory {
  const history = membersOf(value);
  const optional = (name: string, holds: (member: unknown) => boolean): boolean =>
    history.get(name) === undefined || holds(history.get(name));
  return (
    history.get('version') === 1 &&
    optional('attested', isAttested) &&
    optional('reported', isWatched) &&
    optional('askedAt', isTime) &&
    optional('setback', isSetback)
  );
}

function isAttested(value: unknown): boolean {
  const attested = membersOf(value);
  return (
    isTime(attested.get('at')) &&
    isTime(attested.get('until')) &&
    typeof attested.get('isOurs') === 'boolean' &&
    isWatched(attested.get('values'))
  );
}

function isSetback(value: unknown): boolean {
  const setback = membersOf(value);
  return SETBACKS.includes(setback.get('kind')) && isTime(setback.get('at')) && isCount(setback.get('count'));
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isWatched(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((member) => typeof member === 'string');
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

/** None for what has none. */
function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value ?? {}));
}
