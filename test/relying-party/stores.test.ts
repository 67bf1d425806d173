import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore, type Store } from '../../src/acme/index.ts';
import { AT } from '../support/organisation.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';
import { authorizerWith, chain, FILE_VAULT, GOOD_FACTS, OS, policyOf, said } from './world.ts';

/** Two processes that share a store, on the stores that docs/relying-party.md names. */

const redisIsHere = hasRedis();
let redis: RedisServer;
let keyvs: Keyv<string>[] = [];

beforeAll(async () => {
  if (!redisIsHere) return;
  redis = await startRedis();
  keyvs = [keyvOnRedis(), keyvOnRedis()];
  for (const keyv of keyvs) keyv.on('error', () => undefined);
});
afterAll(async () => {
  if (!redisIsHere) return;
  await Promise.all(keyvs.map((keyv) => keyv.disconnect()));
  await redis.stop();
});

const keyvOnRedis = () =>
  new Keyv<string>({ store: new KeyvRedis({ socket: { path: redis.path, tls: false } }), throwOnErrors: true });
const twice = (store: Store): readonly [Store, Store] => [store, store];

const STORES: readonly (readonly [string, boolean, () => readonly [Store, Store]])[] = [
  ['memory', true, () => twice(createMemoryStore({ clock: () => AT }))],
  ['Keyv in memory', true, () => twice(new Keyv<string>({ throwOnErrors: true }))],
  ['Keyv on Redis', redisIsHere, () => [keyvs[0]!, keyvs[1]!]],
];

const processes = (stores: readonly Store[]) => {
  const count = { lookups: 0 };
  const dynamic = {
    timeoutMilliseconds: 5000,
    lookup: () => {
      count.lookups++;
      return Promise.resolve(GOOD_FACTS);
    },
  };
  const authorizers = stores.map((store) =>
    authorizerWith({ policy: policyOf(OS, FILE_VAULT), dynamic, cache: { store, seconds: 300 } }),
  );
  const ask = async () =>
    (await Promise.all(authorizers.map(({ authorize }) => authorize({ chain, at: AT })))).map(said);
  return { count, authorizers, ask };
};

describe.each(STORES)('on a store in %s', (_, isHere, open) => {
  it.skipIf(!isHere)('one process uses what the other decided, and hears of a deauthorization at once', async () => {
    const { authorizers, ask, count } = processes(open());
    const [first, second] = authorizers as [(typeof authorizers)[0], (typeof authorizers)[0]];
    expect(said(await first.authorize({ chain, at: AT }))).toBe('yes');
    expect(said(await second.authorize({ chain, at: AT }))).toBe('yes, cached');
    expect(count.lookups).toBe(1);
    for (let round = 0; round < 10; round++) {
      await first.deauthorize('device:SIMULATED1');
      expect(await ask()).toEqual(['deauthorized', 'deauthorized']);
      await second.reauthorize('device:SIMULATED1');
      expect(await ask()).toEqual(['yes', 'yes']);
      expect(await ask()).toEqual(['yes, cached', 'yes, cached']);
    }
  });
});

it.skipIf(!redisIsHere)('lets nobody in while Redis is away, and everybody as before when it is back', async () => {
  const own = keyvOnRedis();
  own.on('error', () => undefined);
  const { authorize } = authorizerWith({ cache: { store: own, seconds: 300 }, storeTimeoutMilliseconds: 200 });
  const ask = async () => said(await authorize({ chain, at: AT }));
  expect(await ask()).toBe('yes');
  await redis.kill();
  expect(await ask()).toBe('store-failed');
  await redis.start();
  await expect.poll(ask, { timeout: 10_000 }).toBe('yes');
  await own.disconnect();
});

it('keeps a million decisions within what the memory store may hold', async () => {
  const store = createMemoryStore({ clock: () => AT, maxEntries: 1000 });
  const { authorize } = authorizerWith({ cache: { store, seconds: 300 }, policy: () => policyOf(OS) });
  await authorize({ chain, at: AT, resource: 'first' });
  // As many resources as it may hold: what was decided first has made room.
  for (let index = 0; index < 1000; index++) await authorize({ chain, at: AT, resource: `r${index}` });
  expect(said(await authorize({ chain, at: AT, resource: 'r999' }))).toBe('yes, cached');
  expect(said(await authorize({ chain, at: AT, resource: 'first' }))).toBe('yes');
});
