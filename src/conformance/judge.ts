import type { Answer } from './answer.ts';
import type { Finding, Misbehaviour } from './ask-all.ts';
import { firstDifference } from './difference.ts';
import type { ExpectedAnswer, Vector } from './vector.ts';

/**
 * Why a case failed: another result, a member of the answer with another value, another code, the request
 * called malformed, or no answer at all.
 */
export type FailureKind = 'result' | 'answer' | 'code' | 'error' | Misbehaviour;

export type Judgement =
  | { readonly outcome: 'passed' | 'unsupported' }
  | {
      readonly outcome: 'failed';
      readonly kind: FailureKind;
      readonly expected: string;
      /** Holds what the verifier wrote, as it wrote it. */
      readonly got: string;
    };

const PASSED: Judgement = { outcome: 'passed' };

/** Compares what came of a case with what was expected. */
export function judge(vector: Vector, finding: Finding, compareCodes: boolean): Judgement {
  const code = vector.result === 'reject' && compareCodes ? vector.code : undefined;
  const expected = vector.result === 'either' ? 'accept or reject' : withCode(vector.result, code);
  const failed = (kind: FailureKind, got: string): Judgement => ({ outcome: 'failed', kind, expected, got });

  if (finding.kind !== 'answered') return failed(finding.kind, finding.detail);
  const { answer } = finding;
  if (answer.result === 'unsupported') return { outcome: 'unsupported' };
  if (answer.result === 'error') return failed('error', `error: ${answer.message}`);
  if (vector.result === 'either') return PASSED;
  const got = answer.result === 'reject' ? withCode('reject', answer.code) : 'accept';
  if (answer.result !== vector.result) return failed('result', got);
  if (vector.result === 'accept') return judgeMembers(vector.answer, answer);
  if (code === undefined) return PASSED;
  return answer.result === 'reject' && answer.code === code ? PASSED : failed('code', got);
}

function withCode(result: string, code: string | undefined): string {
  return code === undefined ? result : `${result} with ${code}`;
}

function judgeMembers(members: ExpectedAnswer = {}, answer: Answer): Judgement {
  const answered = new Map<string, unknown>(Object.entries(answer));
  for (const [name, value] of Object.entries(members)) {
    const difference = firstDifference(value, answered.get(name), name);
    if (difference !== undefined) {
      const { where, expected, got } = difference;
      return { outcome: 'failed', kind: 'answer', expected: `accept, ${where}: ${expected}`, got: `${where}: ${got}` };
    }
  }
  return PASSED;
}
