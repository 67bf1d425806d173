import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { renderDemo } from './docs/demo.ts';
import { readSource, ROOT } from './docs/sources.ts';

const environment = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '1' };

const PAGE = 'docs/demo.md';

/** Rejects unless the exit code is 0. */
const demo = async (...given: readonly string[]): Promise<string> =>
  (
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'test/demo.ts', ...given], {
      cwd: ROOT,
      env: environment,
    })
  ).stdout;

test('the demo comes out as announced', async () => {
  const stdout = await demo();
  const refusals = Array.from(stdout.matchAll(/refused by the check ([\w-]+): (\w+)/g), ([, ...found]) => found);
  expect(refusals).toEqual([
    ['freshness', 'ERR_MDA_FRESHNESS_MISMATCH'],
    ['signatures', 'ERR_MDA_CHAIN_SIGNATURE'],
    ['certification-authorities', 'ERR_MDA_CHAIN_NOT_A_CA'],
  ]);
  expect(stdout.match(/^ {2}as announced/gm)).toHaveLength(27);
  expect(stdout.match(/^Model \d/gm)).toEqual(['Model 1', 'Model 2', 'Model 3']);
  expect(stdout).not.toContain('\u001b');

  const page = renderDemo(stdout);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, PAGE), page);
  expect(readSource(PAGE).text, 'UPDATE_DOCS=1 writes it anew').toBe(page);
}, 30_000);

test('one model alone', async () => {
  expect((await demo('--model', '2')).match(/^Model \d/gm)).toEqual(['Model 2']);
}, 30_000);

test('a model that does not exist is a mistake, and says what there is', async () => {
  await expect(demo('--model', '4')).rejects.toMatchObject({
    code: 2,
    stdout: expect.stringContaining('--model 1') as string,
  });
  await expect(demo('--models')).rejects.toMatchObject({ code: 2 });
}, 30_000);
