import { p384 } from '@noble/curves/nist.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { toBigInt } from '../../../src/core/bytes.ts';
import { concat, hex, integer, name, oid, sequence } from '../../../src/testing/der-writer.ts';
import { fromBase64Url } from '../../../src/index.ts';
import { withLongLength } from '../../support/ber.ts';
import { signByHand, wide } from '../../support/ecdsa.ts';
import { type Key, privateJwkFrom } from '../../support/mint.ts';
import { keyOf } from '../support.ts';
import { KEY, P256_KEY, type Row, SEED, SOURCES } from './row.ts';

const { ORDER: N } = p384.Point.Fn;
const SECRET = fromBase64Url(privateJwkFrom(SEED, 'P-384').jwk.d!);

/** 197 times the base point has an x of 47 bytes. */
const NONCE_OF_SHORT_R = 197n;

/** A request for the attested key that is signed in another way. */
const signedBy = (sign: Key['sign']) => ({ key: { spki: KEY.spki, sign } });

const signWithShortR: Key['sign'] = (data, hash) =>
  signByHand({ secret: toBigInt(SECRET, 0, SECRET.length), nonce: NONCE_OF_SHORT_R }, data, hash);

const signWithSha1: Key['sign'] = (data) => p384.sign(sha1(data), SECRET, { prehash: false, lowS: false });

/** The two numbers of the signature that was made, in another form. */
function rewritten(write: (r: bigint, s: bigint) => Uint8Array) {
  return (value: Uint8Array): Uint8Array => {
    const end = 4 + value[3]!;
    return write(toBigInt(value, 4, end), toBigInt(value, end + 2, value.length));
  };
}

/** Both s and n - s verify; this is the larger one, whose first bit is one. */
const high = (s: bigint): bigint => (2n * s > N ? s : N - s);

/** The INTEGER with one zero byte more than it takes. */
function padded(number: bigint): Uint8Array {
  const der = integer(number);
  return concat(Uint8Array.of(2, der.length - 1, 0), der.subarray(2));
}

const ENCODING = { flags: ['signature', 'der'], source: SOURCES.ecdsa } as const;
const SHA1 = sequence(oid('1.2.840.10045.4.1'));
const SHA384_WITH_RSA = sequence(oid('1.2.840.113549.1.1.12'));
const WITH_NULL = sequence(oid('1.2.840.10045.4.3.3'), hex('0500'));

