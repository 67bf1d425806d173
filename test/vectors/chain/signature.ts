import { toBigInt } from '../../../src/core/bytes.ts';
import { derCursor, enter, readPositiveInteger, SEQUENCE } from '../../../src/core/der.ts';
import { parseCertificate } from '../../../src/index.ts';
import { bytes, concat, type Der, hex, integer, sequence, set, tlv } from '../../../src/testing/der-writer.ts';
import type { CertificateSpec, Key } from '../../support/mint.ts';
import { keyOf, KEYS, withoutExtensions } from '../support.ts';
import { altered } from './evidence.ts';
import type { Row } from './row.ts';

const ORDER = 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn;
const SIZE = 48;

/** Serial numbers of a leaf whose signature is of that kind: r is below 2^376, and r is 2^383 or more. */
const SHORT_R = 317;
const HIGH_R = 1;

/** The two numbers of a signature that is right. */
function numbersOf(value: Uint8Array): readonly [r: bigint, s: bigint] {
  const cursor = derCursor(value);
  enter(cursor, SEQUENCE);
  const read = (): bigint => {
    const number = readPositiveInteger(cursor);
    return toBigInt(number, 0, number.length);
  };
  return [read(), read()];
}

/** A right signature, with its numbers written in another way. */
const rewritten = (
  write: (r: bigint, s: bigint) => Uint8Array,
  spec: Partial<CertificateSpec> = {},
): { leaf: Partial<CertificateSpec> } => ({
  leaf: { ...spec, signature: (value) => write(...numbersOf(value)) },
});

/** An INTEGER with a zero byte too many. */
const padded = (number: bigint): Der => tlv(0x02, Uint8Array.of(0), integer(number).subarray(2));

const fixed = (number: bigint): Der => hex(number.toString(16).padStart(2 * SIZE, '0'));

const ENCODING = {
  flags: ['signature', 'der'],
  source: 'RFC 3279, 2.2.3; X.690, 10 and 11',
  code: 'ERR_MDA_CHAIN_SIGNATURE_ENCODING',
} as const;

