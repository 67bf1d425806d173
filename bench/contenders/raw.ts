import { parseCertificate } from 'managed-device-attestation';
import type { Evidence } from './contender.ts';

/**
 * The unit of every table: one `crypto.subtle.verify` of the leaf's signature, key imported before,
 * signature in the form that WebCrypto takes. No verifier can be quicker than this.
 */
export async function rawVerification({ leaf, subCa }: Evidence): Promise<() => Promise<boolean>> {
  const { signature, tbsCertificate } = parseCertificate(leaf);
  const { point } = parseCertificate(subCa).publicKey;
  const key = await crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-384' }, false, ['verify']);
  const raw = toRaw(signature, 48);
  const algorithm = { name: 'ECDSA', hash: 'SHA-384' };
  return () => crypto.subtle.verify(algorithm, key, raw, tbsCertificate);
}

/** `r || s` of an Ecdsa-Sig-Value whose lengths fit in one byte each. */
function toRaw(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(2 * size);
  let offset = 2;
  for (const end of [size, 2 * size]) {
    const length = der[offset + 1]!;
    const number = der.subarray(offset + 2, offset + 2 + length);
    const digits = number.subarray(number[0] === 0 ? 1 : 0);
    raw.set(digits, end - digits.length);
    offset += 2 + length;
  }
  return raw;
}
