import type { Store } from '../acme/store.ts';
import { withinTime } from './time-limit.ts';

/** A store that answers in time, or throws. What a store in memory answers at once is there at once. */
export interface GuardedStore {
  readonly get: (key: string) => Promise<string | undefined> | string | undefined;
  readonly set: (key: string, value: string, ttlMilliseconds?: number) => unknown;
}

export function guardStore(store: Store, timeoutMilliseconds: number): GuardedStore {
  const inTime = (answer: unknown): unknown =>
    typeof (Object(answer) as Partial<Promise<unknown>>).then === 'function'
      ? withinTime(timeoutMilliseconds, () => answer)
      : answer;
  return {
    get: (key) => {
      const answer = inTime(store.get(key));
      return answer instanceof Promise ? answer.then(requireTextOrNothing) : requireTextOrNothing(answer);
    },
    set: (key, value, ttlMilliseconds) =>
      inTime(ttlMilliseconds === undefined ? store.set(key, value) : store.set(key, value, ttlMilliseconds)),
  };
}

function requireTextOrNothing(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer !== 'string') throw new TypeError('get of the store must answer text');
  return answer;
}
