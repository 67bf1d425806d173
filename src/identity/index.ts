/**
 * The life of an identity that was issued for an attested device: what the authority puts into the certificate and for
 * how long, evidence for an audit, and what a relying party reads back.
 *
 * @module
 */
export { type AttestationEvidence, decodeAttestationEvidence } from './attestation-evidence.ts';
export { attestationEvidenceOid } from './oids.ts';
