import { byteString, map } from '../../../src/testing/cbor-writer.ts';
import { toBase64Url } from '../../../src/index.ts';
import type { Draft, DraftFolder } from '../draft.ts';
import { accepted, eitherWay, rejected } from '../outcome.ts';
import { acmeCase, answerFor, evidenceForToken, SOURCES } from '../requests.ts';
import type { Evidence } from '../support.ts';
import { ENCODINGS } from './encoding.ts';
import { FORM } from './form.ts';
import { FORMAT, genuine, listOf, statement } from './row.ts';
import { SHAPE } from './shape.ts';

const KEY_ORDER = 'RFC 8949, 5.6: the order of keys does not matter';

const EMPTY = ['authData', byteString(new Uint8Array())] as const;

/** Attestation objects that say the same in another way, as devices may. */
function sameObjects(evidence: Evidence): readonly Draft[] {
  const { x5c } = evidence;
  const same = (about: Pick<Draft, 'name' | 'title' | 'source'>, object: Uint8Array): Draft =>
    accepted({ ...about, flags: ['cbor', 'real-world'] }, acmeCase(evidence, { object }), answerFor(evidence));
  return [
    same(
      { name: 'genuine', title: 'An attestation object holds fmt and attStmt.', source: SOURCES.apple },
      genuine(x5c),
    ),
    same(
      { name: 'statement-first', title: 'The statement stands before the format.', source: KEY_ORDER },
      map(statement(x5c), FORMAT),
    ),
    same(
      {
        name: 'auth-data-empty',
        title: 'The attestation object has an authData without bytes.',
        source: SOURCES.draft,
      },
      map(FORMAT, statement(x5c), EMPTY),
    ),
    same(
      { name: 'auth-data-first', title: 'An authData without bytes stands before the rest.', source: KEY_ORDER },
      map(EMPTY, statement(x5c), FORMAT),
    ),
  ];
}

function wrongEncodings(evidence: Evidence): readonly Draft[] {
  const object = [genuine(evidence.x5c), map(FORMAT, statement(evidence.x5c), EMPTY)].find(
    ({ length }) => length % 3 !== 0,
  )!;
  const right = acmeCase(evidence, { object });
  const text = toBase64Url(object);
  // The last character has two or four bits that no byte takes.
  const loose = String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
  return [
    ...ENCODINGS.map(({ attObj, ...about }) =>
      rejected({ ...about, code: 'ERR_MDA_ENCODING_BASE64URL' }, acmeCase(evidence, { attObj: attObj(object) }), right),
    ),
    eitherWay(
      {
        name: 'base64url-loose-end',
        title: 'The last character of the base64url has a bit that belongs to no byte.',
        reason: 'RFC 4648, 3.5, lets a decoder refuse such bits and lets it ignore them',
        flags: ['cbor'],
        source: 'RFC 4648, 3.5',
      },
      acmeCase(evidence, { attObj: text.slice(0, -1) + loose }),
    ),
  ];
}

/** The leaf alone, below an anchor that issued it: enough where one certificate is wrapped in another way. */
async function loneLeaf(): Promise<readonly Draft[]> {
  const { x5c, at } = await evidenceForToken();
  const [leaf, subCa] = x5c as readonly [Uint8Array, Uint8Array];
  const evidence = { x5c: [leaf], anchors: [subCa], at };
  return [
    rejected(
      {
        name: 'x5c-bytes',
        title: 'The value of x5c is one certificate and no list.',
        fault: 'x5c is a byte string',
        code: 'ERR_MDA_OBJECT_STATEMENT',
        flags: ['cbor'],
        source: 'WebAuthn, 8.8: the apple statement',
      },
      acmeCase(evidence, { object: map(FORMAT, ['attStmt', map(['x5c', byteString(leaf)])]) }),
      acmeCase(evidence, { object: map(FORMAT, ['attStmt', map(['x5c', listOf([leaf])])]) }),
    ),
  ];
}

async function tooLarge(): Promise<Draft> {
  const evidence = await evidenceForToken({ '99.1': new Uint8Array(82_176) });
  return rejected(
    {
      name: 'too-large',
      title: 'The attestation object has more bytes than five certificates of 16,384 can have.',
      fault: 'a property of the leaf has 82,176 bytes',
      code: 'ERR_MDA_OBJECT_TOO_LARGE',
      flags: ['limits', 'profile', 'known-mistake'],
      source: SOURCES.limits,
    },
    acmeCase(evidence),
    acmeCase(await evidenceForToken({ '99.1': new Uint8Array(1) })),
  );
}

/** The CBOR around the certificates, and the base64url around that. */
export const ATTESTATION_OBJECT: DraftFolder = async () => {
  const evidence = await evidenceForToken();
  return [
    ...sameObjects(evidence),
    ...[...FORM, ...SHAPE].map(({ object, ...about }) =>
      rejected(about, acmeCase(evidence, { object: object(evidence.x5c) }), acmeCase(evidence)),
    ),
    ...(await loneLeaf()),
    ...wrongEncodings(evidence),
    await tooLarge(),
  ];
};
