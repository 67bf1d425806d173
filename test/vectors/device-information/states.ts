import type { VectorFlag } from '../../../src/conformance/flags.ts';
import type { Freshness } from '../../../src/conformance/answer.ts';
import { bytes, concat, hex, octetString } from '../../../src/testing/der-writer.ts';
import { digest } from '../../support/mint.ts';
import type { Draft } from '../draft.ts';
import { accepted } from '../outcome.ts';
import { answerFor, deviceInformationCase, evidenceFor, SOURCES } from '../requests.ts';

/** The nonces of a server: the one that it sent now, and three before. */
export const NONCE = digest('SHA-256', bytes('nonce of today'));
export const EARLIER = ['one', 'two', 'three'].map((name) => digest('SHA-256', bytes(`nonce ${name} days before`)));
const FOREIGN = digest('SHA-256', bytes('nonce of another server'));

const SHORT = hex('c0ffee');

interface Row {
  readonly name: string;
  readonly title: string;
  readonly flags?: readonly VectorFlag[];
  readonly source?: string;
  /** In the leaf; undefined is no extension at all. */
  readonly code: Uint8Array | undefined;
  readonly nonce: Uint8Array | null;
  readonly known?: readonly Uint8Array[];
  readonly freshness: Freshness;
}

const ROWS: readonly Row[] = [
  {
    name: 'fresh',
    title: 'The freshness code is the nonce that was sent.',
    flags: ['real-world'],
    code: NONCE,
    nonce: NONCE,
    known: EARLIER,
    freshness: 'fresh',
  },
  {
    name: 'fresh-first-nonce',
    title: 'The freshness code is the nonce that was sent, and the server never sent one before.',
    code: NONCE,
    nonce: NONCE,
    freshness: 'fresh',
  },
  {
    name: 'fresh-repeated-nonce',
    title: 'The server sent one of its earlier nonces again.',
    code: NONCE,
    nonce: NONCE,
    known: [EARLIER[0]!, NONCE],
    freshness: 'fresh',
  },
  {
    name: 'fresh-one-byte',
    title: 'The nonce has one byte, the fewest that a device takes.',
    source: SOURCES.command,
    code: hex('07'),
    nonce: hex('07'),
    freshness: 'fresh',
  },
  {
    name: 'fresh-zero-bytes',
    title: 'All bytes of the nonce are zero.',
    code: new Uint8Array(16),
    nonce: new Uint8Array(16),
    freshness: 'fresh',
  },
  {
    name: 'fresh-text',
    title: 'The nonce is text, and the server takes it for bytes.',
    code: bytes('2026-06-01 12:00'),
    nonce: bytes('2026-06-01 12:00'),
    freshness: 'fresh',
  },
  {
    name: 'fresh-like-der',
    title: 'The nonce happens to begin like an OCTET STRING that fills it.',
    flags: ['known-mistake'],
    code: octetString(NONCE.slice(0, 30)),
    nonce: octetString(NONCE.slice(0, 30)),
    freshness: 'fresh',
  },

  {
    name: 'cached-newest',
    title: 'The device answers with the attestation for the nonce before this one.',
    flags: ['real-world'],
    source: SOURCES.command,
    code: EARLIER[0],
    nonce: NONCE,
    known: EARLIER,
    freshness: 'cached',
  },
  {
    name: 'cached-middle',
    title: 'The device answers with the attestation for a nonce in the middle of the known ones.',
    code: EARLIER[1],
    nonce: NONCE,
    known: EARLIER,
    freshness: 'cached',
  },
  {
    name: 'cached-oldest',
    title: 'The device answers with the attestation for the last of the known nonces.',
    code: EARLIER[2],
    nonce: NONCE,
    known: EARLIER,
    freshness: 'cached',
  },
  {
    name: 'cached-other-length',
    title: 'The known nonce has three bytes, and the one that was sent has 32.',
    code: SHORT,
    nonce: NONCE,
    known: [SHORT],
    freshness: 'cached',
  },

  {
    name: 'unknown-nonce',
    title: 'The attestation is for a nonce that this server never sent.',
    flags: ['real-world'],
    source: SOURCES.command,
    code: FOREIGN,
    nonce: NONCE,
    known: EARLIER,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-no-other',
    title: 'The attestation is for another nonce, and the server never sent one before.',
    code: FOREIGN,
    nonce: NONCE,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-beginning',
    title: 'The freshness code is the first half of the nonce.',
    code: NONCE.slice(0, 16),
    nonce: NONCE,
    known: EARLIER,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-longer',
    title: 'The freshness code goes on after the nonce.',
    code: NONCE,
    nonce: NONCE.slice(0, 16),
    known: EARLIER.map((nonce) => nonce.slice(0, 16)),
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-padded',
    title: 'The freshness code is the nonce with zeros behind it up to 32 bytes.',
    code: concat(SHORT, new Uint8Array(29)),
    nonce: SHORT,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-leading-zero',
    title: 'The freshness code is the nonce with a zero byte before it.',
    code: concat(hex('00'), SHORT),
    nonce: SHORT,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-last-byte',
    title: 'One bit differs in the last byte of the freshness code.',
    code: NONCE.map((byte, index) => (index === 31 ? byte ^ 1 : byte)),
    nonce: NONCE,
    known: EARLIER,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-hashed',
    title: 'The freshness code is the hash of the nonce, as it would be of a token in ACME.',
    code: digest('SHA-256', NONCE),
    nonce: NONCE,
    known: EARLIER,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-base64',
    title: 'The freshness code is the base64 of the nonce, as a plist shows it.',
    code: bytes(Buffer.from(SHORT).toString('base64')),
    nonce: SHORT,
    freshness: 'unknown-nonce',
  },
  {
    name: 'unknown-nonce-wrapped',
    title: 'The freshness code is the nonce in an OCTET STRING.',
    flags: ['known-mistake'],
    code: octetString(SHORT),
    nonce: SHORT,
    known: [hex('0102')],
    freshness: 'unknown-nonce',
  },

  {
    name: 'not-requested',
    title: 'No nonce was sent, and the attestation is for one that nobody knows.',
    flags: ['real-world'],
    source: SOURCES.command,
    code: FOREIGN,
    nonce: null,
    freshness: 'not-requested',
  },
  {
    name: 'not-requested-known',
    title: 'No nonce was sent, and the attestation is for an earlier one.',
    code: EARLIER[1],
    nonce: null,
    known: EARLIER,
    freshness: 'not-requested',
  },
  {
    name: 'not-requested-missing',
    title: 'No nonce was sent, and the leaf has no freshness code.',
    flags: ['undetermined'],
    source: SOURCES.protocol,
    code: undefined,
    nonce: null,
    known: EARLIER,
    freshness: 'not-requested',
  },
  {
    name: 'not-requested-blank',
    title: 'No nonce was sent, and the freshness code has no bytes.',
    flags: ['undetermined'],
    source: SOURCES.protocol,
    code: new Uint8Array(),
    nonce: null,
    freshness: 'not-requested',
  },
  {
    name: 'not-requested-malformed',
    title: 'No nonce was sent, and the freshness code has 33 bytes.',
    flags: ['property'],
    source: SOURCES.protocol,
    code: new Uint8Array(33).fill(1),
    nonce: null,
    freshness: 'not-requested',
  },
];

/** How a freshness code relates to what was sent: a state, and never a reason to refuse. */
export function states(): Promise<readonly Draft[]> {
  return Promise.all(
    ROWS.map(async ({ name, title, flags = [], source = SOURCES.apple, code, nonce, known, freshness }) => {
      const evidence = await evidenceFor(code);
      return accepted(
        { name, title, flags: ['freshness', ...flags], source },
        deviceInformationCase(evidence, nonce, known),
        answerFor(evidence, freshness),
      );
    }),
  );
}
