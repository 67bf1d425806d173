import type { AttestationErrorCode, CheckName } from '../../src/index.ts';
import {
  boolean,
  bytes,
  concat,
  hex,
  integer,
  name,
  printable,
  sequence,
  set,
  oid,
} from '../../src/testing/der-writer.ts';
import {
  AT,
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateSpec,
  extension,
  type ExtensionSpec,
  keyFrom,
  keyIdentifierOf,
  keyUsage,
  LEAF_EXTENSIONS,
  mintChain,
  PROPERTIES,
  ROOT_NAME,
  subjectKeyIdentifier,
} from './mint.ts';
import { mintPath, type PathSpec } from './path.ts';

/** What a verifier is given. */
export interface Evidence {
  readonly x5c: readonly Uint8Array[];
  readonly anchors: readonly Uint8Array[];
  readonly at: Date;
}

/** Evidence with one fault, and what the verifier has to say of it. */
export interface ChainFault {
  readonly title: string;
  readonly code: AttestationErrorCode;
  /** Index of the certificate at fault; the anchor follows the last certificate. */
  readonly certificate: number;
  readonly check: CheckName;
  readonly evidence: () => Promise<Evidence>;
}

type Place = 'leaf' | 'subCa' | 'root';
const INDEX: Readonly<Record<Place, number>> = { leaf: 0, subCa: 1, root: 2 };

/** A chain in Apple's shape with something different in one certificate. */
async function chainWith(place: Place, changes: Partial<CertificateSpec>): Promise<Evidence> {
  const { x5c, root } = await mintChain({ [place]: changes });
  return { x5c, anchors: [root], at: AT };
}

async function pathWith(spec: PathSpec): Promise<Evidence> {
  const { x5c, root } = await mintPath(spec);
  return { x5c, anchors: [root], at: AT };
}

/** The extensions that `mintChain` gives to a certificate. */
function extensionsOf(place: Place): readonly ExtensionSpec[] {
  if (place === 'leaf') return LEAF_EXTENSIONS;
  const [root, subCa] = [keyFrom('chain root'), keyFrom('chain sub CA')].map(keyIdentifierOf);
  return place === 'root'
    ? [basicConstraints(true), subjectKeyIdentifier(root!), keyUsage(0x06)]
    : [basicConstraints(true, 0), authorityKeyIdentifier(root!), subjectKeyIdentifier(subCa!), keyUsage(0x06)];
}

/** Those extensions with some of them in place of the ones with the same OID, or after them. */
function withExtensions(place: Place, ...changes: readonly ExtensionSpec[]): ExtensionSpec[] {
  const changed = changes.map(({ oid: id }) => id);
  return [...extensionsOf(place).filter(({ oid: id }) => !changed.includes(id)), ...changes];
}

function withoutExtension(place: Place, id: string): ExtensionSpec[] {
  return extensionsOf(place).filter((other) => other.oid !== id);
}

function at(
  place: Place,
  title: string,
  code: AttestationErrorCode,
  check: CheckName,
  changes: Partial<CertificateSpec>,
) {
  return { title, code, check, certificate: INDEX[place], evidence: () => chainWith(place, changes) };
}

const BEFORE = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2020-12-31T00:00:00Z') };
const AFTER = { notBefore: new Date('2030-01-01T00:00:00Z'), notAfter: new Date('2030-12-31T00:00:00Z') };
const PLACES: readonly Place[] = ['leaf', 'subCa', 'root'];
const STRANGER = name({ CN: 'somebody else' });

const N_P384 = 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn;

/** Signatures that are no Ecdsa-Sig-Value in DER with both numbers from 1 to n - 1. */
const SIGNATURE_ENCODINGS: readonly (readonly [title: string, value: (right: Uint8Array) => Uint8Array])[] = [
  ['that is empty', () => new Uint8Array()],
  ['that is no SEQUENCE', () => set(integer(1), integer(1))],
  ['of raw numbers', () => new Uint8Array(96).fill(1)],
  ['that is cut off', (right) => right.subarray(0, -1)],
  ['with a byte after it', (right) => concat(right, Uint8Array.of(0))],
  ['of one number', () => sequence(integer(1))],
  ['of three numbers', () => sequence(integer(1), integer(1), integer(1))],
  ['whose r is 0', () => sequence(integer(0), integer(1))],
  ['whose s is 0', () => sequence(integer(1), integer(0))],
  ['whose r is negative', () => sequence(integer(-1), integer(1))],
  ['whose s is negative', () => sequence(integer(1), integer(-1))],
  ['whose r is the order of the curve', () => sequence(integer(N_P384), integer(1))],
  ['whose s is the order of the curve', () => sequence(integer(1), integer(N_P384))],
  ['whose r is far too long', () => sequence(integer(2n ** 4000n), integer(1))],
  ['whose r is padded', () => sequence(hex('02020001'), integer(1))],
  ['whose r has no bytes', () => sequence(hex('0200'), integer(1))],
  ['whose length is in the long form', () => hex('308106020101020101')],
  ['of an indefinite length', () => hex('30800201010201010000')],
  ['whose numbers are BOOLEANs', () => sequence(boolean(true), boolean(true))],
];

