import { array, byteString, map, text } from '../../../src/testing/cbor-writer.ts';
import { bytes } from '../../../src/testing/der-writer.ts';
import { toBase64, toPem } from '../../../src/index.ts';
import { SOURCES } from '../requests.ts';
import { acted, FORMAT, listOf, type Row, statement, x5cEntry } from './row.ts';

const OBJECT = 'WebAuthn, 6.5.4: the attestation object';
const STATEMENT = 'WebAuthn, 8.8: the apple statement';

const BYTE_ORDER_MARK = '\ufeff';

/** Good CBOR that is not the attestation object of an Apple device. */
export const SHAPE: readonly Row[] = [
  acted('object-key-case', {
    title: 'The key of the format is Fmt.',
    flags: ['cbor', 'known-mistake'],
    source: OBJECT,
  }),
  acted('object-unknown-key', {
    title: 'The attestation object has a key that is none of fmt, attStmt and authData.',
    flags: ['cbor', 'profile'],
    source: OBJECT,
  }),
  acted('object-without-format', {
    title: 'The attestation object has no fmt.',
    flags: ['cbor'],
    source: OBJECT,
  }),
  acted('object-without-statement', {
    title: 'The attestation object has no attStmt.',
    flags: ['cbor'],
    source: OBJECT,
  }),
  {
    name: 'format-in-prototype',
    title: 'The format is hidden in a value with the key __proto__.',
    fault: 'there is no fmt, and a key that JavaScript treats as none',
    code: 'ERR_MDA_OBJECT_SHAPE',
    flags: ['cbor'],
    source: OBJECT,
    object: (x5c) => map(statement(x5c), ['__proto__', map(FORMAT)]),
  },
  acted('object-other-format', {
    title: 'The format is that of App Attest.',
    flags: ['cbor'],
    source: SOURCES.apple,
  }),
  acted('object-format-case', {
    title: 'The format is Apple and not apple.',
    flags: ['cbor'],
    source: OBJECT,
  }),
  acted('object-format-bytes', {
    title: 'The value of fmt is a byte string.',
    flags: ['cbor'],
    source: OBJECT,
  }),
  {
    name: 'format-byte-order-mark',
    title: 'A byte order mark stands before the format.',
    fault: 'fmt is a byte order mark and apple',
    code: 'ERR_MDA_OBJECT_FORMAT',
    flags: ['cbor', 'text'],
    source: OBJECT,
    object: (x5c) => map(['fmt', text(`${BYTE_ORDER_MARK}apple`)], statement(x5c)),
  },
  {
    name: 'format-nul',
    title: 'A zero byte and more stand after the format.',
    fault: 'fmt is apple, a zero byte and a word',
    code: 'ERR_MDA_OBJECT_FORMAT',
    flags: ['cbor', 'text'],
    source: OBJECT,
    object: (x5c) => map(['fmt', text('apple\0none')], statement(x5c)),
  },

  acted('object-auth-data', {
    title: 'The attestation object has the 37 bytes of authData that WebAuthn has at least.',
    flags: ['cbor', 'profile'],
    source: SOURCES.draft,
  }),
  acted('object-auth-data-null', {
    title: 'The value of authData is null.',
    flags: ['cbor'],
    source: OBJECT,
  }),
  {
    name: 'auth-data-text',
    title: 'The value of authData is an empty text.',
    fault: 'authData is no byte string',
    code: 'ERR_MDA_OBJECT_SHAPE',
    flags: ['cbor'],
    source: OBJECT,
    object: (x5c) => map(FORMAT, statement(x5c), ['authData', text('')]),
  },

  acted('object-statement-key', {
    title: 'The statement has a key beside x5c.',
    flags: ['cbor', 'profile'],
    source: STATEMENT,
  }),
  {
    name: 'statement-key-case',
    title: 'The key of the certificates is X5C.',
    fault: 'X5C stands for x5c',
    code: 'ERR_MDA_OBJECT_STATEMENT',
    flags: ['cbor', 'known-mistake'],
    source: STATEMENT,
    object: (x5c) => map(FORMAT, ['attStmt', map(['X5C', listOf(x5c)])]),
  },
  acted('object-statement-empty', {
    title: 'The statement has no x5c.',
    flags: ['cbor'],
    source: STATEMENT,
  }),
  {
    name: 'statement-list',
    title: 'The statement is the list of certificates itself.',
    fault: 'attStmt is no map',
    code: 'ERR_MDA_OBJECT_STATEMENT',
    flags: ['cbor'],
    source: STATEMENT,
    object: (x5c) => map(FORMAT, ['attStmt', listOf(x5c)]),
  },
  {
    name: 'x5c-base64',
    title: 'The certificates are text, in base64 as in JOSE.',
    fault: 'the values of x5c are no byte strings',
    code: 'ERR_MDA_OBJECT_STATEMENT',
    flags: ['cbor'],
    source: STATEMENT,
    object: (x5c) => map(FORMAT, ['attStmt', map(['x5c', array(...x5c.map((der) => text(toBase64(der))))])]),
  },
  {
    name: 'x5c-pem',
    title: 'The certificates are in PEM.',
    fault: 'the values of x5c are no DER',
    code: 'ERR_MDA_DER_TAG',
    flags: ['der'],
    source: STATEMENT,
    object: (x5c) => map(FORMAT, statement(x5c.map((der) => bytes(toPem(der))))),
  },
  {
    name: 'x5c-concatenated',
    title: 'Both certificates stand in one byte string.',
    fault: 'the Sub CA follows the leaf in the same value',
    code: 'ERR_MDA_DER_TRAILING',
    flags: ['der'],
    source: STATEMENT,
    object: (x5c) => map(FORMAT, statement([new Uint8Array(Buffer.concat(x5c))])),
  },
  {
    name: 'statement-wrapped',
    title: 'The whole statement is a byte string that holds CBOR.',
    fault: 'attStmt is encoded twice',
    code: 'ERR_MDA_OBJECT_STATEMENT',
    flags: ['cbor'],
    source: STATEMENT,
    object: (x5c) => map(FORMAT, ['attStmt', byteString(map(x5cEntry(x5c)))]),
  },
  acted('object-x5c-empty', {
    title: 'The list of certificates is empty.',
    flags: ['cbor', 'known-mistake'],
    source: STATEMENT,
  }),
];
