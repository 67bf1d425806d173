import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttestationErrorCode } from '../../src/core/error-codes.ts';
import { type Example, findExamples, pages } from './examples.ts';
import { filesBelow } from './sources.ts';
import { openWorkshop, type Outcome, type Workshop } from './workshop.ts';

const examples = findExamples();

/**
 * Examples that verify against Apple's root, which no minted chain reaches: the package refuses them, with
 * this code, and accepts them with the root of the minted chain in the place of Apple's.
 */
const REFUSED: Readonly<Record<string, AttestationErrorCode>> = {
  'src/core/attestation.ts verifyAttestation': 'ERR_MDA_CHAIN_TRUST_ANCHOR',
  'README.md The chain of a real device': 'ERR_MDA_CHAIN_TRUST_ANCHOR',
};

let workshop: Workshop;
/** What came of the examples, with the root with which they are accepted, and of those that Apple's root refuses. */
const outcomes = new Map<string, Outcome>();
const refusals = new Map<string, Outcome>();

beforeAll(async () => {
  workshop = await openWorkshop();
  const run = async (of: readonly Example[], root: 'apple' | 'minted', into: Map<string, Outcome>): Promise<void> => {
    (await workshop.run(of, root)).forEach((outcome, index) => into.set(of[index]!.name, outcome));
  };
  const refused = examples.filter(({ name }) => name in REFUSED);
  const others = examples.filter(({ name }) => !(name in REFUSED));
  const half = Math.ceil(others.length / 2);
  await Promise.all([
    run(others.slice(0, half), 'apple', outcomes),
    run(others.slice(half), 'apple', outcomes),
    run(refused, 'minted', outcomes),
    run(refused, 'apple', refusals),
  ]);
});
afterAll(() => {
  workshop.remove();
});

test('there are examples, each with a name of its own', () => {
  const texts = [...filesBelow('src', '.ts'), ...pages()].map(({ text }) => text);
  expect(examples.length).toBe(texts.join('\n').match(/^[ *]*```ts$/gm)?.length);
  expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length);
  expect(examples.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(REFUSED)));
});

test('every example compiles, strictly', () => {
  expect(workshop.typeErrors(examples)).toEqual([]);
});

test.each(examples.map((example) => [example.name, example.prints] as const))('%s runs', (name, prints) => {
  const refusal = REFUSED[name];
  if (refusal !== undefined) expect(refusals.get(name)!.failure).toContain(`code: '${refusal}'`);
  const { failure, printed } = outcomes.get(name)!;
  expect(failure).toBe('');
  expect(printed.filter((line) => prints.includes(line))).toEqual(prints);
});
