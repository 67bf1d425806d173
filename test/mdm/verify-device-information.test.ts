import { beforeAll, describe, expect, it } from 'vitest';
import { isVerifiedAttestation } from '../../src/index.ts';
import {
  type AcknowledgedResponse,
  type AttestedDeviceInformation,
  parseCommandResponse,
  type ReportedSecurity,
  skipDeviceCheck,
  unnamedDevice,
  verifyDeviceInformation,
  type VerifyDeviceInformationOptions,
} from '../../src/mdm/index.ts';
import { createAttestationAuthority, createSimulatedDevice } from '../../src/testing/index.ts';
import { answerOf, bodyOf, COMMAND, type Members, responseOf, UDID } from '../support/mdm.ts';
import { rejectionOf } from '../support/refusal.ts';

const AT = new Date('2026-06-01T12:00:00Z');
const DAY = 86_400_000;
const NONCE = new Uint8Array(32).fill(1);
const OTHER = new Uint8Array(32).fill(2);

type Changes = Partial<Omit<VerifyDeviceInformationOptions, 'request'>> & {
  readonly request?: Partial<VerifyDeviceInformationOptions['request']>;
};

let authority: Awaited<ReturnType<typeof createAttestationAuthority>>;
beforeAll(async () => {
  authority = await createAttestationAuthority({ seed: 'mdm', at: AT });
});

type DeviceOptions = Partial<Parameters<typeof createSimulatedDevice>[1]>;

const deviceOf = (options: DeviceOptions = {}) =>
  createSimulatedDevice(authority, { clock: () => AT, seed: 'mdm', ...options });

async function x5cOf(options: DeviceOptions = {}, nonce: Uint8Array | null = NONCE) {
  const answer = await deviceOf(options).attestDeviceInformation(nonce === null ? {} : { nonce });
  if (answer.status !== 'attested') throw new Error('refused');
  return answer.x5c;
}

/** What the simulated Mac reports, truthfully. */
const MAC: Members = {
  UDID,
  ProvisioningUDID: '00006030-0000000000000001',
  SerialNumber: 'SIMULATED1',
  OSVersion: '26.4.1',
  SoftwareUpdateDeviceID: 'J999xAP',
  ProductName: 'Mac15,6',
};

function verify(response: AcknowledgedResponse, { request, ...changes }: Changes = {}) {
  return verifyDeviceInformation(response, {
    at: AT,
    request: { commandUUID: COMMAND, nonce: NONCE, ...request },
    expectedDevice: { serialNumber: 'SIMULATED1' },
    trustAnchors: authority.trustAnchors,
    ...changes,
  });
}

async function verdictOf(answers: Members = {}, changes: Changes = {}, device: DeviceOptions = {}) {
  const response = answerOf({ ...MAC, DevicePropertiesAttestation: await x5cOf(device), ...answers });
  return (await verify(response, changes)) as AttestedDeviceInformation;
}

describe('an answer with an attestation', () => {
  it('is verified, whole', async () => {
    const verdict = await verdictOf({}, { at: new Date(AT.getTime() + 90_999) });
    expect(verdict).toMatchObject({
      status: 'attested',
      freshness: { state: 'fresh' },
      key: 'first',
      contradictions: [],
      attestedAt: AT,
      ageSeconds: 90,
      reported: { serialNumber: 'SIMULATED1' },
    });
    expect(isVerifiedAttestation(verdict.attestation)).toBe(true);
    expect(verdict.attestation.freshness).toBe('matched');
  });

  it('takes what happens meanwhile to the bytes of the caller for nothing', async () => {
    const x5c = (await x5cOf()).map((der) => new Uint8Array(der));
    const response = answerOf({ DevicePropertiesAttestation: x5c });
    const request = { commandUUID: COMMAND, nonce: NONCE.slice() };
    const pending = verify(response, { request });
    request.nonce.fill(9);
    for (const der of response.attestation!) der.fill(0);
    expect(await pending).toMatchObject({ freshness: { state: 'fresh' } });
  });
});

