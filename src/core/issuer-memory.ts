import { type Bytes, equalBytes, isBytes } from './bytes.ts';
import type { CertificateRecord } from './certificate.ts';

/**
 * Certification authorities whose signature was verified, latest use first. What is remembered does not
 * depend on time, caller or policy: these bytes carry a signature that verifies under that public key.
 * Whether the path is valid, and at what time, is judged on every call, so answers are the same without
 * this. Only certificates that verified under a caller's trust anchor get in, so a stranger cannot fill it.
 */
export type IssuerMemory<Issuer> = {
  readonly record: Issuer;
  /** SubjectPublicKeyInfo under which its signature verified. */
  readonly signedBy: Uint8Array;
}[];

/** Named limit: Apple has one Sub CA; a service with anchors of its own has a few, and so has an organisation. */
export const MAX_REMEMBERED_ISSUERS = 16;

/** The issuers of attestations. Whoever empties it has the next verification do all the work again. */
export const issuers: IssuerMemory<CertificateRecord> = [];

/** The record of exactly these bytes, if they are those of a remembered issuer. */
export function recallIssuer<Issuer extends { readonly der: Bytes }>(
  memory: IssuerMemory<Issuer>,
  der: unknown,
): Issuer | undefined {
  if (!isBytes(der)) return undefined;
  const index = memory.findIndex(({ record }) => equalBytes(record.der, der));
  const found = memory[index];
  if (found === undefined) return undefined;
  if (index > 0) memory.unshift(...memory.splice(index, 1));
  return found.record;
}

/** Whether the signature of this issuer is known to verify under this key. */
export function isRememberedUnder<Issuer>(memory: IssuerMemory<Issuer>, record: Issuer, spki: Uint8Array): boolean {
  return memory.some((known) => known.record === record && equalBytes(known.signedBy, spki));
}

export function rememberIssuer<Issuer extends { readonly der: Bytes }>(
  memory: IssuerMemory<Issuer>,
  record: Issuer,
  signedBy: Uint8Array,
): void {
  if (memory.some(({ record: known }) => known === record || equalBytes(known.der, record.der))) return;
  memory.unshift({ record, signedBy });
  memory.length = Math.min(memory.length, MAX_REMEMBERED_ISSUERS);
}
