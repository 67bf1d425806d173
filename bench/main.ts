import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { replaceSection } from '../test/runtime/page.ts';
import { rawVerification } from './contenders/raw.ts';
import { measureDecisions } from './decisions.ts';
import { mintEvidence } from './evidence.ts';
import { measureImports, sizeOfEntry } from './footprint.ts';
import { measureHostile } from './hostile.ts';
import { seededRandom } from './measure.ts';
import { measureManagement } from './management.ts';
import { measureProfiles } from './profile.ts';
import { measureJobs } from './ratios.ts';
import { measureRelyingParty } from './relying-party.ts';
import { report } from './report.ts';
import { runtimesReport } from './runtimes.ts';

const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean' },
    quick: { type: 'boolean' },
    seed: { type: 'string' },
    runtimes: { type: 'boolean' },
  },
});
const quick = options.quick ?? false;
const effort = quick ? 0.1 : 1;
const seed = Number(options.seed ?? Date.now() % 1_000_000);
if (!Number.isSafeInteger(seed)) throw new TypeError('--seed must be a whole number');
const random = seededRandom(seed);

const say = (what: string): void => void process.stderr.write(`${what}\n`);

say(`seed ${seed}; minting chains`);
const evidence = await mintEvidence();
if (options.runtimes) {
  const section = await runtimesReport(evidence, { quick, seed, say });
  process.stdout.write(section);
  const page = new URL('../docs/runtimes.md', import.meta.url);
  if (options.write) await writeFile(page, replaceSection(await readFile(page, 'utf8'), 'speed', section));
  process.exit();
}
say('the whole job, by everybody');
const ratios = await measureJobs(evidence, effort, random);
say('answers of devices');
const management = await measureManagement(evidence, effort, random);
say('decisions');
const decisions = await measureDecisions(
  await rawVerification(evidence.valid),
  { rounds: 120 * effort, seconds: 10 },
  random,
);
say('profiles');
const profiles = await measureProfiles(evidence, effort, random);
say('identities and relying parties');
const relyingParty = await measureRelyingParty(effort, random);
say('hostile input');
const hostile = await measureHostile(await rawVerification(evidence.valid), evidence.setting, quick ? 3 : 9, random);
say('imports in fresh processes');
const imports = await measureImports(quick ? 3 : 21, random);

const page = report({
  seed,
  quick,
  ratios,
  management,
  decisions,
  relyingParty,
  profiles,
  hostile,
  imports,
  size: await sizeOfEntry(),
});
process.stdout.write(page);
if (options.write) await writeFile(new URL('../docs/benchmarks.md', import.meta.url), page);