describe('freshness', () => {
  const known = [
    { nonce: Uint8Array.of(7), issuedAt: new Date('2026-05-01T00:00:00Z') },
    { nonce: NONCE, issuedAt: new Date('2026-05-20T00:00:00Z') },
    { nonce: OTHER, issuedAt: new Date('2026-05-25T00:00:00Z') },
  ];

  it.each<[string, Changes['request'], object, string]>([
    ['of this nonce', {}, { state: 'fresh' }, 'matched'],
    ['of this nonce, which is an earlier one', { knownNonces: known }, { state: 'fresh' }, 'matched'],
    [
      'of an earlier nonce',
      { nonce: OTHER, knownNonces: known },
      { state: 'cached', issuedAt: known[1]!.issuedAt, isOverdue: false },
      'not checked',
    ],
    [
      'of no nonce of ours',
      { nonce: OTHER, knownNonces: known.slice(2) },
      { state: 'unknown-nonce', isOverdue: false },
      'not checked',
    ],
    [
      'of a nonce that begins alike',
      { nonce: NONCE.slice(1) },
      { state: 'unknown-nonce', isOverdue: false },
      'not checked',
    ],
    ['not asked for', { nonce: undefined }, { state: 'not-requested', issuedAt: undefined }, 'not checked'],
    [
      'not asked for, and of an earlier nonce',
      { nonce: undefined, knownNonces: known },
      { state: 'not-requested', issuedAt: known[1]!.issuedAt },
      'not checked',
    ],
  ])('%s', async (_, request, freshness, checked) => {
    const verdict = await verdictOf({}, { request: request! });
    expect(verdict.freshness).toEqual(freshness);
    expect(verdict.attestation.freshness).toBe(checked);
  });

  it('hands out a time of its own', async () => {
    const issuedAt = new Date('2026-05-20T00:00:00Z');
    const { freshness } = await verdictOf({}, { request: { nonce: OTHER, knownNonces: [{ nonce: NONCE, issuedAt }] } });
    issuedAt.setTime(0);
    expect(freshness).toMatchObject({ state: 'cached', issuedAt: new Date('2026-05-20T00:00:00Z') });
  });

  it.each([
    ['a new one could not be made yet', 7 * DAY, false],
    ['a new one was due', 7 * DAY + 1, true],
  ])('of an earlier nonce, or of none of ours, when %s', async (_, age, isOverdue) => {
    const at = new Date(AT.getTime() + age);
    const cached = await verdictOf({}, { at, request: { nonce: OTHER, knownNonces: known } });
    expect(cached.freshness).toMatchObject({ state: 'cached', isOverdue });
    const unknown = await verdictOf({}, { at, request: { nonce: OTHER } });
    expect(unknown.freshness).toEqual({ state: 'unknown-nonce', isOverdue });
  });

  it('is needed where it was asked for, and not where it was not', async () => {
    const response = answerOf({ DevicePropertiesAttestation: await x5cOf({}, null) });
    expect(await rejectionOf(verify(response))).toMatchObject({ code: 'ERR_MDA_FRESHNESS_MISSING' });
    expect(await verify(response, { request: { nonce: undefined, knownNonces: known } })).toMatchObject({
      freshness: { state: 'not-requested', issuedAt: undefined },
    });
  });
});

describe('the key', () => {
  it('is the first, the same, or another', async () => {
    const first = await verdictOf();
    const { spki } = first.attestation.publicKey;
    expect((await verdictOf({}, { previous: first.attestation })).key).toBe('same');
    const previous = { publicKey: { spki }, attestedAt: AT };
    expect((await verdictOf({}, { previous })).key).toBe('same');
    expect((await verdictOf({}, { previous: first.attestation }, { seed: 'another' })).key).toBe('changed');
    spki[20]! ^= 1;
    expect((await verdictOf({}, { previous })).key).toBe('changed');
  });
});

