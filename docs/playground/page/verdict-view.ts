import { ERROR_GUIDE } from '../../../src/cli/error-guide.ts';
import { type Child, element, glyph, type GlyphName, sentence } from './dom.ts';
import type { Judgement, Row, Tone } from './judgement.ts';

const GLYPHS: Readonly<Record<Tone, GlyphName>> = { good: 'passed', caution: 'caution', bad: 'failed', none: 'open' };

/** The verdict: what it is, why, what to do next, and what it was judged by. */
export function verdictView(judgement: Judgement): readonly Child[] {
  const { tone, title, sentences, cautions, error, facts, foreignRoot } = judgement;
  return [
    foreignRoot && rootWarning(foreignRoot),
    element('p', { class: `headline tone-${tone}` }, glyph(GLYPHS[tone]), element('strong', {}, title)),
    element(
      'div',
      { class: 'sentences' },
      ...sentences.map((text) => element('p', {}, sentence(text))),
      ...cautions.map((text) => element('p', { class: 'caution' }, glyph('caution'), ' ', text)),
    ),
    error && rowsView(errorRows(judgement), 'reasons', sentence),
    facts.length > 0 && rowsView(facts, 'facts'),
  ];
}

const ROOTS = {
  test: 'Judged by a TEST ROOT, not by Apple’s. Whatever it says: no device and nobody at Apple is behind it.',
  other: 'Judged by a root that was put in here, NOT by Apple’s. It proves what that root is worth to you.',
} as const;

function rootWarning(root: keyof typeof ROOTS): HTMLElement {
  return element('p', { class: 'root-warning' }, ROOTS[root]);
}

/** Where the fault lies and what to do; the meaning is among the sentences. */
export function errorRows({ error, certificateCount }: Judgement): readonly Row[] {
  if (error === undefined) return [];
  const where = [
    error.certificate === undefined ? '' : certificateText(error.certificate, certificateCount),
    error.offset === undefined ? '' : `offset ${error.offset}`,
    error.oid === undefined ? '' : `OID ${error.oid}`,
    error.field ?? '',
  ].filter(Boolean);
  return [
    ['Code', error.code],
    ...(where.length > 0 ? [['Where', where.join(', ')] as const] : []),
    ['What to do', ERROR_GUIDE[error.code].action],
  ];
}

function certificateText(index: number, count: number): string {
  if (index === 0) return 'certificate 0 (leaf)';
  return index === count ? 'the trust anchor' : `certificate ${index}`;
}

/** Rows, as they are: what a sender wrote is no sentence of the library's, and its backticks are its own. */
export function rowsView(
  rows: readonly Row[],
  kind: string,
  view: (text: string) => Node | string = (text) => text,
): HTMLElement {
  return element(
    'dl',
    { class: kind },
    ...rows.map(([label, text]) => element('div', {}, element('dt', {}, label), element('dd', {}, view(text)))),
  );
}
