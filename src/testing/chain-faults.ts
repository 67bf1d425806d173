import { readCertificate } from '../core/certificate.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateSpec,
  extension,
  type ExtensionSpec,
  keyUsage,
  property,
} from './certificate-writer.ts';
import { boolean, bytes, concat, type Der, integer, name, sequence, tlv } from './der-writer.ts';
import { type Key, keyFrom } from './key.ts';
import { PROPERTY_ARCS } from './leaf.ts';

/** The certificates of a chain before they are put in order, and what more can be minted. */
export interface ChainParts {
  readonly leaf: Der;
  readonly subCa: Der;
  readonly root: Der;
  readonly keys: AuthorityKeys;
  /** A certificate like the leaf, with changes. */
  readonly mintLeaf: (changes: Partial<CertificateSpec>) => Promise<Der>;
  /** A certificate like the Sub CA, with changes. */
  readonly mintSubCa: (changes: Partial<CertificateSpec>) => Promise<Der>;
}

type Change = (spec: CertificateSpec, keys: AuthorityKeys) => Partial<CertificateSpec>;

/** One thing that is wrong with a chain, and what a strict verifier says to it. */
export interface ChainFault {
  readonly title: string;
  readonly code: AttestationErrorCode;
  readonly leaf?: Change;
  readonly subCa?: Change;
  readonly chain?: (parts: ChainParts) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
}

const FRESHNESS = property(PROPERTY_ARCS.freshnessCode, new Uint8Array()).oid;
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const DAY_MILLISECONDS = 86_400_000;

/** Without the extensions of an OID. */
export const without = ({ extensions }: CertificateSpec, id: string): readonly ExtensionSpec[] =>
  extensions.filter((other) => other.oid !== id);
/** With extensions in the place of those of the same OID, or after them. */
export function replaced({ extensions }: CertificateSpec, ...changes: readonly ExtensionSpec[]): ExtensionSpec[] {
  const kept = extensions.map((old) => changes.find(({ oid }) => oid === old.oid) ?? old);
  return [...kept, ...changes.filter(({ oid }) => !extensions.some((old) => old.oid === oid))];
}

const replacing =
  (...changes: readonly ExtensionSpec[]): Change =>
  (spec) => ({ extensions: replaced(spec, ...changes) });
const omitting =
  (id: string): Change =>
  (spec) => ({ extensions: without(spec, id) });
/** Ended a day before the leaf was issued. */
const ended: Change = ({ notBefore }) => ({
  notBefore: new Date(notBefore.getTime() - 2 * DAY_MILLISECONDS),
  notAfter: new Date(notBefore.getTime() - DAY_MILLISECONDS),
});
const later: Change = ({ notAfter }) => ({
  notBefore: new Date(notAfter.getTime() + DAY_MILLISECONDS),
  notAfter: new Date(notAfter.getTime() + 2 * DAY_MILLISECONDS),
});
const stranger = (): Key => keyFrom('a stranger');