export const SIGNATURES: readonly Row[] = [
  {
    name: 'genuine',
    title: 'A request for the attested key on P-384 is signed with SHA-384.',
    flags: ['signature'],
    source: SOURCES.apple,
    csr: {},
  },
  {
    name: 'p256',
    title: 'A request for the attested key on P-256 is signed with SHA-256.',
    flags: ['signature', 'key'],
    source: SOURCES.apple,
    csr: { key: P256_KEY, hash: 'SHA-256' },
    attested: P256_KEY,
  },
  {
    name: 'sha256',
    title: 'A request for a key on P-384 is signed with SHA-256.',
    flags: ['signature'],
    source: SOURCES.algorithm,
    csr: { hash: 'SHA-256' },
  },
  {
    name: 'sha512',
    title: 'A request for a key on P-256 is signed with SHA-512, which is cut to the size of the curve.',
    flags: ['signature'],
    source: 'RFC 5758, 3.2; FIPS 186-5, 6.4',
    csr: { key: P256_KEY, hash: 'SHA-512' },
    attested: P256_KEY,
  },
  {
    name: 'signature-high-s',
    title: 'The s of the signature is in the upper half.',
    flags: ['signature'],
    source: 'FIPS 186-5, 6.4',
    csr: {
      subject: name({ CN: 'high s' }),
      signature: rewritten((r, s) => sequence(integer(r), integer(high(s)))),
    },
  },
  {
    name: 'signature-short-r',
    title: 'The r of the signature has 47 bytes, and is written in no more.',
    flags: ['signature'],
    source: SOURCES.ecdsa,
    csr: signedBy(signWithShortR),
  },

  {
    name: 'signature-other-key',
    title: 'Somebody who knows the attested key, and does not have it, signed the request.',
    fault: 'another key made the signature',
    code: 'ERR_MDA_CSR_SIGNATURE',
    flags: ['signature', 'key'],
    source: SOURCES.signature,
    csr: signedBy((data, hash) => keyOf('another csr').sign(data, hash)),
  },
  {
    name: 'signature-other-subject',
    title: 'The subject was changed after the request was signed.',
    fault: 'the signature is over another subject',
    code: 'ERR_MDA_CSR_SIGNATURE',
    flags: ['signature'],
    source: SOURCES.signature,
    csr: (genuine) => {
      const changed = Buffer.from(genuine);
      changed.write('DEVICE', changed.indexOf('device'));
      return new Uint8Array(changed);
    },
  },
  {
    name: 'signature-other-hash',
    title: 'The request says SHA-384 and was signed with SHA-256.',
    fault: 'the signature is over another hash',
    code: 'ERR_MDA_CSR_SIGNATURE',
    flags: ['signature'],
    source: SOURCES.signature,
    csr: signedBy((data) => KEY.sign(data, 'SHA-256')),
  },
  {
    name: 'signature-empty',
    title: 'The signature has no bytes.',
    fault: 'there is no signature',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    flags: ['signature'],
    source: SOURCES.signature,
    csr: { signature: () => new Uint8Array() },
  },
  {
    name: 'signature-zero',
    title: 'Both numbers of the signature are zero.',
    fault: 'r and s are not from 1 to n - 1',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    flags: ['signature'],
    source: 'FIPS 186-5, 6.4.2',
    csr: { signature: () => sequence(integer(0), integer(0)) },
  },
  {
    ...ENCODING,
    name: 'signature-raw',
    title: 'The signature is r and s one after the other, as in a JWS.',
    fault: 'the numbers are not in DER',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    csr: { signature: rewritten((r, s) => concat(wide(r), wide(s))) },
  },
  {
    ...ENCODING,
    name: 'signature-trailing-byte',
    title: 'A byte follows the two numbers of the signature.',
    fault: 'the sequence does not fill the bit string',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    csr: { signature: (value) => concat(value, hex('00')) },
  },
  {
    ...ENCODING,
    name: 'signature-third-number',
    title: 'A third number follows the two of the signature.',
    fault: 'the sequence has three numbers',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    csr: { signature: rewritten((r, s) => sequence(integer(r), integer(s), integer(1))) },
  },
  {
    ...ENCODING,
    name: 'signature-long-length',
    title: 'The length of the signature is written in a byte more than it takes.',
    fault: 'a length is not in its shortest form',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    csr: { signature: withLongLength },
  },
  {
    ...ENCODING,
    name: 'signature-padded',
    title: 'The r of the signature has one zero byte too many.',
    fault: 'an INTEGER is not in its shortest form',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    csr: { signature: rewritten((r, s) => sequence(padded(r), integer(s))) },
  },
  {
    ...ENCODING,
    name: 'signature-negative',
    title: 'The s of the signature lacks the zero byte that makes it positive.',
    fault: 's is below zero',
    code: 'ERR_MDA_CSR_SIGNATURE_ENCODING',
    csr: { signature: rewritten((r, s) => sequence(integer(r), integer(high(s) - 2n ** 384n))) },
  },

  {
    name: 'algorithm-sha1',
    title: 'The request is signed with SHA-1.',
    fault: 'the hash of the signature is too weak',
    code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    flags: ['signature', 'profile'],
    source: 'profile of this project: ECDSA with SHA-2 alone',
    csr: { ...signedBy(signWithSha1), replace: { algorithm: SHA1 } },
  },
  {
    name: 'algorithm-rsa',
    title: 'The algorithm of the signature is that of RSA, and the signature is ECDSA.',
    fault: 'the algorithm does not fit the key',
    code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    flags: ['signature'],
    source: SOURCES.signature,
    csr: { replace: { algorithm: SHA384_WITH_RSA } },
  },
  {
    name: 'algorithm-null',
    title: 'The algorithm of the signature has NULL for its parameters.',
    fault: 'there are parameters where none may be',
    code: 'ERR_MDA_DER_TRAILING',
    flags: ['signature', 'der'],
    source: SOURCES.algorithm,
    csr: { replace: { algorithm: WITH_NULL } },
  },
];
