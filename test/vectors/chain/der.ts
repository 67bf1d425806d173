import {
  bytes,
  concat,
  type Der,
  explicit,
  hex,
  octetString,
  oid,
  sequence,
  boolean,
  tlv,
} from '../../../src/testing/der-writer.ts';
import type { ChainCase } from '../../../src/conformance/vector.ts';
import { toBase64 } from '../../../src/index.ts';
import { type CertificateSpec, type ExtensionSpec, LEAF_EXTENSIONS, LEAF_NAME } from '../../support/mint.ts';
import { AT, chainCase, chainWith } from '../support.ts';
import { altered } from './evidence.ts';
import { type Row, SOURCES } from './row.ts';

/** A chain with another text for its leaf. */
const sentAs =
  (change: (leaf: string) => string, spec: Partial<CertificateSpec> = {}) =>
  async (): Promise<ChainCase> => {
    const { leaf, subCa, root } = await chainWith({ leaf: spec });
    const { input, ...rest } = chainCase({ x5c: [leaf, subCa], anchors: [root], at: AT });
    return { ...rest, input: { x5c: [change(toBase64(leaf)), input.x5c[1]!] } };
  };

/** A leaf whose base64 ends with ==; that of the genuine one is not padded. */
const PADDED = { serialNumber: 5 };

/** The header of a certificate of 256 to 65,535 bytes: a tag, and a length in three bytes. */
const HEADER_BYTES = 4;

const encoded = ({ oid: id, critical, value }: ExtensionSpec): Der =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));

const KEY_USAGE = '2.5.29.15';
const KEY_USAGE_VALUE = octetString(hex('030204f0'));

/** A leaf with its keyUsage written in another way. */
const withKeyUsage = (written: Uint8Array) => ({
  leaf: {
    replace: {
      extensions: explicit(
        3,
        sequence(...LEAF_EXTENSIONS.map((one) => (one.oid === KEY_USAGE ? written : encoded(one)))),
      ),
    },
  },
});

/** A leaf with one extension more, written in any way. */
const withExtension = (written: Uint8Array) => ({
  leaf: { replace: { extensions: explicit(3, sequence(...LEAF_EXTENSIONS.map(encoded), written)) } },
});

