import { requireOptions } from '../core/options.ts';
import { askAll } from './ask-all.ts';
import type { OpenVerifier } from './connection.ts';
import { judge } from './judge.ts';
import { caseReport, type ConformanceReport, reportOn } from './report.ts';
import { requestOf, type Vector } from './vector.ts';

/** How a verifier is judged. */
export interface RunVectorsOptions {
  /** Whether a reject must have the code of the vector: for this library yes, others have codes of their own. */
  readonly compareCodes: boolean;
  /** How long a verifier may take for one case, its start included; 10 unless given. */
  readonly timeLimitSeconds?: number;
}

const DEFAULT_TIME_LIMIT_SECONDS = 10;
const LONGEST_TIME_LIMIT_SECONDS = 86_400;

/**
 * Runs vectors through a verifier, in their order, and reports on every one.
 *
 * Checks: that the result is the expected one (`either` takes both); for `accept`, that the members of
 * `answer` are deeply equal; for `reject`, the code, if `compareCodes` is set and the vector has one. A
 * verifier that crashes, hangs, answers out of order or writes what is no answer fails that case alone: it is
 * started anew and the rest runs.
 * Leaves to you: to read the vectors (`parseVector`) and to start the verifier.
 *
 * @throws TypeError if two vectors have the same id, or an option is missing, unknown or of another type
 * @throws whatever `open` throws
 * @example
 * ```ts
 * import { answerRequest, parseVector, renderText, runVectors, verifierFromFunction } from 'managed-device-attestation/conformance';
 *
 * export async function selfTest(files: ReadonlyMap<string, string>): Promise<string> {
 *   const vectors = [...files].map(([path, text]) => parseVector(text, path));
 *   return renderText(await runVectors(vectors, verifierFromFunction(answerRequest), { compareCodes: true }));
 * }
 * ```
 * @see docs/conformance.md
 */
export async function runVectors(
  vectors: readonly Vector[],
  open: OpenVerifier,
  options: RunVectorsOptions,
): Promise<ConformanceReport> {
  requireOptions(options, ['compareCodes', 'timeLimitSeconds']);
  const { compareCodes, timeLimitSeconds = DEFAULT_TIME_LIMIT_SECONDS } = options;
  if (typeof compareCodes !== 'boolean') throw new TypeError('compareCodes must be a boolean');
  if (!(timeLimitSeconds > 0 && timeLimitSeconds <= LONGEST_TIME_LIMIT_SECONDS))
    throw new TypeError(`timeLimitSeconds must be above 0 and at most ${LONGEST_TIME_LIMIT_SECONDS}`);
  if (new Set(vectors.map(({ id }) => id)).size !== vectors.length)
    throw new TypeError('vectors must have an id of their own each');
  const questions = vectors.map((vector) => ({
    id: vector.id,
    line: JSON.stringify({ id: vector.id, ...requestOf(vector) }),
  }));
  const findings = await askAll(questions, open, timeLimitSeconds);
  return reportOn(vectors.map((vector, index) => caseReport(vector, judge(vector, findings[index]!, compareCodes))));
}
