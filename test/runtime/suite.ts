import { answerRequest, parseVector, runVectors, verifierFromFunction } from 'managed-device-attestation/conformance';
import { SMOKES } from './smokes.ts';

/** A vector as it lies in its file: its path in `vectors/`, and the text. */
export type VectorFile = readonly [path: string, text: string];

export interface SuiteReport {
  readonly vectors: { readonly passed: number; readonly failed: readonly string[] };
  /** The entries whose smoke came out as it should. */
  readonly entries: readonly string[];
  /** What went wrong, by entry. */
  readonly failures: readonly (readonly [entry: string, what: string])[];
}

/** What every runtime must pass: all test vectors through the built package, and a smoke of every entry. */
export async function runSuite(files: readonly VectorFile[]): Promise<SuiteReport> {
  const vectors = files.map(([path, text]) => parseVector(text, path));
  const report = await runVectors(vectors, verifierFromFunction(answerRequest), { compareCodes: true });
  const failed = report.cases
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ id, outcome }) => `${id}: ${outcome}`);
  const entries: string[] = [];
  const failures: (readonly [string, string])[] = [];
  for (const [entry, { run, gives }] of Object.entries(SMOKES)) {
    const came = await Promise.resolve()
      .then(run)
      .then((value) => JSON.stringify(value), String);
    if (came === JSON.stringify(gives)) entries.push(entry);
    else failures.push([entry, came]);
  }
  return { vectors: { passed: report.passed, failed }, entries, failures };
}
