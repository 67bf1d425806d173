import { bitString, type Der, oid, sequence } from '../../src/testing/der-writer.ts';
import { type CertificateSpec, digest, mintChain, type MintedChain } from '../support/mint.ts';

/** Algorithms that Apple may sign with one day. FIPS 204 and 205; the sizes are in bytes. */
export const ALGORITHMS = {
  'ML-DSA-44': { oid: '2.16.840.1.101.3.4.3.17', keyBytes: 1312, signatureBytes: 2420 },
  'ML-DSA-65': { oid: '2.16.840.1.101.3.4.3.18', keyBytes: 1952, signatureBytes: 3309 },
  'ML-DSA-87': { oid: '2.16.840.1.101.3.4.3.19', keyBytes: 2592, signatureBytes: 4627 },
  'SLH-DSA-SHA2-128s': { oid: '2.16.840.1.101.3.4.3.20', keyBytes: 32, signatureBytes: 7856 },
  'SLH-DSA-SHA2-192s': { oid: '2.16.840.1.101.3.4.3.22', keyBytes: 48, signatureBytes: 16_224 },
  'SLH-DSA-SHA2-256s': { oid: '2.16.840.1.101.3.4.3.24', keyBytes: 64, signatureBytes: 29_792 },
} as const;

export type AlgorithmName = keyof typeof ALGORITHMS;

/** Bytes of any number that do not repeat, as those of a key or a signature; the same on every run. */
export function noise(seed: string, size: number): Der {
  const bytes = new Uint8Array(size);
  for (let offset = 0; offset < size; offset += 64)
    bytes.set(digest('SHA-512', new TextEncoder().encode(`${seed} ${offset}`)).subarray(0, size - offset), offset);
  return bytes;
}

/** AlgorithmIdentifier without parameters (RFC 9881, 2; RFC 9909, 3). */
export const algorithmOf = (name: AlgorithmName): Der => sequence(oid(ALGORITHMS[name].oid));

/** SubjectPublicKeyInfo with a key that nobody has: right in form and size. */
export function keyOf(name: AlgorithmName, seed: string): Der {
  return sequence(algorithmOf(name), bitString(noise(`${seed} key`, ALGORITHMS[name].keyBytes)));
}

/** What makes a certificate one that is signed by this algorithm, right in form and size. No library is asked to verify it. */
export function signedBy(name: AlgorithmName, seed: string): Partial<CertificateSpec> {
  return {
    replace: { innerAlgorithm: algorithmOf(name), outerAlgorithm: algorithmOf(name) },
    signature: () => noise(`${seed} signature`, ALGORITHMS[name].signatureBytes),
  };
}

/** A chain that is signed by one algorithm from the root down, and attests a key of it. */
export function mintPostQuantumChain(name: AlgorithmName): Promise<MintedChain> {
  const spec = (seed: string): Partial<CertificateSpec> => {
    const { replace, ...rest } = signedBy(name, seed);
    return { ...rest, replace: { ...replace, publicKey: keyOf(name, seed) } };
  };
  return mintChain({ root: spec('root'), subCa: spec('sub CA'), leaf: spec('leaf') });
}
