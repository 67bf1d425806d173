import {
  bytes,
  concat,
  hex,
  integer,
  name,
  oid,
  printable,
  sequence,
  set,
  utf8,
} from '../../../src/testing/der-writer.ts';
import { toPem } from '../../../src/index.ts';
import { withIndefiniteLength, withLongLength } from '../../support/ber.ts';
import { CSR_SUBJECT } from '../../support/csr.ts';
import { chainWith } from '../support.ts';
import { KEY, type Row, SOURCES } from './row.ts';

const COMMON_NAME = oid('2.5.4.3');

/** One name of the relative names of several, each shorter than 128 bytes. */
function joined(...names: readonly Uint8Array[]): Uint8Array {
  return sequence(...names.map((part) => part.slice(2)));
}

/** Everything but the key, the attributes and the signature. */
export const FORM: readonly Row[] = [
  {
    name: 'trailing-byte',
    title: 'A byte follows the request.',
    fault: 'the request does not fill the bytes',
    code: 'ERR_MDA_DER_TRAILING',
    flags: ['der'],
    source: SOURCES.request,
    csr: (genuine) => concat(genuine, hex('00')),
  },
  {
    name: 'trailing-field',
    title: 'A fourth field follows the signature.',
    fault: 'the request has four fields',
    code: 'ERR_MDA_DER_TRAILING',
    flags: ['der'],
    source: SOURCES.request,
    csr: (genuine) => sequence(genuine.slice(4), integer(1)),
  },
  {
    name: 'truncated',
    title: 'The last byte of the request is cut off.',
    fault: 'the request has a byte less than it says',
    code: 'ERR_MDA_DER_TRUNCATED',
    flags: ['der'],
    source: SOURCES.request,
    csr: (genuine) => genuine.slice(0, -1),
  },
  {
    name: 'empty',
    title: 'The request has no bytes.',
    fault: 'there is nothing',
    code: 'ERR_MDA_DER_TRUNCATED',
    flags: ['der'],
    source: SOURCES.request,
    csr: () => new Uint8Array(),
  },
  {
    name: 'pem',
    title: 'The request is in PEM.',
    fault: 'it is text around base64 and no DER',
    code: 'ERR_MDA_DER_TAG',
    flags: ['der'],
    source: 'RFC 8555, 7.4: base64url of DER',
    csr: (genuine) => bytes(toPem(genuine).replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')),
  },
  {
    name: 'certificate',
    title: 'A certificate for the attested key stands in the place of the request.',
    fault: 'it is no certificate request',
    code: 'ERR_MDA_DER_TAG',
    flags: ['der'],
    source: SOURCES.request,
    csr: async () => {
      const { leaf } = await chainWith({
        leaf: { key: KEY, issuer: CSR_SUBJECT, subject: CSR_SUBJECT, issuerKey: KEY },
      });
      return leaf;
    },
  },
  {
    name: 'long-length',
    title: 'The length of the request is written in a byte more than it takes.',
    fault: 'a length is not in its shortest form',
    code: 'ERR_MDA_DER_LENGTH',
    flags: ['der'],
    source: SOURCES.der,
    csr: withLongLength,
  },
  {
    name: 'long-length-signed',
    title: 'The length of the subject is written in two bytes, and signed like that.',
    fault: 'a length is not in its shortest form',
    code: 'ERR_MDA_DER_LENGTH',
    flags: ['der'],
    source: SOURCES.der,
    csr: { replace: { subject: withLongLength(CSR_SUBJECT) } },
  },
  {
    name: 'indefinite-length',
    title: 'The request has an indefinite length.',
    fault: 'two zero bytes end it',
    code: 'ERR_MDA_DER_LENGTH',
    flags: ['der'],
    source: SOURCES.der,
    csr: withIndefiniteLength,
  },
  {
    name: 'version-other',
    title: 'The version of the request is 1, which would be the second.',
    fault: 'the version is not 0',
    code: 'ERR_MDA_CSR_VERSION',
    flags: ['der'],
    source: SOURCES.info,
    csr: { replace: { version: integer(1) } },
  },
  {
    name: 'version-padded',
    title: 'The version is a 0 of two bytes.',
    fault: 'an INTEGER is not in its shortest form',
    code: 'ERR_MDA_DER_INTEGER',
    flags: ['der'],
    source: 'X.690, 8.3.2',
    csr: { replace: { version: hex('02020000') } },
  },
  {
    name: 'version-left-out',
    title: 'The request has no version.',
    fault: 'the field is left out, which has no default',
    code: 'ERR_MDA_DER_TAG',
    flags: ['der'],
    source: SOURCES.info,
    csr: { replace: { version: new Uint8Array() } },
  },

  {
    name: 'subject-empty',
    title: 'The subject is empty.',
    flags: ['der'],
    source: SOURCES.info,
    csr: { subject: sequence() },
  },
  {
    name: 'subject-long',
    title: 'The subject has attributes of several types, and two of one.',
    flags: ['text'],
    source: SOURCES.info,
    csr: {
      subject: joined(
        name({ C: 'US', O: 'Not Apple', OU: 'First' }),
        name({ OU: 'Second', CN: 'J\u00fcrgen\u2019s Mac' }),
      ),
    },
  },
  {
    name: 'subject-set',
    title: 'The subject is a SET and no SEQUENCE.',
    fault: 'the subject is no Name',
    code: 'ERR_MDA_DER_TAG',
    flags: ['der'],
    source: SOURCES.info,
    csr: { subject: set(set(sequence(COMMON_NAME, utf8('device')))) },
  },
  {
    name: 'subject-empty-set',
    title: 'A relative name of the subject is an empty set.',
    fault: 'a relative name has no attribute',
    code: 'ERR_MDA_DER_TRUNCATED',
    flags: ['der'],
    source: 'RFC 5280, 4.1.2.4',
    csr: { subject: sequence(set()) },
  },
  {
    name: 'subject-not-utf8',
    title: 'A UTF8String in the subject holds a byte that is no UTF-8.',
    fault: 'the common name ends with the byte ff',
    code: 'ERR_MDA_CERTIFICATE_NAME',
    flags: ['der', 'text'],
    source: 'RFC 3629, 3',
    csr: { subject: sequence(set(sequence(COMMON_NAME, hex('0c02 61ff')))) },
  },
  {
    name: 'subject-printable',
    title: 'A PrintableString in the subject holds an asterisk.',
    reason: 'the type has no asterisk, many clients write one nevertheless, and nothing rests on the subject',
    flags: ['text'],
    source: 'X.680, 41.4',
    csr: { subject: sequence(set(sequence(COMMON_NAME, printable('*.example.com')))) },
  },
  {
    name: 'subject-two-in-one',
    title: 'A relative name of the subject has two attributes.',
    reason: 'RFC 5280 allows it, hardly anybody does it, and nothing rests on the subject',
    flags: ['der'],
    source: 'RFC 5280, 4.1.2.4',
    csr: {
      subject: sequence(set(sequence(COMMON_NAME, utf8('device')), sequence(oid('2.5.4.10'), utf8('Not Apple')))),
    },
  },
];
