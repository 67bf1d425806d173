/** What the parts of the demo print with, and where it is counted what did not come out as announced. */

const { NO_COLOR, FORCE_COLOR } = process.env;
const colours = !NO_COLOR && (process.stdout.isTTY || Boolean(FORCE_COLOR));
const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = (text: string): string => paint(1, text);
export const green = (text: string): string => paint(32, text);
export const red = (text: string): string => paint(31, text);
export const say = (text = ''): void => console.log(text);

/** The name of a part, and in a few lines what it is about. */
export function part(name: string, ...lines: readonly string[]): void {
  say(bold(name));
  say(bold('='.repeat(name.length)));
  for (const line of lines) say(line);
  say();
}

/** A step of the story: its heading, and what has to be known to follow it. */
export function step(title: string, ...story: readonly string[]): void {
  say(bold(title));
  for (const line of story) say(`  ${line}`);
}

/** What one of the players did or said, from what came back in the program and not from a script. */
export function event(who: string, what: string): void {
  say(`  ${who.padEnd(18)} ${what}`);
}

let surprises = 0;

/** Ends a step: it was said beforehand what must come out. */
export function announce(promise: string, kept: boolean): void {
  if (!kept) surprises++;
  say(`  ${kept ? green('as announced') : red('NOT AS ANNOUNCED')}: ${promise}`);
  say();
}

/** The last line, and the exit code. */
export function ending(): number {
  say(
    surprises === 0 ? green('Everything came out as announced.') : red(`${surprises} did not come out as announced.`),
  );
  return surprises === 0 ? 0 : 1;
}
