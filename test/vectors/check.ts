import type { Answer } from '../../src/conformance/answer.ts';
import { answerRequest } from '../../src/conformance/answer-request.ts';
import { judge } from '../../src/conformance/judge.ts';
import { requestOf, type Vector, type VectorCase } from '../../src/conformance/vector.ts';
import type { Request } from '../conformance/weak/protocol.ts';
import { REFERENCE } from '../conformance/weak/reference.ts';
import { verifier } from '../conformance/weak/verifier.ts';

/** Answers a request; the name says who does. */
interface Judge {
  readonly name: string;
  readonly answer: (id: string, request: Request) => Promise<Answer>;
}

const reference = verifier(REFERENCE);

const LIBRARY: Judge = { name: 'the library', answer: (id, request) => answerRequest({ id, ...request }) };
const JUDGES: readonly Judge[] = [
  LIBRARY,
  {
    name: 'the reference verifier',
    async answer(id, request) {
      const answer = await reference(request);
      return answer.result === 'accept' ? { id, ...answer } : { id, result: 'reject' };
    },
  },
];

/**
 * Holds a vector to what it says: the library, where it knows the operation, and the reference verifier give the
 * answer that is expected, and accept the case without its fault.
 *
 * @throws Error that names the vector
 */
export async function checkVector(vector: Vector, undone?: VectorCase): Promise<void> {
  for (const { name, answer } of JUDGES) {
    check(vector, await answer(vector.id, requestOf(vector)), name);
    if (undone === undefined) continue;
    const { result } = await answer(vector.id, requestOf(undone));
    if (result !== 'accept' && result !== 'unsupported')
      throw new Error(`${vector.id}: ${name} says ${result} to what has no fault`);
  }
  if (vector.result === 'reject' && vector.code === undefined) {
    const { result } = await LIBRARY.answer(vector.id, requestOf(vector));
    if (result === 'reject') throw new Error(`${vector.id}: the library has a code for it`);
  }
}

function check(vector: Vector, answer: Answer, who: string): void {
  const isLibrary = who === LIBRARY.name;
  const judgement = judge(vector, { kind: 'answered', answer }, isLibrary);
  if (judgement.outcome === 'failed')
    throw new Error(`${vector.id}: expected ${judgement.expected}, ${who} says ${judgement.got}`);
}
