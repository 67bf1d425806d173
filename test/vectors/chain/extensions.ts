import {
  bitString,
  boolean,
  bytes,
  concat,
  hex,
  integer,
  octetString,
  oid,
  sequence,
} from '../../../src/testing/der-writer.ts';
import { extendedKeyUsage } from '../../../src/testing/leaf.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  type ExtensionSpec,
  keyIdentifierOf,
  keyUsage,
  property,
  subjectKeyIdentifier,
} from '../../support/mint.ts';
import { KEYS, withExtensions } from '../support.ts';
import type { Row } from './row.ts';

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const PURPOSE = '1.2.840.113635.100.4.24';

const IDENTIFIER = keyIdentifierOf(KEYS.leaf);

const leafWith = (changed: ExtensionSpec) => ({ leaf: { extensions: withExtensions('leaf', changed) } });
const subCaWith = (changed: ExtensionSpec) => ({ subCa: { extensions: withExtensions('subCa', changed) } });
const critical = (id: string, value: Uint8Array): ExtensionSpec => extension(id, value, true);

/** The leaf after whose extensions others stand. */
const followed = (...more: readonly ExtensionSpec[]) => ({
  leaf: { extensions: [...withExtensions('leaf'), ...more] },
});

const MALFORMED = { flags: ['der'], code: 'ERR_MDA_CERTIFICATE_EXTENSION' } as const;

/** Of an extension that is not critical and that nothing rests on: who does not know it need not read it. */
const MALFORMED_UNASKED = { ...MALFORMED, flags: ['der', 'profile'] } as const;

