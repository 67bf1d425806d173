import { createClient } from '@redis/client';
import type { Store } from '../../../src/acme/index.ts';

export interface RedisStore {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

/** A command that Redis has not answered by then fails: the request gets a 500, and the client comes back. */
const COMMAND_MILLISECONDS = 5000;
const MAX_RECONNECT_MILLISECONDS = 500;

/** A store in Redis, whose every command is one step for everybody. `path` is that of a Unix socket. */
export async function connectRedis(options: {
  readonly path: string;
  readonly onError?: (error: unknown) => void;
}): Promise<RedisStore> {
  const client = createClient({
    socket: {
      path: options.path,
      tls: false,
      reconnectStrategy: (retries) => Math.min(20 * 2 ** retries, MAX_RECONNECT_MILLISECONDS),
    },
    // While it is away, commands fail at once instead of waiting for it.
    disableOfflineQueue: true,
    // Its own limit makes a signal for each command; `inTime` is one for less.
    commandOptions: { timeout: 0 },
  });
  // A client without a listener ends the process when its connection breaks.
  client.on('error', options.onError ?? (() => undefined));
  await client.connect();
  const expiry = (ttlMilliseconds?: number) =>
    ttlMilliseconds === undefined ? {} : { expiration: { type: 'PX' as const, value: Math.ceil(ttlMilliseconds) } };
  return {
    store: {
      get: (key) => inTime(client.get(key)),
      set: (key, value, ttlMilliseconds) => inTime(client.set(key, value, expiry(ttlMilliseconds))),
      delete: async (key) => (await inTime(client.del(key))) === 1,
      setIfAbsent: async (key, value, ttlMilliseconds) =>
        (await inTime(client.set(key, value, { condition: 'NX', ...expiry(ttlMilliseconds) }))) === 'OK',
    },
    close: async () => {
      await client.close();
    },
  };
}

/** A Redis that hangs is one that is away. What it was asked it may still do: whoever asks again has to live with that. */
function inTime<Answer>(command: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Redis does not answer')), COMMAND_MILLISECONDS);
    command.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
