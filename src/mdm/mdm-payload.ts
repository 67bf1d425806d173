import { payloadKeys } from './acme-payload.ts';
import { requireMembers } from './options.ts';
import type { PlistDictionary, PlistValue } from './plist-value.ts';
import {
  refuseProfile,
  refuseValue,
  requireHttpsUrl,
  requireOneOf,
  requireProfileFlag,
  requireProfileInteger,
  requireProfileText,
} from './profile-rules.ts';

/** How a device is managed. */
export interface MdmSettings {
  /** `ServerURL`: where the device asks for commands; https. */
  readonly serverUrl: string;
  /** `CheckInURL`: where it checks in; `serverUrl` unless given. */
  readonly checkInUrl?: string;
  /** `Topic`: the subject of the push certificate, beginning with `com.apple.mgmt.`. */
  readonly topic: string;
  /** `AccessRights`: the sum of Apple's bits; 8191, all of them, unless given. Ignored in a User Enrollment. */
  readonly accessRights?: number;
  /** `SignMessage`. */
  readonly signMessage?: boolean;
  /** `UseDevelopmentAPNS`. */
  readonly useDevelopmentApns?: boolean;
  /** `EnrollmentMode`, of account-driven enrollments: BYOD for User Enrollment, ADDE for Device Enrollment. */
  readonly enrollmentMode?: 'BYOD' | 'ADDE';
  /** `AssignedManagedAppleID`, of account-driven enrollments. */
  readonly assignedManagedAppleAccount?: string;
  /** `RequiredAppIDForMDM`, of account-driven enrollments. */
  readonly requiredAppId?: number;
  /** `ServerCapabilities`. */
  readonly serverCapabilities?: readonly ServerCapability[];
  /** `CheckOutWhenRemoved`: true unless given. */
  readonly checkOutWhenRemoved?: boolean;
  /** Pins the server to the trust anchors of the profile: `ServerURLPinningCertificateUUIDs`, `CheckInURLPinningCertificateUUIDs`. */
  readonly pinTrustAnchors?: boolean;
  /** `PinningRevocationCheckRequired`. */
  readonly pinningRevocationCheckRequired?: boolean;
  /** `PromptUserToAllowBootstrapTokenForAuthentication`: Macs only. */
  readonly promptUserToAllowBootstrapToken?: boolean;
}

/** What an MDM service can do beyond the least. */
export type ServerCapability =
  'com.apple.mdm.per-user-connections' | 'com.apple.mdm.bootstraptoken' | 'com.apple.mdm.token';

const MDM_SETTINGS: readonly string[] = [
  'serverUrl',
  'checkInUrl',
  'topic',
  'accessRights',
  'signMessage',
  'useDevelopmentApns',
  'enrollmentMode',
  'assignedManagedAppleAccount',
  'requiredAppId',
  'serverCapabilities',
  'checkOutWhenRemoved',
  'pinTrustAnchors',
  'pinningRevocationCheckRequired',
  'promptUserToAllowBootstrapToken',
];

const CAPABILITIES: readonly unknown[] = [
  'com.apple.mdm.per-user-connections',
  'com.apple.mdm.bootstraptoken',
  'com.apple.mdm.token',
] satisfies readonly ServerCapability[];

/** Where the payload stands in its profile. */
export interface MdmPlace {
  readonly identifier: string;
  readonly uuid: string;
  readonly identityUuid: string;
  readonly anchorUuids: readonly string[];
}

/** The payload `com.apple.mdm`, judged by Apple's rules. */
export function mdmPayload(settings: MdmSettings, { identifier, uuid, ...place }: MdmPlace): PlistDictionary {
  requireMembers(settings, 'mdm', MDM_SETTINGS);
  const { accessRights = 8191, checkOutWhenRemoved = true, enrollmentMode, pinTrustAnchors = false } = settings;
  const keys = new Map<string, PlistValue>([
    ...payloadKeys('com.apple.mdm', { identifier, uuid, displayName: undefined }),
    ['ServerURL', requireHttpsUrl(settings.serverUrl, 'ServerURL')],
  ]);
  const set = <Value>(key: string, value: Value | undefined, read: (value: Value, key: string) => PlistValue): void => {
    if (value !== undefined) keys.set(key, read(value, key));
  };
  set('CheckInURL', settings.checkInUrl, requireHttpsUrl);
  set('Topic', requireTopic(settings.topic), requireProfileText);
  set('IdentityCertificateUUID', place.identityUuid, requireProfileText);
  set('AccessRights', accessRights, requireAccessRights);
  set('SignMessage', settings.signMessage, requireProfileFlag);
  set('UseDevelopmentAPNS', settings.useDevelopmentApns, requireProfileFlag);
  set('EnrollmentMode', enrollmentMode, (mode, key) => requireOneOf(mode, ['BYOD', 'ADDE'], key));
  set('AssignedManagedAppleID', settings.assignedManagedAppleAccount, requireProfileText);
  set('RequiredAppIDForMDM', settings.requiredAppId, (id, key) => requireProfileInteger(id, key, 1, 2 ** 53 - 1));
  set('ServerCapabilities', settings.serverCapabilities, requireCapabilities);
  set('CheckOutWhenRemoved', checkOutWhenRemoved, requireProfileFlag);
  if (requireProfileFlag(pinTrustAnchors, 'ServerURLPinningCertificateUUIDs')) pin(keys, place.anchorUuids);
  set('PinningRevocationCheckRequired', settings.pinningRevocationCheckRequired, requireProfileFlag);
  set('PromptUserToAllowBootstrapTokenForAuthentication', settings.promptUserToAllowBootstrapToken, requireProfileFlag);
  // Apple: EnrollmentMode is required for account-driven enrollment, which these two are for.
  for (const key of ['AssignedManagedAppleID', 'RequiredAppIDForMDM'])
    if (keys.has(key) && enrollmentMode === undefined) refuseProfile('ERR_MDA_PROFILE_CONFLICT', 'EnrollmentMode');
  return keys;
}

function requireTopic(topic: unknown): string {
  return typeof topic === 'string' && /^com\.apple\.mgmt\.[\w.-]{1,200}$/.test(topic) ? topic : refuseValue('Topic');
}

/** Each right to change something needs the right to look at it. */
const NEEDED_RIGHTS: readonly (readonly [right: number, needed: number])[] = [
  [2, 1],
  [128, 64],
];

export function requireAccessRights(rights: unknown, key: string): bigint {
  const sum = requireProfileInteger(rights, key, 1, 8191);
  const bits = Number(sum);
  for (const [right, needed] of NEEDED_RIGHTS)
    if ((bits & right) !== 0 && (bits & needed) === 0) refuseProfile('ERR_MDA_PROFILE_CONFLICT', key);
  return sum;
}

function requireCapabilities(capabilities: unknown, key: string): readonly string[] {
  if (!Array.isArray(capabilities) || !capabilities.every((name) => CAPABILITIES.includes(name))) refuseValue(key);
  const unique = [...new Set(capabilities as readonly string[])];
  return unique.length === capabilities.length ? unique : refuseValue(key);
}

function pin(keys: Map<string, PlistValue>, anchorUuids: readonly string[]): void {
  if (anchorUuids.length === 0) refuseProfile('ERR_MDA_PROFILE_CONFLICT', 'ServerURLPinningCertificateUUIDs');
  keys.set('ServerURLPinningCertificateUUIDs', anchorUuids);
  keys.set('CheckInURLPinningCertificateUUIDs', anchorUuids);
}
