import type { Paint, Style } from './colour.ts';
import { printable } from '../conformance/printable.ts';
import { columns, shorten, wrap } from './wrap.ts';

/** How to write for the reader: the colours, and the columns of the terminal. */
export interface Layout {
  readonly paint: Paint;
  readonly width: number;
}

/**
 * One row: labels from this program's own vocabulary, then a text that may come from the input. The text is
 * the last and keeps to its column, so that nothing in it can look like another row.
 */
export interface Row {
  readonly labels: readonly string[];
  readonly text: string;
  readonly style?: Style | undefined;
}

const GAP = '  ';
const MIN_TEXT_COLUMNS = 24;

/** The labels in columns of equal width; the style goes to the last of them. */
export function renderTable(rows: readonly Row[], { paint, width }: Layout, indent = ''): string {
  const labelCount = Math.max(...rows.map(({ labels }) => labels.length));
  const widths = Array.from({ length: labelCount }, (_, column) =>
    Math.max(...rows.map(({ labels }) => columns(labels[column] ?? ''))),
  );
  const margin = indent.length + widths.reduce((sum, labelWidth) => sum + labelWidth + GAP.length, 0);
  const textColumns = Math.max(MIN_TEXT_COLUMNS, width - margin);
  return rows
    .map(({ labels, text, style }) => {
      const cells = widths.map((labelWidth, column) => {
        const cell = (labels[column] ?? '').padEnd(labelWidth) + GAP;
        return style !== undefined && column === labelCount - 1 ? paint(style, cell) : cell;
      });
      const [first, ...rest] = wrap(shorten(printable(text)), textColumns);
      const lines = [indent + cells.join('') + (first ?? ''), ...rest.map((line) => ' '.repeat(margin) + line)];
      return lines.map((line) => `${line.trimEnd()}\n`).join('');
    })
    .join('');
}
