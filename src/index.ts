/**
 * Verify Apple Managed Device Attestation: chains, properties, freshness.
 *
 * Data flows one way and its type says how far it has come: bytes, parsed, verified.
 *
 * @module
 */
export { appleEnterpriseAttestationRoot } from './core/apple-root.ts';
export {
  explainAttestation,
  type Explanation,
  isVerifiedAttestation,
  skipFreshnessCheck,
  type VerifiedAttestation,
  verifyAttestation,
  type VerifyAttestationOptions,
} from './core/attestation.ts';
export { fromBase64, fromBase64Url, toBase64, toBase64Url } from './core/base64.ts';
export { type Bytes, constantTimeEqual } from './core/bytes.ts';
export { type Certificate, certificateFingerprint, type Extension, parseCertificate } from './core/certificate.ts';
export { type AttestationChain, parseAttestationChain } from './core/chain.ts';
export type { CheckName, CheckReport } from './core/checks.ts';
export type { AttestationErrorCode } from './core/error-codes.ts';
export { AttestationError, type AttestationErrorDetails } from './core/errors.ts';
export type { BasicConstraints, KeyUsage } from './core/extensions.ts';
export { freshnessCodeForNonce, freshnessCodeForToken } from './core/freshness.ts';
export type { Name } from './core/name.ts';
export { type VerifiedChain, verifyChain } from './core/path.ts';
export { fromPem, toPem } from './core/pem.ts';
export {
  type AttestedProperties,
  decodeProperties,
  type OtherProperty,
  type Property,
  type PropertyDecoder,
  type SecureBoot,
} from './core/properties.ts';
export type { EcPublicJwk, PublicKey } from './core/public-key.ts';
export type { Hash } from './core/signature.ts';
