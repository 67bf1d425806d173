import { bytes, hex, oid, printable, sequence, set, tlv, utf8 } from '../../../src/testing/der-writer.ts';
import { LEAF_NAME } from '../../support/mint.ts';
import { type Row, SOURCES } from './row.ts';

const BMP_STRING = 0x1e;
const IA5_STRING = 0x16;

/** A name of one relative name, with a common name and what else stands beside it. */
const named = (value: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array =>
  sequence(set(sequence(oid('2.5.4.3'), value), ...more));
const subject = (value: Uint8Array) => ({ leaf: { subject: named(value) } });

/** Names and their forms. */
export const NAMES: readonly Row[] = [
  {
    name: 'issuer-empty',
    title: 'The leaf names no issuer.',
    flags: ['path'],
    source: 'RFC 5280, 4.1.2.4',
    code: 'ERR_MDA_CERTIFICATE_ISSUER_EMPTY',
    fault: 'the issuer has no attributes',
    chain: { leaf: { issuer: sequence() } },
  },
  {
    name: 'issuer-nameless',
    title: 'The Sub CA has no name, and the leaf names no issuer, so that the two agree.',
    flags: ['path', 'profile'],
    source: 'RFC 5280, 4.1.2.4 and 4.1.2.6',
    code: 'ERR_MDA_CERTIFICATE_ISSUER_EMPTY',
    fault: 'the subject of the Sub CA, and so the issuer of the leaf, has no attributes',
    chain: { subCa: { subject: sequence() }, leaf: { issuer: sequence() } },
  },
  {
    name: 'subject-empty-value',
    title: 'The common name of the leaf has no characters.',
    flags: ['text', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CERTIFICATE_NAME',
    fault: 'a value in the subject is empty',
    chain: subject(utf8('')),
    undone: subject(utf8('x')),
  },
  {
    name: 'subject-not-utf8',
    title: 'The common name of the leaf is a UTF8String in Latin-1.',
    flags: ['text', 'der'],
    source: 'RFC 5280, 4.1.2.4; X.690, 8.23',
    code: 'ERR_MDA_CERTIFICATE_NAME',
    fault: 'the bytes of a UTF8String are not UTF-8',
    chain: subject(tlv(0x0c, hex('5a6feb'))),
    undone: subject(utf8('Zoë')),
  },
  {
    name: 'subject-printable-alphabet',
    title: 'The common name of the leaf is a PrintableString with an asterisk.',
    flags: ['text', 'profile'],
    source: 'X.680, 41.4',
    code: 'ERR_MDA_CERTIFICATE_NAME',
    fault: 'a PrintableString holds a character that is none of its own',
    chain: subject(printable('*.example.com')),
    undone: subject(utf8('*.example.com')),
  },
  {
    name: 'subject-ia5-alphabet',
    title: 'The common name of the leaf is an IA5String with a byte above 7F.',
    flags: ['text', 'profile'],
    source: 'X.680, 41.2',
    code: 'ERR_MDA_CERTIFICATE_NAME',
    fault: 'an IA5String holds a byte that is not ASCII',
    chain: subject(tlv(IA5_STRING, hex('5a6feb'))),
    undone: subject(tlv(IA5_STRING, bytes('Zoe'))),
  },
  {
    name: 'subject-bmp-string',
    title: 'The common name of the leaf is a BMPString.',
    flags: ['text', 'profile'],
    source: 'RFC 5280, 4.1.2.4',
    chain: subject(tlv(BMP_STRING, hex('005a006f00eb'))),
    reason: 'RFC 5280 asks verifiers to know the type, and authorities not to use it: the profile refuses it',
  },
  {
    name: 'subject-two-attributes',
    title: 'A relative name of the subject has two attributes.',
    flags: ['text', 'profile'],
    source: 'RFC 5280, 4.1.2.4',
    chain: { leaf: { subject: named(utf8('a'), sequence(oid('2.5.4.5'), printable('1'))) } },
    reason: 'X.501 allows it, and no certificate of Apple’s authority has it: the profile refuses it',
  },
  {
    name: 'subject-left-out',
    title: 'The leaf has no field for its subject.',
    flags: ['der'],
    source: 'RFC 5280, 4.1',
    code: 'ERR_MDA_DER_TAG',
    fault: 'the public key stands where the subject should',
    chain: { leaf: { subject: new Uint8Array() } },
    undone: { leaf: { subject: LEAF_NAME } },
  },
];
