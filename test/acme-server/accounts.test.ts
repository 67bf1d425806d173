import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

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
    const set = (key: string, value: string, ttl?: number): unknown => {
      if (breaks && key.startsWith('account:')) throw new Error('gone');
      return world.store.set(key, value, ttl);
    };
    let breaks = false;
    const own = await createWorld({ store: { ...world.store, set } });
    const [client, newKey] = [await createClient(own), await createSigningKey()];
    breaks = true;
    expect(resultOf(await change(client, newKey))).toEqual([500, 'serverInternal']);
    breaks = false;
    expect((await change(client, newKey)).status).toBe(200);
    expect(own.errors).toHaveLength(1);
    await own.stop();
  });
});

it('keeps no key of an account but the public one', async () => {
  const client = await createClient(world, { key: await createSigningKey() });
  const stored = await world.store.get(`account:${client.accountUrl.split('/').at(-1)!}`);
  expect(Object.keys((JSON.parse(stored!) as { jwk: Members }).jwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);
});
