import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshnessCodeForNonce, parseAttestationChain, verifyAttestation } from '../../src/index.ts';
import {
  type AttestedDeviceInformation,
  factsFrom,
  type FactSources,
  skipDeviceCheck,
  verifyDeviceInformation,
} from '../../src/mdm/index.ts';
import { evaluatePolicy, parsePolicy } from '../../src/policy/index.ts';
import { createAttestationAuthority, createSimulatedDevice, type DeviceState } from '../../src/testing/index.ts';
import { answerOf, COMMAND } from '../support/mdm.ts';

const AT = new Date('2026-06-01T12:00:00Z');
const NONCE = new Uint8Array(32).fill(1);

let authority: Awaited<ReturnType<typeof createAttestationAuthority>>;
beforeAll(async () => {
  authority = await createAttestationAuthority({ seed: 'facts', at: AT });
});

async function x5cOf(state: Partial<DeviceState> = {}) {
  const device = createSimulatedDevice(authority, { clock: () => AT, seed: 'facts', ...state });
  const answer = await device.attestDeviceInformation({ nonce: NONCE });
  if (answer.status !== 'attested') throw new Error('refused');
  return answer.x5c;
}

async function verdictOf(state: Partial<DeviceState> = {}, nonce: Uint8Array | undefined = NONCE) {
  const response = answerOf({ SerialNumber: 'SIMULATED1', DevicePropertiesAttestation: await x5cOf(state) });
  const verdict = await verifyDeviceInformation(response, {
    at: AT,
    request: { commandUUID: COMMAND, nonce },
    expectedDevice: skipDeviceCheck,
    trustAnchors: authority.trustAnchors,
  });
  return verdict as AttestedDeviceInformation;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('what is attested', () => {
  it('says when, by which certificate, and for which key', async () => {
    const [leaf] = await x5cOf();
    const { attested } = await factsFrom({ attestation: await verdictOf() });
    const certificate = sha256(leaf!);
    const known = (value: string) => ({ status: 'known', value, source: 'attested', attestedAt: AT, certificate });
    expect(attested).toEqual({
      serialNumber: known('SIMULATED1'),
      udid: known('00006030-0000000000000001'),
      softwareUpdateDeviceId: known('J999xAP'),
      osVersion: known('26.4.1'),
      sepOsVersion: known('26.4.1'),
      llbVersion: known('26.4.1'),
      systemIntegrityProtection: known('enabled'),
      secureBoot: known('Full Security'),
      thirdPartyKernelExtensions: known('not allowed'),
      certificate,
      attestedAt: AT,
      notAfter: new Date('2026-08-31T12:00:00Z'),
      freshness: 'fresh',
      publicKey: {
        keyType: 'EC',
        curve: 'P-384',
        fingerprint: sha256((await verdictOf()).attestation.publicKey.spki),
      },
    });
  });

  it('is not known where it is absent, blank or malformed', async () => {
    const state = { absent: ['udid'], blank: ['osVersion'], secureBoot: 'Some Security' as never } as const;
    const { attested } = await factsFrom({ attestation: await verdictOf(state) });
    expect(attested).toMatchObject({
      udid: { status: 'absent' },
      osVersion: { status: 'blank' },
      secureBoot: { status: 'malformed' },
    });
  });

  it('has the freshness of the verdict', async () => {
    const { attested } = await factsFrom({ attestation: await verdictOf({}, Uint8Array.of(2)) });
    expect(attested!.freshness).toBe('unknown-nonce');
  });

  it('may come from ACME, where it is fresh if that was checked', async () => {
    const chain = parseAttestationChain(await x5cOf());
    const options = { at: AT, trustAnchors: authority.trustAnchors };
    const matched = await verifyAttestation(chain, { ...options, expectedFreshnessCode: freshnessCodeForNonce(NONCE) });
    expect((await factsFrom({ attestation: matched })).attested!.freshness).toBe('fresh');
    // An attestation that was taken out of a verdict is not fresher than the verdict.
    const { attestation } = await verdictOf({}, Uint8Array.of(2));
    expect((await factsFrom({ attestation })).attested!.freshness).toBe('not-requested');
  });

  it('is nothing where the device did not attest', async () => {
    const verdict = await verifyDeviceInformation(answerOf({ SerialNumber: 'SIMULATED1' }), {
      at: AT,
      request: { commandUUID: COMMAND, nonce: NONCE },
      expectedDevice: skipDeviceCheck,
    });
    expect(await factsFrom({ attestation: verdict })).toMatchObject({
      attested: undefined,
      reported: { serialNumber: { status: 'known', value: 'SIMULATED1', source: 'reported' } },
    });
  });
});

it('nothing is attested by what a newer attestation has superseded', async () => {
  const verdict = await verdictOf();
  const { publicKey } = verdict.attestation;
  const later = await verifyDeviceInformation(answerOf({ DevicePropertiesAttestation: await x5cOf() }), {
    at: AT,
    request: { commandUUID: COMMAND, nonce: NONCE },
    expectedDevice: skipDeviceCheck,
    previous: { publicKey, attestedAt: new Date(AT.getTime() + 1) },
    trustAnchors: authority.trustAnchors,
  });
  expect(later).toMatchObject({ status: 'attested', isSuperseded: true });
  expect((await factsFrom({ attestation: later })).attested).toBeUndefined();
});

describe('what is reported', () => {
  it('says that it is, and never mixes with what is attested', async () => {
    const { reported } = answerOf({
      SerialNumber: 'SIMULATED2',
      UDID: 'u',
      ProvisioningUDID: 'p',
      OSVersion: '17.2',
      SupplementalOSVersionExtra: '(a)',
      SoftwareUpdateDeviceID: '',
      ProductName: 'Mac15,6',
      IsSupervised: false,
    });
    const { security } = answerOf(
      {},
      { SecurityInfo: { FDE_Enabled: true, SystemIntegrityProtectionEnabled: false, SecureBoot: {} } },
    );
    const known = (value: unknown) => ({ status: 'known', value, source: 'reported' });
    const facts = await factsFrom({ attestation: await verdictOf(), reported, security });
    expect(facts.reported).toEqual({
      serialNumber: known('SIMULATED2'),
      udid: known('u'),
      provisioningUdid: known('p'),
      platform: known('macos'),
      osVersion: known('17.2 (a)'),
      softwareUpdateDeviceId: { status: 'blank' },
      model: known('Mac15,6'),
      supervised: known(false),
      fileVault: known(true),
      systemIntegrityProtection: known('disabled'),
      secureBoot: { status: 'absent' },
    });
    expect(facts.attested!.serialNumber).toMatchObject({ value: 'SIMULATED1', source: 'attested' });
  });

  it('has for the provisioning UDID, where there is none, the UDID: of all but a Mac', async () => {
    const udidOf = async (properties: Readonly<Record<string, unknown>>) => {
      const { reported } = await factsFrom({ reported: answerOf({ UDID: 'u', ...properties }).reported });
      return reported.provisioningUdid;
    };
    const known = (value: string) => ({ status: 'known', value, source: 'reported' });
    for (const ProductName of ['iPhone16,1', 'iPad16,3', 'AppleTV14,1', 'Watch7,1', 'RealityDevice14,1'])
      expect(await udidOf({ ProductName })).toEqual(known('u'));
    expect(await udidOf({ ProductName: 'iPhone16,1', ProvisioningUDID: 'p' })).toEqual(known('p'));
    expect(await udidOf({ ProductName: 'iPhone16,1', UDID: '' })).toEqual({ status: 'blank' });
    // Whether it is a Mac must be known.
    for (const ProductName of ['Mac15,6', 'MacBookPro18,3', 'Toaster1,1'])
      expect(await udidOf({ ProductName })).toEqual({ status: 'absent' });
    expect(await udidOf({})).toEqual({ status: 'absent' });
  });

  it('of an iPhone with the UDID of another one is nothing that a policy takes', async () => {
    const absent = ['systemIntegrityProtection', 'secureBoot', 'thirdPartyKernelExtensions', 'llbVersion'] as const;
    const attestation = await verdictOf({ absent });
    const decide = async (UDID: string) => {
      const { reported } = answerOf({ SerialNumber: 'SIMULATED1', UDID, ProductName: 'iPhone16,1' });
      const facts = await factsFrom({ attestation, reported, inventory: { known: true, serialNumber: 'SIMULATED1' } });
      const policy = parsePolicy({ format: 1, rules: [{ rule: 'known-device' }] });
      return evaluatePolicy(policy, facts, { at: AT }).reasons.map(({ code }) => code);
    };
    expect(await decide('00006030-0000000000000001')).toEqual([]);
    expect(await decide('00006030-0000000000000002')).toEqual(['other-device']);
  });

  it('says when, if the caller does', async () => {
    const reportedAt = new Date('2026-06-01T11:00:00Z');
    const { reported } = await factsFrom({ reportedAt });
    expect(reported).toEqual({ reportedAt });
    expect(reported.reportedAt).not.toBe(reportedAt);
  });

  it('is that of the verdict where nothing else is given', async () => {
    expect((await factsFrom({ attestation: await verdictOf() })).reported).toMatchObject({
      serialNumber: { value: 'SIMULATED1' },
      platform: { status: 'absent' },
    });
  });
});

describe('nothing', () => {
  it('is known of nothing', async () => {
    expect(await factsFrom({})).toEqual({ attested: undefined, reported: {}, inventory: {} });
    const inventory = { known: true };
    expect(await factsFrom({ inventory, attestation: undefined, reported: undefined, security: undefined })).toEqual({
      attested: undefined,
      reported: {},
      inventory,
    });
  });
});

describe('a mistake of the caller', () => {
  it.each<[string, unknown]>([
    ['posture', { posture: {} }],
    ['attestation', { attestation: { freshness: 'matched' } }],
    ['attestation', { attestation: { status: 'attested', attestation: {}, freshness: { state: 'fresh' } } }],
    ['reportedAt', { reportedAt: 'now' }],
    ['attestation', { attestation: null }],
    ['attestation', { attestation: 'x' }],
    ['options', null],
  ])('names the option: %s in %j', async (name, sources) => {
    await expect(factsFrom(sources as FactSources)).rejects.toThrow(TypeError);
    await expect(factsFrom(sources as FactSources)).rejects.toThrow(name);
  });
});
