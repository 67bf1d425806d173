import { refuseHeader } from './header-value.ts';

/** What one proxy says of its client: the values of each key, in lower case, in their order. */
export type ForwardedElement = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the elements of Envoy's `x-forwarded-client-cert`: elements by commas, pairs by semicolons, values bare or in
 * double quotes. In quotes a backslash means something before a quote alone: Envoy escapes nothing else.
 */
export function readForwardedElements(text: string, name: string): readonly ForwardedElement[] {
  const refuse = (): never => refuseHeader('ERR_MDA_HEADER_SYNTAX', name);
  const elements: ForwardedElement[] = [];
  let element = new Map<string, string[]>();
  for (let offset = 0; ; offset++) {
    const key = matchAt(element.size === 0 ? /[ \t]*([A-Za-z]+)=/y : /([A-Za-z]+)=/y, text, offset) ?? refuse();
    const start = offset + key[0].length;
    const end = text[start] === '"' ? endOfQuoted(text, start) : start + matchAt(/[^",;]*/y, text, start)![0].length;
    if (end === undefined) return refuse();
    const values = element.get(key[1]!.toLowerCase());
    const value = text[start] === '"' ? text.slice(start + 1, end - 1).replaceAll('\\"', '"') : text.slice(start, end);
    if (values === undefined) element.set(key[1]!.toLowerCase(), [value]);
    else values.push(value);
    offset = end;
    if (text[offset] === ';') continue;
    elements.push(element);
    element = new Map();
    if (offset === text.length) return elements;
    if (text[offset] !== ',') refuse();
  }
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

/** The offset after the closing quote; undefined if there is none. */
function endOfQuoted(text: string, start: number): number | undefined {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1))
    if (text[quote - 1] !== '\\') return quote + 1;
  return undefined;
}
