import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore, type Store } from '../../src/acme/index.ts';
import { MAX_KEY_CHANGES } from '../harness/acme-server/account.ts';
import {
  type Answer,
  attestFor,
  type Client,
  createClient,
  createSigningKey,
  createStranger,
  csrOf,
  type Members,
  readyOrder,
  sign,
  type SigningKey,
  withAccount,
} from './client.ts';
import { createWorld, START, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

interface Access {
  readonly kind: 'read' | 'write';
  readonly key: string;
}

/** A store of its own that somebody watches, and may hold up, before each access to what is not a nonce. */
function watched(before: (access: Access) => Promise<void> | void): Required<Store> {
  const store = createMemoryStore({ clock: () => START });
  const seen = async (access: Access): Promise<void> => {
    if (!access.key.startsWith('nonce:')) await before(access);
  };
  return {
    get: async (key) => (await seen({ kind: 'read', key }), store.get(key)),
    set: async (key, ...rest) => (await seen({ kind: 'write', key }), store.set(key, ...rest)),
    delete: async (key) => (await seen({ kind: 'write', key }), store.delete(key)),
    setIfAbsent: async (key, ...rest) => (await seen({ kind: 'write', key }), store.setIfAbsent(key, ...rest)),
  };
}

/** Long enough for others to come between. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 5));

/** Holds up the first that would pass while it is closed, and nobody else. */
function createGate() {
  let [open, arrive] = [(): void => undefined, (): void => undefined];
  let isClosed = false;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (arrive = resolve));
  return {
    reached,
    close: () => void (isClosed = true),
    open: () => open(),
    async pass(applies: boolean): Promise<void> {
      if (!isClosed || !applies) return;
      isClosed = false;
      arrive();
      await opened;
    },
  };
}

const resultOf = ({ status, problem }: Answer) => [status, problem];

describe('an account', () => {
  it('is made once for a key, and found again', async () => {
    const key = await createSigningKey();
    const stranger = await createStranger(world, key);
    const url = stranger.directory['newAccount']!;
    const none = await stranger.postWithKey(url, { onlyReturnExisting: true });
    expect(resultOf(none)).toEqual([400, 'accountDoesNotExist']);
    const first = await stranger.postWithKey(url, { contact: ['mailto:it@example.com'], termsOfServiceAgreed: true });
    expect(first).toMatchObject({ status: 201, body: { status: 'valid', contact: ['mailto:it@example.com'] } });
    const second = await stranger.postWithKey(url, { onlyReturnExisting: true });
    expect(second.status).toBe(200);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('is one, also if it is asked for many times at once', async () => {
    const stranger = await createStranger(world);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => stranger.postWithKey(stranger.directory['newAccount']!, {})),
    );
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
  });

  it('changes its contacts', async () => {
    const client = await createClient(world);
    const changed = await client.post(client.accountUrl, { contact: ['mailto:a@example.com', 'tel:1'] });
    expect(changed).toMatchObject({ status: 200, body: { contact: ['mailto:a@example.com', 'tel:1'] } });
    expect((await client.post(client.accountUrl)).body).toEqual(changed.body);
    for (const contact of ['mailto:a@example.com', [7], ['a'], new Array(9).fill('tel:1'), [`tel:${'1'.repeat(300)}`]])
      expect(resultOf(await client.post(client.accountUrl, { contact }))).toEqual([400, 'malformed']);
    expect((await client.post(client.accountUrl, { more: 1 })).body).toEqual(changed.body);
  });

  it('that is deactivated can do nothing any more', async () => {
    const client = await createClient(world);
    const placed = await readyOrder(client, world.device());
    const answer = await client.post(client.accountUrl, { status: 'deactivated' });
    expect(answer).toMatchObject({ status: 200, body: { status: 'deactivated' } });
    const late = [
      await client.post(client.accountUrl),
      await client.post(client.accountUrl, { status: 'valid' }),
      await client.post(placed.finalizeUrl, await csrOf(placed.key)),
      await client.postWithKey(client.directory['newAccount']!, {}),
    ];
    expect(late.map(resultOf)).toEqual(late.map(() => [401, 'unauthorized']));
  });

  it('sees nothing of another one', async () => {
    const [owner, client] = [await createClient(world), await createClient(world)];
    const device = world.device();
    const key = await device.createKey({ curve: 'P-256' });
    const placed = await owner.order('SIMULATED1');
    const urls = [
      placed.url,
      placed.authorizationUrl,
      placed.challengeUrl,
      owner.accountUrl,
      `${owner.accountUrl}/orders`,
    ];
    for (const url of urls) expect(resultOf(await client.post(url))).toEqual([403, 'unauthorized']);
    expect(resultOf(await client.post(placed.authorizationUrl, { status: 'deactivated' }))).toEqual([
      403,
      'unauthorized',
    ]);
    expect(resultOf(await client.post(owner.accountUrl, { status: 'deactivated' }))).toEqual([403, 'unauthorized']);
    const attested = await attestFor(device, key, placed);
    expect(resultOf(await client.post(placed.challengeUrl, attested))).toEqual([403, 'unauthorized']);
    expect((await owner.post(placed.challengeUrl, attested)).body['status']).toBe('valid');
    expect(resultOf(await client.post(placed.finalizeUrl, await csrOf(key)))).toEqual([403, 'unauthorized']);
    const order = await owner.post(placed.finalizeUrl, await csrOf(key));
    expect(resultOf(await client.post(order.body['certificate'] as string))).toEqual([403, 'unauthorized']);
  });
});

