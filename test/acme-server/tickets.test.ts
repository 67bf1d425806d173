import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClientIdentifierSecret,
  createMemoryStore,
  identifierIsTicket,
  issueClientIdentifier,
} from '../../src/acme/index.ts';
import type { SimulatedDevice } from '../../src/testing/index.ts';
import { acceptTickets } from '../harness/acme-server/configuration.ts';
import { type Answer, attestFor, type Client, createClient, csrOf, type PlacedOrder, statesOf } from './client.ts';
import { createWorld, START, type World } from './world.ts';

/** Orders whose identifier is a ticket: a client identifier that this server has issued. */

const secretOf = (id: string): ClientIdentifierSecret => ({ id, key: crypto.getRandomValues(new Uint8Array(32)) });
const [current, former, foreign] = [secretOf('b'), secretOf('a'), secretOf('b')];
const secrets = [current, former];
const HOUR = 3_600_000;

let world: World;
let client: Client;
const store = createMemoryStore({ clock: () => START });

beforeAll(async () => {
  world = await createWorld({
    store,
    identify: identifierIsTicket({ secrets, store }),
    acceptIdentifier: acceptTickets(secrets),
  });
  client = await createClient(world);
});
afterAll(() => world.stop());
afterEach(() => expect(world.errors).toEqual([]));

type Issue = Partial<Parameters<typeof issueClientIdentifier>[0]>;
const issue = (options: Issue = {}): Promise<string> =>
  issueClientIdentifier({
    secret: current,
    store,
    device: { serialNumber: 'SIMULATED1' },
    at: START,
    expiresAt: new Date(START.getTime() + HOUR),
    ...options,
  });

async function answer(placed: PlacedOrder, device: SimulatedDevice = world.device()): Promise<Answer> {
  return client.post(placed.challengeUrl, await attestFor(device, await device.createKey({ curve: 'P-256' }), placed));
}

const newOrder = (value: string): Promise<Answer> =>
  client.post(client.directory['newOrder']!, { identifiers: [{ type: 'permanent-identifier', value }] });

const REJECTED = { status: 'invalid', error: { type: 'urn:ietf:params:acme:error:rejectedIdentifier', status: 400 } };

describe('a client identifier', () => {
  it.each<[string, Issue]>([
    ['of this secret', {}],
    ['of the secret before', { secret: former }],
    ['for a UDID', { device: { udid: '00006030-0000000000000001' } }],
  ])('%s enrolls its device', async (_, options) => {
    const placed = await client.order(await issue(options));
    const device = world.device();
    const key = await device.createKey({ curve: 'P-384' });
    const challenge = await client.post(placed.challengeUrl, await attestFor(device, key, placed));
    expect(challenge.body['status']).toBe('valid');
    expect((await client.post(placed.finalizeUrl, await csrOf(key))).body['status']).toBe('valid');
  });

  it('enrolls the device of a user, which does not say who it is', async () => {
    const placed = await client.order(await issue({ device: {}, user: 'ada@example.com' }));
    expect((await answer(placed, world.device({ enrollment: 'user' }))).body['status']).toBe('valid');
  });

  it.each<[string, () => Promise<string>]>([
    ['that was forged', async () => (await issue()).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['of a foreign server with a secret of that name', () => issue({ secret: foreign })],
    ['of a secret that is unknown', () => issue({ secret: secretOf('c') })],
    ['that has expired', () => issue({ at: new Date(START.getTime() - HOUR), expiresAt: START })],
    ['that is a serial number', () => Promise.resolve('SIMULATED1')],
  ])('%s is not even taken for an order', async (_, make) => {
    expect(await newOrder(await make())).toMatchObject({ status: 400, problem: 'rejectedIdentifier' });
  });

  it('that expires before it is answered is refused', async () => {
    const own = await createWorld({
      identify: identifierIsTicket({ secrets, store }),
      acceptIdentifier: acceptTickets(secrets),
    });
    const stranger = await createClient(own);
    const order = await stranger.order(await issue({ expiresAt: new Date(START.getTime() + 60_000) }));
    own.wait(60_000);
    const device = own.device();
    const late = await attestFor(device, await device.createKey({ curve: 'P-256' }), order);
    expect((await stranger.post(order.challengeUrl, late)).body).toMatchObject(REJECTED);
    expect(await statesOf(stranger, order)).toBe('invalid invalid invalid');
    await own.stop();
  });

  it('of another device is refused', async () => {
    const placed = await client.order(await issue());
    const { body } = await answer(placed, world.device({ serialNumber: 'SIMULATED2' }));
    expect(body).toMatchObject({ error: { type: 'urn:ietf:params:acme:error:badAttestationStatement', status: 400 } });
    expect(await statesOf(client, placed)).toBe('invalid invalid invalid');
  });

  it('that was never issued into this store is refused', async () => {
    const placed = await client.order(await issue({ store: createMemoryStore({ clock: () => START }) }));
    expect((await answer(placed)).body).toMatchObject(REJECTED);
  });

  it('that was used is refused', async () => {
    const ticket = await issue();
    const [first, second] = [await client.order(ticket), await client.order(ticket)];
    expect((await answer(first)).body['status']).toBe('valid');
    expect((await answer(second)).body).toMatchObject(REJECTED);
    expect(await statesOf(client, second)).toBe('invalid invalid invalid');
    expect(await statesOf(client, first)).toBe('ready valid valid');
  });

  it('is not used up by a device that is refused', async () => {
    const ticket = await issue();
    await answer(await client.order(ticket), world.device({ serialNumber: 'SIMULATED2' }));
    expect((await answer(await client.order(ticket))).body['status']).toBe('valid');
  });

  it('yields one of two orders that race', async () => {
    for (let round = 0; round < 10; round++) {
      const ticket = await issue();
      const placed = await Promise.all(Array.from({ length: 4 }, () => client.order(ticket)));
      const answers = await Promise.all(placed.map((order) => answer(order)));
      expect(answers.map(({ body }) => body['status']).sort()).toEqual(['invalid', 'invalid', 'invalid', 'valid']);
    }
  });
});
