/** One way to spend time, compared with the unit within the same round. */
export interface Lane {
  readonly name: string;
  readonly job: () => unknown;
  /** How often the job runs in a block. */
  readonly count: number;
  /** Takes part in every n-th round: what is slow is less disturbed by noise. */
  readonly every?: number;
  /** Sets the stage before a block; what it returns clears it. */
  readonly stage?: () => () => void;
}

/** Runs a job `count` times; how, is what is measured. */
export type Runner = (job: () => unknown, count: number) => Promise<void>;

export const sequential: Runner = async (job, count) => {
  for (let i = 0; i < count; i++) await job();
};

export const atOnce: Runner = async (job, count) => {
  await Promise.all(Array.from({ length: count }, job));
};

/** As many rounds as this, or fewer if the time is up: a busy machine gives worse figures, not a longer wait. */
export interface Limits {
  readonly rounds: number;
  readonly seconds: number;
}

export interface Quartiles {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

/**
 * Every round runs the unit and each lane once, in an order of its own, and divides. Machines that are
 * shared get slower and quicker by the second, all lanes alike, so a ratio within a round holds where a time does not.
 */
export async function measureRatios(
  unit: Lane,
  lanes: readonly Lane[],
  { rounds, seconds }: Limits,
  run: Runner,
  random: () => number,
): Promise<ReadonlyMap<string, Quartiles>> {
  const ratios = new Map<string, number[]>(lanes.map(({ name }) => [name, []]));
  for (const lane of [unit, ...lanes]) await timeOf(lane, run);
  const deadline = performance.now() + 1000 * seconds;
  for (let round = 0; round < rounds && (round < 3 || performance.now() < deadline); round++) {
    const present = [unit, ...lanes.filter(({ every = 1 }) => round % every === 0)];
    const times = new Map<string, number>();
    for (const lane of shuffled(present, random)) times.set(lane.name, await timeOf(lane, run));
    const unitTime = times.get(unit.name)!;
    for (const [name, time] of times) ratios.get(name)?.push(time / unitTime);
  }
  return new Map(Array.from(ratios, ([name, values]) => [name, quartiles(values)]));
}

/** Milliseconds for one job of a block. */
async function timeOf({ job, count, stage }: Lane, run: Runner): Promise<number> {
  const clear = stage?.();
  try {
    // Once without the clock: the lane before has left its own data in the caches and in the library's memory.
    await job();
    const start = performance.now();
    await run(job, count);
    return (performance.now() - start) / count;
  } finally {
    clear?.();
  }
}

export function quartiles(values: readonly number[]): Quartiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => {
    const position = part * (sorted.length - 1);
    const below = sorted[Math.floor(position)]!;
    const above = sorted[Math.ceil(position)]!;
    return below + (above - below) * (position - Math.floor(position));
  };
  return { lower: at(0.25), median: at(0.5), upper: at(0.75) };
}

/** Mulberry32: small, and the same order for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
