/**
 * What an MDM service needs for the attestation of its devices: the commands and their answers, the verdict on an
 * attestation, when to ask again, and the profiles that give a device an attested identity.
 *
 * @module
 */
export {
  type AcmeCredentialAsset,
  acmeCredentialAsset,
  type AcmeCredentialAssetOptions,
  type AcmeCredentialDeclaration,
} from './acme-credential-asset.ts';
export { acmePayload, type AcmePayloadOptions } from './acme-payload.ts';
export type { AcmeSettings, SubjectPart } from './acme-settings.ts';
export {
  deviceInformationCommand,
  type DeviceInformationQuery,
  installProfileCommand,
  securityInfoCommand,
} from './command.ts';
export type { ComparedName, PropertyComparison, PropertyComparisons } from './compare-properties.ts';
export type { DeviceInformationFreshness, KnownNonce } from './device-freshness.ts';
export { enrollmentProfile, type EnrollmentProfileOptions } from './enrollment-profile.ts';
export { factsFrom, type FactSources } from './facts.ts';
export {
  type AttestationEvent,
  type AttestationHistory,
  recordAttestation,
  type Setback,
  type WatchedName,
  type WatchedValues,
} from './history.ts';
export type { MdmSettings, ServerCapability } from './mdm-payload.ts';
export { type AskReason, type NextAttestation, nextAttestation } from './next-attestation.ts';
export { parsePlist } from './plist-reader.ts';
export type { PlistDictionary, PlistValue } from './plist-value.ts';
export { writePlist } from './plist-writer.ts';
export { type AttestationSupport, attestationSupport } from './product-name.ts';
export type { ReportedProperties, ReportedSecurity } from './reported.ts';
export {
  type AcknowledgedResponse,
  type CommandResponse,
  type EnrollmentIdentifiers,
  type ErrorChainItem,
  type ErrorResponse,
  type IdleResponse,
  type NotNowResponse,
  parseCommandResponse,
} from './response.ts';
export { upgradeProfile, type UpgradeProfileOptions } from './upgrade-profile.ts';
export {
  type AttestedDeviceInformation,
  type DeviceInformationRequest,
  type DeviceInformationVerdict,
  type ExpectedDevice,
  type NotAttested,
  type PreviousAttestation,
  skipDeviceCheck,
  unnamedDevice,
  verifyDeviceInformation,
  type VerifyDeviceInformationOptions,
} from './verify-device-information.ts';
