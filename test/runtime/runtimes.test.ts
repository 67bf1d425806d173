import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mintEvidence } from './evidence.ts';
import { ask, type Host } from './hosts/host.ts';
import { differencesOf, replaceSection } from './page.ts';
import { EVERY_RUNTIME, RUNTIMES } from './runtimes.ts';
import type { VectorFile } from './suite.ts';

/** One suite in every runtime, each with the built package. */

const ROOT = join(import.meta.dirname, '..', '..');
const VECTORS = join(ROOT, 'vectors');
const PAGE = join(ROOT, 'docs', 'runtimes.md');

const files = readdirSync(VECTORS, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /^[^/]+\/.*\.json$/.test(path))
  .map((path): VectorFile => [path, readFileSync(join(VECTORS, path), 'utf8')]);

const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly exports: object };
/** The entries that are code. */
const ENTRIES = Object.entries(exports).flatMap(([entry, target]) => (typeof target === 'string' ? [] : [entry]));

const evidence = await mintEvidence();
const answers = new Map<string, Readonly<Record<string, string>>>();

for (const { name, program, open } of RUNTIMES) {
  if (program === undefined && !EVERY_RUNTIME)
    console.warn(`\nSKIPPED: ${name} is not installed: docs/runtimes.md says how to get it\n`);

  describe.skipIf(program === undefined && !EVERY_RUNTIME)(name, () => {
    let host: Host | undefined;
    const started = async (): Promise<Host> => {
      if (program === undefined) throw new Error(`${name} is not installed`);
      return (host ??= await open(program));
    };
    afterAll(() => host?.close());

    it('passes every vector, and every entry does there what it does elsewhere', async () => {
      const report = await ask(await started(), 'suite', { files, evidence });
      expect(report.failures).toEqual([]);
      expect(report.vectors).toEqual({ passed: files.length, failed: [] });
      expect(report.entries.toSorted()).toEqual(ENTRIES.toSorted());
    });

    it('answers the questions on its WebCrypto', async () => {
      const answered = await ask(await started(), 'web-crypto');
      answers.set(name, answered);
      // What the library cannot do without, or promises.
      for (const question of ['ECDSA with P-256', 'ECDSA with P-384', 'ECDSA with P-521', 'SHA-1 as a digest'])
        expect(answered[question]).toBe('yes');
      for (const question of ['r and s of zero verify', 'an empty signature verifies'])
        expect(answered[question]).toBe('no');
    });
  });
}

it('there are vectors', () => {
  expect(files.length).toBeGreaterThan(500);
});

describe.skipIf(!EVERY_RUNTIME && RUNTIMES.some(({ program }) => program === undefined))('docs/runtimes.md', () => {
  it('lists the differences that there are', () => {
    const page = readFileSync(PAGE, 'utf8');
    // The one of this machine may be any.
    const documented = new Map([...answers].filter(([name]) => name !== RUNTIMES[0]!.name));
    const expected = replaceSection(page, 'web-crypto', differencesOf(documented));
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, expected);
    else expect(page).toBe(expected);
  });
});
