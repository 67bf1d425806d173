/**
 * Where one-time state is kept: nonces, client identifiers, seen keys. It has the shape of Keyv, so an instance of
 * Keyv fits as it is; make it with `throwOnErrors: true`, or a backend that fails looks like an entry that is not
 * there.
 *
 * A claim is a `delete` that answered `true`: what may happen once is written when it is issued, and the caller
 * whose `delete` took it away has it. docs/acme.md says on which backends and with which adapters that is so. An
 * answer of another type, such as a number of rows, is a `TypeError` of whoever asked.
 */
export interface Store {
  /** The value, or undefined (null will do) if there is none or its time is up. */
  readonly get: (key: string) => Promise<string | null | undefined> | string | null | undefined;
  /** Writes a value, in the place of any other; without a time to live it stays. */
  readonly set: (key: string, value: string, ttlMilliseconds?: number) => unknown;
  /** Whether it deleted something. Of several callers at once, one hears `true`. */
  readonly delete: (key: string) => Promise<boolean> | boolean;
  /**
   * Writes a value where there is none and says whether it did, in one step: `SET … NX` of Redis, `INSERT … ON
   * CONFLICT DO NOTHING`. May be left out, as Keyv does. With it, a client identifier survives a crash of the
   * server that was claiming it. Either every process that shares a backend has it, or none.
   */
  readonly setIfAbsent?: (key: string, value: string, ttlMilliseconds?: number) => Promise<boolean> | boolean;
}

/** Refuses what is no store. Its functions are called on it, for they may be methods. */
export function requireStore(store: unknown): Store {
  const { get, set, delete: remove, setIfAbsent } = Object(store) as Partial<Store>;
  const functions: readonly unknown[] =
    setIfAbsent === undefined ? [get, set, remove] : [get, set, remove, setIfAbsent];
  if (!functions.every((member) => typeof member === 'function'))
    throw new TypeError('store must have get, set and delete');
  return store as Store;
}

/** The value, or undefined if there is none. */
export async function readText(store: Store, key: string): Promise<string | undefined> {
  const text: unknown = (await store.get(key)) ?? undefined;
  if (text !== undefined && typeof text !== 'string') throw new TypeError('get of the store must answer text');
  return text;
}
