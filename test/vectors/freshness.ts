import type { VectorFlag } from '../../src/conformance/flags.ts';
import { bytes, concat, octetString } from '../../src/testing/der-writer.ts';
import type { AttestationErrorCode } from '../../src/index.ts';
import { digest, property } from '../support/mint.ts';
import type { Draft, DraftFolder } from './draft.ts';
import { accepted, rejected } from './outcome.ts';
import {
  acmeCase,
  answerFor,
  codeOfToken,
  evidenceFor,
  evidenceForToken,
  leafExtensions,
  OTHER_TOKEN,
  SOURCES,
  TOKEN,
} from './requests.ts';
import { answerOf, chainCase, evidenceWith } from './support.ts';

const CODE = codeOfToken(TOKEN);

/** Of an account key, in RFC 8555, 8.3. */
const KEY_AUTHORIZATION = `${TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`;

/** 128 bits, the fewest that RFC 8555 allows: short enough to be a freshness code itself. */
const SHORT_TOKEN = 'evaGxfADs6pSRb2LAv9IZQ';

/** A token whose hash begins with 04 1e, as an OCTET STRING of 30 bytes does, and has 30 bytes more. */
const DER_LIKE_TOKEN = 'PYRJbPYMyODjHvwf3wfaCU9SJa2Jggnx9Szrkxi2A04';

/** The code with one of its bytes changed. */
function changedAt(index: number): Uint8Array {
  return CODE.map((byte, at) => (at === index ? byte ^ 1 : byte));
}

interface WrongCode {
  readonly name: string;
  readonly title: string;
  readonly fault: string;
  readonly code: AttestationErrorCode;
  readonly flags?: readonly VectorFlag[];
  /** What stands in the leaf; undefined is no extension at all. */
  readonly value: Uint8Array | undefined;
  readonly token?: string;
}

const WRONG_CODES: readonly WrongCode[] = [
  {
    name: 'missing',
    title: 'The leaf has no freshness code.',
    fault: 'there is no freshness code',
    code: 'ERR_MDA_FRESHNESS_MISSING',
    flags: ['undetermined', 'known-mistake'],
    value: undefined,
  },
  {
    name: 'blank',
    title: 'The freshness code has no bytes.',
    fault: 'the freshness code is blank',
    code: 'ERR_MDA_FRESHNESS_MISSING',
    flags: ['undetermined'],
    value: new Uint8Array(),
  },
  {
    name: 'other-token',
    title: 'The freshness code is the hash of the token of another challenge.',
    fault: 'the freshness code answers another challenge',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: codeOfToken(OTHER_TOKEN),
  },
  {
    name: 'key-authorization',
    title: 'The freshness code is the hash of the key authorization.',
    fault: 'what is hashed is the token with a thumbprint after it',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    flags: ['known-mistake'],
    value: codeOfToken(KEY_AUTHORIZATION),
  },
  {
    name: 'token-not-hashed',
    title: 'The freshness code is the token itself, as text.',
    fault: 'the token is not hashed',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: bytes(SHORT_TOKEN),
    token: SHORT_TOKEN,
  },
  {
    name: 'token-decoded',
    title: 'The freshness code is the 32 bytes that the token is the base64url of.',
    fault: 'the token is decoded and not hashed',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: new Uint8Array(Buffer.from(TOKEN, 'base64url')),
  },
  {
    name: 'decoded-token-hashed',
    title: 'The freshness code is the hash of the bytes that the token is the base64url of.',
    fault: 'the token is decoded before it is hashed',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: digest('SHA-256', Buffer.from(TOKEN, 'base64url')),
  },
  {
    name: 'other-hash',
    title: 'The freshness code is the first 32 bytes of the SHA-384 of the token.',
    fault: 'the hash is not SHA-256',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: digest('SHA-384', bytes(TOKEN)).slice(0, 32),
  },
  {
    name: 'hexadecimal',
    title: 'The freshness code is the right hash written in hexadecimal.',
    fault: 'the freshness code is text of 64 digits',
    code: 'ERR_MDA_FRESHNESS_MALFORMED',
    value: bytes(Buffer.from(CODE).toString('hex')),
  },
  {
    name: 'octet-string',
    title: 'The right freshness code stands in an OCTET STRING of its own.',
    fault: 'a tag and a length stand before the 32 bytes',
    code: 'ERR_MDA_FRESHNESS_MALFORMED',
    flags: ['known-mistake'],
    value: octetString(CODE),
  },
  {
    name: 'one-byte-more',
    title: 'The freshness code goes on for one byte after the right ones.',
    fault: 'the freshness code has 33 bytes',
    code: 'ERR_MDA_FRESHNESS_MALFORMED',
    value: concat(CODE, Uint8Array.of(0)),
  },
  {
    name: 'one-byte-less',
    title: 'The last byte of the freshness code is left out.',
    fault: 'the freshness code has 31 bytes',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: CODE.slice(0, 31),
  },
  {
    name: 'first-half',
    title: 'The freshness code is the first half of the right one.',
    fault: 'the freshness code has 16 bytes',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: CODE.slice(0, 16),
  },
  {
    name: 'first-byte-differs',
    title: 'One bit differs in the first byte of the freshness code.',
    fault: 'the first byte is another one',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: changedAt(0),
  },
  {
    name: 'second-half-differs',
    title: 'The freshness code has the right 16 bytes first, and others after them.',
    fault: 'the second half is another one',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: concat(CODE.slice(0, 16), codeOfToken(OTHER_TOKEN).slice(16)),
  },
  {
    name: 'last-byte-differs',
    title: 'One bit differs in the last byte of the freshness code.',
    fault: 'the last byte is another one',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    value: changedAt(31),
  },
];

