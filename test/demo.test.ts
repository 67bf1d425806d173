import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('the demo comes out as announced', async () => {
  // Rejects unless the exit code is 0.
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'test/demo.ts'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '1' },
  });
  const refusals = Array.from(stdout.matchAll(/refused by the check ([\w-]+): (\w+)/g), ([, ...found]) => found);
  expect(refusals).toEqual([
    ['freshness', 'ERR_MDA_FRESHNESS_MISMATCH'],
    ['signatures', 'ERR_MDA_CHAIN_SIGNATURE'],
    ['certification-authorities', 'ERR_MDA_CHAIN_NOT_A_CA'],
  ]);
  expect(stdout.match(/^ {2}as announced/gm)).toHaveLength(4);
  expect(stdout).not.toContain('\u001b');
});
