import type { Store } from '../../../src/acme/index.ts';

/**
 * Facts that are written once, however many processes try at the same time. Everything that decides over a
 * certificate is such a fact, so that no process can overwrite what another has done on what it read before.
 *
 * With `setIfAbsent` that is one step. Without, a mark is put down beforehand and whoever deletes it writes: a crash
 * between the two leaves a fact that nobody can write any more, and what waits for it expires or stays as it is.
 */

const markOf = (key: string): string => `unwritten:${key}`;

/** To be called before anybody can want to write the fact. */
export async function allowOnce(store: Store, key: string, ttlMilliseconds?: number): Promise<void> {
  if (store.setIfAbsent === undefined) await store.set(markOf(key), '1', ttlMilliseconds);
}

/** Writes the fact, or finds that it was written; returns what stands, undefined if it is not known yet. */
export async function writeOnce(
  store: Store,
  key: string,
  value: string,
  ttlMilliseconds?: number,
): Promise<string | undefined> {
  if (store.setIfAbsent !== undefined) {
    if (isYes(await store.setIfAbsent(key, value, ttlMilliseconds))) return value;
    return (await store.get(key)) ?? undefined;
  }
  const standing = await store.get(key);
  if (standing) return standing;
  if (!isYes(await store.delete(markOf(key)))) return (await store.get(key)) ?? undefined;
  await store.set(key, value, ttlMilliseconds);
  return value;
}

/**
 * Writes a fact that could not be foreseen, so that there is no mark; returns what stands. Without `setIfAbsent`
 * that is to look and then to write, and of two at the same instant the later one stands: an operator who cannot
 * live with that has a store with it.
 */
export async function writeFirst(store: Store, key: string, value: string): Promise<string> {
  if (store.setIfAbsent !== undefined && isYes(await store.setIfAbsent(key, value))) return value;
  const standing = await store.get(key);
  if (standing) return standing;
  if (store.setIfAbsent !== undefined) throw new Error('the store has lost what it had');
  await store.set(key, value);
  return value;
}

/** What is neither true nor false is no answer: a driver's `{ changes: 0 }` must not pass for a yes. */
export function isYes(answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw new TypeError('the store must answer true or false');
  return answer;
}
