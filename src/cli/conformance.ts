import {
  answerRequest,
  type ConformanceReport,
  renderJson,
  renderJUnit,
  renderMarkdown,
  renderText,
  runVectors,
  verifierFromFunction,
} from '../conformance/index.ts';
import { readArguments } from './arguments.ts';
import { ACCEPTED, type Outcome, REFUSED } from './exit-codes.ts';
import { OperatorError } from './operator-error.ts';
import { readVectors, selectVectors } from './read-vectors.ts';
import { verifierProgram } from './verifier-program.ts';

const REPORTS: ReadonlyMap<string, (report: ConformanceReport) => string> = new Map([
  ['text', renderText],
  ['json', renderJson],
  ['junit', renderJUnit],
  ['markdown', renderMarkdown],
]);

/** Runs the vectors through a program, or through the library itself. */
export async function conformance(args: readonly string[]): Promise<Outcome> {
  const line = readArguments(args, [], ['verifier', 'only', 'report', 'vectors', 'time-limit']);
  if (line.positionals.length > 0)
    throw new OperatorError('mda conformance takes options only; see mda help conformance');
  const command = line.one('verifier');
  if (command?.trim() === '') throw new OperatorError('--verifier must be a command');
  const render = REPORTS.get(line.one('report') ?? 'text');
  if (render === undefined) throw new OperatorError(`--report must be one of ${[...REPORTS.keys()].join(', ')}`);
  const timeLimitSeconds = readTimeLimit(line.one('time-limit'));
  const vectors = selectVectors(await readVectors(line.one('vectors')), line.all('only'));
  const report =
    command === undefined
      ? await runVectors(vectors, verifierFromFunction(answerRequest), { compareCodes: true, timeLimitSeconds })
      : // The codes of others are their own.
        await runVectors(vectors, verifierProgram(command), { compareCodes: false, timeLimitSeconds });
  return { exitCode: report.conforms ? ACCEPTED : REFUSED, text: render(report) };
}

function readTimeLimit(text = '10'): number {
  const seconds = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && seconds > 0 && seconds <= 3600) return seconds;
  throw new OperatorError('--time-limit must be a number of seconds, above 0 and at most 3600');
}
