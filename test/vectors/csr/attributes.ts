import {
  bytes,
  concat,
  integer,
  octetString,
  oid,
  printable,
  sequence,
  set,
  tlv,
  utf8,
} from '../../../src/testing/der-writer.ts';
import { encodeExtensions, extension, keyUsage } from '../../support/mint.ts';
import { attribute, attributes } from '../../support/csr.ts';
import { type Row, SOURCES } from './row.ts';

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const MICROSOFT_EXTENSION_REQUEST = '1.3.6.1.4.1.311.2.1.14';
const CHALLENGE_PASSWORD = '1.2.840.113549.1.9.7';
const UNSTRUCTURED_NAME = '1.2.840.113549.1.9.2';

/** PermanentIdentifier (RFC 4043) in an otherName of subjectAltName. */
const PERMANENT_IDENTIFIER = extension(
  '2.5.29.17',
  sequence(tlv(0xa0, oid('1.3.6.1.5.5.7.8.3'), tlv(0xa0, sequence(utf8('SIMULATED1'))))),
);

const requested = attribute(EXTENSION_REQUEST, encodeExtensions([PERMANENT_IDENTIFIER, keyUsage(0x80)]));
const requestedAsMicrosoft = attribute(
  MICROSOFT_EXTENSION_REQUEST,
  encodeExtensions([PERMANENT_IDENTIFIER, keyUsage(0x80)]),
);
const password = attribute(CHALLENGE_PASSWORD, printable('not so secret'));
const unstructured = attribute(UNSTRUCTURED_NAME, utf8('one'), utf8('two'));
const unknown = attribute('1.2.3.4', sequence(integer(1), octetString(bytes('x'))));

/** An OCTET STRING that has fewer bytes than it says. */
const BROKEN = concat(Uint8Array.of(4, 5), bytes('ab'));

/** In the order of DER, whatever that is. */
const ORDERED = [requested, password].toSorted((a, b) => Buffer.compare(a, b));

const MICROSOFT = 'RFC 2985, 5.4.2; Microsoft, wincrypt.h, szOID_CERT_EXTENSIONS';

const LEVELS = 1000;
const nested = Array.from({ length: LEVELS }).reduce<Uint8Array>((inner) => sequence(inner), sequence());

