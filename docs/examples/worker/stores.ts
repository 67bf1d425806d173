import type { Store } from 'managed-device-attestation/acme';
import type { Entry } from './entry.ts';

/** The namespace of a Durable Object of the class `Entry`. */
export interface EntryNamespace {
  readonly idFromName: (name: string) => unknown;
  readonly get: (id: unknown) => Pick<Entry, 'read' | 'write' | 'writeIfAbsent' | 'remove'>;
}

/** For what may happen once, and for what must be seen at once. Every key is an object: none has to wait for another. */
export function objectStore(namespace: EntryNamespace): Required<Store> {
  const entry = (key: string) => namespace.get(namespace.idFromName(key));
  return {
    get: (key) => entry(key).read(),
    set: (key, value, ttlMilliseconds) => entry(key).write(value, ttlMilliseconds),
    delete: (key) => entry(key).remove(),
    setIfAbsent: (key, value, ttlMilliseconds) => entry(key).writeIfAbsent(value, ttlMilliseconds),
  };
}

/** As much of Workers KV as is used. */
export interface KvNamespace {
  readonly get: (key: string) => Promise<string | null>;
  readonly put: (key: string, value: string, options: { readonly expirationTtl?: number }) => Promise<void>;
}

/** KV takes no less. */
const MIN_TTL_SECONDS = 60;

/**
 * For decisions alone, which say themselves until when they count. KV is eventually consistent: for a minute and more
 * another place may read what was there before. And its `delete` does not say whether it deleted, so nothing that
 * may happen once can be claimed here.
 */
export function decisionStore(namespace: KvNamespace): Store {
  return {
    get: (key) => namespace.get(key),
    set: (key, value, ttlMilliseconds = Infinity) => {
      const expirationTtl = Math.max(MIN_TTL_SECONDS, Math.ceil(ttlMilliseconds / 1000));
      return namespace.put(key, value, Number.isFinite(expirationTtl) ? { expirationTtl } : {});
    },
    delete: () => Promise.reject(new Error('Workers KV cannot say whether it deleted')),
  };
}
