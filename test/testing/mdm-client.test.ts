import { beforeEach, describe, expect, it } from 'vitest';
import { parseCertificate, toPem } from '../../src/index.ts';
import {
  type AcknowledgedResponse,
  acmePayload,
  deviceInformationCommand,
  enrollmentProfile,
  type EnrollmentProfileOptions,
  installProfileCommand,
  parseCommandResponse,
  parsePlist,
  type PlistDictionary,
  securityInfoCommand,
  skipDeviceCheck,
  upgradeProfile,
  verifyDeviceInformation,
  writePlist,
} from '../../src/mdm/index.ts';
import {
  createAttestationAuthority,
  createMdmClient,
  createSimulatedDevice,
  type EnclaveKey,
  type MdmClient,
  type MdmClientOptions,
  type MdmEnrollment,
  type MdmInstallOutcome,
  type SimulatedDeviceOptions,
} from '../../src/testing/index.ts';
import { mintCertificate } from '../../src/testing/certificate-writer.ts';
import { name } from '../../src/testing/der-writer.ts';
import { keyFrom } from '../../src/testing/key.ts';
import { encodePlist, type Members, plistOf } from '../support/mdm.ts';
import { ORIGIN, scriptedAcmeServer, type ScriptedServerOptions } from '../support/scripted-acme-server.ts';
import { type ReceivedMessage, type ScriptedAnswer, scriptedMdmServer } from '../support/scripted-mdm-server.ts';

const AT = new Date('2026-06-01T12:00:00Z');
const clock = () => AT;
const authority = await createAttestationAuthority({ seed: 'mdm client', at: AT });
const { trustAnchors } = authority;
const SERVER = 'https://mdm.example/connect';
const CHECK_IN = 'https://mdm.example/checkin';
const TOPIC = 'com.apple.mgmt.External.0c5e9e5b';
const IDENTIFIER = 'com.example.enrollment';
const ACME = {
  directoryUrl: `${ORIGIN}/directory`,
  clientIdentifier: 'SIMULATED1',
  subject: [['CN', 'A device']],
} as const;
const command = (requestType: string, members: Members = {}, commandUUID = 'C') =>
  writePlist(plistOf({ CommandUUID: commandUUID, Command: { RequestType: requestType, ...members } }));

function profileWith({ mdm, ...options }: Partial<Omit<EnrollmentProfileOptions, 'mdm'>> & { mdm?: object } = {}) {
  return enrollmentProfile({
    identifier: IDENTIFIER,
    uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
    displayName: 'Example',
    mdm: { serverUrl: SERVER, checkInUrl: CHECK_IN, topic: TOPIC, ...mdm },
    acme: ACME,
    trustAnchors: [],
    ...options,
  });
}

const profile = await profileWith();

/** A profile, whatever is in it. */
const plistProfile = (payloads: readonly Members[], changes: Members = {}): Uint8Array =>
  encodePlist({
    PayloadType: 'Configuration',
    PayloadIdentifier: IDENTIFIER,
    PayloadUUID: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
    PayloadContent: payloads,
    ...changes,
  });

const wifi = plistProfile([{ PayloadType: 'com.apple.wifi.managed', SSID_STR: 'Example' }], {
  PayloadIdentifier: 'com.example.wifi',
  PayloadDisplayName: 'Wi-Fi',
});

const SCEP: Members = {
  PayloadType: 'com.apple.security.scep',
  PayloadUUID: 'SCEP-1',
  PayloadIdentifier: 'com.example.scep',
};
const MDM: Members = {
  PayloadType: 'com.apple.mdm',
  PayloadUUID: 'MDM-1',
  PayloadIdentifier: 'com.example.mdm',
  ServerURL: SERVER,
  CheckInURL: CHECK_IN,
  Topic: TOPIC,
  IdentityCertificateUUID: 'SCEP-1',
  AccessRights: 8191,
};
const scepProfile = (mdm: Members = {}) => plistProfile([SCEP, { ...MDM, ...mdm }]);

async function issueFor(key: Pick<EnclaveKey, 'publicKey'>): Promise<string> {
  const certificate = await mintCertificate({
    subject: name({ CN: 'device' }),
    issuer: name({ CN: 'SCEP' }),
    key: { spki: new Uint8Array(key.publicKey) },
    issuerKey: keyFrom('SCEP', 'P-256'),
    hash: 'SHA-256',
    notBefore: AT,
    notAfter: new Date('2027-06-01T12:00:00Z'),
    extensions: [],
  });
  return toPem(certificate);
}

let acmeServer: ReturnType<typeof scriptedAcmeServer>;
const startAcme = (options: Partial<ScriptedServerOptions> = {}) => {
  acmeServer = scriptedAcmeServer({ authority, ...options });
};
beforeEach(() => {
  startAcme();
});

interface Scene {
  readonly device?: Partial<SimulatedDeviceOptions>;
  readonly interrupt?: (received: ReceivedMessage, count: number) => ScriptedAnswer | undefined;
}

