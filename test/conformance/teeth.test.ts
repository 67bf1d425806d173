import { describe, expect, it } from 'vitest';
import { readVectors } from '../../src/cli/read-vectors.ts';
import { answerRequest } from '../../src/conformance/answer-request.ts';
import { firstDifference } from '../../src/conformance/difference.ts';
import { requestOf, type Vector } from '../../src/conformance/vector.ts';
import type { Answer, Verifier } from './weak/protocol.ts';
import { REFERENCE } from './weak/reference.ts';
import { verifier } from './weak/verifier.ts';
import { WEAKNESSES } from './weak/weaknesses/index.ts';
import type { Weakness } from './weak/weaknesses/weakness.ts';

const vectors = await readVectors();

const NOTHING = { properties: undefined, publicKey: undefined, freshness: undefined };

/** How an answer is wrong; undefined if it is what the vector expects. */
function wrongness(vector: Vector, answer: Answer): Weakness['shows'] | undefined {
  if (vector.result === 'either') return undefined;
  if (vector.result === 'reject') return answer.result === 'accept' ? 'accepts' : undefined;
  if (answer.result === 'reject') return 'refuses';
  const members = Object.entries(vector.answer ?? {});
  const got = new Map<string, unknown>(Object.entries(answer));
  return members.some(([name, value]) => firstDifference(value, got.get(name), name)) ? 'misreads' : undefined;
}

/** What two verifiers must agree on: no code, for a refusal may have several reasons. */
function verdictOf(answer: Pick<Answer, 'result'> | Awaited<ReturnType<typeof answerRequest>>) {
  const { result, properties, publicKey, freshness } = { ...NOTHING, ...answer };
  return { result, properties, publicKey, freshness };
}

interface Catch {
  readonly id: string;
  readonly shows: Weakness['shows'];
}

async function catchesOf(verify: Verifier): Promise<readonly Catch[]> {
  const catches: Catch[] = [];
  for (const vector of vectors) {
    const shows = wrongness(vector, await verify(requestOf(vector)));
    if (shows !== undefined) catches.push({ id: vector.id, shows });
  }
  return catches;
}

const reference = verifier(REFERENCE);

// Before the tests are named: the name of each says which vector catches the weakness.
const trials: (Weakness & {
  readonly all: readonly Catch[];
  readonly catches: readonly Catch[];
  readonly verdict: string;
})[] = [];
for (const weakness of WEAKNESSES) {
  const all = await catchesOf(verifier({ ...REFERENCE, ...weakness.steps }));
  const catches = all.filter(({ shows }) => shows === weakness.shows);
  const [first, ...more] = catches;
  const verdict = first === undefined ? 'not caught' : `caught by ${first.id} and ${more.length} more`;
  trials.push({ ...weakness, all, catches, verdict });
}

describe('the vectors', () => {
  it('are there', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(200);
  });

  it('are answered by the reference as they expect', async () => {
    const wrong = [];
    for (const vector of vectors) {
      const answer = await reference(requestOf(vector));
      if (wrongness(vector, answer) !== undefined) wrong.push({ id: vector.id, answer });
    }
    expect(wrong).toEqual([]);
  });

  it('are answered by the library as by the reference', async () => {
    const different = [];
    for (const vector of vectors.filter(({ result }) => result !== 'either')) {
      const request = requestOf(vector);
      const library = verdictOf(await answerRequest({ ...request, id: vector.id }));
      const second = verdictOf(await reference(request));
      if (library.result === 'unsupported') continue;
      if (firstDifference(second, library, 'answer') !== undefined) different.push({ id: vector.id, library, second });
    }
    expect(different).toEqual([]);
  });
});

describe('a verifier with the weakness', () => {
  it('has a name of its own', () => {
    expect(new Set(WEAKNESSES.map(({ name }) => name)).size).toBe(WEAKNESSES.length);
  });

  it.each(trials.map((trial) => [`${trial.name}: ${trial.verdict}`, trial] as const))('%s', (_, trial) => {
    expect(trial.catches, `no vector catches ${trial.name}`).not.toEqual([]);
    // It has that one and no other: a verifier that gets everything wrong proves nothing.
    expect(trial.all.length).toBeLessThan(vectors.length / 2);
  });
});
