import { encodeAttestationEvidence } from '../../src/identity/attestation-evidence.ts';
import { attestationEvidenceOid } from '../../src/identity/oids.ts';
import {
  bitString,
  bytes,
  concat,
  type Der,
  explicit,
  hex,
  integer,
  name,
  octetString,
  oid,
  sequence,
  time,
} from '../../src/testing/der-writer.ts';
import { digest, type HashName, keyFrom, signatureValue } from '../../src/testing/key.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  encodeExtensions,
  extension,
  type ExtensionSpec,
  keyUsage,
  property,
  subjectKeyIdentifier,
} from '../../src/testing/certificate-writer.ts';
import { encodePermanentIdentifier, encodeHardwareModuleName } from '../../src/acme/index.ts';
import { sha1 } from '@noble/hashes/legacy.js';

/** The certification authorities of an organisation and the certificates of its devices, right or wrong in one place. */

/** The instant that identities are verified at. */
export const AT = new Date('2026-06-01T12:00:00Z');

/** Who signs: a key, and the algorithm that it signs with. */
export interface Signer {
  readonly spki: Der;
  /** The content of the BIT STRING of the key. */
  readonly keyBits: Uint8Array;
  /** AlgorithmIdentifier. */
  readonly algorithm: Der;
  sign(data: Uint8Array): Promise<Uint8Array>;
}

const NULL = hex('0500');
const ECDSA_OIDS = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
};

/** A key on a curve, the same for the same seed. */
export function ecSigner(
  seed: string,
  hash: HashName = 'SHA-256',
  curve: 'P-256' | 'P-384' | 'P-521' = 'P-256',
): Signer {
  const key = keyFrom(`organisation ${seed}`, curve);
  return {
    spki: key.spki,
    keyBits: key.point,
    algorithm: sequence(oid(ECDSA_OIDS[hash])),
    sign: async (data) => signatureValue(await key.sign(data, hash)),
  };
}

const RSA_OIDS = {
  'SHA-256': '1.2.840.113549.1.1.11',
  'SHA-384': '1.2.840.113549.1.1.12',
  'SHA-512': '1.2.840.113549.1.1.13',
};
const HASH_OIDS = {
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
};
const HASH_BYTES = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };

export function pssAlgorithm(hash: HashName, saltLength = HASH_BYTES[hash]): Der {
  const hashAlgorithm = sequence(oid(HASH_OIDS[hash]), NULL);
  return sequence(
    oid('1.2.840.113549.1.1.10'),
    sequence(
      explicit(0, hashAlgorithm),
      explicit(1, sequence(oid('1.2.840.113549.1.1.8'), hashAlgorithm)),
      explicit(2, integer(saltLength)),
    ),
  );
}

/** A random RSA key; the tests share a few, for they take long to make. */
export async function rsaSigner(
  scheme: 'RSASSA-PKCS1-v1_5' | 'RSA-PSS' = 'RSASSA-PKCS1-v1_5',
  hash: HashName = 'SHA-256',
  modulusLength = 2048,
): Promise<Signer> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { name: scheme, hash, modulusLength, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ['sign', 'verify'],
  );
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey));
  return {
    spki,
    // 30 82 …, the AlgorithmIdentifier of 15 bytes, 03 82 …, 00.
    keyBits: spki.subarray(4 + 15 + 5),
    algorithm: scheme === 'RSA-PSS' ? pssAlgorithm(hash) : sequence(oid(RSA_OIDS[hash]), NULL),
    sign: async (data) =>
      new Uint8Array(
        await crypto.subtle.sign({ name: scheme, saltLength: HASH_BYTES[hash] }, privateKey, new Uint8Array(data)),
      ),
  };
}

