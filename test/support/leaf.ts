import { type Certificate, parseCertificate } from '../../src/index.ts';
import type { Der } from '../../src/testing/der-writer.ts';
import {
  type CertificateParts,
  type CertificateSpec,
  type ExtensionSpec,
  type Key,
  keyFrom,
  LEAF_EXTENSIONS,
  LEAF_NAME,
  mintCertificate,
  SUB_CA_NAME,
} from './mint.ts';

export const LEAF_KEY = keyFrom('lone leaf');

/** Signs with numbers that are well-formed and verify nothing: for tests that parse and never verify. */
export const UNSIGNED: Key = { ...LEAF_KEY, sign: () => new Uint8Array(96).fill(1) };

/** One certificate in the shape of Apple's leaves, for tests that parse it. */
export function mintLeaf(spec: Partial<CertificateSpec> = {}): Promise<Der> {
  return mintCertificate({
    subject: LEAF_NAME,
    issuer: SUB_CA_NAME,
    key: LEAF_KEY,
    issuerKey: UNSIGNED,
    notBefore: new Date('2026-05-01T00:00:00Z'),
    notAfter: new Date('2026-07-31T00:00:00Z'),
    extensions: LEAF_EXTENSIONS,
    ...spec,
  });
}

/** A leaf with some of its parts replaced by what may not be there. */
export function mintLeafWith(replace: Partial<CertificateParts>): Promise<Der> {
  return mintLeaf({ replace });
}

export async function parsedLeaf(spec: Partial<CertificateSpec> = {}): Promise<Certificate> {
  return parseCertificate(await mintLeaf(spec));
}

export function parsedLeafWithExtensions(...extensions: readonly ExtensionSpec[]): Promise<Certificate> {
  return parsedLeaf({ extensions });
}
