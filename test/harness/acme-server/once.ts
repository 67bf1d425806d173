import type { Store } from '../../../src/acme/index.ts';

/**
 * Facts that are written once, however many processes try at the same time. Everything that decides over a
 * certificate is such a fact, so that no process can overwrite what another has done on what it read before.
 *
 * With `setIfAbsent` that is one step. Without, a mark is put down beforehand and whoever deletes it writes: a crash
 * between the two leaves a fact that nobody can write any more, and what waits for it expires.
 */

const markOf = (key: string): string => `unwritten:${key}`;

/** To be called before anybody can want to write the fact. */
export async function allowOnce(store: Store, key: string, ttlMilliseconds: number): Promise<void> {
  if (store.setIfAbsent === undefined) await store.set(markOf(key), '1', ttlMilliseconds);
}

/** Writes the fact, or finds that it was written; returns what stands, undefined if it is not known yet. */
export async function writeOnce(
  store: Store,
  key: string,
  value: string,
  ttlMilliseconds: number,
): Promise<string | undefined> {
  const mine =
    store.setIfAbsent === undefined
      ? await store.delete(markOf(key))
      : await store.setIfAbsent(key, value, ttlMilliseconds);
  if (!mine) return (await store.get(key)) ?? undefined;
  if (store.setIfAbsent === undefined) await store.set(key, value, ttlMilliseconds);
  return value;
}
