import { toBase64 } from '../core/base64.ts';
import { isBytes } from '../core/bytes.ts';
import { isPlistInteger, MAX_PLIST_DEPTH, type PlistValue } from './plist-value.ts';

const HEADER = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`;

/** What is left of the levels below `plist`. */
const VALUE_LEVELS = MAX_PLIST_DEPTH - 1;

/**
 * Writes a property list in XML, the same bytes for the same value: dictionaries in their order, one tab a
 * level, base64 on one line.
 *
 * @returns XML that `parsePlist` reads as the value that was written; to send it, encode it as UTF-8
 * @throws TypeError if the value holds something that a property list cannot hold: text that XML cannot write, a
 * number that is not finite, an integer beyond 64 bits, or more than 15 levels
 * @example
 * ```ts
 * import { writePlist } from 'managed-device-attestation/mdm';
 *
 * const xml = writePlist(new Map([['KeySize', 384n]]));
 * ```
 * @see https://www.apple.com/DTDs/PropertyList-1.0.dtd
 */
export function writePlist(value: PlistValue): string {
  const lines: string[] = [];
  write(value, '', VALUE_LEVELS, lines);
  return `${HEADER}${lines.join('\n')}\n</plist>\n`;
}

function write(value: PlistValue, indent: string, levels: number, lines: string[]): void {
  if (levels === 0) refuse(`at most ${VALUE_LEVELS} levels`);
  const deeper = `${indent}\t`;
  const enter = (name: string, entries: Iterable<readonly [string | undefined, PlistValue]>): void => {
    lines.push(`${indent}<${name}>`);
    for (const [key, item] of entries) {
      if (key !== undefined) lines.push(`${deeper}<key>${escape(key)}</key>`);
      write(item, deeper, levels - 1, lines);
    }
    lines.push(`${indent}</${name}>`);
  };
  if (value instanceof Map) enter('dict', value as ReadonlyMap<string, PlistValue>);
  else if (Array.isArray(value))
    enter(
      'array',
      (value as readonly PlistValue[]).map((item) => [undefined, item]),
    );
  else lines.push(`${indent}${scalar(value)}`);
}

function scalar(value: unknown): string {
  if (typeof value === 'boolean') return value ? '<true/>' : '<false/>';
  if (typeof value === 'string') return `<string>${escape(value)}</string>`;
  if (typeof value === 'bigint' && isPlistInteger(value)) return `<integer>${value}</integer>`;
  if (typeof value === 'number' && Number.isFinite(value)) return `<real>${value}</real>`;
  if (isBytes(value)) return `<data>${toBase64(value)}</data>`;
  if (value instanceof Date && isWritable(value))
    return `<date>${value.toISOString().replace(/\.[0-9]{3}Z$/, 'Z')}</date>`;
  refuse('what a property list can hold');
}

/** A year of four digits: everything else has a form of its own in ISO 8601. */
function isWritable(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 0 && year <= 9999;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

/** XML 1.0, 2.2. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** Whether XML can hold a text: no control characters, no half of a surrogate pair. */
export function isXmlText(text: string): boolean {
  return !UNWRITABLE.test(text);
}

function escape(text: unknown): string {
  if (typeof text !== 'string' || !isXmlText(text)) refuse('text that XML can hold');
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character]!);
}

function refuse(what: string): never {
  throw new TypeError(`value must be made of ${what}`);
}
