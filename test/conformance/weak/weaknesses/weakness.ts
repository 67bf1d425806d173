import type { Steps } from '../steps.ts';

export interface Weakness {
  readonly name: string;
  /**
   * How it shows: it accepts what it must refuse, refuses what it must accept, or accepts and says something
   * wrong of it.
   */
  readonly shows: 'accepts' | 'refuses' | 'misreads';
  /** What is different from the reference. */
  readonly steps: Partial<Steps>;
}

/** The weaknesses of one kind, by name. */
export function weaknesses(shows: Weakness['shows'], byName: Readonly<Record<string, Partial<Steps>>>): Weakness[] {
  return Object.entries(byName).map(([name, steps]) => ({ name, shows, steps }));
}
