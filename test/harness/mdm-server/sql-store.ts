import type { Store } from '../../../src/acme/index.ts';
import type { Database } from './database.ts';

/** The store of `./acme` in the database of the service: the ACME server that is built in claims client identifiers in it. */
export function createSqlStore(database: Database, clock: () => Date): Required<Store> {
  const now = (): number => clock().getTime();
  const expiry = (ttlMilliseconds?: number): number | null =>
    ttlMilliseconds === undefined ? null : now() + Math.max(1, Math.ceil(ttlMilliseconds));
  const forget = (): number => database.run('DELETE FROM entries WHERE expires_at <= ?', now());
  return {
    get: (key) =>
      (
        database.get(
          'SELECT value FROM entries WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)',
          key,
          now(),
        ) as { value: string } | undefined
      )?.value,
    set: (key, value, ttlMilliseconds) => {
      forget();
      database.run('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)', key, value, expiry(ttlMilliseconds));
    },
    delete: (key) => {
      forget();
      return database.run('DELETE FROM entries WHERE key = ?', key) === 1;
    },
    setIfAbsent: (key, value, ttlMilliseconds) => {
      forget();
      return (
        database.run(
          'INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          key,
          value,
          expiry(ttlMilliseconds),
        ) === 1
      );
    },
  };
}
