import type { SecureBoot } from '../core/properties.ts';
import { AttestationError } from '../core/errors.ts';
import { isDictionary, type PlistDictionary, type PlistValue } from './plist-value.ts';

/**
 * What a device says of itself in an answer to a DeviceInformation command. Undefined where it says nothing. Not
 * attested: a device that was taken over says what it likes.
 */
export interface ReportedProperties {
  readonly serialNumber: string | undefined;
  /** The one that MDM uses. */
  readonly udid: string | undefined;
  /** Macs only: what an attestation has for the UDID. */
  readonly provisioningUdid: string | undefined;
  /** Such as `26.4.1`. */
  readonly osVersion: string | undefined;
  /** The letter of a rapid response, such as `(a)`. */
  readonly supplementalOsVersionExtra: string | undefined;
  readonly buildVersion: string | undefined;
  readonly supplementalBuildVersion: string | undefined;
  /** Such as `J514sAP`. */
  readonly softwareUpdateDeviceId: string | undefined;
  /** The identifier of the model, such as `Mac15,6`. */
  readonly productName: string | undefined;
  readonly model: string | undefined;
  readonly modelName: string | undefined;
  readonly modelNumber: string | undefined;
  readonly isAppleSilicon: boolean | undefined;
  readonly isSupervised: boolean | undefined;
}

/** What a device says of itself in an answer to a SecurityInfo command. Undefined where it says nothing. Not attested. */
export interface ReportedSecurity {
  /** Macs only. */
  readonly fileVault: boolean | undefined;
  /** Macs only. */
  readonly systemIntegrityProtection: 'enabled' | 'disabled' | undefined;
  /** Macs only: the level, in the words of an attestation. */
  readonly secureBoot: SecureBoot | undefined;
  readonly isUserEnrollment: boolean | undefined;
  /** Macs only. */
  readonly isUserApproved: boolean | undefined;
  /** Macs only: whether Automated Device Enrollment enrolled it. */
  readonly isEnrolledAutomatically: boolean | undefined;
  /** Not on Macs. */
  readonly hasPasscode: boolean | undefined;
  /** Not on Macs. */
  readonly isPasscodeCompliant: boolean | undefined;
}

/** Apple's words for the level of secure boot, in SecurityInfo and in an attestation. */
const SECURE_BOOT_LEVELS: ReadonlyMap<string | undefined, SecureBoot> = new Map([
  ['full', 'Full Security'],
  ['medium', 'Reduced Security'],
  ['off', 'Permissive Security'],
]);

export function readReportedProperties(values: PlistDictionary): ReportedProperties {
  const text = (key: string): string | undefined => readText(values, key, 'QueryResponses');
  const flag = (key: string): boolean | undefined => readFlag(values, key, 'QueryResponses');
  return {
    serialNumber: text('SerialNumber'),
    udid: text('UDID'),
    provisioningUdid: text('ProvisioningUDID'),
    osVersion: text('OSVersion'),
    supplementalOsVersionExtra: text('SupplementalOSVersionExtra'),
    buildVersion: text('BuildVersion'),
    supplementalBuildVersion: text('SupplementalBuildVersion'),
    softwareUpdateDeviceId: text('SoftwareUpdateDeviceID'),
    productName: text('ProductName'),
    model: text('Model'),
    modelName: text('ModelName'),
    modelNumber: text('ModelNumber'),
    isAppleSilicon: flag('IsAppleSilicon'),
    isSupervised: flag('IsSupervised'),
  };
}

export function readReportedSecurity(values: PlistDictionary): ReportedSecurity {
  const where = 'SecurityInfo';
  const flag = (key: string): boolean | undefined => readFlag(values, key, where);
  const protection = flag('SystemIntegrityProtectionEnabled');
  const boot = readDictionary(values, 'SecureBoot', where);
  const management = readDictionary(values, 'ManagementStatus', where);
  const managementFlag = (key: string): boolean | undefined => readFlag(management, key, `${where}.ManagementStatus`);
  return {
    fileVault: flag('FDE_Enabled'),
    systemIntegrityProtection: protection === undefined ? undefined : protection ? 'enabled' : 'disabled',
    secureBoot: SECURE_BOOT_LEVELS.get(readText(boot, 'SecureBootLevel', `${where}.SecureBoot`)),
    isUserEnrollment: managementFlag('IsUserEnrollment'),
    isUserApproved: managementFlag('UserApprovedEnrollment'),
    isEnrolledAutomatically: managementFlag('EnrolledViaDEP'),
    hasPasscode: flag('PasscodePresent'),
    isPasscodeCompliant: flag('PasscodeCompliant'),
  };
}

/** A text; undefined where the key is absent, an error where the value is something else. */
export function readText(values: PlistDictionary, key: string, where?: string): string | undefined {
  const value = values.get(key);
  if (value === undefined || typeof value === 'string') return value;
  refuse(key, where);
}

export function readFlag(values: PlistDictionary, key: string, where?: string): boolean | undefined {
  const value = values.get(key);
  if (value === undefined || typeof value === 'boolean') return value;
  refuse(key, where);
}

/** A dictionary; an empty one where the key is absent. */
function readDictionary(values: PlistDictionary, key: string, where: string): PlistDictionary {
  const value: PlistValue = values.get(key) ?? new Map<string, PlistValue>();
  return isDictionary(value) ? value : refuse(key, where);
}

function refuse(key: string, where?: string): never {
  throw new AttestationError('ERR_MDA_RESPONSE_SHAPE', { field: where === undefined ? key : `${where}.${key}` });
}