function start(options: Partial<MdmClientOptions> = {}, scene: Scene = {}) {
  const server = scriptedMdmServer(scene.interrupt);
  const device = createSimulatedDevice(authority, { clock, seed: 'device', ...scene.device });
  const client = createMdmClient(device, {
    connect: server.connect,
    acmeFetch: (url, request) => acmeServer.fetch(url, request),
    clock,
    acme: { sleep: () => Promise.resolve() },
    ...options,
  });
  return { server, device, client };
}

type Started = ReturnType<typeof start>;

function enrolled(outcome: MdmInstallOutcome): MdmEnrollment {
  if (outcome.status !== 'installed' || outcome.enrollment === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.enrollment;
}

async function startEnrolled(options: Partial<MdmClientOptions> = {}, scene: Scene = {}) {
  const started = start(options, scene);
  const enrollment = enrolled(await started.client.installProfile(profile));
  return { ...started, enrollment };
}

const lastBody = ({ server }: Pick<Started, 'server'>, which = -2) => server.received.at(which)!.request.body;

/** What the device answers to one command, as a service reads it. */
async function ask(started: Pick<Started, 'server' | 'client'>, body: string) {
  started.server.queue.push(body);
  const outcome = await started.client.poll();
  expect(outcome.status).toBe('idle');
  expect(outcome.exchanges).toHaveLength(1);
  return parseCommandResponse(new TextEncoder().encode(started.server.received.at(-1)!.request.body));
}

const askAcknowledged = async (started: Pick<Started, 'server' | 'client'>, body: string) => {
  const response = await ask(started, body);
  if (response.status !== 'Acknowledged') throw new Error(response.status);
  return response;
};

const inform = (queries: readonly string[], nonce?: Uint8Array) =>
  deviceInformationCommand({ commandUUID: 'C', queries, ...(nonce === undefined ? {} : { nonce }) });

const EVERY_QUERY = [
  'UDID',
  'ProvisioningUDID',
  'SerialNumber',
  'OSVersion',
  'ProductName',
  'IsAppleSilicon',
  'IsSupervised',
  'SupplementalOSVersionExtra',
  'BatteryLevel',
];

describe('an enrollment', () => {
  it('gets an attested identity by ACME, and checks in over it', async () => {
    const { client, server, device, enrollment } = await startEnrolled();
    expect(server.kinds()).toEqual(['Authenticate', 'TokenUpdate']);
    expect(acmeServer.of('challenge')).toHaveLength(1);
    expect(enrollment).toMatchObject({
      identifiers: { udid: device.state().udid, enrollmentId: undefined },
      isUserEnrollment: false,
      serverUrl: SERVER,
      checkInUrl: CHECK_IN,
      topic: TOPIC,
    });
    expect(server.identities).toEqual([enrollment.identity]);
    const [leaf] = enrollment.identity.certificateChain;
    expect(acmeServer.certificate().raw).toEqual(Buffer.from(leaf!));
    expect(client.enrollment()).toBe(enrollment);
    expect(client.profiles()).toEqual([enrollment.profile]);
    expect(new TextDecoder().decode(enrollment.profile.bytes)).toBe(profile);
  });

  it('says in Authenticate who it is, and in TokenUpdate how to wake it', async () => {
    const { server, device } = await startEnrolled();
    const [authenticate, tokenUpdate] = server.received;
    const { udid, serialNumber } = device.state();
    expect(Object.fromEntries(authenticate!.message)).toMatchObject({
      MessageType: 'Authenticate',
      Topic: TOPIC,
      UDID: udid,
      SerialNumber: serialNumber,
      OSVersion: '26.4.1',
      ProductName: 'Mac15,6',
    });
    expect(Object.fromEntries(tokenUpdate!.message)).toMatchObject({
      Topic: TOPIC,
      UDID: udid,
      PushMagic: expect.stringMatching(/^[0-9A-F-]{36}$/) as string,
      Token: expect.any(Uint8Array) as Uint8Array,
      AwaitingConfiguration: false,
      NotOnConsole: false,
    });
    for (const { request, url } of server.received) {
      expect(url).toBe(CHECK_IN);
      expect(request.method).toBe('PUT');
      expect(request.headers['content-type']).toBe('application/x-apple-aspen-mdm-checkin');
    }
  });

  it('of a user has no serial number and no UDID, and an identifier of its own', async () => {
    const { client, server, device } = start();
    const byod = await profileWith({ mdm: { enrollmentMode: 'BYOD', assignedManagedAppleAccount: 'a@example.com' } });
    const first = enrolled(await client.installProfile(byod));
    expect(first.isUserEnrollment).toBe(true);
    expect(device.state().enrollment).toBe('user');
    const { enrollmentId } = first.identifiers;
    const message = server.received[0]!.message;
    expect(message.get('EnrollmentID')).toBe(enrollmentId);
    expect(message.has('UDID') || message.has('SerialNumber')).toBe(false);

    const nonce = new Uint8Array(32).fill(1);
    const response = await askAcknowledged({ server, client }, inform(EVERY_QUERY, nonce));
    expect(response.enrollment).toMatchObject({ udid: undefined, enrollmentId });
    expect(response.reported).toMatchObject({ serialNumber: undefined, udid: undefined, isSupervised: false });
    const request = { commandUUID: 'C', nonce };
    const verdict = await verifyDeviceInformation(response, {
      at: AT,
      request,
      expectedDevice: skipDeviceCheck,
      trustAnchors,
    });
    expect(verdict).toMatchObject({
      status: 'attested',
      freshness: { state: 'fresh' },
      attestation: { properties: { serialNumber: { status: 'absent' }, udid: { status: 'absent' } } },
    });
    const { security } = await askAcknowledged({ server, client }, securityInfoCommand({ commandUUID: 'C' }));
    expect(security?.isUserEnrollment).toBe(true);

    await client.checkOut();
    expect(device.state().enrollment).toBe('device');
    startAcme();
    expect(enrolled(await client.installProfile(byod)).identifiers.enrollmentId).not.toBe(enrollmentId);
  });

  it('that is account-driven may be one of the device', async () => {
    const { client } = start({}, { device: { enrollment: 'user' } });
    const adde = await profileWith({ mdm: { enrollmentMode: 'ADDE' } });
    expect(enrolled(await client.installProfile(adde)).isUserEnrollment).toBe(false);
  });

  it('is what the device was made for, if the profile does not say', async () => {
    const { enrollment } = await startEnrolled({}, { device: { enrollment: 'user' } });
    expect(enrollment.isUserEnrollment).toBe(true);
  });

  it('checks in at the server URL if there is no other', async () => {
    const { client, server } = start();
    const mdm = { serverUrl: SERVER, topic: TOPIC };
    const one = await enrollmentProfile({
      identifier: IDENTIFIER,
      uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
      displayName: 'Example',
      mdm,
      acme: ACME,
      trustAnchors: [],
    });
    expect(enrolled(await client.installProfile(new TextEncoder().encode(one))).checkInUrl).toBe(SERVER);
    expect(server.received[0]!.url).toBe(SERVER);
  });

  it('that the ACME server refuses is none', async () => {
    const { client, server, device } = start({}, { device: { attestation: 'refused' } });
    const byod = await profileWith({ mdm: { enrollmentMode: 'BYOD' } });
    const outcome = await client.installProfile(byod);
    expect(outcome).toMatchObject({ status: 'no-identity', acme: { status: 'refused', step: 'challenge' } });
    expect(device.state().enrollment).toBe('device');
    expect([client.enrollment(), client.profiles(), server.received]).toEqual([undefined, [], []]);
  });

  it('with a certificate for another key is none', async () => {
    const other = await createSimulatedDevice(authority, { clock }).createKey({ curve: 'P-256' });
    const { client } = start({ issueIdentity: () => issueFor(other) });
    expect(await client.installProfile(scepProfile())).toEqual({
      status: 'no-identity',
      payloadUuid: 'SCEP-1',
      acme: undefined,
    });
  });

  it('with an ACME certificate for another key is none', async () => {
    const other = await createSimulatedDevice(authority, { clock }).createKey({ curve: 'P-256' });
    const pem = await issueFor(other);
    const { client } = start({
      acmeFetch: async (url, request) => {
        const answer = await acmeServer.fetch(url, request);
        return url.includes('/certificate/') ? { ...answer, text: () => Promise.resolve(pem) } : answer;
      },
    });
    expect(await client.installProfile(profile)).toMatchObject({ status: 'no-identity', acme: { isForKey: false } });
  });

  it('where nobody answers at the ACME server is none', async () => {
    const error = new Error('nobody');
    const { client } = start({ acmeFetch: () => Promise.reject(error), acme: { retry: { attempts: 1 } } });
    expect(await client.installProfile(profile)).toEqual({ status: 'unreachable', step: 'ACME', error });
  });

  it('ends with what a hook throws', async () => {
    const error = new Error('the hook');
    const tamper = {
      csr: () => {
        throw error;
      },
    };
    await expect(start({ acme: { tamper } }).client.installProfile(profile)).rejects.toBe(error);
  });

  it.each<[string, ScriptedAnswer, object]>([
    ['refuses', { status: 403, body: 'no' }, { status: 'refused', httpStatus: 403, body: 'no' }],
    ['does not answer', new Error('lost'), { status: 'unreachable', error: new Error('lost') }],
  ])('that the service %s at either step is none', async (_, answer, expected) => {
    for (const [index, step] of ['Authenticate', 'TokenUpdate'].entries()) {
      startAcme();
      const { client } = start({}, { interrupt: (_, count) => (count === index + 1 ? answer : undefined) });
      expect(await client.installProfile(profile)).toEqual({ ...expected, step });
      expect([client.enrollment(), client.profiles()]).toEqual([undefined, []]);
    }
  });

  it('connects anew after a connection that could not be made', async () => {
    let count = 0;
    const server = scriptedMdmServer();
    const { client } = start({
      connect: (identity) => (count++ === 1 ? server.connect(identity) : Promise.reject(new Error('handshake'))),
    });
    expect(await client.installProfile(profile)).toMatchObject({ status: 'unreachable', step: 'Authenticate' });
    startAcme();
    enrolled(await client.installProfile(profile));
    expect(server.identities).toHaveLength(1);
  });
});

describe('a device that is asked for information', () => {
  it('answers what it was asked, with an attestation', async () => {
    const started = await startEnrolled();
    const nonce = new Uint8Array(32).fill(1);
    const response = await askAcknowledged(started, inform(EVERY_QUERY, nonce));
    const { udid, provisioningUdid, serialNumber } = started.device.state();
    expect(response.reported).toMatchObject({
      udid,
      provisioningUdid,
      serialNumber,
      osVersion: '26.4.1',
      productName: 'Mac15,6',
      isAppleSilicon: true,
      isSupervised: true,
      supplementalOsVersionExtra: undefined,
      modelName: undefined,
    });
    const verdict = await verifyDeviceInformation(response, {
      at: AT,
      request: { commandUUID: 'C', nonce },
      expectedDevice: { serialNumber, udid: provisioningUdid! },
      trustAnchors,
    });
    expect(verdict).toMatchObject({ status: 'attested', freshness: { state: 'fresh' }, contradictions: [] });
    expect(started.server.received.at(-1)!.request.headers['content-type']).toBe('application/x-apple-aspen-mdm');
  });

  it('attests without a nonce, too, and gives the last attestation again', async () => {
    const started = await startEnrolled();
    const nonce = new Uint8Array(32).fill(1);
    const first = await askAcknowledged(started, inform([], nonce));
    const second = await askAcknowledged(started, inform(['DevicePropertiesAttestation']));
    expect(second.attestation).toEqual(first.attestation);
  });

  it('has another key for it in another enrollment', async () => {
    const started = await startEnrolled();
    const keyOf = ({ attestation }: AcknowledgedResponse) => parseCertificate(attestation![0]!).publicKey.spki;
    const query = inform(['DevicePropertiesAttestation']);
    const first = keyOf(await askAcknowledged(started, query));
    await started.client.checkOut();
    startAcme();
    enrolled(await started.client.installProfile(profile));
    expect(keyOf(await askAcknowledged(started, query))).not.toEqual(first);
  });

  it.each<[string, Partial<MdmClientOptions>, Scene]>([
    ['whose model cannot attest', { facts: { productName: 'iPhone9,1' } }, { device: { platform: 'iphone' } }],
    ['that Apple refuses', {}, { device: { attestation: 'refused' } }],
    ['that is a Mac with an Intel processor', { facts: { productName: 'MacBookPro16,1', isAppleSilicon: false } }, {}],
  ])('%s answers without an attestation', async (_, options, scene) => {
    const started = start({ ...options, issueIdentity: ({ key }) => issueFor(key) }, scene);
    enrolled(await started.client.installProfile(scepProfile()));
    const response = await askAcknowledged(started, inform(['OSVersion'], new Uint8Array(8)));
    expect(response.attestation).toBeUndefined();
    expect(response.reported?.osVersion).toBe('26.4.1');
  });

  it('whose model cannot attest, sends none to the ACME server', async () => {
    const { client } = start({ facts: { productName: 'iPhone9,1' } });
    expect(await client.installProfile(profile)).toMatchObject({ status: 'no-identity', acme: { status: 'refused' } });
    expect(acmeServer.of('challenge')[0]!.payload).toEqual({});
  });

  it('of a model that is not known attests', async () => {
    const started = await startEnrolled({ facts: { productName: undefined, isAppleSilicon: undefined } });
    expect((await askAcknowledged(started, inform([], new Uint8Array(8)))).attestation).toHaveLength(2);
  });

  it('about its security says what belongs to its platform', async () => {
    const query = securityInfoCommand({ commandUUID: 'C' });
    const mac = await askAcknowledged(await startEnrolled(), query);
    expect(mac.security).toEqual({
      fileVault: true,
      systemIntegrityProtection: 'enabled',
      secureBoot: 'Full Security',
      isUserEnrollment: false,
      isUserApproved: true,
      isEnrolledAutomatically: false,
      hasPasscode: undefined,
      isPasscodeCompliant: undefined,
    });
    startAcme();
    const iphone = await startEnrolled({}, { device: { platform: 'iphone' } });
    expect((await askAcknowledged(iphone, query)).security).toEqual({
      fileVault: undefined,
      systemIntegrityProtection: undefined,
      secureBoot: undefined,
      isUserEnrollment: false,
      isUserApproved: undefined,
      isEnrolledAutomatically: undefined,
      hasPasscode: true,
      isPasscodeCompliant: true,
    });
    expect(iphone.server.received[1]!.message.has('NotOnConsole')).toBe(false);
    const { reported } = await askAcknowledged(iphone, inform(EVERY_QUERY));
    expect(reported).toMatchObject({
      productName: 'iPhone16,1',
      provisioningUdid: undefined,
      isAppleSilicon: undefined,
    });
  });

  it('says what has changed', async () => {
    const started = await startEnrolled();
    const query = securityInfoCommand({ commandUUID: 'C' });
    started.device.update({ systemIntegrityProtection: 'disabled', secureBoot: 'Reduced Security' });
    started.client.update({ fileVault: false });
    expect((await askAcknowledged(started, query)).security).toMatchObject({
      fileVault: false,
      systemIntegrityProtection: 'disabled',
      secureBoot: 'Reduced Security',
    });
    started.device.update({ secureBoot: '' });
    expect((await askAcknowledged(started, query)).security?.secureBoot).toBeUndefined();
  });

  it('lies until it is told not to', async () => {
    const started = await startEnrolled({ lies: { secureBoot: 'Permissive Security' } });
    const nonce = new Uint8Array(32).fill(1);
    const security = async () => (await askAcknowledged(started, securityInfoCommand({ commandUUID: 'C' }))).security;
    expect((await security())?.secureBoot).toBe('Permissive Security');
    started.client.lie({ osVersion: '26.9', serialNumber: undefined });
    expect((await security())?.secureBoot).toBe('Full Security');
    const response = await askAcknowledged(started, inform(['OSVersion', 'SerialNumber'], nonce));
    expect(response.reported).toMatchObject({ osVersion: '26.9', serialNumber: undefined });
    const verdict = await verifyDeviceInformation(response, {
      at: AT,
      request: { commandUUID: 'C', nonce },
      expectedDevice: { serialNumber: 'SIMULATED1' },
      trustAnchors,
    });
    expect(verdict).toMatchObject({ contradictions: ['osVersion'] });
    started.client.lie({});
    expect((await askAcknowledged(started, inform(['OSVersion']))).reported?.osVersion).toBe('26.4.1');
  });
});

describe('a command', () => {
  it('after another is answered in the same go', async () => {
    const { server, client } = await startEnrolled();
    server.queue.push(inform(['OSVersion']), securityInfoCommand({ commandUUID: 'D' }));
    const { status, exchanges } = await client.poll();
    expect(status).toBe('idle');
    expect(exchanges.map((one) => [one.commandUUID, one.requestType, one.status])).toEqual([
      ['C', 'DeviceInformation', 'Acknowledged'],
      ['D', 'SecurityInfo', 'Acknowledged'],
    ]);
    expect(server.kinds().slice(2)).toEqual(['Idle', 'Acknowledged', 'Acknowledged']);
    expect(writePlist(exchanges[0]!.answer)).toBe(lastBody({ server }));
    expect(exchanges[0]!.command.get('Queries')).toEqual(['OSVersion']);
  });

  it.each<['all' | readonly string[], readonly string[]]>([
    ['all', ['NotNow', 'NotNow', 'NotNow']],
    [['SecurityInfo'], ['Acknowledged', 'NotNow', 'CommandFormatError']],
  ])('that the device cannot carry out now (%j) gets NotNow', async (types, statuses) => {
    const { server, client } = await startEnrolled();
    const fill = () => {
      server.queue.push(
        inform(['OSVersion']),
        securityInfoCommand({ commandUUID: 'C' }),
        writePlist(plistOf({ CommandUUID: 'C' })),
      );
    };
    client.postpone(types);
    fill();
    expect((await client.poll()).exchanges.map(({ status }) => status)).toEqual(statuses);
    client.postpone('none');
    fill();
    const { exchanges } = await client.poll();
    expect(exchanges.map(({ status }) => status)).toEqual(['Acknowledged', 'Acknowledged', 'CommandFormatError']);
  });

  it.each<[string, string, string, number]>([
    ['of another kind', command('EraseDevice'), 'Error', 4],
    ['named like a member of every object', command('constructor'), 'Error', 4],
    ['without a type', writePlist(plistOf({ CommandUUID: 'C', Command: {} })), 'CommandFormatError', 5],
    [
      'with a number for a type',
      writePlist(plistOf({ CommandUUID: 'C', Command: { RequestType: 1 } })),
      'CommandFormatError',
      5,
    ],
    ['that is no dictionary', writePlist(plistOf({ CommandUUID: 'C', Command: 'Idle' })), 'CommandFormatError', 5],
    ['without queries', command('DeviceInformation'), 'CommandFormatError', 5],
    [
      'with a nonce of text',
      command('DeviceInformation', { Queries: [], DeviceAttestationNonce: 'a' }),
      'CommandFormatError',
      5,
    ],
    [
      'with an empty nonce',
      command('DeviceInformation', { Queries: [], DeviceAttestationNonce: new Uint8Array() }),
      'CommandFormatError',
      5,
    ],
    [
      'with a nonce that is too long',
      command('DeviceInformation', { Queries: [], DeviceAttestationNonce: new Uint8Array(33) }),
      'CommandFormatError',
      5,
    ],
    ['without a profile', command('InstallProfile'), 'CommandFormatError', 5],
    ['with a profile that is none', command('InstallProfile', { Payload: Uint8Array.of(1) }), 'Error', 1],
    ['without an identifier', command('RemoveProfile'), 'CommandFormatError', 5],
    ['for a profile that there is not', command('RemoveProfile', { Identifier: 'com.example.none' }), 'Error', 3],
  ])('%s gets an error', async (_, body, status, code) => {
    const response = await ask(await startEnrolled(), body);
    expect(response).toMatchObject({ status, commandUUID: 'C', errorChain: [{ domain: 'SimulatedDevice', code }] });
  });

  it.each([
    ['text', 'body'],
    [writePlist(['a']), 'body'],
    [writePlist(new Map()), 'CommandUUID'],
    [writePlist(new Map([['CommandUUID', 1n]])), 'CommandUUID'],
  ])('that is none ends the poll', async (body, field) => {
    const { server, client } = await startEnrolled();
    server.queue.push(body);
    expect(await client.poll()).toEqual({ status: 'unexpected-answer', field, body, exchanges: [] });
  });

  it('after the hundredth is left for later', async () => {
    const { server, client } = await startEnrolled();
    server.queue.push(...Array.from({ length: 150 }, () => command('ProfileList')));
    const { status, exchanges } = await client.poll();
    expect([status, exchanges.length]).toEqual(['too-many-commands', 100]);
  });

  it('is not asked for by a device that is not enrolled', async () => {
    const { server, client } = start();
    expect(await client.poll()).toEqual({ status: 'not-enrolled', exchanges: [] });
    expect(await client.checkOut()).toEqual({ status: 'not-enrolled' });
    expect(server.received).toEqual([]);
  });

  it('may be refused to the device, or be lost', async () => {
    let answer: ScriptedAnswer | undefined;
    const { server, client } = await startEnrolled({}, { interrupt: () => answer });
    answer = { status: 401, body: '' };
    expect(await client.poll()).toEqual({ status: 'refused', httpStatus: 401, body: '', exchanges: [] });
    answer = new Error('lost');
    expect(await client.poll()).toEqual({ status: 'unreachable', error: answer, exchanges: [] });
    answer = undefined;
    expect(await client.poll()).toEqual({ status: 'idle', exchanges: [] });
    expect(server.identities).toHaveLength(1);
  });
});

describe('a profile', () => {
  it('is installed, listed and removed by commands', async () => {
    const started = await startEnrolled();
    const { client, server } = started;
    server.queue.push(installProfileCommand({ commandUUID: 'C', profile: wifi }));
    const { exchanges } = await client.poll();
    expect(exchanges[0]).toMatchObject({
      status: 'Acknowledged',
      install: { status: 'installed', enrollment: undefined },
    });
    expect(client.profiles().map(({ identifier, isManaged }) => [identifier, isManaged])).toEqual([
      [IDENTIFIER, true],
      ['com.example.wifi', true],
    ]);
    const { values } = await askAcknowledged(started, command('ProfileList'));
    expect((values.get('ProfileList') as PlistDictionary[]).map((item) => Object.fromEntries(item))[1]).toEqual({
      PayloadIdentifier: 'com.example.wifi',
      PayloadUUID: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
      PayloadDisplayName: 'Wi-Fi',
      IsEncrypted: false,
      IsManaged: true,
    });
    await askAcknowledged(started, command('RemoveProfile', { Identifier: 'com.example.wifi' }));
    expect(client.profiles()).toHaveLength(1);
    expect(client.enrollment()).toBeDefined();
  });

  it('with an ACME payload and no MDM payload gives an identity for something else', async () => {
    const { client } = start();
    const payload = acmePayload({
      identifier: 'com.example.vpn.acme',
      uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F09',
      ...ACME,
    });
    const bytes = writePlist(new Map([...(parsePlist(wifi) as PlistDictionary), ['PayloadContent', [payload]]]));
    const outcome = await client.installProfile(bytes);
    expect(outcome).toMatchObject({ status: 'installed', enrollment: undefined, profile: { isManaged: false } });
    const { identities } = client.profiles()[0]!;
    expect([...identities.keys()]).toEqual(['5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F09']);
    expect(client.enrollment()).toBeUndefined();
  });

  it('that a user installed stays after the enrollment', async () => {
    const { client, server } = await startEnrolled();
    await client.installProfile(wifi);
    expect(await client.checkOut()).toEqual({ status: 'checked-out' });
    expect(client.profiles().map(({ identifier }) => identifier)).toEqual(['com.example.wifi']);
    expect(server.kinds()).toEqual(['Authenticate', 'TokenUpdate', 'CheckOut']);
    expect(server.received.at(-1)).toMatchObject({ url: CHECK_IN });
    expect(await client.poll()).toEqual({ status: 'not-enrolled', exchanges: [] });
  });

  it('of the enrollment, removed by a command, ends it', async () => {
    const { client, server } = await startEnrolled();
    server.queue.push(command('RemoveProfile', { Identifier: IDENTIFIER }), inform(['OSVersion']));
    expect(await client.poll()).toMatchObject({ status: 'not-enrolled', exchanges: [{ status: 'Acknowledged' }] });
    expect(server.kinds().slice(2)).toEqual(['Idle', 'Acknowledged', 'CheckOut']);
    expect(client.enrollment()).toBeUndefined();
  });

  it('may want no CheckOut, and the service may not answer it', async () => {
    const quiet = start();
    enrolled(await quiet.client.installProfile(await profileWith({ mdm: { checkOutWhenRemoved: false } })));
    expect(await quiet.client.checkOut()).toEqual({ status: 'left' });
    expect(quiet.server.kinds()).not.toContain('CheckOut');
    startAcme();
    const error = new Error('lost');
    const lost = await startEnrolled({}, { interrupt: (_, count) => (count === 3 ? error : undefined) });
    expect(await lost.client.checkOut()).toEqual({ status: 'unreachable', error });
    expect(lost.client.enrollment()).toBeUndefined();
  });

  const TWO = plistProfile([SCEP, MDM, { ...MDM, PayloadUUID: 'MDM-2' }]);
  it.each<[string, string | Uint8Array]>([
    ['that is no property list', 'profile'],
    ['that is no dictionary', writePlist([])],
    ['of another type', plistProfile([], { PayloadType: 'com.apple.mdm' })],
    ['without payloads', plistProfile([], { PayloadContent: undefined })],
    ['with a payload that is none', plistProfile(['a' as never])],
    ['without an identifier', plistProfile([], { PayloadIdentifier: undefined })],
    ['without a UUID', plistProfile([], { PayloadUUID: 1 })],
    ['with two MDM payloads', TWO],
    ['without the identity that it names', plistProfile([MDM])],
    ['that names no identity', scepProfile({ IdentityCertificateUUID: undefined })],
    ['without a server', scepProfile({ ServerURL: undefined })],
    ['with a check-in over http', scepProfile({ CheckInURL: 'http://mdm.example' })],
    ['without a topic', scepProfile({ Topic: '' })],
    ['with a mode that is no text', scepProfile({ EnrollmentMode: 1 })],
    ['with a flag that is none', scepProfile({ CheckOutWhenRemoved: 1 })],
    ['that wants its messages signed', scepProfile({ SignMessage: true })],
    ['with an ACME payload that is wrong', profile.replace('<integer>384</integer>', '<integer>521</integer>')],
  ])('%s is not installed', async (_, bytes) => {
    const { client, server } = start({ issueIdentity: ({ key }) => issueFor(key) });
    expect(await client.installProfile(bytes)).toMatchObject({ status: 'invalid', error: { code: 1 } });
    expect([client.profiles(), server.received]).toEqual([[], []]);
  });

  it('that is not valid says what of it is not', async () => {
    const { client } = start();
    expect(await client.installProfile(scepProfile({ ServerURL: 'http://mdm.example' }))).toMatchObject({
      error: { usEnglishDescription: 'the profile is not valid: profile value, ServerURL' },
    });
    expect(await client.installProfile('a')).toMatchObject({
      error: { usEnglishDescription: 'the profile is not valid: plist xml' },
    });
  });

  it('with an identity from elsewhere needs somebody who issues it', async () => {
    const { client } = start();
    expect(await client.installProfile(scepProfile())).toMatchObject({ status: 'invalid' });
    const refused = start({ issueIdentity: () => undefined });
    expect(await refused.client.installProfile(scepProfile())).toMatchObject({ status: 'no-identity' });
  });
});

describe('an upgrade', () => {
  async function startUnattested(scene: Scene = {}) {
    const requests: PlistDictionary[] = [];
    const started = start(
      {
        issueIdentity({ payload, key }) {
          requests.push(payload);
          return issueFor(key);
        },
      },
      scene,
    );
    const enrollment = enrolled(await started.client.installProfile(scepProfile()));
    return { ...started, enrollment, requests };
  }

  it('gives the enrollment an attested identity, and the answer goes over it', async () => {
    const { client, server, enrollment, requests } = await startUnattested();
    expect(requests.map((payload) => payload.get('PayloadType'))).toEqual(['com.apple.security.scep']);
    expect(acmeServer.received).toEqual([]);
    const upgraded = await upgradeProfile({ installed: enrollment.profile.bytes, acme: ACME });
    server.queue.push(installProfileCommand({ commandUUID: 'C', profile: upgraded }));
    const { status, exchanges } = await client.poll();
    expect([status, exchanges[0]!.status]).toEqual(['idle', 'Acknowledged']);
    const after = client.enrollment()!;
    expect(after.identity).not.toEqual(enrollment.identity);
    expect(after.identifiers).toBe(enrollment.identifiers);
    expect(acmeServer.of('challenge')).toHaveLength(1);
    expect(server.received.map(({ identity }) => identity === after.identity)).toEqual([false, false, false, true]);
    expect(server.kinds()).toEqual(['Authenticate', 'TokenUpdate', 'Idle', 'Acknowledged']);
    expect(client.profiles()).toHaveLength(1);
    expect(client.profiles()[0]!.content.get('PayloadContent')).toHaveLength(2);
  });

  it('that the ACME server refuses leaves everything as it was', async () => {
    const started = await startUnattested({ device: { attestation: 'refused' } });
    const { client, enrollment } = started;
    const upgraded = await upgradeProfile({ installed: enrollment.profile.bytes, acme: ACME });
    const response = await ask(started, installProfileCommand({ commandUUID: 'C', profile: upgraded }));
    expect(response).toMatchObject({ status: 'Error', errorChain: [{ code: 2 }] });
    expect(client.enrollment()).toBe(enrollment);
    expect(started.server.received.at(-1)!.identity).toBe(enrollment.identity);
  });

  it('keeps the identifier of a User Enrollment', async () => {
    const { client } = start({ issueIdentity: ({ key }) => issueFor(key) });
    const mode = { EnrollmentMode: 'BYOD' };
    const first = enrolled(await client.installProfile(scepProfile(mode)));
    const second = enrolled(await client.installProfile(scepProfile(mode)));
    expect(second.identifiers).toBe(first.identifiers);
    expect(second.identity).not.toEqual(first.identity);
  });

  it.each<[string, Uint8Array]>([
    ['ServerURL', scepProfile({ ServerURL: 'https://other.example' })],
    ['CheckInURL', scepProfile({ CheckInURL: undefined })],
    ['Topic', scepProfile({ Topic: `${TOPIC}1` })],
    ['EnrollmentMode', scepProfile({ EnrollmentMode: 'BYOD' })],
    ['PayloadContent', plistProfile([])],
    ['PayloadIdentifier', plistProfile([SCEP, MDM], { PayloadIdentifier: 'com.example.other' })],
  ])('cannot change %s', async (key, bytes) => {
    const { client, enrollment } = await startUnattested();
    expect(await client.installProfile(bytes)).toMatchObject({
      status: 'invalid',
      error: { usEnglishDescription: `the profile is not valid: ${key}` },
    });
    expect(client.enrollment()).toBe(enrollment);
  });

  it('can take rights away and not add any', async () => {
    const { client } = await startUnattested();
    expect(await client.installProfile(scepProfile({ AccessRights: 3 }))).toMatchObject({ status: 'installed' });
    expect(await client.installProfile(scepProfile({ AccessRights: 7 }))).toMatchObject({ status: 'invalid' });
    expect(await client.installProfile(scepProfile({ AccessRights: undefined }))).toMatchObject({
      status: 'installed',
    });
  });
});

describe('a hook', () => {
  it('changes messages and bodies', async () => {
    const contexts: unknown[] = [];
    const { server, client } = await startEnrolled({
      tamper: {
        message(message, context) {
          contexts.push(context);
          return new Map(message).set('UDID', 'another');
        },
        body: (xml) => Promise.resolve(xml.replace('another', 'a third')),
      },
    });
    server.queue.push(inform(['OSVersion']));
    const { exchanges } = await client.poll();
    expect(server.received.map(({ message }) => message.get('UDID'))).toEqual(Array(4).fill('a third'));
    expect(exchanges[0]!.answer.get('UDID')).not.toBe('another');
    expect(contexts).toEqual([
      { type: 'Authenticate', requestType: undefined },
      { type: 'TokenUpdate', requestType: undefined },
      { type: 'command', requestType: undefined },
      { type: 'command', requestType: 'DeviceInformation' },
    ]);
  });
});

describe('a mistake', () => {
  const device = createSimulatedDevice(authority, { clock });
  const right = {
    connect: () => () => Promise.reject(new Error()),
    acmeFetch: () => Promise.reject(new Error()),
    clock,
  };

  it.each<[string, object]>([
    ['connect', { connect: undefined }],
    ['acmeFetch', { acmeFetch: 'https' }],
    ['clock', { clock: AT }],
    ['issueIdentity', { issueIdentity: 'PEM' }],
    ['acme.key', { acme: { key: 1 } }],
    ['facts.osVersion', { facts: { osVersion: '26' } }],
    ['lies.os', { lies: { os: '26' } }],
    ['tamper.messages', { tamper: { messages: () => undefined } }],
    ['tamper.body', { tamper: { body: '' } }],
    ['fetch', { fetch: () => undefined }],
  ])('in %s is a TypeError that names it', (option, options) => {
    const create = () => createMdmClient(device, { ...right, ...options });
    expect(create).toThrow(TypeError);
    expect(create).toThrow(option);
  });

  it('in what follows is one, too', async () => {
    const client: MdmClient = createMdmClient(device, right);
    await expect(client.installProfile(1 as never)).rejects.toThrow(TypeError);
    expect(() => {
      client.update({ osVersion: '26' } as never);
    }).toThrow(TypeError);
    expect(() => {
      client.lie({ os: '26' } as never);
    }).toThrow(TypeError);
    expect(() => {
      client.postpone('some' as never);
    }).toThrow(TypeError);
  });
});