/** Extensions that are malformed, or occur twice. */
export const EXTENSIONS: readonly Row[] = [
  {
    name: 'extension-twice',
    title: 'The leaf states two serial numbers of the device.',
    flags: ['der', 'identity'],
    source: 'RFC 5280, 4.2',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
    fault: 'an extension occurs twice, with different values',
    chain: followed(property('9.1', bytes('SIMULATED2'))),
  },
  {
    name: 'extension-twice-standard',
    title: 'The leaf has keyUsage twice, the second time without signatures.',
    flags: ['der', 'path'],
    source: 'RFC 5280, 4.2',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
    fault: 'an extension of RFC 5280 occurs twice, with different values',
    chain: followed(keyUsage(0x20)),
  },
  {
    name: 'extension-twice-equal',
    title: 'The leaf states the same OS version twice.',
    flags: ['der'],
    source: 'RFC 5280, 4.2',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
    fault: 'an extension occurs twice, with the same value',
    chain: followed(property('10.1', bytes('26.4.1'))),
  },
  {
    ...MALFORMED,
    name: 'basic-constraints-false-written',
    title: 'basicConstraints of the leaf say FALSE, which is the default and left out.',
    source: 'X.690, 11.5',
    fault: 'the default of cA is written out',
    chain: leafWith(critical(BASIC_CONSTRAINTS, sequence(boolean(false)))),
  },
  {
    ...MALFORMED,
    name: 'basic-constraints-path-length-alone',
    title: 'basicConstraints of the leaf have a pathLenConstraint, though it is no authority.',
    flags: ['der', 'path'],
    source: 'RFC 5280, 4.2.1.9',
    fault: 'pathLenConstraint stands without cA',
    chain: leafWith(critical(BASIC_CONSTRAINTS, sequence(integer(0)))),
  },
  {
    ...MALFORMED,
    name: 'basic-constraints-path-length-negative',
    title: 'The pathLenConstraint of the Sub CA is -1.',
    flags: ['der', 'path'],
    source: 'RFC 5280, 4.2.1.9: INTEGER (0..MAX)',
    fault: 'pathLenConstraint is negative',
    chain: subCaWith(critical(BASIC_CONSTRAINTS, sequence(boolean(true), integer(-1)))),
  },
  {
    ...MALFORMED,
    name: 'basic-constraints-path-length-padded',
    title: 'The pathLenConstraint of the Sub CA has a zero byte too many.',
    flags: ['der', 'path'],
    source: 'X.690, 8.3.2',
    fault: 'the INTEGER of pathLenConstraint is not in the fewest bytes',
    chain: subCaWith(critical(BASIC_CONSTRAINTS, sequence(boolean(true), hex('02020000')))),
  },
  {
    ...MALFORMED,
    name: 'basic-constraints-true-ber',
    title: 'The Sub CA is an authority by a TRUE that BER allows: its byte is 01 and not FF.',
    flags: ['der', 'path'],
    source: 'X.690, 11.1',
    fault: 'cA is 01',
    chain: subCaWith(critical(BASIC_CONSTRAINTS, sequence(hex('010101'), integer(0)))),
  },
  {
    ...MALFORMED,
    name: 'basic-constraints-trailing-byte',
    title: 'A byte follows the SEQUENCE in basicConstraints of the leaf.',
    source: 'RFC 5280, 4.2',
    fault: 'the value of the extension is longer than what it holds',
    chain: leafWith(critical(BASIC_CONSTRAINTS, concat(basicConstraints(false).value, hex('00')))),
  },
  {
    ...MALFORMED,
    name: 'key-usage-integer',
    title: 'keyUsage of the leaf is an INTEGER.',
    source: 'RFC 5280, 4.2.1.3',
    fault: 'keyUsage is no BIT STRING',
    chain: leafWith(critical(KEY_USAGE, integer(0xf0))),
  },
  {
    ...MALFORMED,
    name: 'key-usage-trailing-zero-bits',
    title: 'keyUsage of the leaf ends with bits that are zero.',
    source: 'X.690, 11.2.2',
    fault: 'the named bits do not end with the last one that is set',
    chain: leafWith(critical(KEY_USAGE, bitString(hex('f0')))),
    undone: leafWith(critical(KEY_USAGE, bitString(hex('f0'), 4))),
  },
  {
    ...MALFORMED,
    name: 'key-usage-empty',
    title: 'keyUsage of the leaf has no bit.',
    flags: ['der', 'path'],
    source: 'RFC 5280, 4.2.1.3',
    fault: 'no bit is set, and at least one must be',
    chain: leafWith(critical(KEY_USAGE, bitString(hex('')))),
    undone: leafWith(keyUsage(0x80)),
  },
  {
    ...MALFORMED_UNASKED,
    name: 'subject-key-identifier-bare',
    title: 'subjectKeyIdentifier of the leaf is not in an OCTET STRING of its own.',
    source: 'RFC 5280, 4.2.1.2',
    fault: 'the identifier stands bare in the extension',
    chain: leafWith(extension(SUBJECT_KEY_IDENTIFIER, IDENTIFIER)),
    undone: leafWith(subjectKeyIdentifier(IDENTIFIER)),
  },
  {
    ...MALFORMED_UNASKED,
    name: 'authority-key-identifier-bare',
    title: 'authorityKeyIdentifier of the leaf is an OCTET STRING, as the identifier of a subject is.',
    source: 'RFC 5280, 4.2.1.1',
    fault: 'the identifier is not in a SEQUENCE with the tag [0]',
    chain: leafWith(extension(AUTHORITY_KEY_IDENTIFIER, octetString(keyIdentifierOf(KEYS.subCa)))),
    undone: leafWith(authorityKeyIdentifier(keyIdentifierOf(KEYS.subCa))),
  },
  {
    ...MALFORMED_UNASKED,
    name: 'extended-key-usage-empty',
    title: 'The extended key usage of the leaf has no purpose.',
    source: 'RFC 5280, 4.2.1.12: SIZE (1..MAX)',
    fault: 'the list of purposes is empty',
    chain: leafWith(extension(EXTENDED_KEY_USAGE, sequence())),
    undone: leafWith(extendedKeyUsage(PURPOSE)),
  },
  {
    ...MALFORMED_UNASKED,
    name: 'extended-key-usage-trailing-byte',
    title: 'A byte follows the SEQUENCE in the extended key usage of the leaf.',
    source: 'RFC 5280, 4.2',
    fault: 'the value of the extension is longer than what it holds',
    chain: leafWith(extension(EXTENDED_KEY_USAGE, concat(sequence(oid(PURPOSE)), hex('00')))),
    undone: leafWith(extension(EXTENDED_KEY_USAGE, sequence(oid(PURPOSE)))),
  },
];