export const CHAIN_FAULTS: readonly ChainFault[] = [
  {
    title: 'an issuer that no trust anchor is named after',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    certificate: 1,
    check: 'trust-anchor',
    evidence: () => chainWith('root', { subject: STRANGER }),
  },
  {
    title: 'a Sub CA that is left out',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    certificate: 0,
    check: 'trust-anchor',
    evidence: async () => {
      const { leaf, root } = await mintChain();
      return { x5c: [leaf], anchors: [root], at: AT };
    },
  },
  {
    title: 'certificates in the wrong order',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    certificate: 1,
    check: 'trust-anchor',
    evidence: async () => {
      const { leaf, subCa, root } = await mintChain();
      return { x5c: [subCa, leaf], anchors: [root], at: AT };
    },
  },
  at('leaf', 'a leaf with the name of another issuer', 'ERR_MDA_CHAIN_NAME', 'names', { issuer: STRANGER }),
  at('leaf', 'a leaf with an issuer named in another string type', 'ERR_MDA_CHAIN_NAME', 'names', {
    issuer: sequence(
      set(sequence(oid('2.5.4.3'), printable('Simulated Enterprise Attestation Sub CA 1'))),
      set(sequence(oid('2.5.4.10'), printable('Not Apple'))),
      set(sequence(oid('2.5.4.6'), printable('US'))),
    ),
  }),
  at('leaf', 'a leaf with an issuer named in another case', 'ERR_MDA_CHAIN_NAME', 'names', {
    issuer: name({ CN: 'simulated enterprise attestation sub CA 1', O: 'Not Apple', C: 'US' }),
  }),
  ...PLACES.flatMap((place) => [
    at(place, `a ${place} that has expired`, 'ERR_MDA_CHAIN_EXPIRED', 'validity', BEFORE),
    at(place, `a ${place} that is not valid yet`, 'ERR_MDA_CHAIN_NOT_YET_VALID', 'validity', AFTER),
    ...['1.2.3.4', '2.5.29.30', '2.5.29.32', '2.5.29.54', '1.2.840.113635.100.8.9.1'].map((id) =>
      at(place, `a ${place} with a critical ${id}`, 'ERR_MDA_CHAIN_CRITICAL_EXTENSION', 'critical-extensions', {
        extensions: withExtensions(place, extension(id, bytes('x'), true)),
      }),
    ),
  ]),
  ...(['subCa', 'root'] as const).flatMap((place) => [
    at(place, `a ${place} that is no CA`, 'ERR_MDA_CHAIN_NOT_A_CA', 'certification-authorities', {
      extensions: withExtensions(place, basicConstraints(false)),
    }),
    at(place, `a ${place} without basicConstraints`, 'ERR_MDA_CHAIN_NOT_A_CA', 'certification-authorities', {
      extensions: withoutExtension(place, '2.5.29.19'),
    }),
    at(place, `a ${place} that may sign lists alone`, 'ERR_MDA_CHAIN_KEY_USAGE', 'key-usage', {
      extensions: withExtensions(place, keyUsage(0x02)),
    }),
  ]),
  {
    title: 'a Sub CA below a root that allows none',
    code: 'ERR_MDA_CHAIN_PATH_LENGTH',
    certificate: 2,
    check: 'path-length',
    evidence: () => pathWith({ authorities: [{}], root: { extensions: [basicConstraints(true, 0)] } }),
  },
  {
    title: 'an authority below one that allows none',
    code: 'ERR_MDA_CHAIN_PATH_LENGTH',
    certificate: 2,
    check: 'path-length',
    evidence: () => pathWith({ authorities: [{ extensions: [basicConstraints(true, 0)] }, {}] }),
  },
  {
    title: 'two authorities below one that allows one',
    code: 'ERR_MDA_CHAIN_PATH_LENGTH',
    certificate: 3,
    check: 'path-length',
    evidence: () => pathWith({ authorities: [{ extensions: [basicConstraints(true, 1)] }, {}, {}] }),
  },
  at('leaf', 'a leaf that is a CA', 'ERR_MDA_CHAIN_LEAF_IS_CA', 'leaf', {
    extensions: withExtensions('leaf', basicConstraints(true)),
  }),
  at('leaf', 'a leaf that is a CA with pathLen 0', 'ERR_MDA_CHAIN_LEAF_IS_CA', 'leaf', {
    extensions: withExtensions('leaf', basicConstraints(true, 0)),
  }),
  at('leaf', 'a leaf that may not sign', 'ERR_MDA_CHAIN_LEAF_KEY_USAGE', 'leaf', {
    extensions: withExtensions('leaf', keyUsage(0x70)),
  }),
  at('leaf', 'a leaf that may sign certificates', 'ERR_MDA_CHAIN_LEAF_KEY_USAGE', 'leaf', {
    extensions: withExtensions('leaf', keyUsage(0x84)),
  }),
  at('subCa', 'a Sub CA that names another key of its issuer', 'ERR_MDA_CHAIN_KEY_IDENTIFIER', 'key-identifiers', {
    extensions: withExtensions('subCa', authorityKeyIdentifier(Uint8Array.of(1, 2, 3))),
  }),
  at('leaf', 'a leaf that names another key of its issuer', 'ERR_MDA_CHAIN_KEY_IDENTIFIER', 'key-identifiers', {
    extensions: withExtensions('leaf', authorityKeyIdentifier(new Uint8Array(20))),
  }),
  at('leaf', 'a leaf that another key signed', 'ERR_MDA_CHAIN_SIGNATURE', 'signatures', {
    issuerKey: keyFrom('stranger'),
  }),
  at('subCa', 'a Sub CA that another key signed', 'ERR_MDA_CHAIN_SIGNATURE', 'signatures', {
    issuerKey: keyFrom('stranger'),
  }),
  at('subCa', 'a Sub CA that signed itself', 'ERR_MDA_CHAIN_SIGNATURE', 'signatures', {
    issuerKey: keyFrom('chain sub CA'),
  }),
  at('leaf', 'a leaf whose signature has numbers that verify nothing', 'ERR_MDA_CHAIN_SIGNATURE', 'signatures', {
    signature: () => sequence(integer(1), integer(1)),
  }),
  at('leaf', 'a leaf signed with the largest numbers', 'ERR_MDA_CHAIN_SIGNATURE', 'signatures', {
    signature: () => sequence(integer(N_P384 - 1n), integer(N_P384 - 1n)),
  }),
  ...SIGNATURE_ENCODINGS.map(([title, signature]) =>
    at('leaf', `a leaf with a signature ${title}`, 'ERR_MDA_CHAIN_SIGNATURE_ENCODING', 'signatures', { signature }),
  ),
  at('subCa', 'a Sub CA with a signature that is empty', 'ERR_MDA_CHAIN_SIGNATURE_ENCODING', 'signatures', {
    signature: () => new Uint8Array(),
  }),
  {
    title: 'a root with the name of the anchor and another key',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    certificate: 1,
    check: 'signatures',
    evidence: async () => {
      const { x5c } = await mintChain();
      const { root } = await mintChain({
        seed: 'other',
        root: { subject: ROOT_NAME, extensions: [basicConstraints(true)] },
      });
      return { x5c, anchors: [root], at: AT };
    },
  },
  {
    title: 'a root alone',
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    certificate: 0,
    check: 'leaf',
    evidence: async () => {
      const { root } = await mintPath({ authorities: [] });
      return { x5c: [root], anchors: [root], at: AT };
    },
  },
  {
    title: 'a Sub CA alone',
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    certificate: 0,
    check: 'leaf',
    evidence: async () => {
      const { subCa, root } = await mintChain();
      return { x5c: [subCa], anchors: [root], at: AT };
    },
  },
  {
    title: 'a leaf as an issuer',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    certificate: 1,
    check: 'certification-authorities',
    evidence: () => pathWith({ authorities: [{}, { extensions: [basicConstraints(false), keyUsage(0x80)] }] }),
  },
];

