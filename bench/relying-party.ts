import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Authorizing, inTurn, prepareAuthorizing, THREE_RULES } from './authorizing.ts';
import { rawVerification } from './contenders/raw.ts';
import { type Identities, mintIdentities } from './identities.ts';
import { type Lane, measureRatios, type Quartiles, sequential } from './measure.ts';

export const VERIFY_REMEMBERED = 'verifyIdentity, issuer remembered';
export const VERIFY_NEW = 'verifyIdentity, a new issuer each time';
export const FIRST_DECISION = 'a first decision, issuer remembered';
export const FIRST_OF_ISSUER = 'a first decision, a new issuer each time';
export const CACHED_DECISION = 'a decision that is cached';

/** Decisions kept in memory, and what they take. */
export interface CacheMemory {
  readonly decisions: number;
  readonly limit: number;
  /** When the store has become full, and after all decisions. */
  readonly bytes: readonly [full: number, end: number];
}

export interface RelyingPartyCosts {
  readonly ratios: ReadonlyMap<string, Quartiles>;
  readonly memory: CacheMemory;
}

/** What an identity and a decision cost a relying party, in raw verifications of the leaf's signature. */
export async function measureRelyingParty(effort: number, random: () => number): Promise<RelyingPartyCosts> {
  const identities = await mintIdentities();
  const authorizing = prepareAuthorizing(identities.root, identities.issuers, identities.at);
  return {
    ratios: await measureCosts(authorizing, identities, effort, random),
    memory: await measureMemory(authorizing, identities, 1_000_000 * effort),
  };
}

async function measureCosts(
  { verify, decideFirst, decideAgain }: Authorizing,
  { ofOne, ofMany }: Identities,
  effort: number,
  random: () => number,
): Promise<ReadonlyMap<string, Quartiles>> {
  const chain = ofOne[0]!;
  const [leaf, subCa] = chain;
  // One turn for all jobs: what one has just met is new to none.
  const nextOfOne = inTurn(ofOne);
  const nextOfMany = inTurn(ofMany);
  const raw = await rawVerification({ leaf, subCa });
  const jobs: readonly (readonly [string, () => Promise<unknown>, number])[] = [
    ['the raw verification, once more', raw, 8],
    [VERIFY_REMEMBERED, () => verify(nextOfOne()), 8],
    [VERIFY_NEW, () => verify(nextOfMany()), 8],
    [FIRST_DECISION, () => decideFirst(nextOfOne()), 8],
    [FIRST_OF_ISSUER, () => decideFirst(nextOfMany()), 8],
    [CACHED_DECISION, () => decideAgain(chain), 400],
  ];
  for (const [, job, count] of jobs) await sequential(job, Math.max(1000 * effort, 4 * count));
  const lanes = jobs.map(([name, job, count]): Lane => ({ name, job, count }));
  const unit: Lane = { name: 'raw', job: raw, count: 8 };
  return measureRatios(unit, lanes, { rounds: 160 * effort, seconds: 20 }, sequential, random);
}

async function measureMemory(
  { deciding }: Authorizing,
  { ofOne }: Identities,
  decisions: number,
): Promise<CacheMemory> {
  const chain = ofOne[0]!;
  const limit = decisions / 2;
  const decide = deciding(limit, { policy: () => THREE_RULES });
  const before = heapBytes();
  const bytes: number[] = [];
  for (let count = 0; count < decisions; count++) {
    await decide(chain, false, `resource ${count}`);
    if ((count + 1) % limit === 0) bytes.push(heapBytes() - before);
  }
  // The latest is there, and so was all of it until now.
  await decide(chain, true, `resource ${decisions - 1}`);
  return { decisions, limit, bytes: bytes as [number, number] };
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