describe('external account binding', () => {
  const MAC_KEY = crypto.getRandomValues(new Uint8Array(32));
  let bound: World;
  let stranger: Client;
  beforeAll(async () => {
    bound = await createWorld({ externalAccounts: new Map([['kid-1', MAC_KEY]]) });
    stranger = await createStranger(bound);
  });
  afterAll(() => bound.stop());

  const macKey = async (bytes: Uint8Array<ArrayBuffer>): Promise<SigningKey> => ({
    alg: 'HS256',
    jwk: {},
    privateKey: await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  });
  const url = () => stranger.directory['newAccount']!;
  const binding = async (header: Members = {}, payload: unknown = stranger.key.jwk, key = MAC_KEY) =>
    sign(payload, { alg: 'HS256', kid: 'kid-1', url: url(), ...header }, await macKey(key));

  it('is announced, and asked for', async () => {
    const { body } = await stranger.post(bound.server.directoryUrl, undefined);
    expect(body).toMatchObject({ type: 'urn:ietf:params:acme:error:accountDoesNotExist' });
    const directory = await (await bound.fetch(bound.server.directoryUrl)).text();
    expect(JSON.parse(directory)).toMatchObject({ meta: { externalAccountRequired: true } });
    expect(resultOf(await stranger.postWithKey(url(), {}))).toEqual([403, 'externalAccountRequired']);
  });

  it.each<[string, () => Promise<unknown>, number, string]>([
    ['of an unknown key', () => binding({ kid: 'kid-2' }), 403, 'unauthorized'],
    ['with another MAC', () => binding({}, stranger.key.jwk, new Uint8Array(32)), 403, 'unauthorized'],
    ['without kid', () => binding({ kid: undefined }), 400, 'malformed'],
    ['for another URL', () => binding({ url: 'https://example.com' }), 400, 'malformed'],
    ['with a nonce', () => binding({ nonce: 'AAAA' }), 400, 'malformed'],
    ['of a list', () => binding({}, []), 400, 'malformed'],
    ['with an empty payload', async () => ({ ...(await binding()), payload: '' }), 403, 'unauthorized'],
    ['of something else', () => binding({}, { kty: 'EC' }), 400, 'malformed'],
    ['of another account', async () => binding({}, (await createSigningKey()).jwk), 400, 'malformed'],
    ['that is text', () => Promise.resolve('binding'), 400, 'malformed'],
    ['that is null', () => Promise.resolve(null), 400, 'malformed'],
    [
      'signed by the account itself',
      () => sign(stranger.key.jwk, { alg: 'ES256', kid: 'kid-1', url: url() }, stranger.key),
      400,
      'malformed',
    ],
  ])('%s is refused', async (_, make, status, problem) => {
    const answer = await stranger.postWithKey(url(), { externalAccountBinding: await make() });
    expect(resultOf(answer)).toEqual([status, problem]);
  });

  it('makes an account', async () => {
    const answer = await stranger.postWithKey(url(), { externalAccountBinding: await binding() });
    expect(answer.status).toBe(201);
    // Once it is there, it needs no binding any more.
    expect((await stranger.postWithKey(url(), {})).status).toBe(200);
  });
});

