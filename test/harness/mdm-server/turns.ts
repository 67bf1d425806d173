/**
 * Runs one thing after another, in the order in which it came: what is read of an enrollment is what is written after it
 * was judged. A service of many processes would lock the row of the enrollment instead.
 */
export interface Turns {
  readonly take: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (work) => {
      const turn = last.then(work);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
