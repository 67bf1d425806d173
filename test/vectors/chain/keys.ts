import { p256, p384 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import {
  bitString,
  bytes,
  concat,
  type Der,
  hex,
  integer,
  octetString,
  oid,
  sequence,
} from '../../../src/testing/der-writer.ts';
import { digest, spkiOf } from '../../support/mint.ts';
import { KEYS } from '../support.ts';
import { type Row, SOURCES } from './row.ts';

const EC_PUBLIC_KEY = oid('1.2.840.10045.2.1');
const P384 = oid('1.3.132.0.34');
const SIZE = 48;

const { point } = KEYS.leaf;
const x = point.subarray(1, 1 + SIZE);
const y = point.subarray(1 + SIZE);

const leafWith = (spki: Der) => ({ leaf: { key: { spki } } });
const onP384 = (form: Uint8Array) => leafWith(spkiOf('P-384', form));
const keyOn = (...parameters: readonly Uint8Array[]): Der =>
  sequence(sequence(EC_PUBLIC_KEY, ...parameters), bitString(point));

/** RFC 3279, 2.3.5: ECParameters, which say of P-384 what its OID says. */
function explicitParameters(): Der {
  const { p, a, b, n } = p384.Point.CURVE();
  const field = (value: bigint): Der => octetString(hex(value.toString(16).padStart(2 * SIZE, '0')));
  return sequence(
    integer(1),
    sequence(oid('1.2.840.10045.1.1'), integer(p)),
    sequence(field(a), field(b)),
    octetString(p384.Point.BASE.toBytes(false)),
    integer(n),
    integer(1),
  );
}

/** A key of RSA: any odd number of 2048 bits serves, for nobody signs with it. */
function rsaKey(): Der {
  const modulus = concat(...['1', '2', '3', '4'].map((seed) => digest('SHA-512', bytes(`modulus ${seed}`))));
  modulus[0]! |= 0x80;
  modulus[modulus.length - 1]! |= 1;
  const number = BigInt(`0x${Buffer.from(modulus).toString('hex')}`);
  return sequence(
    sequence(oid('1.2.840.113549.1.1.1'), hex('0500')),
    bitString(sequence(integer(number), integer(65_537))),
  );
}

/** A point with a small x: with the prime added, it has a second form that fits in as many bytes. */
function beyondTheField(): Uint8Array {
  const { Fp } = p384.Point;
  const { p, b } = p384.Point.CURVE();
  for (let small = 0n; ; small++) {
    const square = Fp.create(small ** 3n - 3n * small + b);
    if (Fp.pow(square, (p - 1n) / 2n) !== 1n) continue;
    const digits = (value: bigint): Der => hex(value.toString(16).padStart(2 * SIZE, '0'));
    return concat(hex('04'), digits(small + p), digits(Fp.sqrt(square)));
  }
}

/** The attested key and its form, which no platform should be left to judge. */
export const ATTESTED_KEYS: readonly Row[] = [
  {
    name: 'key-off-curve',
    title: 'The attested key is a point that does not lie on its curve.',
    flags: ['key'],
    source: 'SP 800-186, D.1.1; SEC 1, 3.2.2',
    code: 'ERR_MDA_KEY_OFF_CURVE',
    fault: 'the last bit of the y coordinate is the other one',
    chain: onP384(point.with(point.length - 1, point.at(-1)! ^ 1)),
  },
  {
    name: 'key-coordinate-beyond-field',
    title: 'A coordinate of the attested key is not below the prime of the curve.',
    flags: ['key'],
    source: 'SEC 1, 2.3.4 and 3.2.2',
    code: 'ERR_MDA_KEY_OFF_CURVE',
    fault: 'the prime is added to the x coordinate',
    chain: onP384(beyondTheField()),
  },
  {
    name: 'key-infinity',
    title: 'The attested key is the point at infinity.',
    flags: ['key'],
    source: 'RFC 5480, 2.2; SEC 1, 3.2.2',
    code: 'ERR_MDA_KEY_POINT',
    fault: 'the point is the byte 00',
    chain: onP384(hex('00')),
  },
  {
    name: 'key-compressed',
    title: 'The point of the attested key is compressed.',
    flags: ['key', 'profile'],
    source: 'RFC 5480, 2.2',
    chain: onP384(concat(Uint8Array.of(2 + (point.at(-1)! & 1)), x)),
    reason: 'the RFC leaves it to verifiers whether they know the form; Apple’s keys are not in it',
  },
  {
    name: 'key-hybrid',
    title: 'The point of the attested key is in the hybrid form, which has both coordinates.',
    flags: ['key'],
    source: 'RFC 5480, 2.2',
    code: 'ERR_MDA_KEY_POINT',
    fault: 'the first byte of the point is 06 or 07',
    chain: onP384(concat(Uint8Array.of(6 + (point.at(-1)! & 1)), x, y)),
  },
  {
    name: 'key-of-other-curve',
    title: 'The attested key says P-384 and has a point of P-256.',
    flags: ['key'],
    source: 'RFC 5480, 2.2',
    code: 'ERR_MDA_KEY_POINT',
    fault: 'the point has not the size of its curve',
    chain: onP384(p256.Point.BASE.toBytes(false)),
  },
  {
    name: 'key-explicit-parameters',
    title: 'The attested key spells out its curve, which is P-384.',
    flags: ['key'],
    source: 'RFC 5480, 2.1.1; CVE-2020-0601',
    code: 'ERR_MDA_KEY_PARAMETERS',
    fault: 'the parameters of the key are no OID',
    chain: leafWith(keyOn(explicitParameters())),
  },
  {
    name: 'sub-ca-key-explicit-parameters',
    title: 'The key of the Sub CA spells out its curve, which is P-384.',
    flags: ['key'],
    source: 'RFC 5480, 2.1.1; CVE-2020-0601',
    code: 'ERR_MDA_KEY_PARAMETERS',
    fault: 'the parameters of the key are no OID',
    chain: {
      subCa: { key: { spki: sequence(sequence(EC_PUBLIC_KEY, explicitParameters()), bitString(KEYS.subCa.point)) } },
    },
  },
  {
    name: 'key-implicit-curve',
    title: 'The attested key does not name its curve.',
    flags: ['key'],
    source: 'RFC 5480, 2.1.1',
    code: 'ERR_MDA_KEY_PARAMETERS',
    fault: 'the parameters of the key are NULL',
    chain: leafWith(keyOn(hex('0500'))),
  },
  {
    name: 'key-unknown-curve',
    title: 'The attested key is on secp256k1, which no attested key is on.',
    flags: ['key', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_KEY_CURVE',
    fault: 'the curve of the key is none of the profile',
    chain: leafWith(
      sequence(sequence(EC_PUBLIC_KEY, oid('1.3.132.0.10')), bitString(secp256k1.Point.BASE.toBytes(false))),
    ),
  },
  {
    name: 'key-agreement',
    title: 'The attested key says that it may agree on keys alone.',
    flags: ['key'],
    source: 'RFC 5480, 2.1.2',
    code: 'ERR_MDA_KEY_ALGORITHM',
    fault: 'the algorithm of the key is id-ecDH',
    chain: leafWith(sequence(sequence(oid('1.3.132.1.12'), P384), bitString(point))),
  },
  {
    name: 'key-rsa',
    title: 'The attested key is of RSA, which no Secure Enclave makes.',
    flags: ['key', 'profile'],
    source: 'Apple, com.apple.security.acme: HardwareBound and KeyType',
    code: 'ERR_MDA_KEY_ALGORITHM',
    fault: 'the algorithm of the key is not that of elliptic curves',
    chain: leafWith(rsaKey()),
  },
  {
    name: 'key-unused-bits',
    title: 'The attested key says that one of its bits is unused.',
    flags: ['key', 'der'],
    source: 'RFC 5480, 2.2; X.690, 8.6',
    code: 'ERR_MDA_DER_BIT_STRING',
    fault: 'the BIT STRING of the point has an unused bit',
    chain: leafWith(sequence(sequence(EC_PUBLIC_KEY, P384), bitString(point, 1))),
  },
  {
    name: 'key-trailing-value',
    title: 'A NULL follows the curve of the attested key.',
    flags: ['key', 'der'],
    source: 'RFC 5480, 2.1.1',
    code: 'ERR_MDA_DER_TRAILING',
    fault: 'the algorithm of the key holds a value more',
    chain: leafWith(keyOn(P384, hex('0500'))),
  },
];
