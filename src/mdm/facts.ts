import { isVerifiedAttestation, type VerifiedAttestation } from '../core/attestation.ts';
import { toHex } from '../core/bytes.ts';
import { certificateFingerprint } from '../core/certificate.ts';
import { requireOptions } from '../core/options.ts';
import { attestationFactsOf } from '../policy/attested-facts.ts';
import type {
  AttestationFacts,
  AttestationFreshness,
  Facts,
  InventoryFacts,
  ReportedFact,
  ReportedFacts,
} from '../policy/facts.ts';
import { fullVersion } from './compare-properties.ts';
import { requireDate } from './options.ts';
import { platformOf } from './product-name.ts';
import type { ReportedProperties, ReportedSecurity } from './reported.ts';
import type { DeviceInformationVerdict } from './verify-device-information.ts';

/** Where facts come from; what is left out or undefined is not known. */
export interface FactSources {
  /**
   * The verdict of `verifyDeviceInformation`, which knows whether the attestation is a fresh one; or an attestation that was
   * verified otherwise, in ACME for instance, which is fresh if its freshness code was compared.
   */
  readonly attestation?: DeviceInformationVerdict | VerifiedAttestation | undefined;
  /** What the device reports; that of the verdict unless given. */
  readonly reported?: ReportedProperties | undefined;
  /** What the device reports. */
  readonly security?: ReportedSecurity | undefined;
  /** When the device said what is reported; of several answers the time of the oldest. */
  readonly reportedAt?: Date | undefined;
  /** What your own records say. */
  readonly inventory?: InventoryFacts | undefined;
}

/**
 * Gathers what is known of a device into one record for `evaluatePolicy`. Every value says whether it was attested, when and
 * by which certificate, or only reported; the two never mix. Of a verdict that says `isSuperseded`, nothing is attested: keep
 * the facts of the newer one.
 *
 * Checks: that the attestation comes from a verification of this library.
 * Leaves to you: to give the reports and the records of the same device.
 *
 * @throws TypeError if an option is unknown, or the attestation was not verified
 * @example
 * ```ts
 * import { type AttestedDeviceInformation, factsFrom, type ReportedSecurity } from 'managed-device-attestation/mdm';
 *
 * export async function fileVaultIsOn(attestation: AttestedDeviceInformation, security: ReportedSecurity) {
 *   const { reported } = await factsFrom({ attestation, security });
 *   return reported.fileVault?.status === 'known' && reported.fileVault.value;
 * }
 * ```
 */
export async function factsFrom(sources: FactSources): Promise<Facts> {
  requireOptions(sources, ['attestation', 'reported', 'security', 'reportedAt', 'inventory']);
  const { attestation, security, reportedAt, inventory = {} } = sources;
  const time = reportedAt === undefined ? {} : { reportedAt: new Date(requireDate(reportedAt, 'reportedAt')) };
  return {
    attested: await attestationFacts(attestation),
    reported: { ...time, ...propertyFacts(sources.reported ?? reportedOf(attestation)), ...securityFacts(security) },
    inventory,
  };
}

function isVerdict(given: FactSources['attestation']): given is DeviceInformationVerdict {
  return Object.hasOwn(Object(given) as object, 'status');
}

function reportedOf(given: FactSources['attestation']): ReportedProperties | undefined {
  return isVerdict(given) ? given.reported : undefined;
}

async function attestationFacts(given: FactSources['attestation']): Promise<AttestationFacts | undefined> {
  if (given === undefined) return undefined;
  if (!isVerdict(given)) return describe(given);
  // One from better days says nothing of today.
  if (given.status !== 'attested' || given.isSuperseded) return undefined;
  return describe(given.attestation, given.freshness.state);
}

async function describe(attestation: VerifiedAttestation, state?: AttestationFreshness): Promise<AttestationFacts> {
  if (!isVerifiedAttestation(attestation)) throw new TypeError('attestation must come from a verification');
  const freshness = state ?? (attestation.freshness === 'matched' ? 'fresh' : 'not-requested');
  const { properties, publicKey, certificates } = attestation;
  const [leaf] = certificates;
  const certificate = toHex(await certificateFingerprint(leaf!));
  const fingerprint = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', publicKey.spki)));
  const attestedAt = leaf!.notBefore;
  const { keyType, curve } = publicKey;
  return attestationFactsOf(
    { certificate, attestedAt, notAfter: leaf!.notAfter, freshness, publicKey: { keyType, curve, fingerprint } },
    properties,
  );
}

function propertyFacts(reported: ReportedProperties | undefined): ReportedFacts {
  if (reported === undefined) return {};
  return {
    serialNumber: fact(reported.serialNumber),
    udid: fact(reported.udid),
    provisioningUdid: fact(reported.provisioningUdid ?? onlyUdid(reported)),
    platform: fact(platformOf(reported.productName)),
    osVersion: fact(fullVersion(reported)),
    softwareUpdateDeviceId: fact(reported.softwareUpdateDeviceId),
    model: fact(reported.productName),
    supervised: fact(reported.isSupervised),
  };
}

/** Of all but a Mac the UDID that MDM uses is the one that is attested: a policy has to see where the two differ. */
function onlyUdid({ udid, productName }: ReportedProperties): string | undefined {
  const platform = platformOf(productName);
  return platform === undefined || platform === 'macos' ? undefined : udid;
}

function securityFacts(security: ReportedSecurity | undefined): ReportedFacts {
  if (security === undefined) return {};
  return {
    fileVault: fact(security.fileVault),
    systemIntegrityProtection: fact(security.systemIntegrityProtection),
    secureBoot: fact(security.secureBoot),
  };
}

function fact<Value extends string | boolean>(value: Value | undefined): ReportedFact<Value> {
  if (value === undefined) return { status: 'absent' };
  return value === '' ? { status: 'blank' } : { status: 'known', value, source: 'reported' };
}
