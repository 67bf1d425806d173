import { ask, type Host } from '../test/runtime/hosts/host.ts';
import { RUNTIMES, versionOf } from '../test/runtime/runtimes.ts';
import type { BenchEvidence } from './evidence.ts';
import { mintIdentities } from './identities.ts';
import type { Quartiles } from './measure.ts';
import { CONTROL, type Effort, type Measured, measureThere, pack, type Packed, WHOLE_JOB } from './runtime-lanes.ts';
import { digits, table } from './table.ts';

/** What is asked of every runtime, for the whole job with the issuer remembered. */
const AT_MOST = 1.1;

interface Row extends Measured {
  readonly runtime: string;
}

/** The same jobs in every runtime that is installed, each against its own raw verification; a section of docs/runtimes.md. */
export async function runtimesReport(
  { valid, setting }: BenchEvidence,
  { quick, seed, say }: { readonly quick: boolean; readonly seed: number; readonly say: (what: string) => void },
): Promise<string> {
  const evidence = pack(valid, setting, await mintIdentities());
  const effort: Effort = { rounds: quick ? 5 : 60, seconds: quick ? 4 : 30, warmUp: quick ? 200 : 2000, seed };
  const rows: Row[] = [];
  for (const { name, program, open } of RUNTIMES) {
    if (program === undefined) {
      say(`${name} is not installed`);
      continue;
    }
    say(name);
    const host = await open(program);
    try {
      const measured = await (name === 'workerd' ? fromOutside : fromInside)(host, evidence, effort);
      rows.push({ runtime: `${name.replace(/^Node .*/, 'Node')} ${versionOf(program)}`, ...measured });
    } finally {
      await host.close();
    }
  }
  return render(rows, quick);
}

function fromInside(host: Host, evidence: Packed, effort: Effort): Promise<Measured> {
  return ask(host, 'measure', { evidence, effort });
}

async function fromOutside(host: Host, evidence: Packed, effort: Effort): Promise<Measured> {
  const names = await ask(host, 'prepare-blocks', evidence);
  return measureThere((name, count) => ask(host, 'run-block', { name, count }), names, effort);
}

function render(rows: readonly Row[], quick: boolean): string {
  const names = rows[0]!.ratios.map(([name]) => name);
  const cell = ({ lower, median, upper }: Quartiles): string =>
    `${digits(median)} (${digits(lower)} to ${digits(upper)})`;
  const held = ({ ratios }: Row): string => (new Map(ratios).get(WHOLE_JOB)!.median <= AT_MOST ? 'yes' : 'no');
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)}, ${process.platform} ${process.arch}${quick ? ', a short run' : ''}. Units of one raw \`crypto.subtle.verify\` (P-384, SHA-384) of the same runtime in the same round; median with lower and upper quartile. "${CONTROL}" is the noise.`,
    table(
      ['runtime', 'raw, µs', ...names, `at most ${AT_MOST}`],
      rows.map((row) => [
        row.runtime,
        String(Math.round(row.rawMicroseconds)),
        ...row.ratios.map(([, ratio]) => cell(ratio)),
        held(row),
      ]),
    ),
    '',
  ].join('\n\n');
}
