import { readFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { parseCommandResponse } from 'managed-device-attestation/mdm';
import { answerOf, prepareJudge } from './answer.ts';
import { inTurn, prepareAuthorizing } from './authorizing.ts';
import { library } from './contenders/library.ts';
import { rawVerification } from './contenders/raw.ts';
import { prepareValidator } from './contenders/validator.ts';
import type { BenchEvidence } from './evidence.ts';
import { mintIdentities } from './identities.ts';
import { type Lane, measureRatios, type Quartiles, sequential } from './measure.ts';
import { withoutSignatures } from './without-signatures.ts';

/** Where the time goes that is not the platform's signature: by the file that the running function stands in. */
export interface Profile {
  /** All of it, in raw verifications. */
  readonly total: Quartiles;
  /** Parts of one, the largest first. */
  readonly shares: ReadonlyMap<string, number>;
}

export const COLLECTOR = 'garbage collection';
export const PLATFORM = 'the platform';

const SAMPLE_MICROSECONDS = 100;

/** Profiles the jobs, one after another, in code that is warm. */
export async function measureProfiles(
  { setting, valid }: BenchEvidence,
  effort: number,
  random: () => number,
): Promise<ReadonlyMap<string, Profile>> {
  const verify = await library.prepare(setting);
  const validate = prepareValidator(setting);
  const judge = prepareJudge(setting);
  const body = new TextEncoder().encode(answerOf(valid));
  const { root, issuers, at, ofOne } = await mintIdentities();
  const { decideFirst, decideAgain } = prepareAuthorizing(root, issuers, at);
  const nextIdentity = inTurn(ofOne);
  const jobs: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['the whole job', () => verify(valid)],
    ['validator', () => validate(valid)],
    ['DeviceInformation', () => judge(parseCommandResponse(body))],
    ['authorize, first', () => decideFirst(nextIdentity())],
    ['authorize, cached', () => decideAgain(ofOne[0]!)],
  ];
  const raw = await rawVerification(valid);
  const lanes = jobs.map(([name, job]): Lane => ({ name, job, count: 60, stage: withoutSignatures }));
  for (const { job } of lanes) await withStubs(() => sequential(job, 2000));
  const unit: Lane = { name: 'raw', job: raw, count: 8 };
  const totals = await measureRatios(unit, lanes, { rounds: 100 * effort, seconds: 20 }, sequential, random);

  const profiles = new Map<string, Profile>();
  for (const [name, job] of jobs) {
    const shares = await withStubs(() => sharesOf(() => sequential(job, 20_000 * effort)));
    profiles.set(name, { total: totals.get(name)!, shares });
  }
  return profiles;
}

async function withStubs<Result>(run: () => Promise<Result>): Promise<Result> {
  const restore = withoutSignatures();
  try {
    return await run();
  } finally {
    restore();
  }
}

async function sharesOf(run: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
  await session.post('Profiler.start');
  await run();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const spent = new Map<string, number>();
  profile.samples!.forEach((id, index) => {
    const part = partOf(nodes.get(id)!.callFrame);
    if (part !== undefined) spent.set(part, (spent.get(part) ?? 0) + profile.timeDeltas![index]!);
  });
  const all = Array.from(spent.values()).reduce((sum, time) => sum + time, 0);
  return new Map(
    Array.from(spent, ([part, time]) => [part, time / all] as const).toSorted(([, one], [, other]) => other - one),
  );
}

/** The file of the sources; undefined for the profiler itself, and for this benchmark. */
function partOf({ functionName, url, lineNumber }: Profiler.ProfileNode['callFrame']): string | undefined {
  if (functionName === '(garbage collector)') return COLLECTOR;
  if (functionName === '(idle)' || functionName === '(root)' || (url === '' && functionName === 'dispatch'))
    return undefined;
  const [, dependency] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (dependency !== undefined) return dependency;
  if (url.includes('/dist/')) return sourceAt(url, lineNumber);
  return url.includes('/bench/') ? undefined : PLATFORM;
}

const built = new Map<string, readonly string[]>();

/** What is built says of each part from which file it is, in the line before. */
function sourceAt(url: string, lineNumber: number): string {
  let lines = built.get(url);
  if (lines === undefined) {
    lines = readFileSync(fileURLToPath(url), 'utf8').split('\n');
    built.set(url, lines);
  }
  for (let line = lineNumber; line >= 0; line--) {
    const [, file] = /^\/\/ src\/(.*)$/.exec(lines[line]!) ?? [];
    if (file !== undefined) return file;
  }
  throw new Error(`${url} does not say what it is made of`);
}
