import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { appleEnterpriseAttestationRoot } from '../../src/index.ts';
import { filesBelow, readSource, type SourceFile } from '../docs/sources.ts';
import { mintChain } from '../support/mint.ts';

/** Whoever changes the embedded root follows docs/longevity.md; what he forgets fails here. */

const root = appleEnterpriseAttestationRoot();
const FINGERPRINT = createHash('sha256').update(root.der).digest('hex');
const SOURCE = readSource('src/core/apple-root.ts');

const pages: readonly SourceFile[] = [readSource('README.md'), ...filesBelow('docs', '.md')].filter(
  ({ path }) => !path.startsWith('docs/site/'),
);

/** What `base64 -w 100` writes, as the source quotes it. */
function literalOf(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,100}/g)!;
  return lines.map((line) => `  '${line}'`).join(' +\n');
}

describe('the embedded root', () => {
  it('is written as the page says how to', () => {
    expect(SOURCE.text).toContain(`=\n${literalOf(root.der)};\n`);
  });

  it('is another one when another one is written there, and nothing else of the file holds it', async () => {
    const { root: other } = await mintChain({ seed: 'embedded' });
    const replaced = SOURCE.text.replace(literalOf(root.der), literalOf(other));
    expect(replaced).toContain(literalOf(other));
    expect(replaced).not.toContain(Buffer.from(root.der.subarray(0, 30)).toString('base64'));
  });

  it('has the fingerprint that the sources and the pages say', () => {
    const stated = [SOURCE, ...pages].flatMap(({ path, text }) =>
      [...text.matchAll(/SHA-256 `([0-9a-f]{64})`/g)].map(([, digits]) => ({ path, digits })),
    );
    expect(stated.map(({ path }) => path)).toEqual(['src/core/apple-root.ts', 'docs/SECURITY.md', 'docs/longevity.md']);
    for (const { digits, path } of stated) expect(digits, path).toBe(FINGERPRINT);
  });

  it('ends when the sources and the page say', () => {
    const end = root.notAfter.toISOString();
    expect(SOURCE.text).toContain(end);
    for (const { text } of [SOURCE, readSource('docs/longevity.md')]) expect(text).toContain(end.slice(0, 10));
  });
});
