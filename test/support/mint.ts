import { createHash } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import {
  bitString,
  boolean,
  bytes,
  concat,
  type Der,
  explicit,
  integer,
  name,
  octetString,
  oid,
  sequence,
  time,
} from './der.ts';

/**
 * Mints chains in the shape of Apple's, or with a fault in one place. Keys come from a seed and signatures
 * are deterministic (RFC 6979), so a chain comes out the same on every run.
 */

export type CurveName = 'P-256' | 'P-384' | 'P-521';
export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

export interface Key {
  readonly curve: CurveName;
  readonly spki: Der;
  readonly point: Der;
  /** Raw `r || s`. */
  sign(data: Uint8Array, hash: HashName): Uint8Array | Promise<Uint8Array>;
}

const CURVES = {
  'P-256': { noble: p256, oid: '1.2.840.10045.3.1.7', size: 32 },
  'P-384': { noble: p384, oid: '1.3.132.0.34', size: 48 },
  'P-521': { noble: p521, oid: '1.3.132.0.35', size: 66 },
} as const;

const SIGNATURE_OIDS = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
} as const;

export const digest = (hash: HashName, data: Uint8Array): Uint8Array =>
  createHash(hash.replace('-', '').toLowerCase()).update(data).digest();

export function spkiOf(curve: CurveName, point: Uint8Array): Der {
  return sequence(sequence(oid('1.2.840.10045.2.1'), oid(CURVES[curve].oid)), bitString(point));
}

/** A key that depends on the seed alone. */
export function keyFrom(seed: string, curve: CurveName = 'P-384'): Key {
  const { noble, size } = CURVES[curve];
  const material = concat(digest('SHA-512', bytes(`${seed} 1`)), digest('SHA-512', bytes(`${seed} 2`)));
  const secret = material.slice(0, size);
  if (curve === 'P-521') secret[0] = 0;
  const point = new Uint8Array(noble.getPublicKey(secret, false));
  return {
    curve,
    point,
    spki: spkiOf(curve, point),
    sign: (data, hash) => noble.sign(digest(hash, data), secret, { prehash: false, lowS: false }),
  };
}

/** A WebCrypto key: random, and quick where thousands of signatures are wanted. */
export async function randomKey(curve: CurveName = 'P-384'): Promise<Key> {
  const algorithm = { name: 'ECDSA', namedCurve: curve };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
  return {
    curve,
    point,
    spki: spkiOf(curve, point),
    sign: async (data, hash) =>
      new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash }, privateKey, new Uint8Array(data))),
  };
}

/** Ecdsa-Sig-Value from raw `r || s`. */
export function signatureValue(raw: Uint8Array): Der {
  const half = raw.length / 2;
  const number = (part: Uint8Array): bigint => BigInt(`0x${Buffer.from(part).toString('hex')}`);
  return sequence(integer(number(raw.subarray(0, half))), integer(number(raw.subarray(half))));
}

export interface ExtensionSpec {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

export const extension = (id: string, value: Uint8Array, critical = false): ExtensionSpec => ({
  oid: id,
  value,
  critical,
});

export const basicConstraints = (ca: boolean, pathLength?: number): ExtensionSpec =>
  extension(
    '2.5.29.19',
    sequence(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    true,
  );
/** The bits as a byte, first bit highest: 0xf0 as Apple's leaves, 0x06 as its authorities. */
export function keyUsage(bits: number): ExtensionSpec {
  const unused = Math.log2(bits & -bits);
  return extension('2.5.29.15', bitString(Uint8Array.of(bits), unused), true);
}
export const keyIdentifierOf = (key: Key): Uint8Array => createHash('sha1').update(key.point).digest();
export const subjectKeyIdentifier = (identifier: Uint8Array): ExtensionSpec =>
  extension('2.5.29.14', octetString(identifier));
export const authorityKeyIdentifier = (identifier: Uint8Array): ExtensionSpec =>
  extension('2.5.29.35', sequence(concat(Uint8Array.of(0x80, identifier.length), identifier)));
export const property = (arcs: string, value: Uint8Array): ExtensionSpec =>
  extension(`1.2.840.113635.100.8.${arcs}`, value);

/** Every part of a certificate as DER, so that any one can be replaced by what should not be there. */
export interface CertificateParts {
  version: Uint8Array;
  serialNumber: Uint8Array;
  innerAlgorithm: Uint8Array;
  issuer: Uint8Array;
  notBefore: Uint8Array;
  notAfter: Uint8Array;
  subject: Uint8Array;
  publicKey: Uint8Array;
  /** Between the key and the extensions: unique identifiers, where somebody sends them. */
  uniqueIdentifiers: Uint8Array;
  extensions: Uint8Array;
  outerAlgorithm: Uint8Array;
}

export interface CertificateSpec {
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly key: Pick<Key, 'spki'>;
  readonly issuerKey: Key;
  readonly hash?: HashName;
  readonly serialNumber?: bigint | number;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly ExtensionSpec[];
  /** Replaces parts before the signature is made: the certificate is wrong, and its signature right. */
  readonly replace?: Partial<CertificateParts>;
  /** Replaces the content of the BIT STRING that holds the signature. */
  readonly signature?: (value: Der) => Uint8Array;
}

export function encodeExtensions(extensions: readonly ExtensionSpec[]): Der {
  return sequence(
    ...extensions.map(({ oid: id, critical, value }) =>
      sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value)),
    ),
  );
}

