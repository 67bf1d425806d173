import { describe, expect, it } from 'vitest';
import { parseDate } from '../../src/cli/date.ts';

describe('parseDate', () => {
  it('is the start of the day in UTC', () => {
    expect(parseDate('2026-06-01')?.toISOString()).toBe('2026-06-01T00:00:00.000Z');
  });

  it.each(['2026-02-30', '2026-06-01T00:00:00Z', '2026-06', '2026-06-01\n', ''])('refuses %j', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });
});
