import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_GUIDE } from '../../src/cli/error-guide.ts';
import { codes, renderErrors, stageOf, stages } from './errors.ts';
import { filesBelow, readSource, ROOT } from './sources.ts';

const PAGE = 'docs/errors.md';
const LIST = 'src/core/error-codes.ts';

const sources = filesBelow('src', '.ts').filter(({ path }) => !path.startsWith('src/cli/') && path !== LIST);

/** The codes that the sources quote. */
function quotedCodes(text: string): string[] {
  return [...text.matchAll(/'(ERR_MDA_[A-Z0-9_]+)'/g)].map(([, code]) => code!);
}

test('the page is the rendering of the guide', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, PAGE), renderErrors());
  expect(readSource(PAGE).text, 'UPDATE_DOCS=1 writes it anew').toBe(renderErrors());
});

test('the guide and the page have every code of the union, in its order', () => {
  const union = quotedCodes(readSource(LIST).text);
  expect(new Set(union).size).toBe(union.length);
  expect(codes).toEqual(union);
  const rows = [...renderErrors().matchAll(/^\| `(ERR_MDA_\w+)` \|/gm)].map(([, code]) => code);
  expect(rows).toEqual(union);
});

test('every code belongs to a stage of the page', () => {
  for (const code of codes) expect(stages).toContain(stageOf(code));
});

test('every code is thrown somewhere, and nothing else is', () => {
  const thrown = new Set(sources.flatMap(({ text }) => quotedCodes(withoutComments(text))));
  expect([...thrown].sort()).toEqual([...codes].sort());
});

test('every code that a comment or a page names exists', () => {
  const pages = [
    ...filesBelow('docs', '.md').filter(({ path }) => !path.startsWith('docs/site/')),
    readSource('README.md'),
  ];
  for (const { path, text } of [...sources, ...pages])
    for (const [name] of text.matchAll(/ERR_MDA_[A-Z0-9_]+(?![A-Z0-9_]|<)/g))
      expect(
        codes.some((code) => code === name || (name.endsWith('_') ? code.startsWith(name) : stageHeading(name))),
        `${name} in ${path}`,
      ).toBe(true);
});

test('a meaning and an action are one sentence each and fit into a cell of a table', () => {
  for (const [code, { meaning, action }] of Object.entries(ERROR_GUIDE))
    for (const sentence of [meaning, action]) expect(sentence, code).toMatch(/^[A-Z][^|\n]*[^.]\.$/);
});

function stageHeading(name: string): boolean {
  return stages.includes(name.slice('ERR_MDA_'.length));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
}