/** Every attack and accident that an authority can act out, by name; those of the CBOR around are `OBJECT_FAULTS`. */
export const CHAIN_FAULTS = {
  'freshness-missing': {
    title: 'the leaf has no freshness code',
    code: 'ERR_MDA_FRESHNESS_MISSING',
    leaf: omitting(FRESHNESS),
  },
  'freshness-blank': {
    title: 'the freshness code has no bytes',
    code: 'ERR_MDA_FRESHNESS_MISSING',
    leaf: replacing(extension(FRESHNESS, new Uint8Array())),
  },
  'freshness-other': {
    title: 'the freshness code is that of another request',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    leaf: replacing(extension(FRESHNESS, new Uint8Array(32).fill(0xee))),
  },
  'freshness-prefix': {
    title: 'the freshness code is the first half of the right one',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    leaf: (spec) => ({ extensions: replaced(spec, extension(FRESHNESS, halfOf(freshnessOf(spec)))) }),
  },
  'freshness-wrapped': {
    title: 'the right freshness code stands in an OCTET STRING of its own',
    code: 'ERR_MDA_FRESHNESS_MALFORMED',
    leaf: (spec) => ({ extensions: replaced(spec, extension(FRESHNESS, tlv(0x04, freshnessOf(spec)))) }),
  },
  'freshness-too-long': {
    title: 'the freshness code has 33 bytes, the right ones first',
    code: 'ERR_MDA_FRESHNESS_MALFORMED',
    leaf: (spec) => ({ extensions: replaced(spec, extension(FRESHNESS, padded(freshnessOf(spec), 33))) }),
  },
  'key-other': {
    title: 'the attested key is another than the one that asked',
    code: 'ERR_MDA_ATTESTATION_PUBLIC_KEY',
    leaf: () => ({ key: stranger() }),
  },
  'leaf-expired': { title: 'the leaf has expired', code: 'ERR_MDA_CHAIN_EXPIRED', leaf: ended },
  'leaf-not-yet-valid': { title: 'the leaf is not valid yet', code: 'ERR_MDA_CHAIN_NOT_YET_VALID', leaf: later },
  'sub-ca-expired': { title: 'the Sub CA has expired', code: 'ERR_MDA_CHAIN_EXPIRED', subCa: ended },
  'sub-ca-not-yet-valid': { title: 'the Sub CA is not valid yet', code: 'ERR_MDA_CHAIN_NOT_YET_VALID', subCa: later },
  'leaf-signature': {
    title: 'another key signed the leaf',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    leaf: () => ({ issuerKey: stranger() }),
  },
  'sub-ca-signature': {
    title: 'another key signed the Sub CA: a look-alike authority',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    subCa: () => ({ issuerKey: stranger() }),
  },
  'leaf-changed': {
    title: 'a bit of the leaf was changed after it was signed',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    chain: ({ leaf, subCa }) => [flipped(leaf, signedEnd(leaf) - 1), subCa],
  },
  'signature-encoding': {
    title: 'the signature of the leaf is r and s without their DER',
    code: 'ERR_MDA_CHAIN_SIGNATURE_ENCODING',
    leaf: () => ({ signature: () => new Uint8Array(96).fill(1) }),
  },
  'issuer-name': {
    title: 'the leaf names another issuer',
    code: 'ERR_MDA_CHAIN_NAME',
    leaf: () => ({ issuer: name({ CN: 'Somebody else' }) }),
  },
  'anchor-unknown': {
    title: 'the Sub CA names another root',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    subCa: () => ({ issuer: name({ CN: 'Another Root CA' }) }),
  },
  'key-identifier': {
    title: 'the Sub CA names another key of its issuer',
    code: 'ERR_MDA_CHAIN_KEY_IDENTIFIER',
    subCa: replacing(authorityKeyIdentifier(new Uint8Array(20))),
  },
  'critical-extension': {
    title: 'the leaf has a critical extension that nobody knows',
    code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
    leaf: replacing(extension('1.2.3.4', bytes('x'), true)),
  },
  'leaf-is-ca': {
    title: 'the leaf is a certification authority',
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    leaf: replacing(basicConstraints(true)),
  },
  'leaf-key-usage': {
    title: 'the leaf may not sign',
    code: 'ERR_MDA_CHAIN_LEAF_KEY_USAGE',
    leaf: replacing(keyUsage(0x20)),
  },
  'sub-ca-not-a-ca': {
    title: 'the Sub CA is no certification authority',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    subCa: replacing(basicConstraints(false)),
  },
  'sub-ca-without-basic-constraints': {
    title: 'the Sub CA has no basicConstraints',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    subCa: omitting(BASIC_CONSTRAINTS),
  },
  'sub-ca-key-usage': {
    title: 'the Sub CA may sign lists but no certificates',
    code: 'ERR_MDA_CHAIN_KEY_USAGE',
    subCa: replacing(keyUsage(0x02)),
  },
  'leaf-as-issuer': {
    title: 'an attested key signs one more leaf, in Apple’s shape',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    chain: async ({ mintLeaf, subCa }) => {
      const device = name({ CN: 'device' });
      const attested = await mintLeaf({ subject: device, key: stranger() });
      return [await mintLeaf({ issuer: device, issuerKey: stranger() }), attested, subCa];
    },
  },
  'path-length': {
    title: 'one more authority stands below the Sub CA, which allows none',
    code: 'ERR_MDA_CHAIN_PATH_LENGTH',
    chain: async ({ mintLeaf, mintSubCa, subCa, keys }) => {
      const below = { subject: name({ CN: 'One more authority' }), key: stranger() };
      const more = await mintSubCa({
        ...below,
        issuer: keys.subCaName,
        issuerKey: keys.subCa,
        extensions: [basicConstraints(true, 0), keyUsage(0x06)],
      });
      return [await mintLeaf({ issuer: below.subject, issuerKey: below.key }), more, subCa];
    },
  },
  'sub-ca-as-leaf': {
    title: 'the Sub CA stands where the leaf should',
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    chain: ({ subCa }) => [subCa],
  },
  'sub-ca-left-out': {
    title: 'the leaf comes alone',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    chain: ({ leaf }) => [leaf],
  },
  'chain-reversed': {
    title: 'the Sub CA comes first',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    chain: ({ leaf, subCa }) => [subCa, leaf],
  },
  'certificate-twice': {
    title: 'the leaf comes twice',
    code: 'ERR_MDA_CHAIN_DUPLICATE',
    chain: ({ leaf, subCa }) => [leaf, leaf, subCa],
  },
  'certificate-extra': {
    title: 'a certificate that belongs to no path follows',
    code: 'ERR_MDA_CHAIN_NAME',
    chain: async ({ leaf, subCa, mintSubCa }) => [leaf, subCa, await mintSubCa({ subject: name({ CN: 'Unasked' }) })],
  },
  'chain-too-long': {
    title: 'six certificates',
    code: 'ERR_MDA_CHAIN_TOO_LONG',
    chain: ({ leaf, subCa, root }) => [leaf, subCa, root, root, root, root],
  },
  'chain-empty': { title: 'no certificates', code: 'ERR_MDA_CHAIN_EMPTY', chain: () => [] },
  'certificate-truncated': {
    title: 'the last byte of the leaf is cut off',
    code: 'ERR_MDA_DER_TRUNCATED',
    chain: ({ leaf, subCa }) => [leaf.slice(0, -1), subCa],
  },
  'certificate-trailing-byte': {
    title: 'a byte follows the leaf',
    code: 'ERR_MDA_DER_TRAILING',
    chain: ({ leaf, subCa }) => [concat(leaf, Uint8Array.of(0)), subCa],
  },
  'certificate-ber-length': {
    title: 'the length of the leaf is written in three bytes',
    code: 'ERR_MDA_DER_LENGTH',
    chain: ({ leaf, subCa }) => [concat(Uint8Array.of(0x30, 0x83, 0), leaf.slice(2)), subCa],
  },
  'certificate-too-large': {
    title: 'a leaf of 16,385 bytes',
    code: 'ERR_MDA_CERTIFICATE_TOO_LARGE',
    chain: ({ leaf, subCa }) => [padded(leaf, 16_385), subCa],
  },
  'certificate-not-der': {
    title: 'text in the place of the leaf',
    code: 'ERR_MDA_DER_TAG',
    chain: ({ subCa }) => [bytes('not a certificate'), subCa],
  },
  'certificate-version': {
    title: 'a leaf of version 1',
    code: 'ERR_MDA_CERTIFICATE_VERSION',
    leaf: () => ({ replace: { version: new Uint8Array() } }),
  },
  'serial-number-negative': {
    title: 'a serial number below zero',
    code: 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER',
    leaf: () => ({ serialNumber: -5 }),
  },
  'extension-twice': {
    title: 'the leaf has the serial number of the device twice',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
    leaf: ({ extensions }) => ({
      extensions: [
        ...extensions,
        property(PROPERTY_ARCS.serialNumber, bytes('FIRST')),
        property(PROPERTY_ARCS.serialNumber, bytes('SECOND')),
      ],
    }),
  },
  'basic-constraints-malformed': {
    title: 'basicConstraints that say the default',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION',
    leaf: replacing({ oid: BASIC_CONSTRAINTS, critical: true, value: sequence(boolean(false)) }),
  },
  'key-usage-malformed': {
    title: 'keyUsage that is an INTEGER',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION',
    leaf: replacing({ oid: KEY_USAGE, critical: true, value: integer(0xf0) }),
  },
} as const satisfies Record<string, ChainFault>;

/** The name of a fault of a chain. */
export type ChainFaultName = keyof typeof CHAIN_FAULTS;

function freshnessOf({ extensions }: CertificateSpec): Uint8Array {
  return extensions.find(({ oid }) => oid === FRESHNESS)?.value ?? new Uint8Array(32);
}

const halfOf = (value: Uint8Array): Uint8Array => value.slice(0, value.length / 2);

function padded(value: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(size);
  result.set(value);
  return result;
}

function flipped(value: Uint8Array, at: number): Uint8Array {
  const result = value.slice();
  result[at]! ^= 1;
  return result;
}

/** Where what is signed ends, which is the end of its last extension. */
function signedEnd(certificate: Uint8Array): number {
  const { tbs } = readCertificate(certificate, 'certificate');
  return tbs.byteOffset + tbs.length;
}
