import { answerRequest, parseVector, runVectors, verifierFromFunction } from 'managed-device-attestation/conformance';
import { type Evidence, SMOKES } from './smokes.ts';

/** A vector as it lies in its file: its path in `vectors/`, and the text. */
export type VectorFile = readonly [path: string, text: string];

export interface SuiteInput {
  readonly files: readonly VectorFile[];
  readonly evidence: Evidence;
}

export interface SuiteReport {
  readonly vectors: { readonly passed: number; readonly failed: readonly string[] };
  /** The entries whose smoke came out as it should. */
  readonly entries: readonly string[];
  /** What went wrong, by entry. */
  readonly failures: readonly (readonly [entry: string, what: string])[];
}

/** Uses every entry. */
export async function runSmokes(evidence: Evidence): Promise<Omit<SuiteReport, 'vectors'>> {
  const entries: string[] = [];
  const failures: (readonly [string, string])[] = [];
  for (const [entry, { run, gives }] of Object.entries(SMOKES)) {
    const came = await Promise.resolve(evidence)
      .then(run)
      .then((value) => JSON.stringify(value), String);
    if (came === JSON.stringify(gives)) entries.push(entry);
    else failures.push([entry, came]);
  }
  return { entries, failures };
}

/** What every runtime must pass: all test vectors through the built package, and a smoke of every entry. */
export async function runSuite({ files, evidence }: SuiteInput): Promise<SuiteReport> {
  const vectors = files.map(([path, text]) => parseVector(text, path));
  const report = await runVectors(vectors, verifierFromFunction(answerRequest), { compareCodes: true });
  const failed = report.cases
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ id, outcome }) => `${id}: ${outcome}`);
  const { entries, failures } = await runSmokes(evidence);
  return { vectors: { passed: report.passed, failed }, entries, failures };
}
