import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml';
import { fromBase64 } from '../core/base64.ts';
import { type Bytes, isBytes } from '../core/bytes.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { guardPlist } from './plist-guard.ts';
import { isPlistInteger, type PlistDictionary, type PlistValue } from './plist-value.ts';

/**
 * Parses a property list in XML, strictly: what Apple's devices write, and nothing that two readers could
 * read in two ways.
 *
 * Checks: at most 196,608 bytes of UTF-8, 12,288 tags and 16 levels; well-formed XML of the elements of a property
 * list alone, with no document type but Apple's, no attribute but `version`, no comment, CDATA section, processing
 * instruction or entity beyond the five; one value; keys and values in turn, no key twice; numbers, dates and
 * base64 in the forms of Apple's writer.
 * Leaves to you: what the values mean. They are what the sender says of itself.
 *
 * @param bytes the body as it was received; binary property lists are refused
 * @returns dictionaries as maps, `data` as fresh bytes, `integer` as a bigint
 * @throws AttestationError `ERR_MDA_PLIST_*`
 * @throws TypeError if `bytes` is not a `Uint8Array`
 * @example
 * ```ts
 * import { parsePlist } from 'managed-device-attestation/mdm';
 *
 * const bytes = new TextEncoder().encode('<plist version="1.0"><dict><key>Status</key><string>Idle</string></dict></plist>');
 * const message = parsePlist(bytes);
 * if (message instanceof Map) console.log(message.get('Status')); // Idle
 * ```
 * @see https://www.apple.com/DTDs/PropertyList-1.0.dtd
 */
export function parsePlist(bytes: Uint8Array): PlistValue {
  if (!isBytes(bytes)) throw new TypeError('bytes must be a Uint8Array');
  const root = parseRoot(guardPlist(bytes));
  if (root.name !== 'plist') refuse('ERR_MDA_PLIST_TYPE');
  const [value, ...rest] = elementsOf(root);
  if (value === undefined || rest.length > 0) refuse('ERR_MDA_PLIST_TYPE');
  return readValue(value);
}

function parseRoot(text: string): XmlElement {
  try {
    // A document has a root, or it does not parse.
    return parseXml(text).root!;
  } catch {
    // Not as a cause: the messages of the library quote the input.
    refuse('ERR_MDA_PLIST_XML');
  }
}

function readValue(element: XmlElement): PlistValue {
  switch (element.name) {
    case 'dict':
      return readDictionary(element);
    case 'array':
      return elementsOf(element).map(readValue);
    case 'string':
      return textOf(element);
    case 'integer':
      return readInteger(textOf(element));
    case 'real':
      return readReal(textOf(element));
    case 'true':
    case 'false':
      if (element.children.length > 0) refuse('ERR_MDA_PLIST_VALUE');
      return element.name === 'true';
    case 'date':
      return readDate(textOf(element));
    case 'data':
      return readData(textOf(element));
    default:
      refuse('ERR_MDA_PLIST_TYPE');
  }
}

function readDictionary(element: XmlElement): PlistDictionary {
  const entries = new Map<string, PlistValue>();
  const elements = elementsOf(element);
  for (let index = 0; index < elements.length; index += 2) {
    const [name, value] = [elements[index]!, elements[index + 1]];
    if (name.name !== 'key' || value === undefined || value.name === 'key') refuse('ERR_MDA_PLIST_KEY');
    const key = textOf(name);
    // Of two values for one key, one reader takes the first and another the last.
    if (entries.has(key)) refuse('ERR_MDA_PLIST_DUPLICATE_KEY');
    entries.set(key, readValue(value));
  }
  return entries;
}

/** The elements of an element that holds nothing else, white space aside. */
function elementsOf({ children }: XmlElement): readonly XmlElement[] {
  const elements: XmlElement[] = [];
  for (const child of children) {
    if (child instanceof XmlElement) elements.push(child);
    else if (!(child instanceof XmlText) || /[^ \t\n]/.test(child.text)) refuse('ERR_MDA_PLIST_TYPE');
  }
  return elements;
}

/** The text of an element that holds nothing else. */
function textOf({ children }: XmlElement): string {
  const [child] = children;
  if (child === undefined) return '';
  // Neighbouring texts are one to the library, so anything else is a second child.
  if (children.length > 1 || !(child instanceof XmlText)) refuse('ERR_MDA_PLIST_TYPE');
  return child.text;
}

function readInteger(text: string): bigint {
  if (!/^[+-]?[0-9]{1,20}$/.test(text)) refuse('ERR_MDA_PLIST_VALUE');
  const value = BigInt(text.replace('+', ''));
  return isPlistInteger(value) ? value : refuse('ERR_MDA_PLIST_VALUE');
}

function readReal(text: string): number {
  const value = /^[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,4})?$/.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : refuse('ERR_MDA_PLIST_VALUE');
}

function readDate(text: string): Date {
  const date = new Date(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/.test(text) ? text : NaN);
  // 30 February is carried over into March: what was read must be what would be written.
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString() === text.replace('Z', '.000Z');
  return isReal ? date : refuse('ERR_MDA_PLIST_VALUE');
}

function readData(text: string): Bytes {
  try {
    return fromBase64(text.replace(/[ \t\n]+/g, ''));
  } catch {
    refuse('ERR_MDA_PLIST_VALUE');
  }
}

function refuse(code: AttestationErrorCode): never {
  throw new AttestationError(code);
}
