/** Named limit: a certificate may hold a text of 16 kB, which would push everything else off the screen. */
export const MAX_CELL_CHARACTERS = 1024;

/** Columns that a character takes, at most: those of East Asia and emoji take two. */
function columnsOf(character: string): number {
  return character.codePointAt(0)! < 0x1100 ? 1 : 2;
}

/** Columns that a text takes on a terminal, at most. */
export function columns(text: string): number {
  let sum = 0;
  for (const character of text) sum += columnsOf(character);
  return sum;
}

/** Cuts a text that would fill the screen, and says that it did. */
export function shorten(text: string): string {
  const characters = Array.from(text);
  const rest = characters.length - MAX_CELL_CHARACTERS;
  if (rest <= 0) return text;
  return `${characters.slice(0, MAX_CELL_CHARACTERS).join('')} … ${rest} more characters; --json shows all`;
}

/** Breaks a text into lines of at most `width` columns: at a space where there is one, otherwise where it must. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const character of text) {
    const needed = columnsOf(character);
    if (used + needed > width) {
      const space = line.lastIndexOf(' ');
      const end = character === ' ' || space <= 0 ? line.length : space;
      lines.push(line.slice(0, end));
      line = line.slice(end).trimStart();
      used = columns(line);
      if (character === ' ' && line === '') continue;
    }
    line += character;
    used += needed;
  }
  return [...lines, line];
}
