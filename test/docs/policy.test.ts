import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePolicy, REASONS, type RuleDocument } from '../../src/policy/index.ts';
import { FULL_RULES } from '../policy/documents.ts';
import { readSource, ROOT } from './sources.ts';

/** docs/policy.md: what it shows must be right, for people copy it. */

const PAGE = 'docs/policy.md';
const page = readSource(PAGE).text;

/** The JSON of a section, by its heading. */
const blocks = page.split(/^(?=#+ )/m).flatMap((section) => {
  const heading = /^#+ (.*)/.exec(section)?.[1] ?? '';
  return [...section.matchAll(/^```json\n([^]*?)^```$/gm)].map(
    ([, text]) => [heading, JSON.parse(text!) as unknown] as const,
  );
});

const nameOf = (rule: RuleDocument): string =>
  'rule' in rule ? rule.rule : Object.keys(rule).find((key) => key !== 'platforms')!;

test('the whole policy is one', () => {
  const [[heading, policy] = []] = blocks;
  expect(heading).toBe('A whole policy');
  expect(parsePolicy(policy).toJSON()).toEqual(policy);
});

test.each(blocks.slice(1))('the example of %s is that rule', (heading, rule) => {
  const { rules } = parsePolicy({ format: 1, rules: [rule] }).toJSON();
  expect(JSON.stringify(rules)).toContain(`"${heading}"`);
});

test('every rule has a section with an example', () => {
  const names = [...new Set(FULL_RULES.map(nameOf))];
  expect([...new Set(blocks.slice(1).map(([heading]) => heading))]).toEqual(names);
});

test('the codes are listed with their outcomes and meanings', () => {
  const head = '| code | outcome | meaning |\n|---|---|---|\n';
  const rows = Object.entries(REASONS).map(
    ([code, { outcome, meaning }]) => `| \`${code}\` | ${outcome} | ${meaning} |`,
  );
  const start = page.indexOf(head) + head.length;
  const end = page.indexOf('\n\n', start);
  const wanted = page.slice(0, start) + rows.join('\n') + page.slice(end);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, PAGE), wanted);
  else expect(page, 'UPDATE_DOCS=1 writes it anew').toBe(wanted);
});

test('a meaning is one sentence and fits into a cell of a table', () => {
  for (const [code, { meaning }] of Object.entries(REASONS)) expect(meaning, code).toMatch(/^[A-Z][^|\n]*[^.]\.$/);
});
