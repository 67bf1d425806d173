import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/**
 * A leaf that was verified leaves nothing behind. One that stayed, with its description and its views, would be
 * 2,000 bytes or more: 9,000 of them 18 MB. The compiler's own memory moves by some hundred kB.
 */
const MAX_GROWTH_BYTES = 1_000_000;

it('verifies 10,000 leaves, and leaves of 2,000 Sub CAs, without keeping any', { timeout: 60_000 }, async () => {
  const child = join(import.meta.dirname, 'memory-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', child]);
  const { verified, leaves, authorities } = JSON.parse(stdout) as {
    readonly verified: number;
    readonly leaves: readonly number[];
    readonly authorities: readonly number[];
  };
  const kilobytes = (values: readonly number[]) => values.map((bytes) => Math.round(bytes / 1000));
  console.log('kB held after each thousand:', kilobytes(leaves), 'of distinct Sub CAs:', kilobytes(authorities));
  expect(verified).toBe(12_000);
  expect(leaves.at(-1)! - leaves[0]!).toBeLessThan(MAX_GROWTH_BYTES);
  expect(authorities.at(-1)! - authorities[0]!).toBeLessThan(MAX_GROWTH_BYTES);
});