/** What is wrong with a leaf of a good chain, judged as an attestation that expects `FRESHNESS_CODE`. */
export interface FreshnessFault {
  readonly title: string;
  readonly code: AttestationErrorCode;
  readonly extensions: readonly ExtensionSpec[];
}

const FRESHNESS = '1.2.840.113635.100.8.11.1';
const withFreshness = (value: Uint8Array): ExtensionSpec[] => withExtensions('leaf', extension(FRESHNESS, value));

export const FRESHNESS_FAULTS: readonly FreshnessFault[] = [
  {
    title: 'no freshness code',
    code: 'ERR_MDA_FRESHNESS_MISSING',
    extensions: PROPERTIES.filter(({ oid: id }) => id !== FRESHNESS),
  },
  { title: 'a blank freshness code', code: 'ERR_MDA_FRESHNESS_MISSING', extensions: withFreshness(new Uint8Array()) },
  {
    title: 'a freshness code that is too long',
    code: 'ERR_MDA_FRESHNESS_MALFORMED',
    extensions: withFreshness(new Uint8Array(33)),
  },
  {
    title: 'another freshness code',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    extensions: withFreshness(new Uint8Array(32)),
  },
  {
    title: 'the beginning of the freshness code',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    extensions: withFreshness(Uint8Array.of(1)),
  },
];
