import { printable } from '../../../src/conformance/printable.ts';

/** Named limit: what a device or a profile says of itself can be as long as a property list. */
const MAX_SHOWN_CHARACTERS = 400;

/** Text of the sender's for the page: what cannot be seen or turns text around is spelled out, what is long is cut. */
export function shown(text: string): string {
  const short = text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
  return printable(short);
}

/** A date to the second, as certificates have it. */
export function dateText(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