/** Signatures and their form. */
export const SIGNATURES: readonly Row[] = [
  {
    name: 'signature-sha256-p256',
    title: 'Root and Sub CA are on P-256 and sign with SHA-256.',
    flags: ['signature', 'future'],
    source: 'RFC 5758, 3.2',
    chain: {
      keys: { root: keyOf('chain root', 'P-256'), subCa: keyOf('chain sub CA', 'P-256'), leaf: KEYS.leaf },
      root: { hash: 'SHA-256', extensions: withoutExtensions('root', '2.5.29.14') },
      subCa: { hash: 'SHA-256', extensions: withoutExtensions('subCa', '2.5.29.14', '2.5.29.35') },
      leaf: { hash: 'SHA-256' },
    },
  },
  {
    name: 'signature-sha256-p384',
    title: 'Root and Sub CA are on P-384 and sign with SHA-256.',
    flags: ['signature', 'future'],
    source: 'RFC 5758, 3.2',
    chain: { subCa: { hash: 'SHA-256' }, leaf: { hash: 'SHA-256' } },
  },
  {
    name: 'signature-sha512-p384',
    title: 'Root and Sub CA are on P-384 and sign with SHA-512, of which the curve takes the first 384 bits.',
    flags: ['signature', 'future'],
    source: 'RFC 5758, 3.2',
    chain: { subCa: { hash: 'SHA-512' }, leaf: { hash: 'SHA-512' } },
  },
  {
    name: 'signature-p521',
    title: 'The Sub CA is on P-521 and signs with SHA-512.',
    flags: ['signature', 'future'],
    source: 'RFC 5758, 3.2',
    reason: 'Apple’s authorities are on P-384: a verifier need not know a curve that no attestation was signed on',
    chain: {
      keys: { ...KEYS, subCa: keyOf('chain sub CA', 'P-521') },
      subCa: { extensions: withoutExtensions('subCa', '2.5.29.14') },
      leaf: { hash: 'SHA-512' },
    },
  },
  {
    name: 'signature-high-s',
    title: 'The second number of the signature is the larger of the two that verify.',
    flags: ['signature'],
    source: 'FIPS 186-5, 6.4.2',
    chain: rewritten((r, s) => sequence(integer(r), integer(s > ORDER / 2n ? s : ORDER - s))),
  },
  {
    name: 'signature-low-s',
    title: 'The second number of the signature is the smaller of the two that verify.',
    flags: ['signature'],
    source: 'FIPS 186-5, 6.4.2',
    chain: rewritten((r, s) => sequence(integer(r), integer(s > ORDER / 2n ? ORDER - s : s)), { serialNumber: 2 }),
  },
  {
    name: 'signature-short-number',
    title: 'The first number of the signature has a byte less than the curve, as one in 256 has.',
    flags: ['signature', 'real-world'],
    source: 'X.690, 8.3.2',
    chain: { leaf: { serialNumber: SHORT_R } },
  },
  {
    name: 'signature-leaf-stranger',
    title: 'Another key than that of the Sub CA signed the leaf.',
    flags: ['signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'the signature of the leaf is that of another key',
    chain: { leaf: { issuerKey: keyOf('stranger') } },
  },
  {
    name: 'signature-sub-ca-stranger',
    title: 'Another key than that of the root signed the Sub CA: a look-alike authority.',
    flags: ['signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'the signature of the Sub CA is that of another key',
    chain: { subCa: { issuerKey: keyOf('stranger') } },
  },
  {
    name: 'signature-sub-ca-own',
    title: 'The Sub CA signed itself.',
    flags: ['signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'the signature of the Sub CA is that of its own key',
    chain: { subCa: { issuerKey: KEYS.subCa } },
  },
  {
    name: 'signature-altered-leaf',
    title: 'The serial number of the device was changed after the leaf was signed.',
    flags: ['signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'one character of the serial number is another',
    chain: altered((leaf) => {
      const index = Buffer.from(leaf).indexOf(bytes('SIMULATED1'));
      return leaf.with(index + 9, '2'.charCodeAt(0));
    }),
  },
  {
    name: 'signature-other-hash',
    title: 'The leaf says SHA-256, and SHA-384 was signed.',
    flags: ['signature'],
    source: 'RFC 5280, 4.1.1.2',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'the hash that was signed is not that of the signature algorithm',
    chain: { leaf: { hash: 'SHA-256', issuerKey: signingWith384(KEYS.subCa) } },
    undone: { leaf: { hash: 'SHA-256' } },
  },
  {
    name: 'signature-zero',
    title: 'Both numbers of the signature are zero, which some verifiers have taken for right.',
    flags: ['signature'],
    source: 'FIPS 186-5, 6.4.2; CVE-2022-21449',
    code: 'ERR_MDA_CHAIN_SIGNATURE_ENCODING',
    fault: 'r and s are not from 1 to n - 1',
    chain: rewritten(() => sequence(integer(0), integer(0))),
  },
  {
    name: 'signature-s-plus-order',
    title: 'The order of the curve is added to the second number of the signature.',
    flags: ['signature'],
    source: 'FIPS 186-5, 6.4.2',
    code: 'ERR_MDA_CHAIN_SIGNATURE_ENCODING',
    fault: 's is not from 1 to n - 1',
    chain: rewritten((r, s) => sequence(integer(r), integer(s + ORDER))),
  },
  {
    name: 'signature-negative',
    title: 'The second number of the signature is negative.',
    flags: ['signature', 'der'],
    source: 'FIPS 186-5, 6.4.2; X.690, 8.3',
    code: 'ERR_MDA_CHAIN_SIGNATURE_ENCODING',
    fault: 's is less by the order of the curve, and so below zero',
    chain: rewritten((r, s) => sequence(integer(r), integer(s - ORDER))),
  },
  {
    ...ENCODING,
    name: 'signature-empty',
    title: 'The signature has no bytes.',
    fault: 'the BIT STRING of the signature holds nothing',
    chain: { leaf: { signature: () => new Uint8Array() } },
  },
  {
    ...ENCODING,
    name: 'signature-raw',
    title: 'The two numbers of the signature stand side by side, as in a JWS.',
    fault: 'r and s are not in a SEQUENCE of two INTEGERs',
    chain: rewritten((r, s) => concat(fixed(r), fixed(s))),
  },
  {
    ...ENCODING,
    name: 'signature-trailing-byte',
    title: 'A byte follows the SEQUENCE of the signature.',
    fault: 'the BIT STRING of the signature holds a byte more',
    chain: { leaf: { signature: (value) => concat(value, Uint8Array.of(0)) } },
  },
  {
    ...ENCODING,
    name: 'signature-third-number',
    title: 'The signature has a third number.',
    fault: 'the SEQUENCE of the signature holds an INTEGER more',
    chain: rewritten((r, s) => sequence(integer(r), integer(s), integer(1))),
  },
  {
    ...ENCODING,
    name: 'signature-padded-number',
    title: 'The first number of the signature has a zero byte too many.',
    fault: 'r is not in the fewest bytes',
    chain: rewritten((r, s) => sequence(padded(r), integer(s))),
  },
  {
    ...ENCODING,
    name: 'signature-unsigned-number',
    title: 'A number of the signature lacks the zero byte that says that it is positive.',
    fault: 'r is written as a negative number',
    chain: rewritten((r, s) => sequence(tlv(0x02, fixed(r)), integer(s)), { serialNumber: HIGH_R }),
    undone: { leaf: { serialNumber: HIGH_R } },
  },
  {
    ...ENCODING,
    name: 'signature-long-length',
    title: 'The length of the signature is in two bytes, and one would do.',
    fault: 'the length of the SEQUENCE is not in the fewest bytes',
    chain: { leaf: { signature: (value) => concat(hex('3081'), value.subarray(1)) } },
  },
  {
    ...ENCODING,
    name: 'signature-indefinite-length',
    title: 'The SEQUENCE of the signature has no length and ends with two zero bytes.',
    fault: 'the length of the SEQUENCE is indefinite',
    chain: { leaf: { signature: (value) => concat(hex('3080'), value.subarray(2), hex('0000')) } },
  },
  {
    ...ENCODING,
    name: 'signature-set',
    title: 'The two numbers of the signature are in a SET.',
    fault: 'the tag around r and s is that of a SET',
    chain: rewritten((r, s) => set(integer(r), integer(s))),
  },
  {
    ...ENCODING,
    name: 'signature-unused-bits',
    title: 'The signature says that one of its bits is unused.',
    source: 'RFC 3279, 2.2.3; X.690, 8.6',
    code: 'ERR_MDA_DER_BIT_STRING',
    fault: 'the BIT STRING of the signature has an unused bit',
    chain: altered((leaf) => leaf.with(leaf.length - parseCertificate(leaf).signature.length - 1, 1)),
  },
];

function signingWith384(key: Key): Key {
  return { ...key, sign: (data) => key.sign(data, 'SHA-384') };
}
