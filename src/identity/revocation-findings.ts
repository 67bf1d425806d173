import type { RevocationReason } from './revocation-reason.ts';

/** Which of the documents says something. */
export interface RevocationSource {
  readonly kind: 'crl' | 'ocsp';
  /** Index in `crls` or `ocspResponses`. */
  readonly index: number;
}

/** What one document that counts says of one certificate; times in milliseconds since 1970. */
export interface Finding {
  readonly source: RevocationSource;
  readonly revoked: { readonly at: number; readonly reason: RevocationReason } | undefined;
  readonly thisUpdate: number;
  /** The last instant at which it is current. */
  readonly currentUntil: number;
}

/** What is known of the revocation of one certificate of the path. */
export type CertificateRevocation = {
  /** Index of the certificate, leaf first. */
  readonly certificate: number;
} & (
  | {
      readonly status: 'good';
      readonly source: RevocationSource;
      readonly thisUpdate: Date;
      /** Last instant, inclusive, at which what the document says is current. */
      readonly currentUntil: Date;
    }
  | {
      readonly status: 'revoked';
      readonly source: RevocationSource;
      readonly thisUpdate: Date;
      readonly revokedAt: Date;
      readonly reason: RevocationReason;
    }
  /** The newest document that says that it is good is out of date. */
  | {
      readonly status: 'stale';
      readonly source: RevocationSource;
      readonly thisUpdate: Date;
      readonly currentUntil: Date;
    }
  /** No document that counts knows the certificate. */
  | { readonly status: 'unknown' }
);

/**
 * Weighs what the documents say. A revocation is for ever, so any document that knows of one has the word, old or not. A
 * hold ends: it counts unless a newer document says that the certificate is good. Of those that say so, the newest that is
 * current counts, and if none is, the newest.
 */
export function weighFindings(certificate: number, findings: readonly Finding[], at: number): CertificateRevocation {
  const newestFirst = findings.toSorted((a, b) => b.thisUpdate - a.thisUpdate);
  const final = newestFirst.find(({ revoked }) => revoked !== undefined && revoked.reason !== HOLD);
  const hold = newestFirst.find(({ revoked }) => revoked?.reason === HOLD);
  const good = newestFirst.filter(({ revoked }) => revoked === undefined);
  const best = good.find(({ currentUntil }) => at <= currentUntil) ?? good[0];
  const holds = best === undefined || (hold !== undefined && hold.thisUpdate >= best.thisUpdate);
  const finding = final ?? (holds ? hold : best);
  if (finding === undefined) return { certificate, status: 'unknown' };
  const { source, revoked } = finding;
  const thisUpdate = new Date(finding.thisUpdate);
  if (revoked !== undefined)
    return {
      certificate,
      status: 'revoked',
      source: { ...source },
      thisUpdate,
      revokedAt: new Date(revoked.at),
      reason: revoked.reason,
    };
  const status = at <= finding.currentUntil ? 'good' : 'stale';
  return { certificate, status, source: { ...source }, thisUpdate, currentUntil: new Date(finding.currentUntil) };
}

const HOLD: RevocationReason = 'certificate-hold';
