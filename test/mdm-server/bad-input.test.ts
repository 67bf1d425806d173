import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBase64 } from '../../src/index.ts';
import type { PlistValue } from '../../src/mdm/index.ts';
import {
  type AttestationAuthority,
  createAttestationAuthority,
  FAULTS,
  type MdmClientOptions,
} from '../../src/testing/index.ts';
import { listHoldings } from '../harness/mdm-server/holdings.ts';
import { openCommands } from '../harness/mdm-server/queue.ts';
import type { HttpRequest } from '../support/https-fetch.ts';
import { bodyOf, encodePlist, plistOf } from '../support/mdm.ts';
import { ASK_SECRET, basic, createWorld, DAY, type Managed, START, USER, type World } from './world.ts';

/** What no honest device sends: the right HTTP status, nothing let in, nothing that sticks. */

type Tamper = NonNullable<NonNullable<MdmClientOptions['tamper']>['message']>;

let world: World;
let managed: Managed;
/** What the device sends in the place of its messages. */
let tamper: Tamper | undefined;

beforeEach(async () => {
  tamper = undefined;
  world = await createWorld();
  managed = world.device({
    client: { tamper: { message: (message, context) => tamper?.(message, context) ?? message } },
  });
  expect((await managed.client.installProfile(await world.profileForDevice())).status).toBe('installed');
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

const holdings = () => listHoldings(world.database, world.enrollment().id);

/** Nothing is let in, and nothing sticks: told the truth, the service takes it. */
async function expectHarmless(): Promise<void> {
  expect(holdings()).toEqual([]);
  expect(world.enrollment()).toMatchObject({ state: 'enrolled', attested: undefined });
  tamper = undefined;
  world.wait(DAY);
  expect(await managed.client.poll()).toMatchObject({ status: 'idle' });
  expect(world.enrollment().decision).toMatchObject({ allowed: true });
  expect(openCommands(world.database, world.enrollment().id)).toEqual([]);
}

const text = (body: string): Uint8Array => new TextEncoder().encode(body);
const deep = '<array>'.repeat(5000) + '</array>'.repeat(5000);
const ENTITIES = `<!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`;

const NO_PROPERTY_LIST: readonly (readonly [string, Uint8Array, number])[] = [
  ['nothing', text(''), 400],
  ['no XML', text('hello'), 400],
  ['JSON', text('{"Status":"Idle"}'), 400],
  ['half of one', encodePlist({ Status: 'Idle', UDID: 'x' }).slice(0, -20), 400],
  ['a binary one', Uint8Array.from([...text('bplist00'), 0xd0, 8, 0, 0, 0, 0, 0, 0, 1, 1]), 400],
  ['bytes of no text', Uint8Array.from({ length: 200 }, (_, index) => 255 - index), 400],
  ['one with entities', text(`${ENTITIES}<plist version="1.0"><string>&b;</string></plist>`), 400],
  ['one with an external entity', text('<!DOCTYPE plist SYSTEM "file:///etc/passwd"><plist><true/></plist>'), 400],
  ['a deep one', text(`<plist version="1.0">${deep}</plist>`), 400],
  ['one of many tags', text(`<plist version="1.0"><array>${'<true/>'.repeat(15_000)}</array></plist>`), 400],
  ['one with two equal keys', text('<plist><dict><key>UDID</key><true/><key>UDID</key><true/></dict></plist>'), 400],
  ['a huge one', text(`<plist version="1.0"><string>${'x'.repeat(300_000)}</string></plist>`), 413],
  ['a body of 20 MB', new Uint8Array(20_000_000), 413],
  ['an array', encodePlist(['Idle']), 400],
  ['a string', encodePlist('Idle'), 400],
  ['a dictionary of nothing', encodePlist({}), 400],
];

const ENDPOINTS = [
  ['/command', 'PUT', 'application/x-apple-aspen-mdm'],
  ['/checkin', 'PUT', 'application/x-apple-aspen-mdm-checkin'],
  ['/enroll', 'POST', 'application/x-apple-aspen-deviceinfo'],
] as const;

const send = (path: string, request: HttpRequest): Promise<number> =>
  world.fetchAs(managed.client.enrollment()!.identity, path, request).then(({ status }) => status);

describe.each(ENDPOINTS)('%s', (path, method, contentType) => {
  it('refuses what is no property list of its kind', async () => {
    const found: Record<string, number> = {};
    for (const [what, body] of NO_PROPERTY_LIST)
      found[what] = await send(path, { method, headers: { 'Content-Type': contentType }, body });
    expect(found).toEqual(Object.fromEntries(NO_PROPERTY_LIST.map(([what, , status]) => [what, status])));
    await expectHarmless();
  });

  it('refuses other methods and content types', async () => {
    const headers = { 'Content-Type': contentType };
    expect(await send(path, { method: 'DELETE', headers })).toBe(405);
    expect(await send(path, { method, headers: { 'Content-Type': 'text/xml' }, body: bodyOf() })).toBe(415);
    expect(await send(path, { method, body: bodyOf() })).toBe(415);
    expect(await send(`${path}/x`, { method, headers, body: bodyOf() })).toBe(404);
  });
});

const UDID = '5A3C0001-0000-4000-8000-000000000001';

describe('a value of another type', () => {
  it.each<[string, Parameters<typeof bodyOf>[0]]>([
    ['status', { Status: 1 }],
    ['status that there is none of', { Status: 'Well' }],
    ['UDID', { UDID: 5 }],
    ['UDID, empty', { UDID: '' }],
    ['CommandUUID', { CommandUUID: ['x'] }],
    ['CommandUUID of nobody', { CommandUUID: 'x' }],
    ['QueryResponses', { QueryResponses: 'none' }],
    ['SecurityInfo', { SecurityInfo: [] }],
    ['a version', { QueryResponses: { OSVersion: 26.4 } }],
    ['FileVault', { SecurityInfo: { FDE_Enabled: 'yes' } }],
    ['an attestation that is text', { QueryResponses: { DevicePropertiesAttestation: 'MIIB' } }],
    ['an attestation of texts', { QueryResponses: { DevicePropertiesAttestation: ['MIIB'] } }],
    ['an attestation of numbers', { QueryResponses: { DevicePropertiesAttestation: [1, 2] } }],
    ['an error chain', { Status: 'Error', ErrorChain: { ErrorCode: 1 } }],
  ])('in an answer is refused: %s', async (_, members) => {
    const headers = { 'Content-Type': 'application/x-apple-aspen-mdm' };
    expect(await send('/command', { method: 'PUT', headers, body: bodyOf({ UDID, ...members }) })).toBe(400);
    await expectHarmless();
  });

  it.each<[string, Parameters<typeof encodePlist>[0]]>([
    ['MessageType', { MessageType: 1, UDID }],
    ['MessageType that there is none of', { MessageType: 'Hello', UDID }],
    ['UDID', { MessageType: 'CheckOut', UDID: new Date(0) }],
    ['no UDID', { MessageType: 'CheckOut' }],
    ['Topic of another service', { MessageType: 'CheckOut', UDID, Topic: 'com.apple.mgmt.External.other' }],
    ['Token', { MessageType: 'TokenUpdate', UDID, Token: 'x', PushMagic: 'x' }],
    ['PushMagic', { MessageType: 'TokenUpdate', UDID, Token: Uint8Array.of(1) }],
  ])('in a check-in is refused: %s', async (_, message) => {
    const headers = { 'Content-Type': 'application/x-apple-aspen-mdm-checkin' };
    expect(await send('/checkin', { method: 'PUT', headers, body: encodePlist(message) })).toBe(400);
    await expectHarmless();
  });

  it('in every answer to one command: it is given up in the end, and asked again later', async () => {
    const broken = plistOf({ DevicePropertiesAttestation: 'MIIB' });
    tamper = (message, { requestType }) =>
      requestType === 'DeviceInformation' ? new Map([...message, ['QueryResponses', broken]]) : message;
    for (let time = 0; time < 7; time++)
      expect((await managed.client.poll()).status).toBe(time < 5 ? 'refused' : 'idle');
    await expectHarmless();
  });
});

describe('an attestation', () => {
  /** Answers DeviceInformation with what is made for the nonce of the command. */
  function answerWith(make: (nonce: Uint8Array) => Promise<PlistValue> | PlistValue): void {
    tamper = async (message, { requestType }) => {
      if (requestType !== 'DeviceInformation') return message;
      const sent = openCommands(world.database, world.enrollment().id).find(({ nonce }) => nonce !== undefined);
      const answers = message.get('QueryResponses') as ReadonlyMap<string, PlistValue>;
      const attestation = await make(fromBase64(sent!.nonce!));
      return new Map([
        ...message,
        ['QueryResponses', new Map([...answers, ['DevicePropertiesAttestation', attestation]])],
      ]);
    };
  }

  async function chainOf(authority: AttestationAuthority, nonce: Uint8Array, serialNumber = 'SIMULATED1') {
    const { publicKey } = await managed.device.createKey({ curve: 'P-384' });
    const { provisioningUdid, osVersion } = managed.device.state();
    const properties = {
      serialNumber,
      udid: provisioningUdid!,
      osVersion,
      systemIntegrityProtection: 'enabled',
      secureBoot: 'Full Security',
      thirdPartyKernelExtensions: 'not allowed',
    } as const;
    return authority.attest({ publicKey, freshnessCode: nonce, properties, at: world.clock() });
  }

  const refused = async (code: string): Promise<void> => {
    expect(await managed.client.poll()).toMatchObject({ status: 'idle' });
    expect(world.enrollment()).toMatchObject({ verdict: { status: 'refused', code }, decision: { allowed: false } });
  };

  it('of this device, made by hand, would do', async () => {
    answerWith((nonce) => chainOf(world.authority, nonce));
    await managed.client.poll();
    expect(world.enrollment()).toMatchObject({ verdict: { status: 'attested' }, decision: { allowed: true } });
  });

  it('of another device is refused', async () => {
    answerWith((nonce) => chainOf(world.authority, nonce, 'USERS00001'));
    await refused('ERR_MDA_ATTESTATION_DEVICE');
    await expectHarmless();
  });

  it('of another root is refused', async () => {
    const other = await createAttestationAuthority({ seed: 'another root', at: START });
    answerWith((nonce) => chainOf(other, nonce));
    // Its names are the same, its keys are not.
    await refused('ERR_MDA_CHAIN_KEY_IDENTIFIER');
    await expectHarmless();
  });

  it('that is no array, or one of nothing or of no certificates, is refused', async () => {
    answerWith(() => []);
    await refused('ERR_MDA_CHAIN_EMPTY');
    world.database.run('UPDATE enrollments SET history = NULL');
    answerWith(() => [Uint8Array.of(1, 2, 3)]);
    await refused('ERR_MDA_DER_TAG');
    world.database.run('UPDATE enrollments SET history = NULL');
    answerWith(() => Array.from({ length: 1000 }, () => Uint8Array.of(0x30, 0)));
    await refused('ERR_MDA_CHAIN_TOO_LONG');
    await expectHarmless();
  });

  // A chain for another nonce is a state and no fault (withholding.test.ts); so is another key for the first attestation.
  const STATES = ['freshness-other', 'freshness-prefix', 'freshness-wrapped', 'key-other'];
  it('with any fault is refused, a nonce that is too long among them', async () => {
    const faults = FAULTS.filter(({ name }) => !STATES.includes(name));
    for (const fault of faults) {
      if (fault.of !== 'chain') continue;
      answerWith((nonce) => chainOf(world.authority.withFault(fault.name), nonce));
      await managed.client.poll();
      const { verdict, attested, decision } = world.enrollment();
      expect([fault.name, verdict?.status, attested, decision?.allowed]).toEqual([
        fault.name,
        'refused',
        undefined,
        false,
      ]);
      world.database.run('UPDATE enrollments SET history = NULL');
    }
    expect(faults.map(({ name }) => name)).toContain('freshness-too-long');
    await expectHarmless();
  });

  it('that was refused takes away what an earlier one gave', async () => {
    await managed.client.poll();
    expect(world.enrollment().decision).toMatchObject({ allowed: true });
    world.wait(7 * DAY);
    answerWith((nonce) => chainOf(world.authority, nonce, 'USERS00001'));
    await refused('ERR_MDA_ATTESTATION_DEVICE');
    expect(holdings().map(({ state }) => state)).toEqual(['absent', 'absent']);
  });

  it('in a second answer to the same command changes nothing', async () => {
    let body: PlistValue | undefined;
    tamper = (message, { requestType }) => {
      if (requestType === 'DeviceInformation') body = message;
      return message;
    };
    await managed.client.poll();
    const before = world.enrollment();
    const again = {
      method: 'PUT',
      headers: { 'Content-Type': 'application/x-apple-aspen-mdm' },
      body: encodePlist(body as never),
    };
    expect(await send('/command', again)).toBe(400);
    expect(world.enrollment()).toEqual(before);
  });
});

describe('the enrollment', () => {
  it.each<[string, HttpRequest, number]>([
    ['without credentials', {}, 401],
    ['with a wrong password', { headers: { Authorization: basic({ ...USER, password: 'x' }) } }, 401],
    ['with a user that there is none of', { headers: { Authorization: basic({ ...USER, name: 'mallory' }) } }, 401],
    ['with credentials of another kind', { headers: { Authorization: 'Bearer x' } }, 401],
    ['with credentials of no base64', { headers: { Authorization: 'Basic %%%' } }, 401],
  ])('%s is refused', async (_, request, status) => {
    expect((await world.fetch('/enroll', request)).status).toBe(status);
  });

  it('in a mode that there is none of is refused', async () => {
    const headers = { Authorization: basic(USER) };
    expect((await world.fetch('/enroll?mode=admin', { headers })).status).toBe(400);
  });

  it('of a device that is not known is refused', async () => {
    await expect(world.profileForDevice('STRANGER01')).rejects.toThrow('403');
  });
});

describe('the question of an external ACME server', () => {
  const QUESTION = { clientIdentifier: 'x', serialNumber: 'SIMULATED1', claimant: 'token', claim: false };
  const ask = (body: unknown, authorization = `Bearer ${ASK_SECRET}`): Promise<number> =>
    world
      .fetch('/ask', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: authorization },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      .then(({ status }) => status);

  it.each(['', 'Bearer', 'Bearer x', `Basic ${ASK_SECRET}`, `Bearer ${ASK_SECRET} `.repeat(2)])(
    'without the secret is refused: %s',
    async (authorization) => {
      expect(await ask(QUESTION, authorization)).toBe(401);
    },
  );

  it.each<[unknown, number]>([
    ['', 400],
    ['{', 400],
    ['[]', 400],
    ['null', 400],
    [{}, 400],
    [{ ...QUESTION, clientIdentifier: 1 }, 400],
    [{ ...QUESTION, clientIdentifier: '' }, 400],
    [{ ...QUESTION, clientIdentifier: 'x'.repeat(201) }, 400],
    [{ ...QUESTION, serialNumber: null }, 400],
    [{ ...QUESTION, claimant: {} }, 400],
    [{ ...QUESTION, claim: 'yes' }, 400],
    [' '.repeat(5000), 413],
  ])('in another form is refused: %j', async (body, status) => {
    expect(await ask(body)).toBe(status);
  });

  it('about a client identifier that there is none of is answered with no', async () => {
    const answer = await world.fetch('/ask', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${ASK_SECRET}` },
      body: JSON.stringify(QUESTION),
    });
    expect([answer.status, await answer.text()]).toEqual([200, '{"known":false}']);
  });
});
