import { byteAt } from '../core/bytes.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { decodeUtf8 } from '../core/text.ts';
import { MAX_PLIST_BYTES, MAX_PLIST_DEPTH, MAX_PLIST_TAGS } from './plist-value.ts';

/** `bplist`, with which a binary property list begins. */
const BINARY_MAGIC = [0x62, 0x70, 0x6c, 0x69, 0x73, 0x74];

/** What stands before the root: nothing, or the declaration and the document type in the words of Apple's writer. */
const PROLOG =
  /^(?:<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?\?>)?[ \t\r\n]*(?:<!DOCTYPE plist PUBLIC "-\/\/Apple\/\/DTD PLIST 1\.0\/\/EN" "http:\/\/www\.apple\.com\/DTDs\/PropertyList-1\.0\.dtd">)?/;

/** Declarations, comments, CDATA sections and processing instructions; and a byte order mark, which Apple's writer does not write. */
const DECLARATION = /<!|<\?|^\ufeff/;
const FOREIGN_ENTITY = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)/;
const ROOT_TAG = '<plist version="1.0">';

/**
 * What a property list of a device is, apart from XML itself: small, flat, UTF-8, of elements and text. Comes
 * before the XML library, which calls itself for every element inside another and copies the rest of a text
 * for every carriage return in it.
 *
 * @returns the text, with the line ends of XML 1.0, 2.11
 */
export function guardPlist(bytes: Uint8Array): string {
  if (bytes.length > MAX_PLIST_BYTES) refuse('ERR_MDA_PLIST_TOO_LARGE');
  if (bytes.length >= BINARY_MAGIC.length && BINARY_MAGIC.every((byte, index) => byteAt(bytes, index) === byte))
    refuse('ERR_MDA_PLIST_BINARY');
  const text = decodeUtf8(bytes) ?? refuse('ERR_MDA_PLIST_UTF8');
  // The expression matches the empty text, too.
  const body = text.slice(PROLOG.exec(text)![0].length);
  const declaration = body.search(DECLARATION);
  if (declaration !== -1)
    refuse(/^<!DOCTYPE/i.test(body.slice(declaration)) ? 'ERR_MDA_PLIST_DOCTYPE' : 'ERR_MDA_PLIST_MARKUP');
  if (FOREIGN_ENTITY.test(body)) refuse('ERR_MDA_PLIST_ENTITY');
  guardTags(body);
  return body.replace(/\r\n?/g, '\n');
}

function guardTags(body: string): void {
  let depth = 0;
  let count = 0;
  for (let start = body.indexOf('<'); start !== -1; start = body.indexOf('<', start + 1)) {
    if (++count > MAX_PLIST_TAGS) refuse('ERR_MDA_PLIST_COUNT');
    const end = endOfTag(body, start);
    // The library refuses what is none.
    if (end === -1) continue;
    if (body.charCodeAt(start + 1) === SLASH) depth--;
    else if (body.charCodeAt(end - 1) !== SLASH && ++depth > MAX_PLIST_DEPTH) refuse('ERR_MDA_PLIST_DEPTH');
  }
}

const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;

/** Where the tag ends that starts here. Stops at the next `<`: a text of them is read once, and not once for each. */
function endOfTag(body: string, start: number): number {
  let hasAttribute = false;
  for (let at = start + 1; at < body.length; at++) {
    const character = body.charCodeAt(at);
    if (character < LESS || character > GREATER) continue;
    if (character === LESS) return -1;
    // An attribute has one; a quotation mark without one is no XML.
    if (character === EQUALS) hasAttribute = true;
    // What is in an attribute could be taken for the end of a tag, so there is none but one.
    else if (hasAttribute && !body.startsWith(ROOT_TAG, start)) refuse('ERR_MDA_PLIST_MARKUP');
    else return at;
  }
  return -1;
}

function refuse(code: AttestationErrorCode): never {
  throw new AttestationError(code);
}