describe('an attestation beside the one before', () => {
  it('is superseded if it is the older one, and is neither if there is none or it is the same', async () => {
    const first = await verdictOf();
    const { publicKey } = first.attestation;
    expect(first.isSuperseded).toBe(false);
    expect((await verdictOf({}, { previous: first.attestation })).isSuperseded).toBe(false);
    const supersededBy = async (attestedAt: Date) =>
      (await verdictOf({}, { previous: { publicKey, attestedAt } })).isSuperseded;
    expect(await supersededBy(new Date(AT.getTime() - 1000))).toBe(false);
    expect(await supersededBy(AT)).toBe(false);
    expect(await supersededBy(new Date(AT.getTime() + 1000))).toBe(true);
  });
});

describe('the device', () => {
  const udid = '00006030-0000000000000001';

  it.each<[string, VerifyDeviceInformationOptions['expectedDevice']]>([
    ['by its serial number', { serialNumber: 'SIMULATED1' }],
    ['by its provisioning UDID', { udid }],
    ['by both', { serialNumber: 'SIMULATED1', udid }],
    ['by nothing', skipDeviceCheck],
  ])('is recognised %s', async (_, expectedDevice) => {
    expect((await verdictOf({}, { expectedDevice })).status).toBe('attested');
  });

  it.each<[string, VerifyDeviceInformationOptions['expectedDevice'], string, DeviceOptions]>([
    ['has another serial number', { serialNumber: 'SIMULATED2' }, 'serialNumber', {}],
    ['has a serial number in another case', { serialNumber: 'simulated1' }, 'serialNumber', {}],
    ['has another UDID', { udid: UDID }, 'udid', {}],
    ['has the serial number alone', { serialNumber: 'SIMULATED1', udid: 'x' }, 'udid', {}],
    ['is not named', { serialNumber: 'SIMULATED1' }, 'serialNumber', { enrollment: 'user' }],
    ['is named by nothing', { serialNumber: 'SIMULATED1' }, 'serialNumber', { blank: ['serialNumber'] }],
    ['has no UDID', { udid }, 'udid', { absent: ['udid'] }],
  ])('is another one that %s', async (_, expectedDevice, field, device) => {
    expect(await rejectionOf(verdictOf({}, { expectedDevice }, device))).toMatchObject({
      code: 'ERR_MDA_ATTESTATION_DEVICE',
      certificate: 0,
      field,
    });
  });

  it.each<[string, string, DeviceOptions]>([
    ['by its serial number', 'serialNumber', { absent: ['udid'] }],
    ['by its UDID', 'udid', { blank: ['serialNumber'] }],
    ['by both', 'serialNumber', {}],
  ])('is not that of a User Enrollment if it is named %s', async (_, field, device) => {
    expect(await rejectionOf(verdictOf({}, { expectedDevice: unnamedDevice }, device))).toMatchObject({
      code: 'ERR_MDA_ATTESTATION_DEVICE',
      certificate: 0,
      field,
    });
  });

  it('may have blanks for its names in a User Enrollment', async () => {
    const blank = { blank: ['serialNumber', 'udid'] } as const;
    expect((await verdictOf({}, { expectedDevice: unnamedDevice }, blank)).status).toBe('attested');
  });

  it('is not that of a User Enrollment if its names cannot be read', async () => {
    const x5c = await authority.attest({
      publicKey: (await deviceOf().createKey({ curve: 'P-384' })).publicKey,
      freshnessCode: NONCE,
      properties: { serialNumber: 'SIMULATED\u00001' },
      at: AT,
    });
    const answer = answerOf({ DevicePropertiesAttestation: x5c });
    expect(await rejectionOf(verify(answer, { expectedDevice: unnamedDevice }))).toMatchObject({
      code: 'ERR_MDA_ATTESTATION_DEVICE',
      field: 'serialNumber',
    });
  });

  it('is not named in a User Enrollment', async () => {
    const verdict = await verdictOf({}, { expectedDevice: unnamedDevice }, { enrollment: 'user' });
    expect(verdict.comparisons.serialNumber).toEqual({
      attested: { status: 'absent' },
      reported: 'SIMULATED1',
      outcome: 'not compared',
    });
  });
});

