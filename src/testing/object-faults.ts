import type { AttestationErrorCode } from '../core/error-codes.ts';
import { array, byteString, head, map, text } from './cbor-writer.ts';
import { bytes, concat, type Der } from './der-writer.ts';

type X5c = readonly Uint8Array[];

/** One thing that is wrong with an attestation object, and what a strict verifier says to it. */
export interface ObjectFault {
  readonly title: string;
  readonly code: AttestationErrorCode;
  readonly encode: (x5c: X5c) => Der;
}

const FMT = ['fmt', text('apple')] as const;
const x5cEntry = (x5c: X5c): readonly [string, Der] => ['x5c', array(...x5c.map(byteString))];
const statement = (x5c: X5c): readonly [string, Der] => ['attStmt', map(x5cEntry(x5c))];
const good = (x5c: X5c): Der => map(FMT, statement(x5c));

const fault = (title: string, code: AttestationErrorCode, encode: ObjectFault['encode']): ObjectFault => ({
  title,
  code,
  encode,
});

/** The faults of an attestation object, by name; those of the certificates in it are `CHAIN_FAULTS`. */
export const OBJECT_FAULTS = {
  'object-not-cbor': fault('JSON in the place of CBOR', 'ERR_MDA_CBOR_LENGTH', () => bytes('{"fmt":"apple"}')),
  'object-empty': fault('no bytes at all', 'ERR_MDA_CBOR_TRUNCATED', () => new Uint8Array()),
  'object-truncated': fault('the last byte is cut off', 'ERR_MDA_CBOR_TRUNCATED', (x5c) => good(x5c).slice(0, -1)),
  'object-trailing-byte': fault('a byte follows', 'ERR_MDA_CBOR_TRAILING', (x5c) => concat(good(x5c), bytes('\0'))),
  'object-tagged': fault('the tag of self-described CBOR stands before it', 'ERR_MDA_CBOR_TYPE', (x5c) =>
    concat(Uint8Array.of(0xd9, 0xd9, 0xf7), good(x5c)),
  ),
  'object-indefinite': fault('the map has no length of its own', 'ERR_MDA_CBOR_INDEFINITE', (x5c) =>
    concat(Uint8Array.of(0xbf), good(x5c).slice(1), Uint8Array.of(0xff)),
  ),
  'object-long-length': fault('the length of the map is written in two bytes', 'ERR_MDA_CBOR_LENGTH', (x5c) =>
    concat(head(5, 2, 1), good(x5c).slice(1)),
  ),
  'object-duplicate-format': fault(
    'fmt stands twice, first another and then apple',
    'ERR_MDA_CBOR_DUPLICATE_KEY',
    (x5c) => map(['fmt', text('packed')], FMT, statement(x5c)),
  ),
  'object-duplicate-statement': fault(
    'attStmt stands twice, the first without certificates',
    'ERR_MDA_CBOR_DUPLICATE_KEY',
    (x5c) => map(FMT, statement([]), statement(x5c)),
  ),
  'object-duplicate-x5c': fault(
    'x5c stands twice, the second without certificates',
    'ERR_MDA_CBOR_DUPLICATE_KEY',
    (x5c) => map(FMT, ['attStmt', map(x5cEntry(x5c), x5cEntry([]))]),
  ),
  'object-key-case': fault('Fmt stands for fmt', 'ERR_MDA_OBJECT_SHAPE', (x5c) =>
    map(['Fmt', text('apple')], statement(x5c)),
  ),
  'object-unknown-key': fault('a key that no attestation object has', 'ERR_MDA_OBJECT_SHAPE', (x5c) =>
    map(FMT, statement(x5c), ['ver', text('2.0')]),
  ),
  'object-number-key': fault('a key that is a number', 'ERR_MDA_CBOR_KEY', (x5c) =>
    concat(head(5, 3), good(x5c).slice(1), Uint8Array.of(1), text('')),
  ),
  'object-without-format': fault('no fmt', 'ERR_MDA_OBJECT_SHAPE', (x5c) => map(statement(x5c))),
  'object-without-statement': fault('no attStmt', 'ERR_MDA_OBJECT_SHAPE', () => map(FMT)),
  'object-other-format': fault('the fmt of App Attest', 'ERR_MDA_OBJECT_FORMAT', (x5c) =>
    map(['fmt', text('apple-appattest')], statement(x5c)),
  ),
  'object-format-case': fault('the fmt Apple', 'ERR_MDA_OBJECT_FORMAT', (x5c) =>
    map(['fmt', text('Apple')], statement(x5c)),
  ),
  'object-format-bytes': fault('a fmt that is a byte string', 'ERR_MDA_OBJECT_SHAPE', (x5c) =>
    map(['fmt', byteString(bytes('apple'))], statement(x5c)),
  ),
  'object-auth-data': fault('authData that is not empty', 'ERR_MDA_OBJECT_SHAPE', (x5c) =>
    map(FMT, statement(x5c), ['authData', byteString(new Uint8Array(37))]),
  ),
  'object-auth-data-null': fault('authData that is null', 'ERR_MDA_CBOR_TYPE', (x5c) =>
    map(FMT, statement(x5c), ['authData', Uint8Array.of(0xf6)]),
  ),
  'object-statement-key': fault('a key beside x5c', 'ERR_MDA_OBJECT_STATEMENT', (x5c) =>
    map(FMT, ['attStmt', map(x5cEntry(x5c), ['alg', text('ES384')])]),
  ),
  'object-statement-empty': fault('an attStmt without x5c', 'ERR_MDA_OBJECT_STATEMENT', () =>
    map(FMT, ['attStmt', map()]),
  ),
  'object-x5c-text': fault('certificates as text', 'ERR_MDA_OBJECT_STATEMENT', (x5c) =>
    map(FMT, ['attStmt', map(['x5c', array(...x5c.map(() => text('MIIC')))])]),
  ),
  'object-x5c-bytes': fault(
    'an x5c that is one certificate and no list',
    'ERR_MDA_OBJECT_STATEMENT',
    ([leaf = bytes('')]) => map(FMT, ['attStmt', map(['x5c', byteString(leaf)])]),
  ),
  'object-x5c-empty': fault('an empty x5c', 'ERR_MDA_CHAIN_EMPTY', () => map(FMT, statement([]))),
  'object-x5c-indefinite': fault(
    'a certificate in pieces',
    'ERR_MDA_CBOR_INDEFINITE',
    ([leaf = bytes(''), ...rest]) => {
      const pieces = concat(
        Uint8Array.of(0x5f),
        byteString(leaf.slice(0, 9)),
        byteString(leaf.slice(9)),
        Uint8Array.of(0xff),
      );
      return map(FMT, ['attStmt', map(['x5c', array(pieces, ...rest.map(byteString))])]);
    },
  ),
  'object-too-deep': fault('lists within lists', 'ERR_MDA_CBOR_DEPTH', (x5c) =>
    map(FMT, ['attStmt', map(['x5c', array(array(...x5c.map(byteString)))])]),
  ),
  'object-too-large': fault('more bytes than five certificates can have', 'ERR_MDA_OBJECT_TOO_LARGE', (x5c) =>
    concat(good(x5c), new Uint8Array(100_000)),
  ),
} satisfies Record<string, ObjectFault>;

/** The name of a fault of an attestation object. */
export type ObjectFaultName = keyof typeof OBJECT_FAULTS;
