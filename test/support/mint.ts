import {
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateSpec,
  type ExtensionSpec,
  keyUsage,
  mintCertificate,
  property,
  subjectKeyIdentifier,
} from '../../src/testing/certificate-writer.ts';
import { bytes, type Der, integer, name } from '../../src/testing/der-writer.ts';
import { type Key, keyFrom, keyIdentifierOf } from '../../src/testing/key.ts';

export * from '../../src/testing/certificate-writer.ts';
export * from '../../src/testing/key.ts';

/** A chain in Apple's shape for tests, or with a fault in one place; the same on every run. */

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
