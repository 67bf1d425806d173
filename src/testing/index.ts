/**
 * Test without a device: an attestation authority that mints what Apple mints, a simulated device, its ACME and
 * MDM clients, and every attack by name.
 *
 * Needs `@noble/curves` and `@noble/hashes`, and no API of Node.
 *
 * @module
 */
export { enrollByAcme } from './acme-client.ts';
export type { AcmeEnrollmentOptions, AcmePayloadOptions } from './acme-enrollment-options.ts';
export type { AcmeEvent, AcmeStep } from './acme-events.ts';
export type { AcmeFetch, AcmeFetchResponse, AcmeRequest } from './acme-fetch.ts';
export type { AcmeExternalAccount } from './acme-jws.ts';
export type { AcmeProblem } from './acme-messages.ts';
export type {
  AcmeAccount,
  AcmeEvidence,
  AcmeOutcome,
  AcmeRecord,
  AcmeStates,
  AcmeUndecidedReason,
} from './acme-outcome.ts';
export type { AcmeRetry } from './acme-patience.ts';
export { readAcmePayload } from './acme-payload.ts';
export type { ShortSignatures } from './acme-short-signature.ts';
export type { AcmeChallengeContext, AcmeRequestContext, AcmeTamper } from './acme-tamper.ts';
export type { AcmeAnswer } from './acme-transport.ts';
export { encodeAttestationObject, type EncodeAttestationObjectOptions } from './attestation-object.ts';
export { type AttestationAuthority, type AttestRequest, createAttestationAuthority } from './authority.ts';
export {
  type CertificateRequestOptions,
  type CertificateRequestParts,
  createCertificateRequest,
  type RequestedCertificate,
} from './certificate-request-writer.ts';
export type { ChainFaultName } from './chain-faults.ts';
export {
  createSimulatedDevice,
  type DeviceState,
  type SimulatedAnswer,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from './device.ts';
export type { EnclaveKey } from './enclave.ts';
export { ENROLLMENT_FAULTS, type EnrollmentFault } from './enrollment-faults.ts';
export { type Fault, FAULTS } from './faults.ts';
export type { SubjectAltName } from './general-name-writer.ts';
export type { PropertyValues } from './leaf.ts';
export { createMdmClient, type MdmClient } from './mdm-client.ts';
export type { MdmClientOptions, MdmIssueIdentity, MdmMessageContext, MdmTamper } from './mdm-client-options.ts';
export type { MdmDeviceError } from './mdm-device-error.ts';
export type { MdmConnect, MdmFetch, MdmFetchResponse, MdmIdentity, MdmRequest } from './mdm-fetch.ts';
export type {
  MdmCheckIn,
  MdmCheckOutOutcome,
  MdmEnrollment,
  MdmExchange,
  MdmFailure,
  MdmIdentifiers,
  MdmInstalledProfile,
  MdmInstallOutcome,
  MdmPollOutcome,
} from './mdm-outcome.ts';
export type { MdmFacts, MdmReported } from './mdm-report.ts';
export type { ObjectFaultName } from './object-faults.ts';
export { exportPrivateKeyPem } from './private-key-pem.ts';
export type { SubjectName } from './subject-name.ts';
