import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readVectors } from '../../src/cli/read-vectors.ts';
import { verifierProgram } from '../../src/cli/verifier-program.ts';
import { runVectors } from '../../src/conformance/index.ts';
import { PLATFORM, renderNodeCrypto } from './node-crypto.ts';
import { readSource, ROOT } from './sources.ts';

const PAGE = 'docs/node-crypto.md';
const VERIFIER = join(ROOT, 'test/conformance/foreign/node-crypto-verifier.mjs');

test('the page shows what the foreign verifier fails', { timeout: 60_000 }, async () => {
  // With so little memory, the announced length that it believes ends it at once.
  const report = await runVectors(
    await readVectors(),
    verifierProgram(`"${process.execPath}" --max-old-space-size=128 "${VERIFIER}" 2>/dev/null`),
    { compareCodes: false },
  );
  expect(report.unsupported).toBe(0);
  const page = renderNodeCrypto(report);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, PAGE), page);
  const written = readSource(PAGE).text;
  if (written.includes(PLATFORM)) expect(written, 'UPDATE_DOCS=1 writes it anew').toBe(page);

  // On another platform than the page's, nearly the same cases fail.
  const [listed, failing] = [written, page].map((text) => new Set(text.match(/(?<=^\| `)[a-z0-9/-]+(?=` \|)/gm)));
  const others = [...listed!, ...failing!].filter((id) => !(listed!.has(id) && failing!.has(id)));
  expect(listed!.size).toBeGreaterThan(100);
  expect(others.length).toBeLessThan(listed!.size / 4);
});
