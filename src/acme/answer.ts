import { requirePlainObject } from '../core/options.ts';

/** Judges what a function of the caller's answers. What is neither yes nor no must not pass for either. */
export function requireAnswer(answer: unknown, option: string): boolean {
  if (typeof answer !== 'boolean') throw new TypeError(`${option} must answer true or false`);
  return answer;
}

/** Refuses an answer with a member that nobody reads: what is misspelt must not be left out. */
export function requireMembers(answer: unknown, option: string, known: readonly string[]): void {
  requirePlainObject(answer, `the answer of ${option}`);
  for (const key of Reflect.ownKeys(answer as object))
    if (!known.includes(key as string)) throw new TypeError(`the answer of ${option} has an unknown member`);
}
