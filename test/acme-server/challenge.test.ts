import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshnessCodeForToken, toBase64Url } from '../../src/index.ts';
import { createSeenKeys, type Identify, identifierIsSerialNumber } from '../../src/acme/index.ts';
import {
  type ChainFaultName,
  encodeAttestationObject,
  type EnclaveKey,
  FAULTS,
  type ObjectFaultName,
  type SimulatedDevice,
} from '../../src/testing/index.ts';
import { CHAIN_FAULTS } from '../../src/testing/chain-faults.ts';
import { OBJECT_FAULTS } from '../../src/testing/object-faults.ts';
import {
  type Answer,
  attestFor,
  type Client,
  createClient,
  csrOf,
  type Members,
  type PlacedOrder,
  statesOf,
} from './client.ts';
import { createWorld, type World } from './world.ts';

/** What a challenge may be answered with, and what then becomes of the order (RFC 8555, 7.1.6 and 7.5.1). */

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld();
  client = await createClient(world);
});
afterAll(() => world.stop());
afterEach(() => expect(world.errors).toEqual([]));

let placed: PlacedOrder;
beforeEach(async () => {
  placed = await client.order('SIMULATED1');
});

async function x5cFor(device: SimulatedDevice, freshnessCode: Uint8Array): Promise<readonly Uint8Array[]> {
  const answer = await device.attest({ key: await device.createKey({ curve: 'P-256' }), freshnessCode });
  if (answer.status !== 'attested') throw new Error('refused');
  return answer.x5c;
}

/** The challenge failed for good, and everything that hangs on it; the problem is told wherever somebody may look. */
async function expectInvalid(answer: Answer, problem = 'badAttestationStatement', status = 400): Promise<void> {
  const type = `urn:ietf:params:acme:error:${problem}`;
  expect(answer).toMatchObject({ status: 200, body: { status: 'invalid', error: { type, status } } });
  expect(await statesOf(client, placed)).toBe('invalid invalid invalid');
  expect((await client.post(placed.url)).body['error']).toEqual(answer.body['error']);
  const device = world.device();
  const key = await device.createKey({ curve: 'P-256' });
  expect(await client.post(placed.finalizeUrl, await csrOf(key))).toMatchObject({
    status: 403,
    problem: 'orderNotReady',
  });
  // A second answer, be it as good as it may, changes nothing.
  const second = await client.post(placed.challengeUrl, await attestFor(device, key, placed));
  expect(second.body).toEqual(answer.body);
}

/** An attestation object with that fault in its chain, for the challenge at hand. */
async function faulty(fault: ChainFaultName): Promise<Uint8Array> {
  const x5c = await world.authority.withFault(fault).attest({
    publicKey: (await world.device().createKey({ curve: 'P-256' })).publicKey,
    freshnessCode: await freshnessCodeForToken(placed.token),
    properties: { serialNumber: 'SIMULATED1' },
  });
  return encodeAttestationObject(x5c);
}

const OBJECTS = (Object.keys(OBJECT_FAULTS) as ObjectFaultName[]).filter((name) => name !== 'object-too-large');
const CHAINS = (Object.keys(CHAIN_FAULTS) as ChainFaultName[]).filter((name) => name !== 'key-other');

const attObj = (bytes: Uint8Array): Members => ({ attObj: toBase64Url(bytes) });