describe('a change of keys', () => {
  const change = async (
    client: Client,
    newKey: SigningKey,
    { header = {}, payload = {} }: { header?: Members; payload?: Members } = {},
  ): Promise<Answer> => {
    const url = client.directory['keyChange']!;
    const inner = { account: client.accountUrl, oldKey: client.key.jwk, ...payload };
    return client.post(url, await sign(inner, { alg: newKey.alg, jwk: newKey.jwk, url, ...header }, newKey));
  };

  it('gives the account to the new key, and takes it from the old', async () => {
    const client = await createClient(world);
    const placed = await client.order('SIMULATED1');
    const newKey = await createSigningKey('ES384');
    const answer = await change(client, newKey);
    expect(answer).toMatchObject({ status: 200, body: { status: 'valid' } });
    const successor = withAccount(await createStranger(world, newKey), client.accountUrl);
    expect((await successor.post(placed.url)).status).toBe(200);
    expect(resultOf(await client.post(placed.url))).toEqual([400, 'malformed']);
    const found = await successor.postWithKey(client.directory['newAccount']!, { onlyReturnExisting: true });
    expect(found.headers.get('location')).toBe(client.accountUrl);
    // The old key opens nothing, and makes nothing new under its name.
    expect(resultOf(await client.postWithKey(client.directory['newAccount']!, {}))).toEqual([400, 'badPublicKey']);
    const again = await change(successor, client.key);
    expect(again.status).toBe(200);
    expect((await client.post(placed.url)).status).toBe(200);
    expect(resultOf(await successor.postWithKey(client.directory['newAccount']!, {}))).toEqual([400, 'badPublicKey']);
  });

  it('to the key of another account is a conflict', async () => {
    const [client, other] = [await createClient(world), await createClient(world)];
    const answer = await change(client, other.key);
    expect(resultOf(answer)).toEqual([409, 'malformed']);
    expect(answer.headers.get('location')).toBe(other.accountUrl);
    expect((await change(client, client.key)).status).toBe(409);
  });

  it.each<[string, { header?: Members; payload?: Members }]>([
    ['of another account', { payload: { account: 'https://127.0.0.1/account/x' } }],
    ['without the old key', { payload: { oldKey: undefined } }],
    ['with an old key that is no key', { payload: { oldKey: {} } }],
    ['with another URL inside', { header: { url: 'https://example.com' } }],
    ['with a nonce inside', { header: { nonce: 'AAAA' } }],
    ['with a kid inside', { header: { kid: 'x' } }],
    ['without jwk inside', { header: { jwk: undefined } }],
  ])('%s is refused', async (_, wrong) => {
    const client = await createClient(world);
    expect(resultOf(await change(client, await createSigningKey(), wrong))).toEqual([400, 'malformed']);
    expect((await client.post(client.accountUrl)).status).toBe(200);
  });

  it('that the new key did not sign is refused', async () => {
    const [client, newKey, thief] = [await createClient(world), await createSigningKey(), await createSigningKey()];
    const answer = await change(client, { ...thief, jwk: newKey.jwk });
    expect(resultOf(answer)).toEqual([400, 'malformed']);
  });

  it('that broke off half-way can be made again', async () => {
    let breaks = false;
    const own = await createWorld({
      store: watched(({ key }) => {
        if (breaks && key.startsWith('account-key:')) throw new Error('gone');
      }),
    });
    const [client, newKey] = [await createClient(own), await createSigningKey()];
    breaks = true;
    expect(resultOf(await change(client, newKey))).toEqual([500, 'serverInternal']);
    breaks = false;
    expect((await change(client, newKey)).status).toBe(200);
    expect(own.errors).toHaveLength(1);
    await own.stop();
  });

  it('is made so often, and no more', async () => {
    let client = await createClient(world);
    for (let i = 0; i < MAX_KEY_CHANGES; i++) {
      const newKey = await createSigningKey();
      expect((await change(client, newKey)).status).toBe(200);
      client = withAccount(await createStranger(world, newKey), client.accountUrl);
    }
    expect(resultOf(await change(client, await createSigningKey()))).toEqual([403, 'unauthorized']);
    expect((await client.post(client.accountUrl)).status).toBe(200);
  });

  /** What is under way when the key is changed, and is written afterwards. */
  it.each<[string, (client: Client) => Promise<Answer>]>([
    ['a change of contacts', (client) => client.post(client.accountUrl, { contact: ['mailto:old@example.com'] })],
    ['a newAccount', (client) => client.postWithKey(client.directory['newAccount']!, {})],
    ['a deactivation', (client) => client.post(client.accountUrl, { status: 'deactivated' })],
  ])('is not undone by %s that began before', async (what, begin) => {
    const gate = createGate();
    const own = await createWorld({ store: watched(({ kind }) => gate.pass(kind === 'write')) });
    const [key, newKey] = [await createSigningKey(), await createSigningKey()];
    // The first newAccount of all is the one that is late.
    const late = what === 'a newAccount' ? await createStranger(own, key) : await createClient(own, { key });
    gate.close();
    const answer = begin(late);
    await gate.reached;
    const client = await createClient(own, { key });
    expect((await change(client, newKey)).status).toBe(200);
    gate.open();
    expect((await answer).status).toBe(what === 'a newAccount' ? 400 : 200);
    expect(resultOf(await client.post(client.accountUrl))).toEqual([400, 'malformed']);
    const successor = withAccount(await createStranger(own, newKey), client.accountUrl);
    expect((await successor.post(client.accountUrl)).status).toBe(what === 'a deactivation' ? 401 : 200);
    expect(resultOf(await client.postWithKey(client.directory['newAccount']!, {}))).toEqual([
      what === 'a deactivation' ? 401 : 400,
      what === 'a deactivation' ? 'unauthorized' : 'badPublicKey',
    ]);
    await own.stop();
  });

  it.each<[string, Partial<Store>]>([
    ['in one step', {}],
    ['in two steps', { setIfAbsent: undefined } as never],
  ])('is won by one of many at the same time, where a fact is written %s', async (_, without) => {
    const own = await createWorld({ store: { ...watched(pause), ...without } });
    for (let round = 0; round < 5; round++) {
      const client = await createClient(own);
      const newKeys = await Promise.all(Array.from({ length: 4 }, () => createSigningKey()));
      const answers = await Promise.all(newKeys.map((newKey) => change(client, newKey)));
      const won = answers.findIndex(({ status }) => status === 200);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const reads = newKeys.map(async (key) => (await client.post(client.accountUrl, undefined, { key })).status);
      expect(await Promise.all(reads)).toEqual(newKeys.map((__, i) => (i === won ? 200 : 400)));
      expect((await client.post(client.accountUrl)).status).toBe(400);
      // And the account goes on from there.
      const successor = withAccount(await createStranger(own, newKeys[won]), client.accountUrl);
      expect((await change(successor, await createSigningKey())).status).toBe(200);
    }
    expect(own.errors).toEqual([]);
    await own.stop();
  });

  it('to a key that two accounts want at the same time gives it to one', async () => {
    const own = await createWorld({ store: watched(pause) });
    for (let round = 0; round < 5; round++) {
      const newKey = await createSigningKey();
      const clients = [await createClient(own), await createClient(own)];
      const stranger = await createStranger(own, newKey);
      const answers = await Promise.all([
        ...clients.map((client) => change(client, newKey)),
        stranger.postWithKey(stranger.directory['newAccount']!, {}),
      ]);
      const given = answers.filter(({ status }) => status === 200 || status === 201);
      expect(new Set(given.map(({ headers }) => headers.get('location'))).size).toBe(1);
      const { body } = await stranger.postWithKey(stranger.directory['newAccount']!, { onlyReturnExisting: true });
      expect(body['status']).toBe('valid');
    }
    await own.stop();
  });
});

describe('contacts', () => {
  it('are not lost to a newAccount that was under way', async () => {
    const gate = createGate();
    const own = await createWorld({ store: watched(({ kind }) => gate.pass(kind === 'write')) });
    const stranger = await createStranger(own);
    gate.close();
    const late = stranger.postWithKey(stranger.directory['newAccount']!, { contact: ['mailto:late@example.com'] });
    await gate.reached;
    const client = await createClient(own, { key: stranger.key });
    await client.post(client.accountUrl, { contact: ['mailto:now@example.com'] });
    gate.open();
    expect((await late).body['contact']).toEqual(['mailto:now@example.com']);
    expect((await client.post(client.accountUrl)).body['contact']).toEqual(['mailto:now@example.com']);
    await own.stop();
  });
});

it('keeps no key of an account but the public one', async () => {
  const client = await createClient(world, { key: await createSigningKey() });
  const stored = await world.store.get(`account:${client.accountUrl.split('/').at(-1)!}`);
  expect(Object.keys((JSON.parse(stored!) as { jwk: Members }).jwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);
});
