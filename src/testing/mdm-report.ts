import type { PlistDictionary, PlistValue, ReportedProperties, ReportedSecurity } from '../mdm/index.ts';
import type { DeviceState } from './device.ts';

/** What is true of a device and never attested. Undefined is what it does not say, on its platform for one. */
export interface MdmFacts {
  readonly deviceName: string | undefined;
  readonly buildVersion: string | undefined;
  /** The letter of a rapid response, such as `(a)`. */
  readonly supplementalOsVersionExtra: string | undefined;
  readonly supplementalBuildVersion: string | undefined;
  /** The identifier of the model. One whose hardware cannot attest (`attestationSupport`) makes a device that does not attest. */
  readonly productName: string | undefined;
  readonly model: string | undefined;
  readonly modelName: string | undefined;
  readonly modelNumber: string | undefined;
  readonly isAppleSilicon: boolean | undefined;
  /** Never so in a User Enrollment. */
  readonly isSupervised: boolean | undefined;
  readonly fileVault: boolean | undefined;
  readonly isUserApproved: boolean | undefined;
  readonly isEnrolledAutomatically: boolean | undefined;
  readonly hasPasscode: boolean | undefined;
  readonly isPasscodeCompliant: boolean | undefined;
}

/** All that a device reports of itself, by the names of `ReportedProperties` and `ReportedSecurity`. */
export interface MdmReported extends ReportedProperties, ReportedSecurity {
  readonly deviceName: string | undefined;
}

const NOTHING = { supplementalOsVersionExtra: undefined, supplementalBuildVersion: undefined };

const MAC: MdmFacts = {
  ...NOTHING,
  deviceName: 'Simulated Mac',
  buildVersion: '25E246',
  productName: 'Mac15,6',
  model: 'Z999SIM01LL/A',
  modelName: 'MacBook Pro',
  modelNumber: 'Z999SIM01LL/A',
  isAppleSilicon: true,
  isSupervised: true,
  fileVault: true,
  isUserApproved: true,
  isEnrolledAutomatically: false,
  hasPasscode: undefined,
  isPasscodeCompliant: undefined,
};

const IPHONE: MdmFacts = {
  ...NOTHING,
  deviceName: 'Simulated iPhone',
  buildVersion: '23E246',
  productName: 'iPhone16,1',
  model: 'SIM01LL',
  modelName: 'iPhone',
  modelNumber: 'SIM01LL/A',
  isAppleSilicon: undefined,
  isSupervised: true,
  fileVault: undefined,
  isUserApproved: undefined,
  isEnrolledAutomatically: undefined,
  hasPasscode: true,
  isPasscodeCompliant: true,
};

export const isMac = (state: DeviceState): boolean => state.provisioningUdid !== undefined;

/** What there is to say of a device unless a test says more. */
export const factsOf = (state: DeviceState): MdmFacts => (isMac(state) ? MAC : IPHONE);

/** The query of a DeviceInformation command that asks for each. */
const QUERIES: ReadonlyMap<string, keyof MdmReported> = new Map([
  ['UDID', 'udid'],
  ['ProvisioningUDID', 'provisioningUdid'],
  ['SerialNumber', 'serialNumber'],
  ['DeviceName', 'deviceName'],
  ['OSVersion', 'osVersion'],
  ['SupplementalOSVersionExtra', 'supplementalOsVersionExtra'],
  ['BuildVersion', 'buildVersion'],
  ['SupplementalBuildVersion', 'supplementalBuildVersion'],
  ['SoftwareUpdateDeviceID', 'softwareUpdateDeviceId'],
  ['ProductName', 'productName'],
  ['Model', 'model'],
  ['ModelName', 'modelName'],
  ['ModelNumber', 'modelNumber'],
  ['IsAppleSilicon', 'isAppleSilicon'],
  ['IsSupervised', 'isSupervised'],
]);

const SECURITY = ['systemIntegrityProtection', 'secureBoot', 'isUserEnrollment'] as const;

export const FACT_NAMES: readonly string[] = Object.keys(MAC);
export const REPORTED_NAMES: readonly string[] = [...new Set([...QUERIES.values(), ...FACT_NAMES, ...SECURITY])];

/** The levels of secure boot, in the words of SecurityInfo. */
const SECURE_BOOT_LEVELS: ReadonlyMap<string | undefined, string> = new Map([
  ['Full Security', 'full'],
  ['Reduced Security', 'medium'],
  ['Permissive Security', 'off'],
]);

/** What the device says of itself: the truth, but for the lies. */
export function reportOf(
  state: DeviceState,
  facts: MdmFacts,
  isUserEnrollment: boolean,
  lies: Partial<MdmReported>,
): MdmReported {
  const { serialNumber, udid, provisioningUdid, osVersion, softwareUpdateDeviceId } = state;
  // A User Enrollment leaves out what identifies the device.
  const identity = isUserEnrollment
    ? { serialNumber: undefined, udid: undefined, provisioningUdid: undefined }
    : { serialNumber, udid, provisioningUdid };
  return {
    ...identity,
    osVersion,
    softwareUpdateDeviceId,
    systemIntegrityProtection: state.systemIntegrityProtection,
    // One that Apple's servers leave blank is not said here either.
    secureBoot: state.secureBoot === '' ? undefined : state.secureBoot,
    isUserEnrollment,
    ...facts,
    isSupervised: facts.isSupervised && !isUserEnrollment,
    ...lies,
  };
}

/** The `QueryResponses` to what is asked; a query that the device has no answer to is left out. */
export function queryResponses(report: MdmReported, queries: readonly PlistValue[]): Map<string, PlistValue> {
  const asked = [...QUERIES].filter(([query]) => queries.includes(query));
  return withoutUndefined(asked.map(([query, name]) => [query, report[name]]));
}

/** The dictionary `SecurityInfo`. */
export function securityInfo(report: MdmReported): PlistDictionary {
  const { systemIntegrityProtection: protection } = report;
  const boot = SECURE_BOOT_LEVELS.get(report.secureBoot);
  const management = withoutUndefined([
    ['IsUserEnrollment', report.isUserEnrollment],
    ['UserApprovedEnrollment', report.isUserApproved],
    ['EnrolledViaDEP', report.isEnrolledAutomatically],
  ]);
  return withoutUndefined([
    ['FDE_Enabled', report.fileVault],
    ['SystemIntegrityProtectionEnabled', protection === undefined ? undefined : protection === 'enabled'],
    ['SecureBoot', boot === undefined ? undefined : new Map([['SecureBootLevel', boot]])],
    ['PasscodePresent', report.hasPasscode],
    ['PasscodeCompliant', report.isPasscodeCompliant],
    ['ManagementStatus', management],
  ]);
}

export function withoutUndefined(
  entries: readonly (readonly [string, PlistValue | undefined])[],
): Map<string, PlistValue> {
  return new Map(
    entries.flatMap(([key, value]): [string, PlistValue][] => (value === undefined ? [] : [[key, value]])),
  );
}