const BASE64 = { flags: ['text'], code: 'ERR_MDA_ENCODING_BASE64' } as const;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** How the bytes of a certificate are written, and the text around them. */
export const ENCODINGS: readonly Row[] = [
  {
    ...BASE64,
    name: 'base64-white-space',
    title: 'A line feed stands in the base64 of the leaf.',
    source: 'RFC 4648, 3.3',
    fault: 'a character that is not in the alphabet',
    chain: sentAs((leaf) => `${leaf.slice(0, 64)}\n${leaf.slice(64)}`),
  },
  {
    ...BASE64,
    name: 'base64-url',
    title: 'The leaf is in base64url.',
    source: 'RFC 4648, 4 and 5',
    fault: 'the characters - and _ stand for + and /',
    chain: sentAs((leaf) => leaf.replaceAll('+', '-').replaceAll('/', '_')),
  },
  {
    ...BASE64,
    name: 'base64-no-padding',
    title: 'The base64 of the leaf lacks its padding.',
    source: 'RFC 4648, 3.2',
    fault: 'the text is not padded with =',
    chain: sentAs((leaf) => leaf.replaceAll('=', ''), PADDED),
    undone: { leaf: PADDED },
  },
  {
    name: 'base64-spare-bits',
    flags: ['text'],
    title: 'The last character before the padding has bits that say nothing, and they are not zero.',
    source: 'RFC 4648, 3.5',
    reason: 'RFC 4648, 3.5, lets a decoder refuse such bits and lets it ignore them',
    chain: sentAs(
      (leaf) => leaf.replace(/(.)==$/, (_, last: string) => `${ALPHABET[ALPHABET.indexOf(last) + 1]!}==`),
      PADDED,
    ),
  },
  {
    ...BASE64,
    name: 'base64-pem',
    title: 'The leaf is in PEM.',
    source: SOURCES.protocol,
    fault: 'the text is PEM and no base64',
    chain: sentAs((leaf) => `-----BEGIN CERTIFICATE-----\n${leaf}\n-----END CERTIFICATE-----\n`),
  },
  {
    name: 'certificate-empty',
    title: 'The leaf has no bytes.',
    flags: ['der'],
    source: 'RFC 5280, 4.1',
    code: 'ERR_MDA_DER_TRUNCATED',
    fault: 'there are no bytes where a certificate should be',
    chain: altered(() => new Uint8Array()),
  },
  {
    name: 'certificate-text',
    title: 'Text stands in the place of the leaf.',
    flags: ['der'],
    source: 'RFC 5280, 4.1',
    code: 'ERR_MDA_DER_TAG',
    fault: 'the bytes are no SEQUENCE',
    chain: altered(() => bytes('not a certificate')),
  },
  {
    name: 'certificate-truncated',
    title: 'The last byte of the leaf is cut off.',
    flags: ['der'],
    source: 'X.690, 8.1.3',
    code: 'ERR_MDA_DER_TRUNCATED',
    fault: 'a byte is missing at the end',
    chain: altered((leaf) => leaf.subarray(0, -1)),
  },
  {
    name: 'certificate-trailing-byte',
    title: 'A byte follows the leaf.',
    flags: ['der'],
    source: 'RFC 5280, 4.1',
    code: 'ERR_MDA_DER_TRAILING',
    fault: 'a byte stands after the certificate',
    chain: altered((leaf) => concat(leaf, Uint8Array.of(0))),
  },
  {
    name: 'certificate-concatenated',
    title: 'Leaf and Sub CA run together in the place of the leaf.',
    flags: ['der'],
    source: 'RFC 5280, 4.1',
    code: 'ERR_MDA_DER_TRAILING',
    fault: 'a certificate stands after the certificate',
    chain: altered((leaf, subCa) => concat(leaf, subCa)),
  },
  {
    name: 'der-length-long',
    title: 'The length of the leaf is in four bytes, and three would do.',
    flags: ['der'],
    source: 'X.690, 10.1',
    code: 'ERR_MDA_DER_LENGTH',
    fault: 'the length of the certificate is not in the fewest bytes',
    chain: altered((leaf) => concat(hex('308300'), leaf.subarray(2))),
  },
  {
    name: 'der-length-indefinite',
    title: 'The leaf has no length and ends with two zero bytes.',
    flags: ['der'],
    source: 'X.690, 10.1',
    code: 'ERR_MDA_DER_LENGTH',
    fault: 'the length of the certificate is indefinite',
    chain: altered((leaf) => concat(hex('3080'), leaf.subarray(HEADER_BYTES), hex('0000'))),
  },
  {
    name: 'der-length-long-inside',
    title: 'The length of the subject is in two bytes, and one would do; it was signed like that.',
    flags: ['der'],
    source: 'X.690, 10.1',
    code: 'ERR_MDA_DER_LENGTH',
    fault: 'the length of the subject is not in the fewest bytes',
    chain: { leaf: { subject: concat(hex('3081'), LEAF_NAME.subarray(1)) } },
  },
  {
    name: 'der-length-lies',
    title: 'The length of the leaf says four gigabytes.',
    flags: ['der', 'limits'],
    source: 'X.690, 8.1.3',
    code: 'ERR_MDA_DER_TRUNCATED',
    fault: 'the length is more than there is',
    chain: altered((leaf) => concat(hex('3084ffffffff'), leaf.subarray(HEADER_BYTES))),
  },
  {
    name: 'der-length-wraps',
    title: 'The length of the leaf is 2^32 more than it should be.',
    flags: ['der', 'limits'],
    source: 'X.690, 8.1.3',
    code: 'ERR_MDA_DER_LENGTH',
    fault: 'the length is more than there is, and right in its lower 32 bits',
    chain: altered((leaf) => concat(hex('3085010000'), leaf.subarray(2))),
  },
  {
    name: 'der-boolean-ber',
    title: 'The critical flag of keyUsage is a TRUE that BER allows: its byte is 01 and not FF.',
    flags: ['der'],
    source: 'X.690, 11.1',
    code: 'ERR_MDA_DER_BOOLEAN',
    fault: 'the critical flag of keyUsage is 01',
    chain: withKeyUsage(sequence(oid(KEY_USAGE), hex('010101'), KEY_USAGE_VALUE)),
    undone: withKeyUsage(sequence(oid(KEY_USAGE), hex('0101ff'), KEY_USAGE_VALUE)),
  },
  {
    name: 'der-default-written',
    title: 'The critical flag of an extension is a FALSE that is written out, though it is the default.',
    flags: ['der'],
    source: 'X.690, 11.5',
    code: 'ERR_MDA_DER_DEFAULT',
    fault: 'the critical flag of an extension says FALSE',
    chain: withExtension(sequence(oid('1.2.3.4'), boolean(false), octetString(bytes('x')))),
    undone: withExtension(sequence(oid('1.2.3.4'), octetString(bytes('x')))),
  },
  {
    name: 'der-oid-padded',
    title: 'An OBJECT IDENTIFIER has an arc with a leading zero.',
    flags: ['der'],
    source: 'X.690, 8.19.2',
    code: 'ERR_MDA_DER_OID',
    fault: 'the second arc of an extension’s OID begins with the byte 80',
    chain: withExtension(sequence(hex('06042a800304'), octetString(bytes('x')))),
    undone: withExtension(sequence(hex('06032a0304'), octetString(bytes('x')))),
  },
  {
    name: 'der-octet-string-in-pieces',
    title: 'The value of an extension comes in pieces.',
    flags: ['der'],
    source: 'X.690, 10.2',
    code: 'ERR_MDA_DER_TAG',
    fault: 'the OCTET STRING of an extension is constructed',
    chain: withExtension(sequence(oid('1.2.3.4'), tlv(0x24, octetString(bytes('x')), octetString(bytes('y'))))),
    undone: withExtension(sequence(oid('1.2.3.4'), octetString(bytes('xy')))),
  },
];