describe('an answer', () => {
  it.each<[string, unknown]>([
    ['nothing', {}],
    ['an error', { error: 'urn:example:no' }],
    ['an error of another type', { error: {} }],
    ['an attObj that is null', { attObj: null }],
    ['an attObj that is a number', { attObj: 7 }],
    ['an attObj that is a list', { attObj: [''] }],
    ['an empty attObj', { attObj: '' }],
    ['an attObj in base64', { attObj: 'o2NmbXQ=' }],
    ['an attObj that is not canonical', { attObj: 'AB' }],
    ['an attObj that is larger than any', { attObj: 'A'.repeat(110_000) }],
    ['a key authorization', { keyAuthorization: 'a.b' }],
  ])('that is %s is refused', async (_, payload) => {
    await expectInvalid(await client.post(placed.challengeUrl, payload));
  });

  it('for another device than was ordered is refused', async () => {
    const device = world.device({ serialNumber: 'SIMULATED2' });
    const key = await device.createKey({ curve: 'P-384' });
    await expectInvalid(await client.post(placed.challengeUrl, await attestFor(device, key, placed)));
  });

  it('of a device that does not say its number is refused', async () => {
    for (const options of [{ enrollment: 'user' }, { blank: ['serialNumber'] }] as const) {
      placed = await client.order('SIMULATED1');
      const device = world.device(options);
      const key = await device.createKey({ curve: 'P-384' });
      await expectInvalid(await client.post(placed.challengeUrl, await attestFor(device, key, placed)));
    }
  });

  it('for another token is refused', async () => {
    const other = await client.order('SIMULATED1');
    const x5c = await x5cFor(world.device(), await freshnessCodeForToken(other.token));
    await expectInvalid(await client.post(placed.challengeUrl, attObj(encodeAttestationObject(x5c))));
    expect(await statesOf(client, other)).toBe('pending pending pending');
  });

  it('for the key authorization is refused', async () => {
    const text = `${placed.token}.${client.accountUrl.split('/').at(-1)!}`;
    const code = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
    await expectInvalid(
      await client.post(placed.challengeUrl, attObj(encodeAttestationObject(await x5cFor(world.device(), code)))),
    );
  });

  it('without a freshness code is refused', async () => {
    const { publicKey } = await world.device().createKey({ curve: 'P-256' });
    const x5c = await world.authority.attest({
      publicKey,
      freshnessCode: undefined,
      properties: { serialNumber: 'SIMULATED1' },
    });
    await expectInvalid(await client.post(placed.challengeUrl, attObj(encodeAttestationObject(x5c))));
  });

  it('that was good for another order of the same device is refused', async () => {
    const other = await client.order('SIMULATED1');
    const device = world.device();
    const answer = await attestFor(device, await device.createKey({ curve: 'P-256' }), other);
    expect((await client.post(other.challengeUrl, answer)).body['status']).toBe('valid');
    await expectInvalid(await client.post(placed.challengeUrl, answer));
  });

  it.each(OBJECTS)('with the fault %s is refused', async (fault) => {
    const x5c = await x5cFor(world.device(), await freshnessCodeForToken(placed.token));
    await expectInvalid(await client.post(placed.challengeUrl, attObj(encodeAttestationObject(x5c, { fault }))));
  });

  it.each(CHAINS)('with the fault %s is refused', async (fault) => {
    await expectInvalid(await client.post(placed.challengeUrl, attObj(await faulty(fault))));
  });

  it('larger than any attestation object is not even read, and the challenge stays as it was', async () => {
    const x5c = await x5cFor(world.device(), await freshnessCodeForToken(placed.token));
    const payload = attObj(encodeAttestationObject(x5c, { fault: 'object-too-large' }));
    expect(await client.post(placed.challengeUrl, payload)).toMatchObject({ status: 413, problem: 'malformed' });
    expect(await statesOf(client, placed)).toBe('pending pending pending');
  });

  it('that attests another key than the device has serves nobody', async () => {
    expect((await client.post(placed.challengeUrl, attObj(await faulty('key-other')))).body['status']).toBe('valid');
    const csr = await csrOf(await world.device().createKey({ curve: 'P-256' }));
    expect(await client.post(placed.finalizeUrl, csr)).toMatchObject({ status: 400, problem: 'badCSR' });
    expect(await statesOf(client, placed)).toBe('ready valid valid');
  });

  it('may have any fault there is a name for', () => {
    expect(Object.keys({ ...OBJECT_FAULTS, ...CHAIN_FAULTS }).sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  });

  it('that is no object at all is refused, and the challenge stays as it was', async () => {
    for (const payload of [[], 'text', 7, null])
      expect(await client.post(placed.challengeUrl, payload)).toMatchObject({ status: 400, problem: 'malformed' });
    expect(await statesOf(client, placed)).toBe('pending pending pending');
  });
});

describe('of two answers at the same time', () => {
  it('one stands, and one key is certified', async () => {
    const device = world.device();
    const keys = await Promise.all([1, 2, 3, 4].map(() => device.createKey({ curve: 'P-256' })));
    const payloads = await Promise.all(keys.map((key) => attestFor(device, key, placed)));
    const before = world.issued.length;
    const answers = await Promise.all(payloads.map((payload) => client.post(placed.challengeUrl, payload)));
    expect(answers.map(({ body }) => body['status'])).toEqual(['valid', 'valid', 'valid', 'valid']);
    const ends: Answer[] = [];
    for (const key of keys) ends.push(await client.post(placed.finalizeUrl, await csrOf(key)));
    expect(ends.map(({ status, problem }) => [status, problem]).filter(([status]) => status === 200)).toHaveLength(1);
    expect(
      ends.map(({ problem }) => problem).filter((problem) => problem === 'badCSR' || problem === 'orderNotReady'),
    ).toHaveLength(3);
    expect(world.issued.slice(before)).toHaveLength(1);
  });

  it('the first to be judged stands, however late the other one is', async () => {
    const gates = new Map<string, () => void>();
    const own = await createWorld({
      identify: async (claim) => {
        await new Promise<void>((open) => gates.set(toBase64Url(claim.attestation.publicKey.spki), open));
        return identifierIsSerialNumber(claim);
      },
    });
    const stranger = await createClient(own);
    const [order, device] = [await stranger.order('SIMULATED1'), own.device()];
    const [first, second] = [await device.createKey({ curve: 'P-256' }), await device.createKey({ curve: 'P-256' })];
    const post = async (key: EnclaveKey) => stranger.post(order.challengeUrl, await attestFor(device, key, order));
    const [one, other] = [post(first), post(second)];
    await expect.poll(() => gates.size, { interval: 5 }).toBe(2);
    gates.get(toBase64Url(first.publicKey))?.();
    expect((await one).body['status']).toBe('valid');
    gates.get(toBase64Url(second.publicKey))?.();
    expect((await other).body).toEqual((await one).body);
    expect(await stranger.post(order.finalizeUrl, await csrOf(second))).toMatchObject({
      status: 400,
      problem: 'badCSR',
    });
    expect(await stranger.post(order.finalizeUrl, await csrOf(first))).toMatchObject({ status: 200 });
    await own.stop();
  });

  it('one stands, be it good or bad', async () => {
    const device = world.device();
    const good = await attestFor(device, await device.createKey({ curve: 'P-256' }), placed);
    const answers = await Promise.all([client.post(placed.challengeUrl, {}), client.post(placed.challengeUrl, good)]);
    expect(answers[0].body).toEqual(answers[1].body);
    const states = await statesOf(client, placed);
    expect(['invalid invalid invalid', 'ready valid valid']).toContain(states);
    expect(states).toContain(String(answers[0].body['status']));
  });
});

describe('a lookup that fails', () => {
  it.each<[string, Identify]>([
    ['rejects', () => Promise.reject(new Error('the inventory is down: secret'))],
    [
      'throws',
      () => {
        throw new TypeError('secret');
      },
    ],
    ['answers nonsense', () => ({ identified: 'yes' }) as never],
  ])('leaves the challenge pending (%s)', async (_, broken) => {
    let identify = broken;
    const own = await createWorld({ identify: (claim) => identify(claim) });
    const stranger = await createClient(own);
    const order = await stranger.order('SIMULATED1');
    const device = own.device();
    const payload = await attestFor(device, await device.createKey({ curve: 'P-256' }), order);
    const answer = await stranger.post(order.challengeUrl, payload);
    expect(answer).toMatchObject({ status: 500, problem: 'serverInternal' });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.text).not.toContain('secret');
    expect(own.errors).toHaveLength(1);
    expect(await statesOf(stranger, order)).toBe('pending pending pending');
    // Once it is back, the same answer is as good as ever.
    identify = identifierIsSerialNumber;
    expect((await stranger.post(order.challengeUrl, payload)).body['status']).toBe('valid');
    await own.stop();
  });
});

