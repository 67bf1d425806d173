import { expect, test } from 'vitest';
import * as acme from '../../src/acme/index.ts';
import * as identity from '../../src/identity/index.ts';
import * as core from '../../src/index.ts';
import { filesBelow, readSource } from './sources.ts';

/** The limits that the sources define: name and value. */
const defined = filesBelow('src', '.ts')
  .filter(({ path }) => !path.startsWith('src/cli/'))
  .flatMap(({ text }) => [...text.matchAll(/^(?:export )?const (MAX_\w+) = ([^;]+);/gm)])
  .map(([, name, value]) => [name!, valueOf(value!)] as const);

/** A sum of products, as the sources write one. */
function valueOf(expression: string): number {
  const product = (factors: string) => factors.split('*').reduce((value, factor) => value * Number(literal(factor)), 1);
  return expression.split('+').reduce((value, term) => value + product(term), 0);
}

function literal(text: string): string {
  return text.trim().replaceAll('_', '');
}

test('the page on security lists every limit with its value, and who exports it', () => {
  const rows = [...readSource('docs/SECURITY.md').text.matchAll(/^\| `(MAX_\w+)` \| ([\d,]+) \|.*\| (\w+).* \|$/gm)];
  expect(rows.map(([, name]) => name).sort()).toEqual(defined.map(([name]) => name).sort());
  const exported: Readonly<Record<string, unknown>> = { ...core, ...acme, ...identity };
  for (const [, name = '', value = '', isExported] of rows) {
    const number = Number(value.replaceAll(',', ''));
    expect(number, name).toBe(new Map(defined).get(name));
    expect(exported[name], name).toBe(isExported === 'yes' ? number : undefined);
  }
});
