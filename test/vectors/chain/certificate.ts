import { bytes, explicit, hex, integer, oid, sequence, tlv } from '../../../src/testing/der-writer.ts';
import { type CertificateParts, extension, LEAF_EXTENSIONS } from '../../support/mint.ts';
import { AT, chainWith, type Evidence } from '../support.ts';
import { type Row, SOURCES } from './row.ts';

const leafWith = (replace: Partial<CertificateParts>) => ({ leaf: { replace } });
const algorithms = (inner: Uint8Array, outer = inner) => leafWith({ innerAlgorithm: inner, outerAlgorithm: outer });

const ECDSA_WITH_SHA384 = oid('1.2.840.10045.4.3.3');
/** What the rest of a leaf takes, most often. */
const OTHER_BYTES = 802;

/** The genuine chain with a leaf of that many bytes: signatures vary by a byte or two, so several are tried. */
const sized = (size: number) => async (): Promise<Evidence> => {
  for (let serialNumber = 1; ; serialNumber++) {
    const filler = extension('1.2.3.4', new Uint8Array(size - OTHER_BYTES));
    const leaf = { serialNumber, extensions: [...LEAF_EXTENSIONS, filler] };
    const { x5c, root } = await chainWith({ leaf });
    if (x5c[0].length === size) return { x5c, anchors: [root], at: AT };
  }
};

/** A leaf with that many extensions. */
const numbered = (count: number) => ({
  leaf: {
    extensions: [
      ...LEAF_EXTENSIONS,
      ...Array.from({ length: count - LEAF_EXTENSIONS.length }, (_, index) => extension(`1.2.3.${index}`, bytes('x'))),
    ],
  },
});

/** The fields of a certificate, each in a leaf that is right otherwise. */
export const FIELDS: readonly Row[] = [
  {
    name: 'certificate-largest',
    title: 'The leaf has 16,384 bytes.',
    flags: ['limits', 'future'],
    source: SOURCES.limits,
    chain: sized(16_384),
    reason:
      'the profile takes that much and no more; a leaf of Apple’s has less than 1,000, so a lower limit is right too',
  },
  {
    name: 'certificate-too-large',
    title: 'The leaf has 16,385 bytes.',
    flags: ['limits', 'known-mistake', 'profile'],
    source: SOURCES.limits,
    code: 'ERR_MDA_CERTIFICATE_TOO_LARGE',
    fault: 'a byte more than the profile allows',
    chain: sized(16_385),
    undone: sized(16_384),
  },
  {
    name: 'certificate-version-1',
    title: 'The leaf does not say its version, and so is of version 1, which has no extensions.',
    flags: ['der'],
    source: 'RFC 5280, 4.1.2.1',
    code: 'ERR_MDA_CERTIFICATE_VERSION',
    fault: 'the version is missing',
    chain: leafWith({ version: new Uint8Array() }),
  },
  {
    name: 'certificate-version-2',
    title: 'The leaf is of version 2, which has no extensions.',
    flags: ['der'],
    source: 'RFC 5280, 4.1.2.1',
    code: 'ERR_MDA_CERTIFICATE_VERSION',
    fault: 'the version is 2',
    chain: leafWith({ version: explicit(0, integer(1)) }),
  },
  {
    name: 'certificate-version-4',
    title: 'The leaf is of version 4, which there is not.',
    flags: ['der'],
    source: 'RFC 5280, 4.1.2.1',
    code: 'ERR_MDA_CERTIFICATE_VERSION',
    fault: 'the version is 4',
    chain: leafWith({ version: explicit(0, integer(3)) }),
  },
  {
    name: 'serial-number-zero',
    title: 'The serial number of the certificate is 0.',
    flags: ['profile'],
    source: 'RFC 5280, 4.1.2.2',
    code: 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER',
    fault: 'the serial number is not positive',
    chain: { leaf: { serialNumber: 0 } },
  },
  {
    name: 'serial-number-negative',
    title: 'The serial number of the certificate is negative.',
    flags: ['profile'],
    source: 'RFC 5280, 4.1.2.2',
    code: 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER',
    fault: 'the serial number is not positive',
    chain: { leaf: { serialNumber: -5 } },
  },
  {
    name: 'serial-number-too-long',
    title: 'The serial number of the certificate has 21 bytes with its sign.',
    flags: ['limits', 'profile'],
    source: 'RFC 5280, 4.1.2.2',
    code: 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER',
    fault: 'a byte more than the 20 that a serial number may have',
    chain: { leaf: { serialNumber: 2n ** 159n } },
    undone: { leaf: { serialNumber: 2n ** 159n - 1n } },
  },
  {
    name: 'serial-number-padded',
    title: 'The serial number of the certificate has a zero byte too many.',
    flags: ['der'],
    source: 'X.690, 8.3.2',
    code: 'ERR_MDA_DER_INTEGER',
    fault: 'the INTEGER is not in the fewest bytes',
    chain: leafWith({ serialNumber: hex('02020001') }),
    undone: leafWith({ serialNumber: hex('020101') }),
  },
  {
    name: 'algorithm-other-outside',
    title: 'The signed algorithm is ECDSA with SHA-384, and the one beside the signature says SHA-256.',
    flags: ['signature'],
    source: 'RFC 5280, 4.1.1.2',
    code: 'ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH',
    fault: 'the two algorithm identifiers differ',
    chain: algorithms(sequence(ECDSA_WITH_SHA384), sequence(oid('1.2.840.10045.4.3.2'))),
  },
  {
    name: 'algorithm-parameters',
    title: 'The signature algorithm has parameters, though they are NULL.',
    flags: ['signature', 'der'],
    source: 'RFC 5758, 3.2',
    code: 'ERR_MDA_DER_TRAILING',
    fault: 'a NULL follows the OID of ecdsa-with-SHA384',
    chain: algorithms(sequence(ECDSA_WITH_SHA384, hex('0500'))),
  },
  {
    name: 'algorithm-sha1',
    title: 'The leaf says that it is signed with SHA-1.',
    flags: ['signature', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    fault: 'the signature algorithm is ecdsa-with-SHA1',
    chain: algorithms(sequence(oid('1.2.840.10045.4.1'))),
  },
  {
    name: 'algorithm-rsa',
    title: 'The leaf says that it is signed with RSA, by an issuer whose key is of another kind.',
    flags: ['signature'],
    source: 'RFC 5280, 4.1.1.2',
    code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    fault: 'the signature algorithm is sha256WithRSAEncryption',
    chain: algorithms(sequence(oid('1.2.840.113549.1.1.11'), hex('0500'))),
  },
  {
    name: 'unique-identifier',
    title: 'The leaf has an issuerUniqueID, which authorities must not write.',
    flags: ['profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_DER_TAG',
    fault: 'an issuerUniqueID stands before the extensions',
    chain: leafWith({ uniqueIdentifiers: tlv(0x81, hex('00ff')) }),
  },
  {
    name: 'extensions-none',
    title: 'The leaf has a list of extensions without any.',
    flags: ['der'],
    source: 'RFC 5280, 4.1: SIZE (1..MAX)',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION_COUNT',
    fault: 'the list of extensions is empty',
    chain: leafWith({ extensions: explicit(3, sequence()) }),
  },
  {
    name: 'extensions-too-many',
    title: 'The leaf has 65 extensions.',
    flags: ['limits', 'profile'],
    source: SOURCES.limits,
    code: 'ERR_MDA_CERTIFICATE_EXTENSION_COUNT',
    fault: 'an extension more than the profile allows',
    chain: numbered(65),
    undone: numbered(64),
  },
];
