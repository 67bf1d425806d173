import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttestationErrorCode } from '../../src/core/error-codes.ts';
import { findExamples, pages } from './examples.ts';
import { filesBelow } from './sources.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

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
beforeAll(async () => {
  workshop = await openWorkshop();
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

for (const example of examples) {
  const { name, prints } = example;
  const refusal = REFUSED[name];
  test.concurrent(`${name} runs`, async () => {
    if (refusal !== undefined) {
      const { failure } = await workshop.run(example, 'apple');
      expect(failure).toContain(`code: '${refusal}'`);
    }
    const { failure, printed } = await workshop.run(example, refusal === undefined ? 'apple' : 'minted');
    expect(failure).toBe('');
    expect(printed.filter((line) => prints.includes(line))).toEqual(prints);
  });
}
