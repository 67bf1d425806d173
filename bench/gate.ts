import { isDeepStrictEqual } from 'node:util';
import type { Evidence, Facts, Job } from './contenders/contender.ts';
import type { BenchEvidence } from './evidence.ts';

/** A figure for something that is not the job is worth nothing: whoever runs shows first that it does the job. */
export async function requireRightAnswers(name: string, job: Job, evidence: BenchEvidence): Promise<void> {
  for (const chain of [evidence.valid, evidence.distinct[0]!])
    if (!isDeepStrictEqual(plain(await job(chain)), plain(evidence.facts)))
      throw new Error(`${name} reads other properties than the valid chain has`);
  for (const [what, chain] of evidence.refused) {
    const accepted = await answers(job, chain);
    if (accepted) throw new Error(`${name} accepts ${what}`);
  }
}

async function answers(job: Job, chain: Evidence): Promise<boolean> {
  try {
    await job(chain);
    return true;
  } catch {
    return false;
  }
}

/** Some hand out a Buffer. */
function plain(facts: Facts): Facts {
  return { ...facts, freshnessCode: new Uint8Array(facts.freshnessCode) };
}
