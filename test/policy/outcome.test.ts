import { describe, expect, it } from 'vitest';
import { allOf, anyOf, notOf, type Outcome } from '../../src/policy/outcome.ts';

const OUTCOMES: readonly Outcome[] = ['met', 'not met', 'undetermined', 'not applicable'];
const PAIRS = OUTCOMES.flatMap((a) => OUTCOMES.map((b) => [a, b] as const));

describe('the three values', () => {
  it.each<[a: Outcome, b: Outcome, all: Outcome, any: Outcome]>([
    ['met', 'met', 'met', 'met'],
    ['met', 'not met', 'not met', 'met'],
    ['met', 'undetermined', 'undetermined', 'met'],
    ['not met', 'not met', 'not met', 'not met'],
    ['not met', 'undetermined', 'not met', 'undetermined'],
    ['undetermined', 'undetermined', 'undetermined', 'undetermined'],
  ])('%s and %s', (a, b, all, any) => {
    expect([allOf([a, b]), allOf([b, a])]).toEqual([all, all]);
    expect([anyOf([a, b]), anyOf([b, a])]).toEqual([any, any]);
  });

  it('turn around, but for what is undetermined', () => {
    expect(OUTCOMES.map(notOf)).toEqual(['not met', 'met', 'undetermined', 'not applicable']);
  });

  it('obey De Morgan', () => {
    for (const pair of PAIRS) {
      expect(notOf(allOf(pair))).toBe(anyOf(pair.map(notOf)));
      expect(notOf(anyOf(pair))).toBe(allOf(pair.map(notOf)));
    }
  });
});

describe('what is not applicable', () => {
  it.each(OUTCOMES)('changes nothing beside %s', (outcome) => {
    expect(allOf([outcome, 'not applicable'])).toBe(outcome);
    expect(anyOf(['not applicable', outcome])).toBe(outcome);
  });

  it('is all that is left of nothing', () => {
    expect(allOf([])).toBe('not applicable');
    expect(anyOf([])).toBe('not applicable');
  });
});
