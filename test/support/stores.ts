import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';
import { afterAll, beforeAll } from 'vitest';
import { createMemoryStore, type Store } from '../../src/acme/index.ts';
import { connectRedis, type RedisStore } from '../harness/acme-server/redis-store.ts';
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts';

export const redisIsHere = hasRedis();

/** Two connections to one backend, as two processes have them; in the memory of one process there is one store. */
export type Pair = readonly [Store, Store];

export const memoryStore = (): Store => createMemoryStore({ clock: () => new Date() });

/**
 * The stores that `docs/acme.md` says the library was run on, for the tests of a file: a name, whether it can be
 * run here, and what opens it. Redis runs for as long as the tests of the file do.
 */
export function storesOfThisFile(): readonly (readonly [name: string, isHere: boolean, open: () => Pair])[] {
  let redis: RedisServer;
  let connections: readonly [RedisStore, RedisStore];
  let keyvs: readonly [Keyv<string>, Keyv<string>];

  const keyvOnRedis = (): Keyv<string> =>
    new Keyv({ store: new KeyvRedis({ socket: { path: redis.path, tls: false } }), throwOnErrors: true });

  beforeAll(async () => {
    if (!redisIsHere) return;
    redis = await startRedis();
    connections = [await connectRedis({ path: redis.path }), await connectRedis({ path: redis.path })];
    keyvs = [keyvOnRedis(), keyvOnRedis()];
  });
  afterAll(async () => {
    if (!redisIsHere) return;
    await Promise.all([...connections.map(({ close }) => close()), ...keyvs.map((keyv) => keyv.disconnect())]);
    await redis.stop();
  });

  return [
    ['memory', true, () => twice(memoryStore())],
    ['Keyv in memory', true, () => twice(new Keyv<string>({ throwOnErrors: true }))],
    ['Redis', redisIsHere, () => [connections[0].store, connections[1].store]],
    ['Keyv on Redis', redisIsHere, () => keyvs],
  ];
}

const twice = (store: Store): Pair => [store, store];
