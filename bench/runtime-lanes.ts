import { fromBase64, toBase64 } from 'managed-device-attestation';
import { parseCommandResponse } from 'managed-device-attestation/mdm';
import { answerOf, prepareJudge } from './answer.ts';
import { type IdentityChain, inTurn, prepareAuthorizing } from './authorizing.ts';
import type { Evidence, Setting } from './contenders/contender.ts';
import type { Identities } from './identities.ts';
import { library } from './contenders/library.ts';
import { rawVerification } from './contenders/raw.ts';
import { prepareValidator } from './contenders/validator.ts';
import { type Lane, type Limits, measureRatios, type Quartiles, seededRandom, sequential } from './measure.ts';

/** What is measured in every runtime, and runs there: nothing in this file is Node's. */

export const RAW = 'the raw verification';
export const CONTROL = 'the raw verification, once more';
export const WHOLE_JOB = 'the whole job, issuer remembered';

/** Evidence and setting on their way to another runtime. */
export interface Packed {
  readonly leaf: string;
  readonly subCa: string;
  readonly root: string;
  readonly expectedFreshnessCode: string;
  readonly token: string;
  readonly at: string;
  readonly identities: {
    readonly root: string;
    readonly issuer: string;
    readonly leaves: readonly string[];
    readonly at: string;
  };
}

export function pack(
  { leaf, subCa }: Evidence,
  { root, expectedFreshnessCode, token, at }: Setting,
  identities: Identities,
): Packed {
  return {
    leaf: toBase64(leaf),
    subCa: toBase64(subCa),
    root: toBase64(root),
    expectedFreshnessCode: toBase64(expectedFreshnessCode),
    token,
    at: at.toISOString(),
    identities: {
      root: toBase64(identities.root),
      issuer: toBase64(identities.issuers[0]!),
      leaves: identities.ofOne.map(([device]) => toBase64(device)),
      at: identities.at.toISOString(),
    },
  };
}

type Jobs = ReadonlyMap<string, () => unknown>;

async function prepareJobs(packed: Packed): Promise<Jobs> {
  const evidence = { leaf: fromBase64(packed.leaf), subCa: fromBase64(packed.subCa) };
  const setting: Setting = {
    root: fromBase64(packed.root),
    expectedFreshnessCode: fromBase64(packed.expectedFreshnessCode),
    token: packed.token,
    at: new Date(packed.at),
  };
  const raw = await rawVerification(evidence);
  const verify = await library.prepare(setting);
  const validate = prepareValidator(setting);
  const judge = prepareJudge(setting);
  const { identities } = packed;
  const issuer = fromBase64(identities.issuer);
  const chains = identities.leaves.map((device): IdentityChain => [fromBase64(device), issuer]);
  const nextChain = inTurn(chains);
  const { decideFirst, decideAgain } = prepareAuthorizing(
    fromBase64(identities.root),
    [issuer],
    new Date(identities.at),
  );
  const body = new TextEncoder().encode(answerOf(evidence));
  // A figure for a wrong answer is worth nothing.
  if (!(await raw())) throw new Error('the raw verification fails');
  if ((await validate(evidence)).status !== 'valid') throw new Error('the validator refuses');
  return new Map<string, () => unknown>([
    [RAW, raw],
    [CONTROL, raw],
    [WHOLE_JOB, () => verify(evidence)],
    ['the validator of challenges', () => validate(evidence)],
    ['the answer to DeviceInformation, from its body', () => judge(parseCommandResponse(body))],
    ['authorize, a first decision', () => decideFirst(nextChain())],
    ['authorize, cached', () => decideAgain(chains[0]!)],
  ]);
}

/** How often a job runs in a block: long enough for the clock of a browser, which moves by a millisecond. */
const BLOCK = 64;

export interface Measured {
  /** Microseconds for one raw verification. */
  readonly rawMicroseconds: number;
  /** Everything else, in raw verifications. */
  readonly ratios: readonly (readonly [name: string, ratio: Quartiles])[];
}

export interface Effort extends Limits {
  readonly seed: number;
  /** How often each job runs before it is measured. */
  readonly warmUp: number;
}

/** Measures within the runtime, by its own clock. */
export async function measureHere(packed: Packed, effort: Effort): Promise<Measured> {
  const jobs = await prepareJobs(packed);
  for (const job of jobs.values()) await sequential(job, effort.warmUp);
  return measure(
    Array.from(jobs, ([name, job]) => ({ name, job, count: BLOCK })),
    BLOCK,
    effort,
  );
}

/** Measures from outside, for the clock of a worker may stand still while it computes: every block is a request. */
export async function measureThere(
  block: (name: string, count: number) => Promise<void>,
  names: readonly string[],
  effort: Effort,
): Promise<Measured> {
  for (const name of names) await block(name, effort.warmUp);
  // What a request costs is a hundredth of this.
  const count = 4 * BLOCK;
  return measure(
    names.map((name) => ({ name, job: () => block(name, count), count: 1 })),
    count,
    effort,
  );
}

async function measure(lanes: readonly Lane[], count: number, { seed, ...limits }: Effort): Promise<Measured> {
  const [unit, ...others] = lanes as readonly [Lane, ...Lane[]];
  let [time, runs] = [0, 0];
  const ratios = await measureRatios(
    unit,
    others,
    limits,
    async (job, times) => {
      const start = performance.now();
      await sequential(job, times);
      if (job === unit.job) [time, runs] = [time + performance.now() - start, runs + 1];
    },
    seededRandom(seed),
  );
  return { rawMicroseconds: (1000 * time) / (runs * count), ratios: [...ratios] };
}

let prepared: Jobs | undefined;

/** The names of what is measured, once it is ready; for `runBlock`. */
export async function prepareBlocks(packed: Packed): Promise<readonly string[]> {
  prepared = await prepareJobs(packed);
  return [...prepared.keys()];
}

export async function runBlock(name: string, count: number): Promise<void> {
  await sequential(prepared!.get(name)!, count);
}