describe('a decision of the operator', () => {
  it('not to take the device is told as no more than that', async () => {
    const own = await createWorld({
      evaluate: ({ properties: { osVersion } }) => ({
        allowed: osVersion.status === 'attested' && osVersion.value !== '26.4.1',
        reasons: [{ code: 'OS_TOO_OLD', message: 'secret' }],
      }),
    });
    const stranger = await createClient(own);
    const order = await stranger.order('SIMULATED1');
    const device = own.device();
    const answer = await stranger.post(
      order.challengeUrl,
      await attestFor(device, await device.createKey({ curve: 'P-256' }), order),
    );
    expect(answer.body).toMatchObject({
      status: 'invalid',
      error: { type: 'urn:ietf:params:acme:error:unauthorized' },
    });
    expect(answer.text).not.toContain('secret');
    expect(await statesOf(stranger, order)).toBe('invalid invalid invalid');
    await own.stop();
  });

  it('not to see a key again is held', async () => {
    let seen: ReturnType<typeof createSeenKeys> | undefined;
    const own = await createWorld({
      identify: () => ({ identified: true, by: 'trust' }),
      seenKeys: (fingerprint, context) => (seen ??= createSeenKeys({ store: own.store }))(fingerprint, context),
    });
    const stranger = await createClient(own);
    const device = own.device();
    const key = await device.createKey({ curve: 'P-256' });
    const statuses: unknown[] = [];
    for (const identifier of ['A', 'A', 'B']) {
      const order = await stranger.order(identifier);
      const { body } = await stranger.post(order.challengeUrl, await attestFor(device, key, order));
      statuses.push(body['status']);
    }
    expect(statuses).toEqual(['valid', 'valid', 'invalid']);
    await own.stop();
  });
});
