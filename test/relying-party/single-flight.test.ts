import { describe, expect, it } from 'vitest';
import { createSingleFlight } from '../../src/relying-party/single-flight.ts';

const never = (): Promise<string> => new Promise(() => undefined);
const soon = (answer: string) => async (): Promise<string> => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  return answer;
};

describe('a decision that never ends, for the platform has ended the request that began it', () => {
  it('is waited for as long as one may take, and then made anew, once', async () => {
    const once = createSingleFlight<string>(40, 8);
    void once('key', never);
    let starts = 0;
    const start = (): Promise<string> => {
      starts++;
      return soon('decided')();
    };
    const answers = await Promise.all([once('key', start), once('key', start), once('key', start)]);
    expect(answers).toEqual(['decided', 'decided', 'decided']);
    expect(starts).toBe(1);
    expect(await once('key', soon('anew'))).toBe('anew');
  });

  it('does not take along what was made in its place, if it ends after all', async () => {
    const once = createSingleFlight<string>(300, 8);
    const ends: ((answer: string) => void)[] = [];
    const begin = (): Promise<string> => new Promise((resolve) => ends.push(resolve));
    const late = once('key', begin);
    const own = once('key', begin);
    await expect.poll(() => ends.length).toBe(2);
    ends[0]!('first');
    expect(await late).toBe('first');
    // Still under way, and joined.
    const joined = once('key', never);
    ends[1]!('second');
    expect(await Promise.all([own, joined])).toEqual(['second', 'second']);
  });
});

it('has no more under way than it may: the one that began first is not joined any more', async () => {
  const once = createSingleFlight<string>(60_000, 2);
  for (const key of ['first', 'second', 'third']) void once(key, never);
  expect(await once('first', soon('anew'))).toBe('anew');
  const third = once('third', soon('not begun'));
  expect(await Promise.race([third, soon('waits')()])).toBe('waits');
});

it('what fails fails for the one who began it, and the others begin anew', async () => {
  const once = createSingleFlight<string>(1000, 8);
  const failing = once('key', () => Promise.reject(new RangeError('broken')));
  let starts = 0;
  const start = (): Promise<string> => {
    starts++;
    return soon('good')();
  };
  const others = Promise.all([once('key', start), once('key', start)]);
  await expect(failing).rejects.toThrow(RangeError);
  expect(await others).toEqual(['good', 'good']);
  expect(starts).toBe(1);
});
