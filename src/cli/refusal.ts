import type { AttestationError } from '../index.ts';
import { ERROR_GUIDE } from './error-guide.ts';
import { type Layout, renderTable, type Row } from './table.ts';

/** A code with the place of the fault, its meaning, and what to do. */
export function renderError(error: AttestationError, layout: Layout, certificateCount: number): string {
  return renderTable(errorRows(error, certificateCount), layout, '  ');
}

export function errorRows(error: AttestationError, certificateCount: number): readonly Row[] {
  const { meaning, action } = ERROR_GUIDE[error.code];
  const rows: readonly Row[] = [
    { labels: ['code'], text: error.code },
    { labels: ['where'], text: placeOf(error, certificateCount) },
    { labels: ['meaning'], text: meaning },
    { labels: ['what to do'], text: action },
  ];
  return rows.filter(({ text }) => text !== '');
}

function placeOf({ certificate, offset, oid }: AttestationError, certificateCount: number): string {
  return [
    certificate === undefined ? '' : certificateLabel(certificate, certificateCount),
    offset === undefined ? '' : `offset ${offset}`,
    oid === undefined ? '' : `OID ${oid}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Counted as the library counts: from 0, leaf first; the trust anchor follows the last that was supplied. */
export function certificateLabel(index: number, certificateCount: number): string {
  if (index === 0) return 'certificate 0 (leaf)';
  return index === certificateCount ? 'the trust anchor' : `certificate ${index}`;
}
