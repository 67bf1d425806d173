import { describe, expect, it } from 'vitest';
import {
  type Answer,
  answerRequest,
  type ConformanceReport,
  renderJson,
  renderJUnit,
  renderMarkdown,
  renderText,
  runVectors,
  type Vector,
  verifierFromFunction,
} from '../../src/conformance/index.ts';
import { mintVectors } from '../support/vectors.ts';

const vectors = await mintVectors();
const HOSTILE = '\u001b[2J\n]]>"\'&<b>|``x`[y](z)\ufffe\u0000';

/** A verifier that leaves out a few: the reports say so, whatever the library itself supports. */
async function answerMost(request: unknown): Promise<Answer> {
  const { id } = request as { readonly id: string };
  if (['acme/identifier', 'csr/genuine'].includes(id)) return { id, result: 'unsupported' };
  return answerRequest(request);
}

/** A report with all that there may be in one, and what a hostile verifier and a hostile author put into it. */
async function mixed(): Promise<ConformanceReport> {
  const changed = vectors.map((one): Vector =>
    one.id === 'chain/expired' ? ({ ...one, title: HOSTILE, fault: HOSTILE, source: HOSTILE } as Vector) : one,
  );
  const open = verifierFromFunction((request) => {
    const { id } = request as { readonly id: string };
    if (id === 'chain/expired') return { id, result: 'error', message: HOSTILE };
    if (id === 'chain/genuine') return { id, result: 'accept' };
    return answerMost(request);
  });
  return runVectors(changed, open, { compareCodes: true });
}

const report = await mixed();
const good = await runVectors(vectors, verifierFromFunction(answerMost), { compareCodes: true });
const nothing = await runVectors([], verifierFromFunction(answerMost), { compareCodes: true });

describe('every format', () => {
  it.each([
    ['json', renderJson],
    ['junit', renderJUnit],
    ['markdown', renderMarkdown],
    ['text', renderText],
  ])('%s holds no character that drives a terminal, and ends its line', (_, render) => {
    for (const one of [report, good, nothing]) {
      expect(render(one)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe]/);
      expect(render(one).endsWith('\n')).toBe(true);
    }
  });
});

describe('json', () => {
  it('is the report, with null for what is not there', () => {
    const parsed = JSON.parse(renderJson(report)) as ConformanceReport;
    expect(parsed).toMatchObject({ conforms: false, passed: 6, failed: 2, unsupported: 2 });
    expect(parsed.cases.find(({ id }) => id === 'csr/genuine')).toEqual({
      id: 'csr/genuine',
      title: 'One sentence.',
      flags: ['path', 'time'],
      source: 'RFC 5280, 6.1.3',
      because: null,
      outcome: 'unsupported',
      kind: null,
      expected: null,
      got: null,
    });
  });
});

describe('junit', () => {
  it('has a suite for each folder, with everything escaped', () => {
    const xml = renderJUnit(report);
    expect(xml.split('\n').slice(0, 3)).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="conformance" tests="10" failures="2" errors="0" skipped="2">',
      '  <testsuite name="acme" tests="3" failures="0" errors="0" skipped="1">',
    ]);
    expect(xml).toContain('    <testcase classname="acme" name="genuine"/>\n');
    expect(xml).toContain(
      '    <testcase classname="acme" name="identifier"><skipped message="unsupported"/></testcase>\n',
    );
    expect(xml).toContain(
      '<failure type="error" message="expected reject with ERR_MDA_CHAIN_EXPIRED, got error: \\u{1b}',
    );
    expect(xml).toContain(']]&gt;&quot;');
    // Balanced, and nothing in a text or an attribute that would begin another element.
    const open: string[] = [];
    for (const [, end, name, empty] of xml.matchAll(/<(\/?)(\w+)(?: [a-z]+="[^"<]*")*(\/?)>/g)) {
      if (end === '/') expect(open.pop()).toBe(name);
      else if (empty === '') open.push(name!);
    }
    expect(open).toEqual([]);
    expect(xml.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
    expect(xml).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
  });
});

describe('markdown', () => {
  it('counts, and puts what others wrote into code spans', () => {
    const text = renderMarkdown(report);
    expect(text).toContain('# Conformance: failed\n');
    expect(text).toContain('| chain | 1 | 2 | 0 |\n');
    expect(text).toContain('| all | 6 | 2 | 2 |\n');
    expect(text).toContain('- ` chain/genuine `: answer\n  - expected: ` accept, properties: an object `');
    expect(text).toContain('  - title: ``` \\u{1b}[2J\\u{a}]]>"\'&<b>|``x`[y](z)\\u{fffe}\\u{0} ```\n');
    expect(text).toContain('## Unsupported\n\n- ` acme/identifier `\n');
    const outside = text.replace(/(?<!`)(`+)(?!`).*?[^`]\1(?!`)/g, '');
    expect(outside).not.toContain('<b>');
    expect(renderMarkdown(good)).not.toContain('## Failed');
    expect(renderMarkdown(good)).toContain('# Conformance: passed\n');
    expect(renderMarkdown(nothing)).not.toContain('## Unsupported');
  });
});

describe('text', () => {
  it('shows the counts, every failure, and the verdict last', () => {
    const text = renderText(report);
    expect(text).toContain('chain                        1           2           0\n');
    expect(text).toContain(
      [
        'FAILED chain/genuine (answer)',
        '  One sentence.',
        '  expected  accept, properties: an object',
        '  got       properties: nothing',
        '  source    RFC 5280, 6.1.3',
      ].join('\n'),
    );
    expect(text).toContain('  because   \\u{1b}[2J');
    expect(text).toContain('Unsupported\n  acme/identifier\n  csr/genuine\n');
    expect(text.trimEnd().split('\n').at(-1)).toBe('FAILED: passed 6, failed 2, unsupported 2');
    expect(renderText(good).trimEnd().split('\n').at(-1)).toBe('PASSED: passed 8, failed 0, unsupported 2');
    expect(renderText(nothing)).toContain('FAILED: nothing passed (passed 0, failed 0, unsupported 0)\n');
  });
});
