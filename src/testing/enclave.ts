import { type Bytes, toHex } from '../core/bytes.ts';
import { type CurveName, privateJwkFrom } from './key.ts';

/** A key of a simulated Secure Enclave. */
export interface EnclaveKey {
  readonly curve: 'P-256' | 'P-384';
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
  /** ECDSA, to sign with: for a JWS, a certificate request, a TLS handshake. Extractable if the device has `exportableKeys`. */
  readonly privateKey: CryptoKey;
}

/** Where the keys of one device are. */
export interface Enclave {
  readonly createKey: (curve: EnclaveKey['curve']) => Promise<EnclaveKey>;
  readonly holds: (key: EnclaveKey) => boolean;
}

/** With a seed, the keys come out the same again, in the order in which they are asked for. */
export function createEnclave(seed: string | undefined, exportable: boolean): Enclave {
  const own = new WeakSet<EnclaveKey>();
  const base = seed ?? toHex(crypto.getRandomValues(new Uint8Array(32)));
  let count = 0;
  return {
    async createKey(curve) {
      const key = await importPair(`${base} enclave key ${count++}`, curve, exportable);
      own.add(key);
      return key;
    },
    holds: (key) => own.has(key),
  };
}

async function importPair(
  seed: string,
  curve: CurveName & EnclaveKey['curve'],
  exportable: boolean,
): Promise<EnclaveKey> {
  const { spki, jwk } = privateJwkFrom(seed, curve);
  const algorithm = { name: 'ECDSA', namedCurve: curve };
  const privateKey = await crypto.subtle.importKey('jwk', jwk, algorithm, exportable, ['sign']);
  return { curve, publicKey: spki, privateKey };
}
