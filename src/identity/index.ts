/**
 * The life of an identity that was issued for an attested device: what the authority puts into the certificate and for
 * how long, evidence for an audit, and what a relying party reads back.
 *
 * @module
 */
export { type AttestationEvidence, decodeAttestationEvidence } from './attestation-evidence.ts';
export {
  type CertificateExtension,
  identityExtensions,
  type IdentityExtensionsOptions,
} from './identity-extensions.ts';
export type { IdentityIdentifier, Unattested, UnattestedReason } from './attested-facts.ts';
export {
  checkRevocation,
  type CheckRevocationOptions,
  MAX_REVOCATION_DOCUMENTS,
  type RejectedRevocation,
  type RevocationVerdict,
} from './check-revocation.ts';
export type { ExtendedKeyUsage, IdentityKeyUsage } from './certificate-extensions.ts';
export {
  attestingAuthority,
  type IdentityAuthority,
  identityTrustAnchor,
  type IdentityTrustAnchor,
} from './identity-authority.ts';
export type { IdentityCertificate } from './identity-certificate.ts';
export { factsFromIdentity, type IdentityFactSources } from './identity-facts.ts';
export type { IdentityPublicKey } from './identity-key.ts';
export { type IdentityCheckName, MAX_IDENTITY_CERTIFICATES } from './identity-path.ts';
export type { SignatureAlgorithm } from './identity-signature.ts';
export { MAX_OCSP_RESPONSE_BYTES } from './ocsp-response.ts';
export type { CertificateRevocation, RevocationSource } from './revocation-findings.ts';
export { MAX_REVOCATION_LIST_BYTES } from './revocation-list.ts';
export type { RevocationReason } from './revocation-reason.ts';
export type { RsaPublicJwk, RsaPublicKey } from './rsa-key.ts';
export {
  explainIdentity,
  type IdentityExplanation,
  isVerifiedIdentity,
  noAttestingAuthority,
  type VerifiedIdentity,
  verifyIdentity,
  type VerifyIdentityOptions,
} from './verify-identity.ts';
export { attestationEvidenceOid } from './oids.ts';
export {
  type PeculiarExtensionClass,
  type PkijsExtensionClass,
  toPeculiarExtensions,
  toPkijsExtensions,
} from './package-extensions.ts';
export { type LifetimeBound, type LifetimePlan, planLifetime, type PlanLifetimeOptions } from './plan-lifetime.ts';
export {
  type AttestationEvidenceRecord,
  type CertificateRecordJson,
  type CommonEvidenceRecord,
  type EvidenceRecord,
  type FreshnessNotChecked,
  type IdentityEvidenceRecord,
  type JsonOf,
} from './evidence-record.ts';
export { toEvidence, type ToEvidenceOptions } from './to-evidence.ts';
export { type VerifiedEvidence, verifyEvidence, type VerifyEvidenceOptions } from './verify-evidence.ts';
