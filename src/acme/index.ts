/**
 * What an ACME server needs to issue certificates to attested Apple devices: the `device-attest-01` challenge, the
 * certificate request that follows it, client identifiers, and the state that it has to keep.
 *
 * @module
 */
export { MAX_ALTERNATIVE_NAME_BYTES, parseSubjectAlternativeNames } from './alternative-names.ts';
export { type AttestationObject, MAX_ATTESTATION_OBJECT_BYTES, parseAttestationObject } from './attestation-object.ts';
export { csrProblem, type VerifiedCertificateRequest, verifyCertificateRequest } from './certificate-request.ts';
export { MAX_CERTIFICATE_REQUEST_BYTES } from './certificate-request-record.ts';
export type {
  AttestedKey,
  ChallengeOutcome,
  ChallengeReason,
  ChallengeStage,
  InvalidChallenge,
  ValidChallenge,
} from './challenge-outcome.ts';
export {
  claimClientIdentifier,
  type ClaimClientIdentifierOptions,
  type ClaimedClientIdentifier,
  type ClientIdentifier,
  issueClientIdentifier,
  type IssueClientIdentifierOptions,
  readClientIdentifier,
} from './client-identifier.ts';
export { MAX_CLIENT_IDENTIFIER_CHARACTERS } from './client-identifier-text.ts';
export { encodeHardwareModuleName, encodePermanentIdentifier } from './encode-name.ts';
export type { HardwareModuleName, PermanentIdentifier, SubjectAlternativeName } from './general-name.ts';
export type { AcmeIdentifier } from './identifier.ts';
export {
  firstIdentification,
  type Identification,
  identifierIsSerialNumber,
  identifierIsUdid,
  type Identify,
  type IdentityClaim,
} from './identify.ts';
export { createMemoryStore } from './memory-store.ts';
export { acmeProblem, type AcmeProblemName, type ProblemDocument } from './problem.ts';
export type { Reason } from './reason.ts';
export { restoreEcdsaSignature } from './restore-signature.ts';
export type { ClientIdentifierSecret } from './secret.ts';
export { createSeenKeys, type SeenKeys, type UnseenKey } from './seen-keys.ts';
export type { Store } from './store.ts';
export { identifierIsTicket } from './ticket.ts';
export {
  type ChallengeResponse,
  createDeviceAttestValidator,
  type DeviceAttestValidator,
  type DeviceAttestValidatorOptions,
  type Evaluate,
  type Evaluation,
} from './validator.ts';
