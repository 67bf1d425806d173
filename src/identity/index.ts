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
export { attestationEvidenceOid } from './oids.ts';
export {
  type PeculiarExtensionClass,
  type PkijsExtensionClass,
  toPeculiarExtensions,
  toPkijsExtensions,
} from './package-extensions.ts';
export { type LifetimeBound, type LifetimePlan, planLifetime, type PlanLifetimeOptions } from './plan-lifetime.ts';