async function wrongCode({ value, token = TOKEN, flags = [], ...about }: WrongCode): Promise<Draft> {
  return rejected(
    { ...about, flags: ['freshness', ...flags], source: SOURCES.apple },
    acmeCase(await evidenceFor(value), { token }),
    acmeCase(await evidenceFor(codeOfToken(token)), { token }),
  );
}

/** A genuine answer to the challenge with some token. */
async function rightCode(about: Pick<Draft, 'name' | 'title' | 'flags'>, token: string): Promise<Draft> {
  const evidence = await evidenceFor(codeOfToken(token));
  return accepted({ ...about, source: SOURCES.apple }, acmeCase(evidence, { token }), answerFor(evidence));
}

/** What the freshness code must be, and that it must be there. */
export const FRESHNESS: DraftFolder = async () => {
  const genuine = await evidenceForToken();
  const withoutCode = await evidenceFor(undefined);
  return [
    await rightCode(
      {
        name: 'genuine',
        title: 'The freshness code is the SHA-256 of the characters of the token.',
        flags: ['freshness', 'real-world', 'known-mistake'],
      },
      TOKEN,
    ),
    await rightCode(
      { name: 'short-token', title: 'The token has 22 characters, the fewest that ACME allows.', flags: ['freshness'] },
      SHORT_TOKEN,
    ),
    await rightCode(
      {
        name: 'long-token',
        title: 'The token has 172 characters, more than a block of the hash.',
        flags: ['freshness'],
      },
      TOKEN.repeat(4),
    ),
    await rightCode(
      {
        name: 'token-of-base64url',
        title: 'The token has both characters that base64 writes in another way.',
        flags: ['freshness'],
      },
      OTHER_TOKEN.replace(/-(?=oA$)/, '_'),
    ),
    await rightCode(
      {
        name: 'like-der',
        title: 'The freshness code happens to begin like an OCTET STRING that fills it.',
        flags: ['freshness', 'known-mistake'],
      },
      DER_LIKE_TOKEN,
    ),
    accepted(
      {
        name: 'not-asked-for',
        title: 'A leaf without a freshness code stands in a good chain.',
        flags: ['freshness', 'undetermined'],
        source: SOURCES.protocol,
      },
      chainCase(withoutCode),
      answerOf(withoutCode.x5c[0]!),
    ),
    ...(await Promise.all(WRONG_CODES.map(wrongCode))),
    rejected(
      {
        name: 'twice',
        title: 'The leaf has two freshness codes, and the first is the right one.',
        fault: 'the extension occurs twice',
        code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
        flags: ['freshness', 'der'],
        source: 'RFC 5280, 4.2',
      },
      acmeCase(
        await evidenceWith({
          leaf: { extensions: [...leafExtensions({ '11.1': CODE }), property('11.1', codeOfToken(OTHER_TOKEN))] },
        }),
      ),
      acmeCase(genuine),
    ),
    rejected(
      {
        name: 'other-oid',
        title: 'The right hash stands where App Attest has its nonce.',
        fault: 'the freshness code stands under 1.2.840.113635.100.8.2',
        code: 'ERR_MDA_FRESHNESS_MISSING',
        flags: ['freshness', 'property'],
        source: SOURCES.apple,
      },
      acmeCase(await evidenceFor(undefined, { '2': CODE })),
      acmeCase(genuine),
    ),
  ];
};
