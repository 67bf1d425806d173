import { p384 } from '@noble/curves/nist.js';
import { bitString, concat, hex, integer, octetString, oid, sequence } from '../../../src/testing/der-writer.ts';
import { signByHand, wide } from '../../support/ecdsa.ts';
import { type Key, spkiOf } from '../../support/mint.ts';
import { keyOf } from '../support.ts';
import { KEY, P256_KEY, type Row, SOURCES } from './row.ts';

const { Point } = p384;
const { ORDER: N } = Point.Fn;
const { p, a, b } = Point.CURVE();
const SIZE = 48;

const X = KEY.point.slice(1, 1 + SIZE);
const Y_IS_ODD = KEY.point.at(-1)! & 1;
const withPoint = (...point: readonly Uint8Array[]) => ({ publicKey: spkiOf('P-384', concat(...point)) });

/** The other point of the curve with the same x. */
const negated = { spki: spkiOf('P-384', Point.fromBytes(KEY.point).negate().toBytes(false)) };

/** A key on P-256, and the key on P-384 with the same x: half of all numbers are the x of one. */
function sameX(): { readonly key: Key; readonly other: { readonly spki: Uint8Array } } {
  for (let index = 1; ; index++) {
    const key = keyOf(`csr same x ${index}`, 'P-256');
    const x = concat(new Uint8Array(SIZE - 32), key.point.subarray(1, 33));
    try {
      return { key, other: { spki: spkiOf('P-384', Point.fromBytes(concat(hex('02'), x)).toBytes(false)) } };
    } catch {
      // Not on the curve: the next one.
    }
  }
}

/** SEC 1, C.2: the parameters of P-384, with the attested key in the place of the base point. */
const EXPLICIT_PARAMETERS = sequence(
  integer(1),
  sequence(oid('1.2.840.10045.1.1'), integer(p)),
  sequence(octetString(wide(a)), octetString(wide(b))),
  octetString(KEY.point),
  integer(N),
  integer(1),
);

/**
 * Signs for the attested key without its private half: where the key itself is the base point, the private half
 * is 1 (CVE-2020-0601).
 */
const IMPOSTOR: Pick<Key, 'spki' | 'sign'> = {
  spki: sequence(sequence(oid('1.2.840.10045.2.1'), EXPLICIT_PARAMETERS), bitString(KEY.point)),
  sign: (data, hash) => signByHand({ secret: 1n, nonce: 12_345n, base: Point.fromBytes(KEY.point) }, data, hash),
};

const SAME_X = sameX();

/** Keys that are not the attested one, byte for byte. */
export const KEYS: readonly Row[] = [
  {
    name: 'key-other',
    title: 'The request is for another key than the attested one.',
    fault: 'the keys differ',
    code: 'ERR_MDA_CSR_PUBLIC_KEY',
    flags: ['key', 'known-mistake'],
    source: SOURCES.apple,
    csr: { key: keyOf('another csr') },
  },
  {
    name: 'key-other-endorsed',
    title: 'The request is for another key than the attested one, which has signed it.',
    fault: 'the keys differ, and the signature is that of the attested one',
    code: 'ERR_MDA_CSR_PUBLIC_KEY',
    flags: ['key', 'signature'],
    source: SOURCES.apple,
    csr: { key: { ...KEY, spki: keyOf('another csr').spki } },
  },
  {
    name: 'key-other-curve',
    title: 'The request is for a key on P-256, and the attested one is on P-384.',
    fault: 'the keys differ in size',
    code: 'ERR_MDA_CSR_PUBLIC_KEY',
    flags: ['key'],
    source: SOURCES.apple,
    csr: { key: P256_KEY, hash: 'SHA-256' },
  },
  {
    name: 'key-same-x-other-curve',
    title: 'The request is for a key on P-256, and the attested one has the same x on P-384.',
    fault: 'the keys have x in common and no more',
    code: 'ERR_MDA_CSR_PUBLIC_KEY',
    flags: ['key'],
    source: SOURCES.apple,
    csr: { key: SAME_X.key },
    attested: SAME_X.other,
    undone: { key: SAME_X.key },
  },
  {
    name: 'key-negated',
    title: 'The attested key is the other point of the curve with the same x.',
    fault: 'the keys differ in y',
    code: 'ERR_MDA_CSR_PUBLIC_KEY',
    flags: ['key'],
    source: SOURCES.apple,
    csr: {},
    attested: negated,
  },
  {
    name: 'key-compressed',
    title: 'The request has the attested key as a compressed point.',
    fault: 'the keys differ in their bytes',
    code: 'ERR_MDA_KEY_POINT',
    flags: ['key', 'profile'],
    source: SOURCES.key,
    csr: { replace: withPoint(Uint8Array.of(2 + Y_IS_ODD), X) },
  },
  {
    name: 'key-hybrid',
    title: 'The request has the attested key as a hybrid point.',
    fault: 'the first byte of the point says twice what y is',
    code: 'ERR_MDA_KEY_POINT',
    flags: ['key'],
    source: SOURCES.key,
    csr: { replace: withPoint(Uint8Array.of(6 + Y_IS_ODD), KEY.point.slice(1)) },
  },
  {
    name: 'key-agreement',
    title: 'The request has the attested key as one that may agree on keys alone.',
    fault: 'the algorithm of the key is id-ecDH',
    code: 'ERR_MDA_KEY_ALGORITHM',
    flags: ['key'],
    source: 'RFC 5480, 2.1.2',
    csr: {
      replace: { publicKey: sequence(sequence(oid('1.3.132.1.12'), oid('1.3.132.0.34')), bitString(KEY.point)) },
    },
  },
  {
    name: 'key-explicit-parameters',
    title: 'The request has the attested point on a curve whose base point it is, so that anybody can sign.',
    fault: 'the parameters of the curve are explicit',
    code: 'ERR_MDA_KEY_PARAMETERS',
    flags: ['key', 'signature'],
    source: 'RFC 5480, 2.1.1',
    csr: { key: IMPOSTOR },
  },
];
