import { withinTime } from './time-limit.ts';

/** Joins what is under way for the same key, or starts it. */
export type SingleFlight<Result> = (key: string, start: () => Promise<Result>) => Promise<Result>;

/**
 * A platform may end the request that began something, and whoever joined it waits for nothing, or is told so at once: what
 * fails, or takes longer than it may, fails for the one who began it, and the others begin anew.
 */
export function createSingleFlight<Result>(limitMilliseconds: number, maxUnderWay: number): SingleFlight<Result> {
  const underWay = new Map<string, Promise<Result>>();
  const forget = (key: string, flight: Promise<Result>): void => {
    if (underWay.get(key) === flight) underWay.delete(key);
  };
  const fly: SingleFlight<Result> = async (key, start) => {
    const joined = underWay.get(key);
    if (joined !== undefined) {
      try {
        return await withinTime(limitMilliseconds, () => joined);
      } catch {
        forget(key, joined);
        return fly(key, start);
      }
    }
    const own = start();
    underWay.set(key, own);
    // Of requests that the platform has ended, nobody hears again.
    if (underWay.size > maxUnderWay) underWay.delete(underWay.keys().next().value!);
    try {
      return await own;
    } finally {
      forget(key, own);
    }
  };
  return fly;
}
