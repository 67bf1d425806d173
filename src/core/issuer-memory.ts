import { equalBytes, isBytes } from './bytes.ts';
import type { CertificateRecord } from './certificate.ts';

/**
 * Certification authorities whose signature was verified, latest use first. What is remembered does not
 * depend on time, caller or policy: these bytes carry a signature that verifies under that public key.
 * Whether the path is valid, and at what time, is judged on every call, so answers are the same without
 * this. Only certificates that verified under a caller's trust anchor get in, so a stranger cannot fill it.
 */
interface RememberedIssuer {
  readonly record: CertificateRecord;
  /** SubjectPublicKeyInfo under which its signature verified. */
  readonly signedBy: Uint8Array;
}

/** Named limit: Apple has one Sub CA; a service with anchors of its own has a few. */
const MAX_REMEMBERED_ISSUERS = 16;

const remembered: RememberedIssuer[] = [];

/** The record of exactly these bytes, if they are those of a remembered issuer. */
export function recallIssuer(der: unknown): CertificateRecord | undefined {
  if (!isBytes(der)) return undefined;
  const index = remembered.findIndex(({ record }) => equalBytes(record.der, der));
  const found = remembered[index];
  if (found === undefined) return undefined;
  if (index > 0) remembered.unshift(...remembered.splice(index, 1));
  return found.record;
}

/** Whether the signature of this issuer is known to verify under this key. */
export function isRememberedUnder(record: CertificateRecord, spki: Uint8Array): boolean {
  return remembered.some((known) => known.record === record && equalBytes(known.signedBy, spki));
}

export function rememberIssuer(record: CertificateRecord, signedBy: Uint8Array): void {
  if (remembered.some(({ record: known }) => known === record || equalBytes(known.der, record.der))) return;
  remembered.unshift({ record, signedBy });
  remembered.length = Math.min(remembered.length, MAX_REMEMBERED_ISSUERS);
}

/** Forgets everything; for tests and measurements of the first verification. */
export function forgetIssuers(): void {
  remembered.length = 0;
}
