import { equalBytes, isBytes } from '../core/bytes.ts';
import type { IdentityRecord } from './identity-certificate.ts';

/**
 * Certification authorities of organisations whose signature was verified, latest use first: the counterpart of the
 * core's memory, which holds none of these. What is remembered does not depend on time, caller or policy: these bytes
 * carry a signature that verifies under that public key. Whether the path is valid, and at what time, is judged on
 * every call, so answers are the same without this. Only certificates that verified under a caller's trust anchor get in.
 */
interface VerifiedIssuer {
  readonly record: IdentityRecord;
  /** SubjectPublicKeyInfo under which its signature verified. */
  readonly signedBy: Uint8Array;
}

/** Named limit: an organisation has a few; a service for many organisations verifies the rest again. */
export const MAX_VERIFIED_ISSUERS = 16;

const verified: VerifiedIssuer[] = [];

/** The record of exactly these bytes, if they are those of a remembered issuer. */
export function recallIdentityIssuer(der: unknown): IdentityRecord | undefined {
  if (!isBytes(der)) return undefined;
  const index = verified.findIndex(({ record }) => equalBytes(record.der, der));
  const found = verified[index];
  if (found === undefined) return undefined;
  if (index > 0) verified.unshift(...verified.splice(index, 1));
  return found.record;
}

/** Whether the signature of this issuer is known to verify under this key. */
export function isVerifiedUnder(record: IdentityRecord, spki: Uint8Array): boolean {
  return verified.some((known) => known.record === record && equalBytes(known.signedBy, spki));
}

export function rememberIdentityIssuer(record: IdentityRecord, signedBy: Uint8Array): void {
  if (verified.some(({ record: known }) => known === record || equalBytes(known.der, record.der))) return;
  verified.unshift({ record, signedBy });
  verified.length = Math.min(verified.length, MAX_VERIFIED_ISSUERS);
}

/** Forgets everything; for tests and measurements of the first verification. */
export function forgetIdentityIssuers(): void {
  verified.length = 0;
}
