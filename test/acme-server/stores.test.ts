import { describe, expect, it } from 'vitest';
import { enrollByAcme } from '../../src/testing/index.ts';
import { allowOnce, writeOnce } from '../harness/acme-server/once.ts';
import { connectRedis } from '../harness/acme-server/redis-store.ts';
import { startRedis } from '../support/redis-server.ts';
import { memoryStore, redisIsHere, storesOfThisFile } from '../support/stores.ts';
import { createClient, csrOf, readyOrder, statesOf } from './client.ts';
import { createWorld } from './world.ts';

/** The stores that the server was run on, and what it needs of each. */

const STORES = storesOfThisFile();

describe.each(STORES)('a store in %s', (_, isHere, open) => {
  it.skipIf(!isHere)('tells one of many that it deleted', async () => {
    const stores = open();
    for (let round = 0; round < 20; round++) {
      await stores[0].set(`mark ${round}`, '1', 60_000);
      const answers = await Promise.all(
        Array.from({ length: 10 }, async (__, i) => stores[i % 2]!.delete(`mark ${round}`)),
      );
      expect(answers.filter((deleted) => deleted)).toHaveLength(1);
    }
  });

  it.skipIf(!isHere)('takes a fact once', async () => {
    const stores = open();
    for (let round = 0; round < 20; round++) {
      await allowOnce(stores[0], `fact ${round}`, 60_000);
      await Promise.all(
        Array.from({ length: 10 }, (__, i) => writeOnce(stores[i % 2]!, `fact ${round}`, `${i}`, 60_000)),
      );
      const standing = await stores[1].get(`fact ${round}`);
      expect(standing).toMatch(/^\d$/);
      expect(await writeOnce(stores[1], `fact ${round}`, 'late', 60_000)).toBe(standing);
    }
  });

  it.skipIf(!isHere)('forgets in time', async () => {
    const [store] = open();
    await store.set('short', '1', 30);
    expect(await store.get('short')).toBe('1');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await store.get('short')) ?? undefined).toBeUndefined();
  });

  it.skipIf(!isHere)('serves the server', async () => {
    const world = await createWorld({ store: open()[0] });
    const { server, fetch, clock } = world;
    const outcome = await enrollByAcme(world.device(), {
      directoryUrl: server.directoryUrl,
      clientIdentifier: 'SIMULATED1',
      fetch,
      clock,
    });
    expect(outcome).toMatchObject({ status: 'issued', isForKey: true });
    expect(world.issued).toHaveLength(1);
    expect(world.errors).toEqual([]);
    await world.stop();
  });
});

/** As drivers of databases answer, if nobody looked at what they say: none of these is a yes. */
const ODD_ANSWERS: readonly unknown[] = [{ changes: 0 }, { rowCount: 0 }, '0', 'false', 1, 0, [], null, undefined];

describe.each(
  ODD_ANSWERS.map((answer) => [answer === undefined ? 'undefined' : JSON.stringify(answer), answer] as const),
)('a store that answers %s', (_, answer) => {
  const odd = (): boolean => answer as boolean;

  it('to a deletion takes no nonce', async () => {
    const world = await createWorld({ store: { ...memoryStore(), delete: odd } });
    await expect(createClient(world)).rejects.toThrow('no account: 500');
    expect(world.errors).toHaveLength(1);
    await world.stop();
  });

  it('writes no fact', async () => {
    const { setIfAbsent, ...plain } = memoryStore();
    expect(setIfAbsent).toBeDefined();
    for (const store of [
      { ...plain, setIfAbsent: odd },
      { ...plain, delete: odd },
    ]) {
      await allowOnce(store, 'fact', 60_000);
      await expect(writeOnce(store, 'fact', '1', 60_000)).rejects.toThrow(TypeError);
      expect(await store.get('fact')).toBeUndefined();
    }
  });
});

describe.skipIf(!redisIsHere)('two servers with one Redis', () => {
  it('are one', async () => {
    const origin = 'https://127.0.0.1';
    const [, , open] = STORES.find(([name]) => name === 'Redis')!;
    const [first, second] = open();
    const worlds = [await createWorld({ store: first, origin }), await createWorld({ store: second, origin })] as const;
    // One address for both, as behind a load balancer; every request goes to the other one.
    let turn = 0;
    const fetch: (typeof worlds)[0]['fetch'] = (url, init) => {
      const { fetch: send, server } = worlds[turn++ % 2]!;
      return send(url.replace(origin, `${origin}:${server.port}`), init);
    };
    const shared = { ...worlds[0], fetch, server: { ...worlds[0].server, directoryUrl: `${origin}/directory` } };
    const client = await createClient(shared);
    const ready = await readyOrder(client, shared.device());
    expect((await client.post(ready.finalizeUrl, await csrOf(ready.key))).body['status']).toBe('valid');
    expect(await statesOf(client, ready)).toBe('valid valid valid');
    await Promise.all(worlds.map((world) => world.stop()));
  });
});

describe.skipIf(!redisIsHere)('a Redis that goes away', () => {
  it('costs requests, and not the server', async () => {
    const own = await startRedis();
    const complaints: unknown[] = [];
    const connection = await connectRedis({ path: own.path, onError: (error) => complaints.push(error) });
    const world = await createWorld({ store: connection.store });
    const client = await createClient(world);
    const nonce = await client.nonce();
    await own.kill();
    const answer = await client.post(client.accountUrl, undefined, { header: { nonce } });
    expect(answer).toMatchObject({ status: 500, problem: 'serverInternal' });
    expect(answer.headers.get('replay-nonce')).toBeNull();
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(complaints).not.toEqual([]);
    await own.start();
    // What it knew is gone, and the account with it; but it answers.
    await expect
      .poll(async () => (await client.post(client.accountUrl)).problem, { timeout: 10_000 })
      .toBe('accountDoesNotExist');
    expect((await createClient(world)).accountUrl).toContain('/account/');
    await world.stop();
    await connection.close();
    await own.stop();
  });
});
