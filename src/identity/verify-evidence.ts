import { skipFreshnessCheck, type VerifiedAttestation, verifyAttestation } from '../core/attestation.ts';
import { describeCertificate, type Certificate } from '../core/certificate.ts';
import { parseAttestationChain } from '../core/chain.ts';
import { AttestationError } from '../core/errors.ts';
import { freshnessCodeForNonce, freshnessCodeForToken } from '../core/freshness.ts';
import { requireOptions, requirePlainObject, requireTime, requireTrustAnchors } from '../core/options.ts';
import { type EvidenceReading, readEvidence, requireSame } from './read-evidence.ts';
import { toEvidence, type ToEvidenceOptions } from './to-evidence.ts';
import { type VerifiedIdentity, verifyIdentity, type VerifyIdentityOptions } from './verify-identity.ts';

/** What a record is audited by. */
export interface VerifyEvidenceOptions {
  /** The time of the audit. The certificates are judged at the time of the record. */
  readonly at: Date;
  /** For attestations, from `parseCertificate`; Apple's root unless given. */
  readonly trustAnchors?: readonly Certificate[];
  /** For issued identities; without it, a record about one is refused. */
  readonly identity?: Pick<VerifyIdentityOptions, 'trustAnchors' | 'attestingAuthorities'>;
}

/** A record that holds: what it is about was verified anew. */
export type VerifiedEvidence =
  | { readonly kind: 'acme' | 'device-information'; readonly attestation: VerifiedAttestation }
  | { readonly kind: 'identity'; readonly identity: VerifiedIdentity };

/**
 * Verifies a record of `toEvidence` again: the certificates at the time of the record, with the freshness code made anew
 * from the token or the nonce; then every member of the record against what follows from them.
 *
 * Checks: strict JSON, no member unknown or twice; that the record is not of the future; all of `verifyAttestation` or
 * `verifyIdentity`; the anchor, fingerprints, key, properties, identifiers and the verdict, member by member.
 * Leaves to you: what certificates cannot show: that a record is missing, that its time was moved within their validity, that
 * a token or nonce was taken out (then it says `not checked`), or that the one is passed off as the other kind.
 *
 * @param record what `toEvidence` gave, or JSON text of it, at most 524,288 characters
 * @throws AttestationError `ERR_MDA_EVIDENCE_*`, with `field`; those of `verifyAttestation`, of `parseAttestationChain`
 * and of `verifyIdentity` for what is in the record
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { AttestationError } from 'managed-device-attestation';
 * import { verifyEvidence } from 'managed-device-attestation/identity';
 *
 * export async function audit(lines: readonly string[]): Promise<void> {
 *   for (const [index, line] of lines.entries())
 *     await verifyEvidence(line, { at: new Date() }).catch((error: unknown) => {
 *       if (!(error instanceof AttestationError)) throw error;
 *       console.log(index + 1, error.code, error.field);
 *     });
 * }
 * ```
 * @see docs/identity.md
 */
export async function verifyEvidence(record: unknown, options: VerifyEvidenceOptions): Promise<VerifiedEvidence> {
  const { at, trustAnchors, identity: authorities } = readOptions(options);
  const reading = readEvidence(record);
  if (reading.at.getTime() > at) throw new AttestationError('ERR_MDA_EVIDENCE_FUTURE', { field: 'at' });
  const { kind } = reading;
  if (kind !== 'identity') {
    const { attestation, answered } = await verifyAgain(reading, trustAnchors);
    requireSame(await toEvidence(attestation, answered), reading.record);
    return { kind, attestation };
  }
  if (authorities === undefined) throw new AttestationError('ERR_MDA_EVIDENCE_KIND', { field: 'kind' });
  const identity = await verifyIdentity(reading.certificates, { ...authorities, at: reading.at });
  requireSame(await toEvidence(identity), reading.record);
  return { kind, identity };
}

async function verifyAgain(
  { kind, at, certificates, token, nonce }: EvidenceReading,
  trustAnchors: readonly Certificate[],
): Promise<{ readonly attestation: VerifiedAttestation; readonly answered: ToEvidenceOptions }> {
  const chain = parseAttestationChain(certificates);
  const code = token === undefined ? nonce && freshnessCodeForNonce(nonce) : await freshnessCodeForToken(token);
  const expectedFreshnessCode = code ?? skipFreshnessCheck;
  const attestation = await verifyAttestation(chain, { at, expectedFreshnessCode, trustAnchors });
  const answered: ToEvidenceOptions =
    kind === 'acme' ? { token: token ?? skipFreshnessCheck } : { nonce: nonce ?? skipFreshnessCheck };
  return { attestation, answered };
}

const OPTIONS = ['at', 'trustAnchors', 'identity'];

function readOptions(options: VerifyEvidenceOptions) {
  requireOptions(options, OPTIONS);
  const { identity } = options;
  // Present but undefined is a lookup that found nothing, not a wish to refuse.
  if ('identity' in options) requirePlainObject(identity, 'identity');
  return {
    at: requireTime(options.at),
    trustAnchors: requireTrustAnchors(options).map(describeCertificate),
    identity,
  };
}
