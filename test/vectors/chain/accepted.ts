import { bytes, hex, integer, name, sequence, tlv } from '../../../src/testing/der-writer.ts';
import { extendedKeyUsage } from '../../../src/testing/leaf.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  keyIdentifierOf,
  keyUsage,
  property,
  ROOT_NAME,
} from '../../support/mint.ts';
import { keyOf, KEYS, withExtensions, withoutExtensions } from '../support.ts';
import { type Row, SOURCES } from './row.ts';

const PURPOSE = '1.2.840.113635.100.4.24';
const SUB_CA_KEY = keyIdentifierOf(KEYS.subCa);
const KEY_IDENTIFIERS = ['2.5.29.14', '2.5.29.35'];
const arc = (arcs: string): string => `1.2.840.113635.100.8.${arcs}`;

const P256 = keyOf('chain leaf', 'P-256');
const P521 = keyOf('chain leaf', 'P-521');
const SECOND = { key: keyOf('second sub CA'), subject: name({ CN: 'Simulated Enterprise Attestation Sub CA 2' }) };

/** Leaves and Sub CAs that differ from the genuine ones, and are as good. */
export const ACCEPTED: readonly Row[] = [
  {
    name: 'genuine',
    title: 'A Mac of 2025 sends leaf and Sub CA, and the leaf has no extended key usage.',
    flags: ['path', 'real-world'],
    source: SOURCES.apple,
    chain: {},
  },
  {
    name: 'leaf-extended-key-usage',
    title: 'A leaf of 2026 has an extended key usage of Apple’s own.',
    flags: ['path', 'real-world', 'known-mistake'],
    source: SOURCES.departures,
    chain: { leaf: { extensions: withExtensions('leaf', extendedKeyUsage(PURPOSE)) } },
  },
  {
    name: 'leaf-extended-key-usage-other',
    title: 'The leaf has an extended key usage that nobody knows yet.',
    flags: ['path', 'future'],
    source: SOURCES.departures,
    chain: { leaf: { extensions: withExtensions('leaf', extendedKeyUsage(PURPOSE, '1.2.840.113635.100.4.9999')) } },
  },
  {
    name: 'leaf-p256',
    title: 'The attested key is on P-256, as an ACME payload may ask.',
    flags: ['key'],
    source: 'Apple, com.apple.security.acme: KeySize',
    chain: { leaf: { key: P256 } },
    key: P256,
  },
  {
    name: 'leaf-p521',
    title: 'The attested key is on P-521, which no payload can ask for so far.',
    flags: ['key', 'future'],
    source: 'Apple, com.apple.security.acme: KeySize',
    chain: { leaf: { key: P521 } },
    reason: 'the chain is right, but no attested key is on P-521 today: to refuse the curve until one is, is right too',
  },
  {
    name: 'leaf-user-enrollment',
    title: 'The leaf of a User Enrollment has no serial number and no UDID.',
    flags: ['user-enrollment', 'undetermined'],
    source: SOURCES.apple,
    chain: { leaf: { extensions: withoutExtensions('leaf', arc('9.1'), arc('9.2')) } },
    says: { serialNumber: { status: 'absent' }, udid: { status: 'absent' } },
  },
  {
    name: 'leaf-without-mac-properties',
    title: 'The leaf of a device that is no Mac says nothing of system integrity, secure boot and kernel extensions.',
    flags: ['undetermined'],
    source: SOURCES.apple,
    chain: { leaf: { extensions: withoutExtensions('leaf', arc('13.1'), arc('13.2'), arc('13.3')) } },
    says: {
      systemIntegrityProtection: { status: 'absent' },
      secureBoot: { status: 'absent' },
      thirdPartyKernelExtensions: { status: 'absent' },
    },
  },
  {
    name: 'leaf-blank-property',
    title: 'Apple could not determine the OS version and left it blank.',
    flags: ['undetermined'],
    source: SOURCES.apple,
    chain: { leaf: { extensions: withExtensions('leaf', property('10.1', new Uint8Array())) } },
    says: { osVersion: { status: 'blank' } },
  },
  {
    name: 'leaf-malformed-property',
    title: 'A property that cannot be read does not make the chain wrong.',
    flags: ['property'],
    source: SOURCES.protocol,
    chain: { leaf: { extensions: withExtensions('leaf', property('13.1', bytes('enabled'))) } },
    says: { systemIntegrityProtection: { status: 'malformed', bytes: '656e61626c6564' } },
  },
  {
    name: 'leaf-unknown-property',
    title: 'The leaf has a property that has no public meaning.',
    flags: ['property', 'future'],
    source: SOURCES.protocol,
    chain: { leaf: { extensions: withExtensions('leaf', property('13.4', integer(1))) } },
    says: { other: [{ oid: arc('13.4'), bytes: '020101' }] },
  },
  {
    name: 'leaf-unknown-extension',
    title: 'The leaf has an extension that is unknown and not critical.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 4.2',
    chain: { leaf: { extensions: withExtensions('leaf', extension('1.2.3.4', bytes('x'))) } },
  },
  {
    name: 'leaf-authority-key-identifier',
    title: 'The leaf names the key of its issuer, which Apple’s leaves do not do so far.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 4.2.1.1',
    chain: { leaf: { extensions: withExtensions('leaf', authorityKeyIdentifier(SUB_CA_KEY)) } },
  },
  {
    name: 'leaf-authority-key-identifier-alone',
    title: 'The leaf names a key, and the Sub CA does not say which key it has.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 4.2.1.1 and 4.2.1.2',
    chain: {
      subCa: { extensions: withoutExtensions('subCa', ...KEY_IDENTIFIERS) },
      leaf: { extensions: withExtensions('leaf', authorityKeyIdentifier(SUB_CA_KEY)) },
    },
  },
  {
    name: 'leaf-authority-serial-number-other',
    title: 'The leaf names its issuer by the serial number of another certificate, next to the right key identifier.',
    flags: ['path'],
    source: 'RFC 5280, 4.2.1.1',
    chain: {
      leaf: {
        extensions: withExtensions(
          'leaf',
          extension(
            '2.5.29.35',
            sequence(tlv(0x80, SUB_CA_KEY), tlv(0xa1, tlv(0xa4, ROOT_NAME)), tlv(0x82, Uint8Array.of(1))),
          ),
        ),
      },
    },
    reason: 'the field helps to find an issuer, and path validation (RFC 5280, 6.1) does not look at it',
  },
  {
    name: 'leaf-without-key-usage',
    title: 'The leaf has no keyUsage, so that its key may be for anything.',
    flags: ['path'],
    source: 'RFC 5280, 4.2.1.3',
    chain: { leaf: { extensions: withoutExtensions('leaf', '2.5.29.15') } },
  },
  {
    name: 'leaf-key-usage-nine-bits',
    title: 'The keyUsage of the leaf has its ninth bit, decipherOnly, and so two bytes.',
    flags: ['path', 'der'],
    source: 'RFC 5280, 4.2.1.3',
    chain: { leaf: { extensions: withExtensions('leaf', extension('2.5.29.15', hex('0303078880'), true)) } },
  },
  {
    name: 'leaf-key-usage-not-critical',
    title: 'The keyUsage of the leaf is not critical.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 4.2.1.3',
    chain: { leaf: { extensions: withExtensions('leaf', { ...keyUsage(0xf0), critical: false }) } },
  },
  {
    name: 'leaf-basic-constraints-not-critical',
    title: 'The basicConstraints of the leaf are not critical.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 4.2.1.9',
    chain: { leaf: { extensions: withExtensions('leaf', { ...basicConstraints(false), critical: false }) } },
  },
  {
    name: 'leaf-without-basic-constraints',
    title: 'The leaf has no basicConstraints, so that it is no certification authority.',
    flags: ['path'],
    source: 'RFC 5280, 4.2.1.9',
    chain: { leaf: { extensions: withoutExtensions('leaf', '2.5.29.19') } },
  },
  {
    name: 'leaf-serial-number-20-bytes',
    title: 'The serial number of the certificate has 20 bytes, the most there may be.',
    flags: ['limits'],
    source: 'RFC 5280, 4.1.2.2',
    chain: { leaf: { serialNumber: 2n ** 159n - 1n } },
  },
  {
    name: 'leaf-serial-number-sign-byte',
    title: 'The serial number of the certificate begins with a zero byte, for its first bit is one.',
    flags: ['der'],
    source: 'X.690, 8.3.2',
    chain: { leaf: { serialNumber: 0x80 } },
  },
  {
    name: 'leaf-subject-utf8',
    title: 'The subject of the leaf is not ASCII.',
    flags: ['text'],
    source: 'RFC 5280, 4.1.2.4',
    chain: { leaf: { subject: name({ CN: 'Zoë 北京 😀', O: 'Not Apple' }) } },
  },
  {
    name: 'leaf-subject-empty',
    title: 'The leaf has no subject.',
    flags: ['path'],
    source: 'RFC 5280, 4.1.2.6',
    chain: { leaf: { subject: name({}) } },
    reason: 'the RFC asks for a critical subjectAltName then, and its path validation does not check that',
  },
  {
    name: 'leaf-extended-key-usage-critical',
    title: 'The extended key usage of the leaf is critical.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 4.2.1.12',
    chain: { leaf: { extensions: withExtensions('leaf', { ...extendedKeyUsage(PURPOSE), critical: true }) } },
    reason: 'a verifier that reads the extension may let it in; one that does not must refuse what is critical',
  },
  {
    name: 'sub-ca-other',
    title: 'Another Sub CA of the same root issued the leaf, for Apple may add and rotate them.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 6.1.1 (d)',
    chain: {
      subCa: { ...SECOND, extensions: [basicConstraints(true, 0), keyUsage(0x06)] },
      leaf: { issuer: SECOND.subject, issuerKey: SECOND.key },
    },
  },
  {
    name: 'sub-ca-without-key-usage',
    title: 'The Sub CA has no keyUsage, so that its key may be for anything.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 6.1.4 (n)',
    chain: { subCa: { extensions: withoutExtensions('subCa', '2.5.29.15') } },
  },
  {
    name: 'sub-ca-without-key-identifiers',
    title: 'The Sub CA names neither its own key nor that of the root.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 6.1',
    chain: { subCa: { extensions: withoutExtensions('subCa', ...KEY_IDENTIFIERS) } },
  },
  {
    name: 'sub-ca-without-path-length',
    title: 'The Sub CA has no pathLenConstraint.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 6.1.4 (m)',
    chain: { subCa: { extensions: withExtensions('subCa', basicConstraints(true)) } },
  },
  {
    name: 'sub-ca-basic-constraints-not-critical',
    title: 'The basicConstraints of the Sub CA are not critical.',
    flags: ['path'],
    source: 'RFC 5280, 4.2.1.9',
    chain: { subCa: { extensions: withExtensions('subCa', { ...basicConstraints(true, 0), critical: false }) } },
    reason: 'the RFC tells authorities to mark them critical, and its path validation does not ask whether they did',
  },
  {
    name: 'sub-ca-unknown-extension',
    title: 'The Sub CA has an extension that is unknown and not critical.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 4.2',
    chain: { subCa: { extensions: withExtensions('subCa', extension('1.2.3.4', bytes('x'))) } },
  },
];
