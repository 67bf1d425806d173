import { describe, expect, it } from 'vitest';
import {
  type ClientIdentifierSecret,
  createMemoryStore,
  identifierIsTicket,
  issueClientIdentifier,
  type Store,
} from '../../src/acme/index.ts';
import { type AcmeOutcome, enrollByAcme } from '../../src/testing/index.ts';
import { acceptTickets } from '../harness/acme-server/configuration.ts';
import { createWorld, START, type World } from './world.ts';

/**
 * A server that crashes at every point there is: between two accesses to its store, it loses whatever it was doing.
 * To the client, and to the store, a crash is an access that fails and a request that is not answered.
 */

const SECRET: ClientIdentifierSecret = { id: 'a', key: crypto.getRandomValues(new Uint8Array(32)) };

/** How a store writes a fact: with `setIfAbsent`, or as Keyv has to. */
type Kind = 'one step' | 'two steps';
type When = 'before' | 'after';

/** A store that fails once: at that access, before it was made or after. */
function failing(store: Store, failAt: number, when: When): { readonly store: Store; readonly count: () => number } {
  let count = 0;
  const wrap =
    <Args extends unknown[], Result>(access: (...args: Args) => Result) =>
    (...args: Args): Result => {
      const fails = ++count === failAt;
      if (fails && when === 'before') throw new Error('crash');
      const result = access(...args);
      if (fails) throw new Error('crash');
      return result;
    };
  const { get, set, delete: remove, setIfAbsent } = store;
  const wrapped = { get: wrap(get), set: wrap(set), delete: wrap(remove) };
  return {
    store: setIfAbsent === undefined ? wrapped : { ...wrapped, setIfAbsent: wrap(setIfAbsent) },
    count: () => count,
  };
}

async function run(
  kind: Kind,
  failAt: number,
  when: When,
): Promise<{ world: World; outcome: AcmeOutcome; count: number }> {
  const { setIfAbsent, ...plain } = createMemoryStore({ clock: () => START });
  const store: Store = kind === 'one step' ? { ...plain, setIfAbsent } : plain;
  const clientIdentifier = await issueClientIdentifier({
    secret: SECRET,
    store,
    device: { serialNumber: 'SIMULATED1' },
    at: START,
    expiresAt: new Date(START.getTime() + 60_000),
  });
  const broken = failing(store, failAt, when);
  const world = await createWorld({
    store: broken.store,
    identify: identifierIsTicket({ secrets: [SECRET], store: broken.store }),
    acceptIdentifier: acceptTickets([SECRET]),
  });
  const { server, fetch, clock } = world;
  const outcome = await enrollByAcme(world.device({ seed: 'crash' }), {
    directoryUrl: server.directoryUrl,
    clientIdentifier,
    keyType: 'P-256',
    fetch,
    clock,
    sleep: () => Promise.resolve(),
    retry: { maxWaitMilliseconds: 20_000 },
  });
  await world.stop();
  return { world, outcome, count: broken.count() };
}

const points = async (kind: Kind): Promise<number> => (await run(kind, 0, 'before')).count;

describe.each(['before', 'after'] as const)('a crash %s any access to the store', (when) => {
  it('costs a device nothing but a repetition, where a fact is written in one step', async () => {
    const count = await points('one step');
    expect(count).toBeGreaterThan(30);
    for (let failAt = 1; failAt <= count; failAt++) {
      const { world, outcome } = await run('one step', failAt, when);
      expect([failAt, outcome.status, new Set(world.issued.map(({ serialNumber }) => serialNumber)).size]).toEqual([
        failAt,
        'issued',
        1,
      ]);
    }
  });

  it('never makes a second certificate, and leaves nothing in processing, where it takes two', async () => {
    const count = await points('two steps');
    const lost: number[] = [];
    for (let failAt = 1; failAt <= count; failAt++) {
      const { world, outcome } = await run('two steps', failAt, when);
      const certificates = new Set(world.issued.map(({ serialNumber }) => serialNumber)).size;
      if (outcome.status === 'issued') expect([failAt, certificates]).toEqual([failAt, 1]);
      else {
        expect([failAt, certificates]).toEqual([failAt, 0]);
        expect(['pending', 'invalid']).toContain(outcome.states.order);
        lost.push(failAt);
      }
    }
    // Between the two steps of a claim, and of a judgement.
    expect(lost.length).toBeLessThanOrEqual(4);
  });
});
