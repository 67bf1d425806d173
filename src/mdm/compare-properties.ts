import type { AttestedProperties, Property } from '../core/properties.ts';
import { platformOf } from './product-name.ts';
import type { ReportedProperties, ReportedSecurity } from './reported.ts';

/** The attested properties that a device may also report. */
export type ComparedName = Exclude<keyof AttestedProperties, 'freshnessCode' | 'other'>;

/** One attested property beside what the device says of it. */
export interface PropertyComparison {
  readonly attested: Property<string>;
  /** In the words of an attestation; undefined where the device says nothing that could be compared. */
  readonly reported: string | undefined;
  /** `not compared` where one of the two is missing. */
  readonly outcome: 'agrees' | 'contradicts' | 'not compared';
}

/** The comparisons, by the name of the property. */
export type PropertyComparisons = Readonly<Record<ComparedName, PropertyComparison>>;

/** What the device says, gathered from wherever it said it. */
export interface Reports {
  readonly properties: ReportedProperties;
  readonly security: ReportedSecurity | undefined;
  /** The UDID that the message came under. */
  readonly enrolledUdid: string | undefined;
}

export function compareProperties(attested: AttestedProperties, reports: Reports): PropertyComparisons {
  const { properties, security } = reports;
  return {
    serialNumber: compare(attested.serialNumber, properties.serialNumber),
    udid: compare(attested.udid, reportedUdid(attested, reports)),
    softwareUpdateDeviceId: compare(attested.softwareUpdateDeviceId, properties.softwareUpdateDeviceId),
    osVersion: compareVersion(attested.osVersion, fullVersion(properties)),
    sepOsVersion: compare(attested.sepOsVersion, undefined),
    llbVersion: compare(attested.llbVersion, undefined),
    systemIntegrityProtection: compare(attested.systemIntegrityProtection, security?.systemIntegrityProtection),
    secureBoot: compare(attested.secureBoot, security?.secureBoot),
    thirdPartyKernelExtensions: compare(attested.thirdPartyKernelExtensions, undefined),
  };
}

export function contradictionsOf(comparisons: PropertyComparisons): readonly ComparedName[] {
  return (Object.keys(comparisons) as ComparedName[]).filter((name) => comparisons[name].outcome === 'contradicts');
}

function compare(attested: Property<string>, reported: string | undefined): PropertyComparison {
  if (attested.status !== 'attested' || reported === undefined) return { attested, reported, outcome: 'not compared' };
  return { attested, reported, outcome: attested.value === reported ? 'agrees' : 'contradicts' };
}

function compareVersion(attested: Property<string>, reported: string | undefined): PropertyComparison {
  const plain = compare(attested, reported);
  const isSame = attested.status === 'attested' && reported !== undefined && isSameVersion(attested.value, reported);
  return isSame ? { ...plain, outcome: 'agrees' } : plain;
}

/** Apple does not say whether the letter of a rapid response is attested: where one of the two has none, it is no difference. */
export function isSameVersion(a: string, b: string): boolean {
  return a === b || a === withoutLetter(b) || withoutLetter(a) === b;
}

function withoutLetter(version: string): string {
  return version.replace(/ \([a-z]+\)$/, '');
}

/** `17.2 (a)` where a rapid response is installed, as Apple writes it. */
export function fullVersion({ osVersion, supplementalOsVersionExtra: extra }: ReportedProperties): string | undefined {
  return osVersion && extra ? `${osVersion} ${extra}` : osVersion;
}

/** On a Mac the provisioning UDID is attested, and the UDID is another one. */
function reportedUdid(attested: AttestedProperties, { properties, enrolledUdid }: Reports): string | undefined {
  const { provisioningUdid, udid, productName, isAppleSilicon } = properties;
  if (provisioningUdid !== undefined) return provisioningUdid;
  // Only Macs have something to say here.
  const isMac =
    isAppleSilicon !== undefined ||
    platformOf(productName) === 'macos' ||
    attested.systemIntegrityProtection.status !== 'absent' ||
    attested.secureBoot.status !== 'absent';
  return isMac ? undefined : (udid ?? enrolledUdid);
}
