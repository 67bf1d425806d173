const SGR = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

export type Style = keyof typeof SGR;

/** Wraps text in the style, or returns it as it is where there is no colour. */
export type Paint = (style: Style, text: string) => string;

/** Whether to colour: on a terminal only, and not where the environment says no (https://no-color.org). */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR: noColour = '', TERM: terminal } = environment;
  return isTerminal && noColour === '' && terminal !== 'dumb';
}

export function painter(coloured: boolean): Paint {
  return (style, text) => (coloured ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text);
}
