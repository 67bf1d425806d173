import { fromBase64 } from '../core/base64.ts';
import type { Bytes } from '../core/bytes.ts';
import { refuseHeader } from './header-value.ts';

/** Named limit: leaf and issuers in what a proxy hands on; an identity has two or three. */
export const MAX_FORWARDED_CERTIFICATES = 8;

/** RFC 9651, 4.2.7, in the one form that RFC 9440 needs: canonical base64 between colons, no parameters. */
export function readByteSequence(text: string, name: string): Bytes {
  const [, base64] = /^[ \t]*:([A-Za-z0-9+/=]+):[ \t]*$/.exec(text) ?? refuseHeader('ERR_MDA_HEADER_SYNTAX', name);
  return readBase64(base64!, name);
}

/** RFC 9651, 4.2.1: a list of them. */
export function readByteSequences(text: string, name: string): Bytes[] {
  const items = text.split(',', MAX_FORWARDED_CERTIFICATES);
  if (items.length === MAX_FORWARDED_CERTIFICATES) refuseHeader('ERR_MDA_HEADER_COUNT', name);
  return items.map((item) => readByteSequence(item, name));
}

export function readBase64(text: string, name: string): Bytes {
  try {
    return fromBase64(text);
  } catch (cause) {
    return refuseHeader('ERR_MDA_HEADER_SYNTAX', name, cause);
  }
}