describe('what is attested and what is reported', () => {
  const security = (changes: Partial<ReportedSecurity>) => ({ ...emptySecurity, ...changes });
  const emptySecurity: ReportedSecurity = {
    fileVault: undefined,
    systemIntegrityProtection: undefined,
    secureBoot: undefined,
    isUserEnrollment: undefined,
    isUserApproved: undefined,
    isEnrolledAutomatically: undefined,
    hasPasscode: undefined,
    isPasscodeCompliant: undefined,
  };

  const outcomes = ({ comparisons }: AttestedDeviceInformation) =>
    Object.fromEntries(Object.entries(comparisons).map(([name, { outcome }]) => [name, outcome]));

  it('agree on a Mac that tells the truth', async () => {
    const reports = security({ systemIntegrityProtection: 'enabled', secureBoot: 'Full Security' });
    const verdict = await verdictOf({}, { security: reports });
    expect(outcomes(verdict)).toEqual({
      serialNumber: 'agrees',
      udid: 'agrees',
      softwareUpdateDeviceId: 'agrees',
      osVersion: 'agrees',
      sepOsVersion: 'not compared',
      llbVersion: 'not compared',
      systemIntegrityProtection: 'agrees',
      secureBoot: 'agrees',
      thirdPartyKernelExtensions: 'not compared',
    });
    expect(verdict.contradictions).toEqual([]);
  });

  it('contradict each other on one that lies', async () => {
    const reports = security({ systemIntegrityProtection: 'enabled', secureBoot: 'Full Security' });
    const lies = {
      SerialNumber: 'SIMULATED2',
      ProvisioningUDID: 'x',
      OSVersion: '26.5',
      SoftwareUpdateDeviceID: 'J1AP',
    };
    const state = { systemIntegrityProtection: 'disabled', secureBoot: 'Permissive Security' } as const;
    const verdict = await verdictOf(lies, { security: reports }, state);
    expect(verdict.contradictions).toEqual([
      'serialNumber',
      'udid',
      'softwareUpdateDeviceId',
      'osVersion',
      'systemIntegrityProtection',
      'secureBoot',
    ]);
    expect(verdict.comparisons.secureBoot).toEqual({
      attested: { status: 'attested', value: 'Permissive Security' },
      reported: 'Full Security',
      outcome: 'contradicts',
    });
  });

  it.each<[string, Members, DeviceOptions, string]>([
    ['the same', { OSVersion: '17.2', SupplementalOSVersionExtra: '(a)' }, { osVersion: '17.2 (a)' }, 'agrees'],
    ['without the letter', { OSVersion: '17.2', SupplementalOSVersionExtra: '(a)' }, { osVersion: '17.2' }, 'agrees'],
    ['with a letter that is not reported', { OSVersion: '17.2' }, { osVersion: '17.2 (a)' }, 'agrees'],
    [
      'with another letter',
      { OSVersion: '17.2', SupplementalOSVersionExtra: '(b)' },
      { osVersion: '17.2 (a)' },
      'contradicts',
    ],
    ['a letter alone', { OSVersion: undefined, SupplementalOSVersionExtra: '(a)' }, {}, 'not compared'],
    ['two letters', { OSVersion: '17.2', SupplementalOSVersionExtra: '(ab)' }, { osVersion: '17.2' }, 'agrees'],
    ['an empty letter', { OSVersion: '26.4.1', SupplementalOSVersionExtra: '' }, {}, 'agrees'],
    ['not attested', {}, { absent: ['osVersion'] }, 'not compared'],
  ])('may differ by the letter of a rapid response: %s', async (_, answers, device, outcome) => {
    const { comparisons } = await verdictOf(answers, {}, device);
    expect(comparisons.osVersion.outcome).toBe(outcome);
  });

  describe('of the UDID', () => {
    const iphone: DeviceOptions = { platform: 'iphone' };
    const own = '00008140-0000000000000001';
    const nothing = { UDID: undefined, ProvisioningUDID: undefined, ProductName: undefined };

    it.each<[string, Members, DeviceOptions, string | undefined]>([
      ['a Mac by the provisioning one', {}, {}, '00006030-0000000000000001'],
      ['no Mac by the other', { ProvisioningUDID: undefined }, {}, undefined],
      ['no Mac that is named', { ...nothing, ProductName: 'Mac15,6' }, { ...iphone }, undefined],
      ['no Mac that says so', { ...nothing, IsAppleSilicon: true }, { ...iphone }, undefined],
      ['no Mac by its secure boot', nothing, { absent: ['systemIntegrityProtection'] }, undefined],
      ['no Mac by its protection', nothing, { absent: ['secureBoot'] }, undefined],
      ['an iPhone', { ...nothing, UDID: own, ProductName: 'iPhone16,1' }, iphone, own],
      ['an iPhone that was not asked, by its enrollment', nothing, iphone, UDID],
    ])('compare %s', async (_, answers, device, reported) => {
      const { comparisons } = await verdictOf(answers, {}, device);
      expect(comparisons.udid.reported).toBe(reported);
      const isSame = reported !== undefined && (reported === own || reported.startsWith('00006030'));
      const expected = reported === undefined ? 'not compared' : isSame ? 'agrees' : 'contradicts';
      expect(comparisons.udid.outcome).toBe(expected);
    });
  });
});

