import { AttestationError } from 'managed-device-attestation';
import { type Lane, measureRatios, sequential } from './measure.ts';
import { hostileInputs } from './hostile-inputs.ts';
import type { Setting } from './contenders/contender.ts';

export interface HostileResult {
  readonly name: string;
  /** The code, or `accepted` where the form is right and nothing is proven yet. */
  readonly outcome: string;
  /** Raw verifications, for a quarter, half and all of the size. */
  readonly cost: readonly [number, number, number];
}

const FRACTIONS = [0.25, 0.5, 1] as const;

/** What it costs to refuse what somebody sends to keep a server busy; growth beyond fourfold would be worse than linear. */
export async function measureHostile(
  raw: () => Promise<boolean>,
  setting: Setting,
  rounds: number,
  random: () => number,
): Promise<HostileResult[]> {
  const unit: Lane = { name: 'raw', job: raw, count: 6 };
  const inputs = hostileInputs(setting);
  const results: HostileResult[] = [];
  for (const { name, at } of inputs) {
    const lanes: Lane[] = [];
    const outcomes = new Set<string>();
    for (const fraction of FRACTIONS) {
      const attempt = await at(fraction);
      const job = async (): Promise<string> => outcomeOf(attempt);
      outcomes.add(await job());
      lanes.push({ name: String(fraction), job, count: await countFor(job) });
    }
    // Sizes that end differently cannot be compared.
    if (outcomes.size > 1) throw new Error(`${name}: ${[...outcomes].join(', ')}`);
    const ratios = await measureRatios(unit, lanes, { rounds, seconds: 1.2 }, sequential, random);
    const [quarter, half, whole] = FRACTIONS.map((fraction) => ratios.get(String(fraction))!.median);
    results.push({ name, outcome: [...outcomes].join(', '), cost: [quarter!, half!, whole!] });
  }
  return results;
}

async function outcomeOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return 'accepted';
  } catch (error) {
    if (error instanceof AttestationError) return error.code;
    throw error;
  }
}

/** As often as fits into a few milliseconds, so that a block is long enough for the clock and short for us. */
async function countFor(job: () => Promise<string>): Promise<number> {
  for (let count = 1; ; count *= 4) {
    const start = performance.now();
    await sequential(job, count);
    if (performance.now() - start > 1.5 || count >= 1000) return count;
  }
}
