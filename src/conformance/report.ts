import type { VectorFlag } from './flags.ts';
import type { FailureKind, Judgement } from './judge.ts';
import { printable } from './printable.ts';
import type { Vector } from './vector.ts';

/** What came of one case. The texts are safe to print, and cut off where a verifier wrote too much. */
export interface CaseReport {
  readonly id: string;
  readonly title: string;
  readonly flags: readonly VectorFlag[];
  readonly source: string;
  /** The fault of a case that is to be rejected, or why a case may go either way; undefined for the others. */
  readonly because: string | undefined;
  readonly outcome: 'passed' | 'failed' | 'unsupported';
  /** Why it failed; undefined unless `outcome` is `failed`. */
  readonly kind: FailureKind | undefined;
  /** What was expected; undefined unless `outcome` is `failed`. */
  readonly expected: string | undefined;
  /** What the verifier did; undefined unless `outcome` is `failed`. */
  readonly got: string | undefined;
}

/** Numbers of cases by outcome. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
}

/** What came of a run. */
export interface ConformanceReport extends Counts {
  /** Nothing failed and something passed. */
  readonly conforms: boolean;
  readonly folders: readonly ({ readonly folder: string } & Counts)[];
  /** In the order of the vectors. */
  readonly cases: readonly CaseReport[];
}

const LONGEST_TEXT = 300;

function shown(text: string): string {
  return printable(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
}

export function caseReport(vector: Vector, judgement: Judgement): CaseReport {
  const { id, title, flags, source } = vector;
  const because = 'fault' in vector ? vector.fault : 'reason' in vector ? vector.reason : undefined;
  const failure = judgement.outcome === 'failed' ? judgement : undefined;
  return {
    id,
    title: printable(title),
    flags,
    source: printable(source),
    because: because && printable(because),
    outcome: judgement.outcome,
    kind: failure?.kind,
    expected: failure && shown(failure.expected),
    got: failure && shown(failure.got),
  };
}

export function reportOn(cases: readonly CaseReport[]): ConformanceReport {
  const counts = count(cases);
  const folders = [...new Set(cases.map(({ id }) => folderOf(id)))];
  return {
    conforms: counts.failed === 0 && counts.passed > 0,
    ...counts,
    folders: folders.map((folder) => ({ folder, ...count(cases.filter(({ id }) => folderOf(id) === folder)) })),
    cases,
  };
}

function count(cases: readonly CaseReport[]): Counts {
  const of = (wanted: CaseReport['outcome']) => cases.filter(({ outcome }) => outcome === wanted).length;
  return { passed: of('passed'), failed: of('failed'), unsupported: of('unsupported') };
}

export function folderOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