describe('an answer without an attestation', () => {
  it('is a state and no error', async () => {
    expect(await verify(answerOf({ SerialNumber: 'SIMULATED1' }))).toEqual({
      status: 'not-attested',
      reported: expect.objectContaining({ serialNumber: 'SIMULATED1' }) as unknown,
    });
  });
});

describe('is refused', () => {
  it('an answer to another command', async () => {
    const response = answerOf({ DevicePropertiesAttestation: await x5cOf() });
    expect(await rejectionOf(verify(response, { request: { commandUUID: 'another' } }))).toMatchObject({
      code: 'ERR_MDA_RESPONSE_COMMAND',
    });
  });

  it('an answer to another kind of command', async () => {
    expect(await rejectionOf(verify(responseOf() as AcknowledgedResponse))).toMatchObject({
      code: 'ERR_MDA_RESPONSE_SHAPE',
      field: 'QueryResponses',
    });
  });

  it.each<[string, () => Promise<readonly Uint8Array[]>, string]>([
    ['no certificate', () => Promise.resolve([]), 'ERR_MDA_CHAIN_EMPTY'],
    ['something else', () => Promise.resolve([Uint8Array.of(1, 2, 3)]), 'ERR_MDA_DER_TAG'],
    ['too many certificates', async () => Array(6).fill((await x5cOf())[0]) as Uint8Array[], 'ERR_MDA_CHAIN_TOO_LONG'],
    ['a leaf alone', async () => (await x5cOf()).slice(0, 1), 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
    [
      "another root's chain",
      async () => {
        const other = await createAttestationAuthority({ seed: 'other', at: AT });
        const answer = await createSimulatedDevice(other, { clock: () => AT }).attestDeviceInformation({
          nonce: NONCE,
        });
        return answer.status === 'attested' ? answer.x5c : [];
      },
      'ERR_MDA_CHAIN_KEY_IDENTIFIER',
    ],
  ])('a chain of %s', async (_, x5c, code) => {
    const response = answerOf({ DevicePropertiesAttestation: await x5c() });
    expect(await rejectionOf(verify(response))).toMatchObject({ code });
  });

  it('an expired one', async () => {
    expect(await rejectionOf(verdictOf({}, { at: new Date(AT.getTime() + 92 * DAY) }))).toMatchObject({
      code: 'ERR_MDA_CHAIN_EXPIRED',
    });
  });

  it("one of Apple's, where no anchor is given and it is none", async () => {
    const response = answerOf({ DevicePropertiesAttestation: await x5cOf() });
    const options = {
      at: AT,
      request: { commandUUID: COMMAND, nonce: NONCE },
      expectedDevice: skipDeviceCheck,
    } as const;
    expect(await rejectionOf(verifyDeviceInformation(response, options))).toMatchObject({
      code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    });
  });
});

describe('a mistake of the caller', () => {
  it.each<[string, object]>([
    ['at', { at: undefined }],
    ['request', { request: undefined }],
    ['request.commandUUID', { request: { nonce: NONCE } }],
    ['request.nonce', { request: { commandUUID: COMMAND } }],
    ['request.nonce', { request: { commandUUID: COMMAND, nonce: null } }],
    ['request.nonce', { request: { commandUUID: COMMAND, nonce: new Uint8Array() } }],
    ['request.nonce', { request: { commandUUID: COMMAND, nonce: new Uint8Array(33) } }],
    ['request.nonces', { request: { commandUUID: COMMAND, nonce: NONCE, nonces: [] } }],
    ['request.knownNonces', { request: { commandUUID: COMMAND, nonce: NONCE, knownNonces: NONCE } }],
    ['request.knownNonces', { request: { commandUUID: COMMAND, nonce: NONCE, knownNonces: {} } }],
    ['request.knownNonces[0]', { request: { commandUUID: COMMAND, nonce: NONCE, knownNonces: [NONCE] } }],
    ['request.knownNonces[0]', { request: { commandUUID: COMMAND, nonce: NONCE, knownNonces: [undefined] } }],
    [
      'request.knownNonces[0].nonce',
      { request: { commandUUID: COMMAND, nonce: NONCE, knownNonces: [{ nonce: 'x', issuedAt: AT }] } },
    ],
    [
      'request.knownNonces[0].issuedAt',
      { request: { commandUUID: COMMAND, nonce: NONCE, knownNonces: [{ nonce: NONCE, issuedAt: 'x' }] } },
    ],
    [
      'request.knownNonces[0].issuedAt',
      { request: { commandUUID: COMMAND, nonce: NONCE, knownNonces: [{ nonce: NONCE, issuedAt: new Date(NaN) }] } },
    ],
    ['expectedDevice', { expectedDevice: undefined }],
    ['expectedDevice', { expectedDevice: null }],
    ['expectedDevice', { expectedDevice: {} }],
    ['expectedDevice.serial', { expectedDevice: { serial: 'x' } }],
    ['expectedDevice.serialNumber', { expectedDevice: { serialNumber: undefined } }],
    ['expectedDevice.udid', { expectedDevice: { serialNumber: 'x', udid: '' } }],
    ['previous', { previous: undefined }],
    ['previous', { previous: null }],
    ['previous', { previous: {} }],
    ['previous', { previous: { publicKey: null } }],
    ['previous', { previous: { publicKey: { spki: 'x' } } }],
    ['previous', { previous: { publicKey: { spki: new Uint8Array() } } }],
    ['previous.attestedAt', { previous: { publicKey: { spki: NONCE } } }],
    ['previous.attestedAt', { previous: { publicKey: { spki: NONCE }, attestedAt: new Date(NaN) } }],
    ['trustAnchors', { trustAnchors: undefined }],
    ['trustAnchors', { trustAnchors: [] }],
    ['expectedFreshnessCode', { expectedFreshnessCode: NONCE }],
  ])('names the option that is wrong: %s in %j', async (name, changes) => {
    // Judged before the evidence: here there is none.
    const options = {
      at: AT,
      request: { commandUUID: COMMAND, nonce: NONCE },
      expectedDevice: { serialNumber: 'SIMULATED1' },
      trustAnchors: authority.trustAnchors,
      ...changes,
    } as VerifyDeviceInformationOptions;
    const verifying = verifyDeviceInformation(answerOf({}), options);
    await expect(verifying).rejects.toThrow(TypeError);
    await expect(verifying).rejects.toThrow(name);
  });

  it('is a response that is none, or no acknowledgement, or not parsed', async () => {
    const response = answerOf({});
    for (const wrong of [
      undefined,
      null,
      bodyOf(),
      { ...response },
      responseOf({ Status: 'NotNow' }),
      responseOf({ Status: 'Idle' }),
      parseCommandResponse(bodyOf({ Status: 'Error' })),
    ])
      await expect(verify(wrong as AcknowledgedResponse)).rejects.toThrow(TypeError);
  });
});
