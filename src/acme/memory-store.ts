import { requireOptions, requireTime } from '../core/options.ts';
import type { Store } from './store.ts';

const DEFAULT_ENTRIES = 100_000;

interface Entry {
  readonly value: string;
  /** Milliseconds since 1970; the entry is gone from then on. */
  readonly expiresAt: number;
}

/**
 * Creates a store in the memory of one process: for tests, and for a server that runs once and may forget what was
 * under way when it restarts. Every claim on it is atomic.
 *
 * Leaves to you: to keep what must not be forgotten (`createSeenKeys`) in a store of its own, for when the store is
 * full, the oldest entry goes: an attacker who fetches nonces would push it out.
 *
 * @param options.clock what the store takes for now
 * @param options.maxEntries how many entries it keeps; 100,000 unless given
 * @throws TypeError if an option is missing, unknown or of another type; from its functions, for anything but text
 * and a time to live above zero
 * @example
 * ```ts
 * import { createMemoryStore } from 'managed-device-attestation/acme';
 *
 * const store = createMemoryStore({ clock: () => new Date() });
 * await store.set('nonce:oFvnlFP1wIhRlYS2jTaXbA', '', 300_000);
 * const first = await store.delete('nonce:oFvnlFP1wIhRlYS2jTaXbA');
 * console.log(first, await store.delete('nonce:oFvnlFP1wIhRlYS2jTaXbA')); // true false
 * ```
 */
export function createMemoryStore(options: {
  readonly clock: () => Date;
  readonly maxEntries?: number;
}): Required<Store> {
  requireOptions(options, ['clock', 'maxEntries']);
  const { clock, maxEntries = DEFAULT_ENTRIES } = options;
  if (typeof clock !== 'function') throw new TypeError('clock must be a function');
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1)
    throw new TypeError('maxEntries must be a whole number above zero');
  const now = (): number => requireTime(clock());
  const entries = new Map<string, Entry>();
  let sweep = entries.entries();
  // Goes on where it was: an iterator that begins anew passes over what a full store has forgotten, each time.
  const oldest = entries.keys();

  /** Two steps for each entry that is written: whatever has expired is gone before the store has doubled. */
  const forgetExpired = (time: number): void => {
    for (let step = 0; step < 2; step++) {
      const { value, done } = sweep.next();
      if (done === true) sweep = entries.entries();
      else if (value[1].expiresAt <= time) entries.delete(value[0]);
    }
  };
  const read = (key: string, time: number): string | undefined => {
    const entry = entries.get(requireText(key, 'key'));
    return entry !== undefined && entry.expiresAt > time ? entry.value : undefined;
  };
  const write = (key: string, value: string, ttlMilliseconds: number, time: number): void => {
    if (typeof ttlMilliseconds !== 'number' || !(ttlMilliseconds > 0))
      throw new TypeError('ttlMilliseconds must be a number above zero');
    // Taken out first, so that it becomes the newest.
    entries.delete(requireText(key, 'key'));
    entries.set(key, { value: requireText(value, 'value'), expiresAt: time + ttlMilliseconds });
    forgetExpired(time);
    if (entries.size > maxEntries) entries.delete(oldest.next().value!);
  };

  return {
    get: (key) => read(key, now()),
    set: (key, value, ttlMilliseconds = Infinity) => {
      write(key, value, ttlMilliseconds, now());
    },
    delete: (key) => {
      const isThere = read(key, now()) !== undefined;
      entries.delete(key);
      return isThere;
    },
    setIfAbsent: (key, value, ttlMilliseconds = Infinity) => {
      const time = now();
      if (read(key, time) !== undefined) return false;
      write(key, value, ttlMilliseconds, time);
      return true;
    },
  };
}

function requireText(value: unknown, option: string): string {
  if (typeof value !== 'string') throw new TypeError(`${option} must be a string`);
  return value;
}
