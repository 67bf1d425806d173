import type { VectorFlag } from '../../../src/conformance/flags.ts';
import { toBase64, toBase64Url } from '../../../src/index.ts';

const RFC_4648 = 'RFC 4648, 5; RFC 8555, 6.1';

/** Text around a genuine attestation object that is not its base64url. */
export interface EncodingRow {
  readonly name: string;
  readonly title: string;
  readonly fault: string;
  readonly flags: readonly VectorFlag[];
  readonly source: string;
  readonly attObj: (object: Uint8Array) => string;
}

/** Of an object whose number of bytes three does not divide, so that there is padding. */
export const ENCODINGS: readonly EncodingRow[] = [
  {
    name: 'base64url-padded',
    title: 'The base64url of the attestation object is padded.',
    fault: 'it ends with =',
    flags: ['text'],
    source: RFC_4648,
    attObj: (object) => `${toBase64Url(object)}${'='.repeat(-toBase64Url(object).length & 3)}`,
  },
  {
    name: 'base64',
    title: 'The attestation object is in base64 with + and / and without padding.',
    fault: 'it is not the alphabet of base64url',
    flags: ['text'],
    source: RFC_4648,
    attObj: (object) => toBase64(object).replaceAll('=', ''),
  },
  {
    name: 'base64url-line-break',
    title: 'A line break stands in the base64url of the attestation object.',
    fault: 'a character is none of the alphabet',
    flags: ['text'],
    source: 'RFC 4648, 3.3',
    attObj: (object) => toBase64Url(object).replace(/^.{76}/, '$&\n'),
  },
  {
    name: 'base64url-cut',
    title: 'The base64url of the attestation object is cut off in the middle of a byte.',
    fault: 'one character is left at its end',
    flags: ['text'],
    source: RFC_4648,
    attObj: (object) => `${toBase64Url(object.slice(0, 300))}A`,
  },
];
