// Controls, format characters such as bidirectional marks, line and paragraph separators, lone surrogates,
// private use and unassigned: none of them may reach a terminal.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

function escape(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/**
 * Text that can neither drive a terminal nor begin a line of its own. The core has refused or escaped such
 * characters before; this is the second lock on the same door.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

const QUOTED_CHARACTERS = 200;

/** A file name or an argument for a message: in quotation marks, escaped, not longer than a line or two. */
export function quote(text: string): string {
  const short = text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
  return printable(JSON.stringify(short));
}