/** Every part of a certificate as DER, so that any one can be replaced by what should not be there. */
export interface IssueSpec {
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly issuer: Uint8Array;
  readonly signer: Signer;
  readonly extensions: readonly ExtensionSpec[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly serialNumber?: bigint | number;
  readonly version?: Uint8Array;
  readonly innerAlgorithm?: Uint8Array;
  readonly outerAlgorithm?: Uint8Array;
  readonly extensionsField?: Uint8Array;
  readonly signature?: (value: Uint8Array) => Uint8Array;
}

export async function issue(spec: IssueSpec): Promise<Der> {
  const { signer } = spec;
  const tbs = sequence(
    spec.version ?? explicit(0, integer(2)),
    integer(spec.serialNumber ?? 0x1234n),
    spec.innerAlgorithm ?? signer.algorithm,
    spec.issuer,
    sequence(
      time(spec.notBefore ?? new Date('2026-01-01T00:00:00Z')),
      time(spec.notAfter ?? new Date('2027-01-01T00:00:00Z')),
    ),
    spec.subject,
    spec.spki,
    spec.extensionsField ??
      (spec.extensions.length === 0 ? new Uint8Array() : explicit(3, encodeExtensions(spec.extensions))),
  );
  const value = await signer.sign(tbs);
  return sequence(tbs, spec.outerAlgorithm ?? signer.algorithm, bitString(spec.signature?.(value) ?? value));
}

export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
export const ANY_PURPOSE = '2.5.29.37.0';

export const extendedKeyUsage = (...purposes: readonly string[]): ExtensionSpec =>
  extension('2.5.29.37', sequence(...purposes.map(oid)));

export const alternativeNames = (names: readonly Uint8Array[], critical = false): ExtensionSpec =>
  extension('2.5.29.17', sequence(...names), critical);

export const skiOf = ({ keyBits }: Pick<Signer, 'keyBits'>): Uint8Array => sha1(keyBits);

/** A certification authority: its name, its key and its certificate. */
export interface Authority {
  readonly name: Der;
  readonly signer: Signer;
  readonly der: Der;
}

export type Changes = Partial<IssueSpec>;

export async function rootAuthority(commonName: string, signer: Signer, changes: Changes = {}): Promise<Authority> {
  const own = name({ CN: commonName, O: 'Organisation' });
  return authorityOf(own, signer, { name: own, signer }, changes);
}

export async function subAuthority(
  commonName: string,
  signer: Signer,
  issuer: Pick<Authority, 'name' | 'signer'>,
  changes: Changes = {},
): Promise<Authority> {
  return authorityOf(name({ CN: commonName, O: 'Organisation' }), signer, issuer, changes);
}

async function authorityOf(own: Der, signer: Signer, issuer: Pick<Authority, 'name' | 'signer'>, changes: Changes) {
  const der = await issue({
    subject: own,
    spki: signer.spki,
    issuer: issuer.name,
    signer: issuer.signer,
    notBefore: new Date('2025-01-01T00:00:00Z'),
    notAfter: new Date('2035-01-01T00:00:00Z'),
    extensions: [
      basicConstraints(true),
      keyUsage(0x06),
      subjectKeyIdentifier(skiOf(signer)),
      authorityKeyIdentifier(skiOf(issuer.signer)),
    ],
    ...changes,
  });
  return { name: own, signer, der };
}

export const SERIAL_NUMBER = 'SIMULATED1';
export const PROPERTIES: readonly ExtensionSpec[] = [
  property('9.1', bytes(SERIAL_NUMBER)),
  property('10.1', bytes('26.4.1')),
  property('13.2', bytes('Full Security')),
];
export const NAMES = [
  encodePermanentIdentifier({ identifierValue: SERIAL_NUMBER }),
  encodeHardwareModuleName({ type: '1.2.840.113635.100.8.9.1', serialNumber: bytes(SERIAL_NUMBER) }),
];

export const CERTIFICATE_HASH = new Uint8Array(32).fill(7);

/** The extension of an attestation of this key. */
export function evidenceFor(
  spki: Uint8Array,
  changes: Partial<Parameters<typeof encodeAttestationEvidence>[0]> = {},
): ExtensionSpec {
  return extension(
    attestationEvidenceOid,
    encodeAttestationEvidence({
      version: 0,
      attestedAt: new Date('2026-05-01T00:00:00Z'),
      verifiedAt: new Date('2026-05-01T00:01:00Z'),
      notAfter: new Date('2026-07-31T00:00:00Z'),
      freshness: 'matched',
      certificateHash: CERTIFICATE_HASH,
      publicKeyHash: new Uint8Array(digest('SHA-256', spki)),
      ...changes,
    }),
  );
}

export const DEVICE = ecSigner('device');
export const DEVICE_NAME = name({ CN: 'device', O: 'Organisation' });

/** What a device certificate has besides what is attested. */
export const PLAIN_EXTENSIONS: readonly ExtensionSpec[] = [
  basicConstraints(false),
  keyUsage(0x80),
  extendedKeyUsage(CLIENT_AUTH),
];

/** The certificate of a device. */
export function deviceCertificate(issuer: Pick<Authority, 'name' | 'signer'>, changes: Changes = {}): Promise<Der> {
  return issue({
    subject: DEVICE_NAME,
    spki: DEVICE.spki,
    issuer: issuer.name,
    signer: issuer.signer,
    serialNumber: 0xd0e1n,
    notBefore: new Date('2026-05-01T00:00:00Z'),
    notAfter: new Date('2026-06-15T00:00:00Z'),
    extensions: [
      ...PLAIN_EXTENSIONS,
      authorityKeyIdentifier(skiOf(issuer.signer)),
      alternativeNames(NAMES),
      ...PROPERTIES,
      evidenceFor(DEVICE.spki),
    ],
    ...changes,
  });
}

export { concat, octetString };