export async function mintCertificate(spec: CertificateSpec): Promise<Der> {
  const hash = spec.hash ?? 'SHA-384';
  const algorithm = sequence(oid(SIGNATURE_OIDS[hash]));
  const parts: CertificateParts = {
    version: explicit(0, integer(2)),
    serialNumber: integer(spec.serialNumber ?? 0x198084c7ebcn),
    innerAlgorithm: algorithm,
    issuer: spec.issuer,
    notBefore: time(spec.notBefore),
    notAfter: time(spec.notAfter),
    subject: spec.subject,
    publicKey: spec.key.spki,
    uniqueIdentifiers: new Uint8Array(),
    extensions: explicit(3, encodeExtensions(spec.extensions)),
    outerAlgorithm: algorithm,
    ...spec.replace,
  };
  const tbs = sequence(
    parts.version,
    parts.serialNumber,
    parts.innerAlgorithm,
    parts.issuer,
    sequence(parts.notBefore, parts.notAfter),
    parts.subject,
    parts.publicKey,
    parts.uniqueIdentifiers,
    parts.extensions,
  );
  const value = signatureValue(await spec.issuerKey.sign(tbs, hash));
  return sequence(tbs, parts.outerAlgorithm, bitString(spec.signature?.(value) ?? value));
}

/** The instant that minted chains are verified at. */
export const AT = new Date('2026-06-01T12:00:00Z');
export const FRESHNESS_CODE: Der = Uint8Array.from({ length: 32 }, (_, index) => index + 1);

export const ROOT_NAME = name({ CN: 'Simulated Enterprise Attestation Root CA', O: 'Not Apple', C: 'US' });
export const SUB_CA_NAME = name({ CN: 'Simulated Enterprise Attestation Sub CA 1', O: 'Not Apple', C: 'US' });
export const LEAF_NAME = name({ CN: 'attested key', OU: 'AAA Certification', O: 'Not Apple', ST: 'California' });

export const PROPERTIES: readonly ExtensionSpec[] = [
  property('10.2', bytes('26.4.1')),
  property('10.3', bytes('26.4.1')),
  property('10.1', bytes('26.4.1')),
  property('9.4', bytes('J999xAP')),
  property('13.2', bytes('Full Security')),
  property('13.1', integer(0)),
  property('13.3', integer(0)),
  property('9.1', bytes('SIMULATED1')),
  property('9.2', bytes('00006030-0000000000000001')),
  property('11.1', FRESHNESS_CODE),
];
export const LEAF_EXTENSIONS: readonly ExtensionSpec[] = [basicConstraints(false), keyUsage(0xf0), ...PROPERTIES];

export interface ChainSpec {
  readonly seed?: string;
  readonly keys?: { readonly root: Key; readonly subCa: Key; readonly leaf: Pick<Key, 'spki'> };
  readonly root?: Partial<CertificateSpec>;
  readonly subCa?: Partial<CertificateSpec>;
  readonly leaf?: Partial<CertificateSpec>;
}

export interface MintedChain {
  readonly root: Der;
  readonly subCa: Der;
  readonly leaf: Der;
  /** What a device sends: leaf, Sub CA. */
  readonly x5c: readonly [Der, Der];
  readonly keys: { readonly root: Key; readonly subCa: Key; readonly leaf: Pick<Key, 'spki'> };
}

/** Root, Sub CA and leaf in Apple's shape, with what the caller changes in any of them. */
export async function mintChain(spec: ChainSpec = {}): Promise<MintedChain> {
  const seed = spec.seed ?? 'chain';
  const keys = spec.keys ?? {
    root: keyFrom(`${seed} root`),
    subCa: keyFrom(`${seed} sub CA`),
    leaf: keyFrom(`${seed} leaf`),
  };
  const root = await mintCertificate({
    subject: ROOT_NAME,
    issuer: ROOT_NAME,
    key: keys.root,
    issuerKey: keys.root,
    serialNumber: 0x42c0c2bb2c727c5c5eabn,
    notBefore: new Date('2022-02-16T19:01:24Z'),
    notAfter: new Date('2047-02-20T00:00:00Z'),
    extensions: [basicConstraints(true), subjectKeyIdentifier(keyIdentifierOf(keys.root)), keyUsage(0x06)],
    ...spec.root,
  });
  const subCa = await mintCertificate({
    subject: SUB_CA_NAME,
    issuer: ROOT_NAME,
    key: keys.subCa,
    issuerKey: keys.root,
    serialNumber: 0x7031e040a6e6b46be2f0n,
    notBefore: new Date('2022-02-16T19:04:47Z'),
    notAfter: new Date('2032-02-18T00:00:00Z'),
    extensions: [
      basicConstraints(true, 0),
      authorityKeyIdentifier(keyIdentifierOf(keys.root)),
      subjectKeyIdentifier(keyIdentifierOf(keys.subCa)),
      keyUsage(0x06),
    ],
    ...spec.subCa,
  });
  const leaf = await mintCertificate({
    subject: LEAF_NAME,
    issuer: SUB_CA_NAME,
    key: keys.leaf,
    issuerKey: keys.subCa,
    notBefore: new Date('2026-05-01T00:00:00Z'),
    notAfter: new Date('2026-07-31T00:00:00Z'),
    extensions: LEAF_EXTENSIONS,
    ...spec.leaf,
  });
  return { root, subCa, leaf, x5c: [leaf, subCa], keys };
}
