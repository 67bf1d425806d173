import { type Bytes, copyBytes } from '../core/bytes.ts';

/** Refuses what is no list of certificates with something in it. */
export function requireCertificates(certificates: unknown, option: string): readonly Bytes[] {
  if (!Array.isArray(certificates) || certificates.length === 0)
    throw new TypeError(`${option} must be an array that is not empty`);
  // Not `map`, which passes over the holes of an array.
  return Array.from(certificates, (der, index) => copyBytes(der, `${option}[${index}]`));
}

/** A leaf that came alone, with its issuers; a chain that is longer, as it is. */
export function withIssuers(chain: readonly Bytes[], issuers: readonly Uint8Array[] | undefined): readonly Bytes[] {
  const known = issuers === undefined ? [] : requireCertificates(issuers, 'issuers');
  return chain.length === 1 ? [...chain, ...known] : chain;
}
