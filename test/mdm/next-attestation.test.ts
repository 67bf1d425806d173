import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AttestationEvent,
  type AttestedDeviceInformation,
  type AttestationHistory,
  type DeviceInformationVerdict,
  nextAttestation,
  recordAttestation,
  type ReportedProperties,
  type ReportedSecurity,
  skipDeviceCheck,
  verifyDeviceInformation,
} from '../../src/mdm/index.ts';
import { createAttestationAuthority, createSimulatedDevice, type DeviceState } from '../../src/testing/index.ts';
import { answerOf, COMMAND } from '../support/mdm.ts';

const START = Date.parse('2026-06-01T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const after = (milliseconds: number): Date => new Date(START + milliseconds);

let authority: Awaited<ReturnType<typeof createAttestationAuthority>>;
beforeAll(async () => {
  authority = await createAttestationAuthority({ seed: 'history', at: after(0) });
});

/** A device and its service, which keeps the history as JSON. */
function enroll(state: Partial<DeviceState> = {}) {
  let now = 0;
  let nonces = 0;
  let stored: string | undefined;
  const device = createSimulatedDevice(authority, { clock: () => after(now), seed: 'history', ...state });
  const history = () => (stored === undefined ? undefined : (JSON.parse(stored) as AttestationHistory));
  const record = (event: AttestationEvent) => {
    stored = JSON.stringify(recordAttestation(history(), event));
  };
  const known: { nonce: Uint8Array; issuedAt: Date }[] = [];
  return {
    device,
    history,
    record,
    at: (time: number) => (now = time),
    next: (options: { readonly reason?: string; readonly refreshAfterSeconds?: number } = {}) =>
      nextAttestation(history(), { at: after(now), ...options }),
    /** Asks, and records what came of it. */
    ask: async (OSVersion = device.state().osVersion): Promise<DeviceInformationVerdict> => {
      const nonce = Uint8Array.of(++nonces);
      record({ type: 'asked', at: after(now) });
      const answer = await device.attestDeviceInformation({ nonce });
      const x5c = answer.status === 'attested' ? answer.x5c : undefined;
      const verdict = await verifyDeviceInformation(answerOf({ OSVersion, DevicePropertiesAttestation: x5c }), {
        at: after(now),
        request: { commandUUID: COMMAND, nonce, knownNonces: known },
        expectedDevice: skipDeviceCheck,
        trustAnchors: authority.trustAnchors,
      });
      known.push({ nonce, issuedAt: after(now) });
      record({ type: 'answered', at: after(now), verdict });
      return verdict;
    },
  };
}

const later = (time: number, ...because: readonly string[]) => ({ ask: 'later', at: after(time), because });
const now = (...because: readonly string[]) => ({ ask: 'now', because });

describe('a new enrollment', () => {
  it('is asked at once, and not again while an answer may come', () => {
    const { next, record, at } = enroll();
    expect(next()).toEqual(now('first'));
    record({ type: 'asked', at: after(0) });
    expect(next()).toEqual(later(DAY, 'first'));
    at(DAY - 1);
    expect(next()).toEqual(later(DAY, 'first'));
    at(DAY);
    expect(next()).toEqual(now('first'));
  });
});

describe('an attestation', () => {
  it('is good for 30 days, or as long as the caller says, and never longer than its leaf', async () => {
    const { ask, next, at } = enroll();
    await ask();
    expect(next()).toEqual(later(30 * DAY, 'due'));
    expect(next({ refreshAfterSeconds: 7 * 86_400 })).toEqual(later(7 * DAY, 'due'));
    expect(next({ refreshAfterSeconds: Infinity })).toEqual(later(91 * DAY, 'due'));
    at(30 * DAY);
    expect(next()).toEqual(now('due'));
    at(91 * DAY);
    expect(next()).toEqual(now('due'));
    at(91 * DAY + 1);
    expect(next()).toEqual(now('expired'));
    expect(next({ refreshAfterSeconds: Infinity })).toEqual(now('expired'));
  });

  it('is asked for again seven days after the last at the earliest, whatever the reason', async () => {
    const { ask, next, at } = enroll();
    await ask();
    at(3 * DAY);
    expect(next({ reason: 'an incident' })).toEqual(later(7 * DAY, 'requested'));
    at(7 * DAY);
    expect(next({ reason: 'an incident' })).toEqual(now('requested'));
    expect(next({ reason: '' })).toEqual(later(30 * DAY, 'due'));
  });

  it('is asked for again when something relevant changes', async () => {
    const { ask, next, at, device, record } = enroll();
    await ask();
    at(8 * DAY);
    const security = { systemIntegrityProtection: 'disabled', secureBoot: 'Reduced Security' } as ReportedSecurity;
    record({ type: 'reported', at: after(8 * DAY), security });
    expect(next()).toEqual(now('system-integrity-protection', 'secure-boot'));
    record({ type: 'reported', at: after(8 * DAY), reported: { osVersion: '26.5' } as ReportedProperties });
    expect(next({ reason: 'x' })).toEqual(now('os-version', 'system-integrity-protection', 'secure-boot', 'requested'));
    device.update({ osVersion: '26.5', systemIntegrityProtection: 'disabled', secureBoot: 'Reduced Security' });
    await ask();
    expect(next()).toEqual(later(38 * DAY, 'due'));
  });

  it('is not old because of the letter of a rapid response, or of what was never attested', async () => {
    const { ask, next, record } = enroll({ absent: ['secureBoot', 'systemIntegrityProtection'] });
    await ask();
    const reported = { osVersion: '26.4.1', supplementalOsVersionExtra: '(a)' } as ReportedProperties;
    const security = { systemIntegrityProtection: 'disabled', secureBoot: 'Reduced Security' } as ReportedSecurity;
    record({ type: 'reported', at: after(0), reported, security });
    expect(next()).toEqual(later(30 * DAY, 'due'));
  });

  it('that is cached is not asked for again at once', async () => {
    const { ask, next, at, device } = enroll();
    await ask();
    at(6 * DAY);
    device.update({ osVersion: '26.5' });
    expect(await ask()).toMatchObject({ freshness: { state: 'cached' } });
    // A day after the last answer, and seven after the attestation.
    expect(next()).toEqual(later(7 * DAY, 'os-version'));
    at(6.5 * DAY);
    await ask();
    expect(next()).toEqual(later(7.5 * DAY, 'os-version'));
    at(7.5 * DAY);
    expect(await ask()).toMatchObject({ freshness: { state: 'fresh' } });
    expect(next()).toEqual(later(37.5 * DAY, 'due'));
  });

  it('that was made before the enrollment is asked for again as soon as it can be', async () => {
    const { ask, next, at, device } = enroll();
    await device.attestDeviceInformation({ nonce: Uint8Array.of(99) });
    at(2 * DAY);
    expect(await ask()).toMatchObject({ freshness: { state: 'unknown-nonce' } });
    expect(next()).toEqual(later(7 * DAY, 'unknown-nonce'));
    at(7 * DAY);
    expect(next()).toEqual(now('unknown-nonce'));
    await ask();
    expect(next()).toEqual(later(37 * DAY, 'due'));
  });

  it('of another nonce is a setback of a day, too', async () => {
    const { ask, next, at, device } = enroll();
    await device.attestDeviceInformation({ nonce: Uint8Array.of(99) });
    at(6.5 * DAY);
    await ask();
    expect(next()).toEqual(later(7.5 * DAY, 'unknown-nonce'));
  });

  it('is judged without any report, too', async () => {
    const { ask, history } = enroll();
    await ask();
    const { reported: _reported, ...rest } = history()!;
    expect(_reported).toBeDefined();
    expect(nextAttestation(rest, { at: after(0) })).toEqual(later(30 * DAY, 'due'));
  });

  it('that was not asked for is ours if its nonce is', async () => {
    const { ask, next, record, history } = enroll();
    const verdict = (await ask()) as AttestedDeviceInformation;
    for (const issuedAt of [after(0), undefined]) {
      record({
        type: 'answered',
        at: after(0),
        verdict: { ...verdict, freshness: { state: 'not-requested', issuedAt } },
      });
      expect(history()!.attested!.isOurs).toBe(issuedAt !== undefined);
    }
    expect(next()).toEqual(later(7 * DAY, 'unknown-nonce'));
  });

  it('that is older than the last is not the last', async () => {
    const { ask, history, record, at } = enroll();
    const first = await ask();
    at(8 * DAY);
    await ask();
    const before = history();
    record({ type: 'answered', at: after(8 * DAY), verdict: first });
    expect(history()!.attested).toEqual(before!.attested);
  });
});

describe('a setback', () => {
  it.each([
    ['not-now', [1, 2, 4, 8, 16, 24, 24]],
    ['failed', [24, 48, 96, 168, 168]],
  ] as const)('of kind %s doubles the wait, up to a limit', (type, hours) => {
    const { next, record, at } = enroll();
    for (const wait of hours) {
      at(0);
      record({ type: 'asked', at: after(0) });
      record({ type, at: after(0) });
      expect(next()).toEqual(later(wait * HOUR, 'first'));
    }
  });

  it('is an answer without an attestation, too', async () => {
    const { ask, next, device, history } = enroll({ attestation: 'refused' });
    for (const days of [1, 2, 4, 7, 7]) {
      await ask();
      expect(next()).toEqual(later(days * DAY, 'first'));
    }
    expect(history()!.reported).toEqual({ osVersion: '26.4.1' });
    device.update({ attestation: 'available' });
    await ask();
    expect(history()!.setback).toBeUndefined();
    expect(next()).toEqual(later(30 * DAY, 'due'));
  });

  it('of another kind begins anew', () => {
    const { next, record } = enroll();
    for (const type of ['not-now', 'not-now', 'failed'] as const) record({ type, at: after(0) });
    expect(next()).toEqual(later(DAY, 'first'));
    record({ type: 'not-now', at: after(0) });
    expect(next()).toEqual(later(HOUR, 'first'));
  });
});

describe('the history', () => {
  it('is small, and plain data', async () => {
    const { ask, history, record } = enroll();
    await ask();
    expect(Object.keys(history()!)).toEqual(['version', 'reported', 'attested']);
    record({ type: 'asked', at: after(1) });
    record({ type: 'not-now', at: after(2) });
    record({ type: 'asked', at: after(3) });
    expect(history()).toEqual({
      version: 1,
      attested: {
        at: '2026-06-01T12:00:00.000Z',
        until: '2026-08-31T12:00:00.000Z',
        isOurs: true,
        values: { osVersion: '26.4.1', systemIntegrityProtection: 'enabled', secureBoot: 'Full Security' },
      },
      reported: { osVersion: '26.4.1' },
      askedAt: '2026-06-01T12:00:00.003Z',
      setback: { kind: 'not-now', at: '2026-06-01T12:00:00.002Z', count: 1 },
    });
    expect(JSON.stringify(history()).length).toBeLessThan(500);
  });

  it('is not changed by what is recorded after it', () => {
    const old = recordAttestation(undefined, { type: 'asked', at: after(0) });
    const text = JSON.stringify(old);
    recordAttestation(old, { type: 'failed', at: after(1) });
    recordAttestation(old, { type: 'reported', at: after(1), reported: { osVersion: '1' } as ReportedProperties });
    expect(JSON.stringify(old)).toBe(text);
  });

  const time = '2026-06-01T12:00:00.000Z';
  it.each<unknown>([
    null,
    1,
    'x',
    [],
    {},
    { version: 2 },
    { version: 1, askedAt: 'soon' },
    { version: 1, askedAt: 1 },
    { version: 1, reported: null },
    { version: 1, reported: { osVersion: 1 } },
    { version: 1, reported: { osVersion: '26.4', secureBoot: 1 } },
    { version: 1, attested: {} },
    { version: 1, attested: null },
    { version: 1, attested: { at: time, until: 'x', isOurs: true, values: {} } },
    { version: 1, attested: { at: 'x', until: time, isOurs: true, values: {} } },
    { version: 1, attested: { at: time, until: time, values: {} } },
    { version: 1, attested: { at: time, until: time, isOurs: true } },
    { version: 1, setback: { kind: 'other', at: time, count: 1 } },
    { version: 1, setback: { kind: 'old', at: 1, count: 1 } },
    { version: 1, setback: { kind: 'old', at: time, count: 0 } },
    { version: 1, setback: { kind: 'old', at: time, count: 1.5 } },
    { version: 1, setback: { kind: 'old', at: time, count: '1' } },
  ])('that is not of its form is a mistake: %j', (history) => {
    const wrong = history as AttestationHistory;
    expect(() => nextAttestation(wrong, { at: after(0) })).toThrow(TypeError);
    expect(() => recordAttestation(wrong, { type: 'asked', at: after(0) })).toThrow('history');
  });
});

describe('a mistake of the caller', () => {
  it.each<[string, object]>([
    ['at', { at: undefined }],
    ['at', { at: '2026-06-01' }],
    ['reason', { reason: 1 }],
    ['refreshAfterSeconds', { refreshAfterSeconds: 604_799 }],
    ['refreshAfterSeconds', { refreshAfterSeconds: NaN }],
    ['refreshAfterSeconds', { refreshAfterSeconds: 'x' }],
    ['maximumAge', { maximumAge: 1 }],
  ])('in the options names %s in %j', (name, options) => {
    const wrong = { at: after(0), ...options } as Parameters<typeof nextAttestation>[1];
    expect(() => nextAttestation(undefined, wrong)).toThrow(expect.objectContaining({ name: 'TypeError' }));
    expect(() => nextAttestation(undefined, wrong)).toThrow(name);
  });

  it.each<[string, unknown]>([
    ['event', undefined],
    ['event', null],
    ['event.type', {}],
    ['event.type', { type: 'constructor', at: after(0) }],
    ['event.at', { type: 'asked' }],
    ['event.at', { type: 'asked', at: 'now' }],
    ['event.verdict', { type: 'asked', at: after(0), verdict: {} }],
  ])('in the event names %s in %j', (name, event) => {
    expect(() => recordAttestation(undefined, event as AttestationEvent)).toThrow(TypeError);
    expect(() => recordAttestation(undefined, event as AttestationEvent)).toThrow(name);
  });
});
