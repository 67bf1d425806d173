/** Joins what is under way for the same key, or starts it. */
export type SingleFlight<Result> = (key: string, start: () => Promise<Result>) => Promise<Result>;

export function createSingleFlight<Result>(): SingleFlight<Result> {
  const underWay = new Map<string, Promise<Result>>();
  return async (key, start) => {
    const joined = underWay.get(key);
    if (joined !== undefined) return joined;
    const own = start();
    underWay.set(key, own);
    try {
      return await own;
    } finally {
      underWay.delete(key);
    }
  };
}
