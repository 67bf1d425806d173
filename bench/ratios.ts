import type { Contender, Evidence, Job } from './contenders/contender.ts';
import { library } from './contenders/library.ts';
import { nodeCrypto } from './contenders/node-crypto.ts';
import { peculiarX509 } from './contenders/peculiar-x509.ts';
import { pkijs } from './contenders/pkijs.ts';
import { rawVerification } from './contenders/raw.ts';
import { prepareValidator, validator } from './contenders/validator.ts';
import { type BenchEvidence } from './evidence.ts';
import { requireRightAnswers } from './gate.ts';
import { atOnce, type Lane, type Limits, measureRatios, type Quartiles, sequential } from './measure.ts';
import { withoutSignatures } from './without-signatures.ts';

export const REMEMBERED = 'managed-device-attestation, issuer remembered';
export const NOT_REMEMBERED = 'managed-device-attestation, a new issuer each time';
export const CONTROL = 'the raw verification, once more';

const AT_ONCE = 256;

export interface Ratios {
  readonly sequential: ReadonlyMap<string, Quartiles>;
  readonly atOnce: ReadonlyMap<string, Quartiles>;
  readonly withoutSignatures: ReadonlyMap<string, Quartiles>;
  /** The validator of challenges in verifications: one after another, and many at once. */
  readonly validator: readonly [Quartiles, Quartiles];
}

interface Row {
  readonly name: string;
  readonly job: () => Promise<unknown>;
  readonly slow: boolean;
}

export async function measureJobs(evidence: BenchEvidence, effort: number, random: () => number): Promise<Ratios> {
  const raw = await rawVerification(evidence.valid);
  const rows = await prepareRows(evidence);
  // Twice the same thing: how far its ratio is from one is the noise of the run.
  const control: Row = { name: CONTROL, job: raw, slow: false };
  const unit = (count: number): Lane => ({ name: 'raw', job: raw, count });
  const lanes = (count: number, every: number): Lane[] =>
    [control, ...rows].map(({ slow, ...row }) => ({ ...row, count, every: slow ? every : 1 }));

  const limits = (rounds: number, seconds: number): Limits => ({ rounds: rounds * effort, seconds });
  const result = {
    sequential: await measureRatios(unit(8), lanes(8, 4), limits(120, 20), sequential, random),
    atOnce: await measureRatios(unit(AT_ONCE), lanes(AT_ONCE, 3), limits(24, 45), atOnce, random),
  };
  const stubbed: Lane[] = rows.map(({ slow, ...row }) => ({
    ...row,
    count: slow ? 20 : 60,
    every: slow ? 4 : 1,
    stage: withoutSignatures,
  }));
  return {
    ...result,
    withoutSignatures: await measureRatios(unit(8), stubbed, limits(100, 20), sequential, random),
    validator: await measureValidator(evidence, limits, random),
  };
}

/** Against the verification that is in it, both with the issuer remembered, for that is what it may not exceed by much. */
async function measureValidator(
  evidence: BenchEvidence,
  limits: (rounds: number, seconds: number) => Limits,
  random: () => number,
): Promise<readonly [Quartiles, Quartiles]> {
  const { setting, valid } = evidence;
  await requireRightAnswers(validator.name, await validator.prepare(setting), evidence);
  const [verify, validate] = [await library.prepare(setting), prepareValidator(setting)];
  const rows = [library.name, validator.name] as const;
  await warmUp({ name: rows[0], job: () => verify(valid), slow: false });
  await warmUp({ name: rows[1], job: () => validate(valid), slow: false });
  const measure = async (count: number, rounds: number, run: typeof sequential): Promise<Quartiles> => {
    const unit = { name: rows[0], job: () => verify(valid), count };
    const lane = { name: rows[1], job: () => validate(valid), count };
    return (await measureRatios(unit, [lane], limits(rounds, 20), run, random)).get(rows[1])!;
  };
  return [await measure(8, 300, sequential), await measure(AT_ONCE, 40, atOnce)];
}

/** Every contender with the evidence that it is fed, once it has given the right answers. */
async function prepareRows(evidence: BenchEvidence): Promise<Row[]> {
  const same = [evidence.valid];
  const { distinct } = evidence;
  const contenders: readonly [string, Contender, readonly Evidence[]][] = [
    [REMEMBERED, library, same],
    [NOT_REMEMBERED, library, distinct],
    [nodeCrypto.name, nodeCrypto, distinct],
    [pkijs.name, pkijs, distinct],
    [peculiarX509.name, peculiarX509, distinct],
  ];
  const rows: Row[] = [];
  for (const [name, contender, fed] of contenders) {
    const job = await contender.prepare(evidence.setting);
    await requireRightAnswers(name, job, evidence);
    rows.push({ name, job: inTurn(job, fed), slow: contender !== library });
    await warmUp(rows.at(-1)!);
  }
  return rows;
}

function inTurn(job: Job, chains: readonly Evidence[]): () => Promise<unknown> {
  let next = 0;
  return () => {
    const chain = chains[next]!;
    next = (next + 1) % chains.length;
    return job(chain);
  };
}

async function warmUp({ job, slow }: Row): Promise<void> {
  const restore = withoutSignatures();
  await sequential(job, slow ? 200 : 3000);
  restore();
}
