import { painter, wantsColour } from './colour.ts';
import type { Layout } from './table.ts';

/** Where the output is no terminal: a digest of 64 digits stands on one line beside its labels. */
const DEFAULT_COLUMNS = 120;

/** How to write to standard output as it is. */
export function layoutOfStdout(): Layout {
  const { isTTY, columns } = process.stdout as { readonly isTTY?: boolean; readonly columns?: number };
  const coloured = wantsColour(isTTY === true, process.env);
  // A pseudo-terminal that was never told its size reports 0.
  return { paint: painter(coloured), width: isTTY === true && columns ? columns : DEFAULT_COLUMNS };
}