export const ATTRIBUTES: readonly Row[] = [
  {
    name: 'extension-request',
    title: 'The request asks for extensions, a permanent identifier among them.',
    flags: ['identity'],
    source: 'RFC 2985, 5.4.2; RFC 4043',
    csr: { attributes: [requested] },
  },
  {
    name: 'two-attributes',
    title: 'The request has a challenge password and asks for extensions.',
    flags: ['der'],
    source: 'RFC 2985, 5.4',
    csr: { attributes: ORDERED },
  },
  {
    name: 'two-values',
    title: 'An attribute has two values.',
    flags: ['der'],
    source: SOURCES.info,
    csr: { attributes: [unstructured] },
  },
  {
    name: 'unknown-attribute',
    title: 'The request has an attribute that nobody knows.',
    flags: ['future'],
    source: SOURCES.info,
    csr: { attributes: [unknown] },
  },

  {
    name: 'attributes-left-out',
    title: 'The request has no attributes, not even an empty set of them.',
    fault: 'the field is left out, which is not optional',
    code: 'ERR_MDA_CSR_ATTRIBUTES',
    flags: ['der'],
    source: SOURCES.info,
    csr: { replace: { attributes: new Uint8Array() } },
  },
  {
    name: 'attributes-tag',
    title: 'The attributes stand in a SET, without the tag of the field.',
    fault: 'the tag is 31 and not a0',
    code: 'ERR_MDA_CSR_ATTRIBUTES',
    flags: ['der'],
    source: SOURCES.info,
    csr: { replace: { attributes: set(requested) } },
    undone: { attributes: [requested] },
  },
  {
    name: 'attributes-explicit',
    title: 'The attributes stand in a SET within the field.',
    fault: 'the tag of the field is explicit',
    code: 'ERR_MDA_DER_TAG',
    flags: ['der'],
    source: SOURCES.info,
    csr: { replace: { attributes: tlv(0xa0, set(requested)) } },
    undone: { attributes: [requested] },
  },
  {
    name: 'attribute-twice',
    title: 'The request asks for extensions twice, in two attributes.',
    fault: 'an attribute occurs twice',
    code: 'ERR_MDA_CSR_ATTRIBUTE_DUPLICATE',
    flags: ['der', 'profile'],
    source: 'RFC 2985, 5.4.2: a single value',
    csr: {
      attributes: [requested, attribute(EXTENSION_REQUEST, encodeExtensions([keyUsage(0x80)]))],
    },
    undone: { attributes: [requested] },
  },
  {
    name: 'microsoft-extension-request',
    title: "The request asks for extensions in Microsoft's attribute.",
    fault: 'some readers take the extensions in it, and others see none',
    code: 'ERR_MDA_CSR_ATTRIBUTES',
    flags: ['profile', 'identity'],
    source: MICROSOFT,
    csr: { attributes: [requestedAsMicrosoft] },
  },
  {
    name: 'microsoft-extension-request-beside',
    title: "The request asks for extensions in the attribute of PKCS #9, and for others in Microsoft's.",
    fault: 'which extensions are asked for depends on the reader',
    code: 'ERR_MDA_CSR_ATTRIBUTES',
    flags: ['profile', 'identity'],
    source: MICROSOFT,
    csr: {
      attributes: [attribute(EXTENSION_REQUEST, encodeExtensions([keyUsage(0x80)])), requestedAsMicrosoft],
    },
    undone: { attributes: [attribute(EXTENSION_REQUEST, encodeExtensions([keyUsage(0x80)]))] },
  },
  {
    name: 'attribute-without-value',
    title: 'An attribute has a set of values that is empty.',
    fault: 'there is no value',
    code: 'ERR_MDA_CSR_ATTRIBUTES',
    flags: ['der'],
    source: SOURCES.info,
    csr: { attributes: [attribute(CHALLENGE_PASSWORD)] },
    undone: { attributes: [password] },
  },
  {
    name: 'attribute-without-set',
    title: 'The value of an attribute stands without a set around it.',
    fault: 'the value is no SET',
    code: 'ERR_MDA_DER_TAG',
    flags: ['der'],
    source: SOURCES.info,
    csr: { attributes: [sequence(oid(CHALLENGE_PASSWORD), printable('not so secret'))] },
    undone: { attributes: [password] },
  },
  {
    name: 'attribute-truncated',
    title: 'The value of an attribute claims more bytes than its set has.',
    fault: 'an OCTET STRING of two bytes has the length five',
    code: 'ERR_MDA_DER_TRUNCATED',
    flags: ['der'],
    source: 'X.690, 8.1.3',
    csr: { attributes: [attribute('1.2.3.4', BROKEN)] },
    undone: { attributes: [attribute('1.2.3.4', octetString(bytes('ab')))] },
  },
  {
    name: 'attributes-trailing',
    title: 'A field follows the attributes.',
    fault: 'what is signed has five fields',
    code: 'ERR_MDA_DER_TRAILING',
    flags: ['der'],
    source: SOURCES.info,
    csr: { replace: { attributes: concat(attributes(), integer(1)) } },
  },

  {
    name: 'attributes-order',
    title: 'Two attributes do not stand in the order of DER.',
    reason: 'DER orders the elements of a set, and nothing that is judged here rests on their order',
    flags: ['der'],
    source: 'X.690, 11.6',
    csr: { replace: { attributes: attributes(...ORDERED.toReversed()) } },
  },
  {
    name: 'extension-request-two-values',
    title: 'The attribute that asks for extensions has two values.',
    reason: 'RFC 2985 allows one, and whoever judges the key alone need not know the attribute',
    flags: ['der'],
    source: 'RFC 2985, 5.4.2',
    csr: {
      attributes: [
        attribute(EXTENSION_REQUEST, encodeExtensions([keyUsage(0x80)]), encodeExtensions([PERMANENT_IDENTIFIER])),
      ],
    },
  },
  {
    name: 'attribute-broken-within',
    title: 'A value of an unknown attribute is a SEQUENCE whose content is broken.',
    reason: 'all of a request is DER, and whoever does not know the attribute need not look into its value',
    flags: ['der'],
    source: SOURCES.der,
    csr: { attributes: [attribute('1.2.3.4', sequence(BROKEN))] },
  },
  {
    name: 'attribute-nested',
    title: 'A value within an attribute is nested a thousand levels deep.',
    reason: 'it is DER, and a limit on the depth is wise: what counts is that the verifier answers',
    flags: ['limits'],
    source: SOURCES.info,
    csr: { attributes: [attribute('1.2.3.4', nested)] },
  },
];
