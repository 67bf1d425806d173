import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore, type Store } from '../../src/acme/index.ts';
import { connectRedis } from '../harness/acme-server/redis-store.ts';
import { AT } from '../support/organisation.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';
import { authorizerWith, chain, chainWith, FILE_VAULT, GOOD_FACTS, OS, policyOf, said } from './world.ts';

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
  // A client that says how soon it tries again: that of Keyv waits longer each time, and keeps what it was asked.
  const own = await connectRedis({ path: redis.path });
  const { authorize } = authorizerWith({ cache: { store: own.store, seconds: 300 }, storeTimeoutMilliseconds: 200 });
  const ask = async () => said(await authorize({ chain, at: AT }));
  expect(await ask()).toBe('yes');
  await redis.kill();
  expect(await ask()).toBe('store-failed');
  await redis.start();
  await expect.poll(ask, { timeout: 10_000 }).toBe('yes');
  await own.close();
});

describe('the memory of a process', () => {
  it('has as many decisions as the store may hold, and the latest of them', async () => {
    const maxEntries = 500;
    const memory = createMemoryStore({ clock: () => AT, maxEntries });
    const keys: string[] = [];
    const set: Store['set'] = (key, ...rest) => {
      keys.push(key);
      return memory.set(key, ...rest);
    };
    const policy = policyOf(OS);
    const { authorize } = authorizerWith({ cache: { store: { ...memory, set }, seconds: 300 }, policy: () => policy });
    for (let index = 0; index < 10 * maxEntries; index++) await authorize({ chain, at: AT, resource: `r${index}` });
    expect(keys).toHaveLength(10 * maxEntries);
    expect(keys.filter((key) => memory.get(key) !== undefined)).toEqual(keys.slice(-maxEntries));
    // What made room is decided anew.
    expect(said(await authorize({ chain, at: AT, resource: `r${10 * maxEntries - 1}` }))).toBe('yes, cached');
    expect(said(await authorize({ chain, at: AT, resource: 'r0' }))).toBe('yes');
  });

  it('has no more identities than it may, whatever was decided of the others', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const maxIdentities = 4;
    const store = createMemoryStore({ clock: () => AT });
    const authorizer = authorizerWith({ maxIdentities, cache: { store, seconds: 300 } });
    const seen: WeakRef<object>[] = [];
    for (let serialNumber = 1; serialNumber <= 40; serialNumber++) {
      const { identity } = await authorizer.authorize({ chain: await chainWith({ serialNumber }), at: AT });
      seen.push(new WeakRef(identity!));
    }
    const held = async (): Promise<number> => {
      // A reference that was looked at is held until the end of the turn.
      await new Promise((resolve) => setTimeout(resolve));
      collectGarbage();
      return seen.filter((reference) => reference.deref() !== undefined).length;
    };
    await expect.poll(held, { timeout: 10_000 }).toBe(maxIdentities);
    expect(authorizer).toBeDefined();
  });
});
