import { requireMembers } from './options.ts';
import { attestationSupport } from './product-name.ts';
import {
  isDottedOid,
  refuseProfile,
  refuseValue,
  requireHttpsUrl,
  requireOneOf,
  requireProfileFlag,
  requireProfileInteger,
  requireProfileText,
} from './profile-rules.ts';

/** One part of a name: a type (`C`, `L`, `ST`, `O`, `OU`, `CN` or a dotted OID) and its value. */
export type SubjectPart = readonly [type: string, value: string];

/** What a device asks an ACME server for. */
export interface AcmeSettings {
  /** `DirectoryURL`: https. */
  readonly directoryUrl: string;
  /** `ClientIdentifier`: what the device orders; unique, and hard to guess where it stands for more than a name. */
  readonly clientIdentifier: string;
  /** `Subject`: what the device asks for; the server decides. */
  readonly subject: readonly SubjectPart[];
  /** `KeyType`: `ECSECPrimeRandom` unless given; the only one that hardware can hold. */
  readonly keyType?: 'ECSECPrimeRandom' | 'RSA';
  /** `KeySize`: 384 unless given; 256 or 384 in hardware. */
  readonly keySize?: number;
  /** `HardwareBound`: true unless given. */
  readonly hardwareBound?: boolean;
  /** `Attest`: true unless given. */
  readonly attest?: boolean;
  /** `SubjectAltName`. */
  readonly subjectAltName?: {
    readonly rfc822Name?: string;
    readonly dnsName?: string;
    readonly uniformResourceIdentifier?: string;
    readonly ntPrincipalName?: string;
  };
  /** `UsageFlags`: 1 to sign, 4 to encrypt, 5 for both. */
  readonly usageFlags?: number;
  /** `ExtendedKeyUsage`: dotted OIDs. */
  readonly extendedKeyUsage?: readonly string[];
  /** `KeyIsExtractable`: Macs only. */
  readonly keyIsExtractable?: boolean;
  /** `AllowAllAppsAccess`: Macs only. */
  readonly allowAllAppsAccess?: boolean;
  /** The identifier of the model that it is for, to be judged before it is sent: `iPhone16,1`. */
  readonly productName?: string;
  /** What the model reports of itself: the names of older Macs do not tell. */
  readonly isAppleSilicon?: boolean;
}

export const ACME_SETTINGS: readonly string[] = [
  'directoryUrl',
  'clientIdentifier',
  'subject',
  'keyType',
  'keySize',
  'hardwareBound',
  'attest',
  'subjectAltName',
  'usageFlags',
  'extendedKeyUsage',
  'keyIsExtractable',
  'allowAllAppsAccess',
  'productName',
  'isAppleSilicon',
];

/** The keys that the payload and the declarative credential have in common, by Apple's names and in Apple's order. */
export type AcmeKeys = ReadonlyMap<string, AcmeValue>;

export type AcmeValue = string | bigint | boolean | readonly AcmeValue[] | ReadonlyMap<string, AcmeValue>;

/** Judges the settings by Apple's rules and gives the keys. The caller has refused options that are unknown. */
export function acmeKeys(settings: AcmeSettings): AcmeKeys {
  const { keyType = 'ECSECPrimeRandom', keySize = 384, hardwareBound = true, attest = true } = settings;
  const keys = new Map<string, AcmeValue>([
    ['DirectoryURL', requireHttpsUrl(settings.directoryUrl, 'DirectoryURL')],
    ['ClientIdentifier', requireProfileText(settings.clientIdentifier, 'ClientIdentifier')],
    ['KeySize', requireProfileInteger(keySize, 'KeySize', 192, 4096)],
    ['KeyType', requireOneOf(keyType, ['ECSECPrimeRandom', 'RSA'], 'KeyType')],
    ['HardwareBound', requireProfileFlag(hardwareBound, 'HardwareBound')],
    ['Subject', requireSubject(settings.subject)],
  ]);
  const { subjectAltName, usageFlags, extendedKeyUsage, keyIsExtractable, allowAllAppsAccess } = settings;
  if (subjectAltName !== undefined) keys.set('SubjectAltName', requireSubjectAltName(subjectAltName));
  if (usageFlags !== undefined) keys.set('UsageFlags', requireUsageFlags(usageFlags));
  if (extendedKeyUsage !== undefined) keys.set('ExtendedKeyUsage', requireOids(extendedKeyUsage));
  keys.set('Attest', requireProfileFlag(attest, 'Attest'));
  if (keyIsExtractable !== undefined)
    keys.set('KeyIsExtractable', requireProfileFlag(keyIsExtractable, 'KeyIsExtractable'));
  if (allowAllAppsAccess !== undefined)
    keys.set('AllowAllAppsAccess', requireProfileFlag(allowAllAppsAccess, 'AllowAllAppsAccess'));
  judgeKey(keyType, keySize, hardwareBound);
  // Apple: when Attest is true, HardwareBound also needs to be true.
  if (attest && !hardwareBound) refuseProfile('ERR_MDA_PROFILE_CONFLICT', 'HardwareBound');
  if (attest) judgeHardware(settings);
  return keys;
}

const CURVES: readonly number[] = [192, 256, 384, 521];

function judgeKey(keyType: string, keySize: number, hardwareBound: boolean): void {
  if (hardwareBound) {
    if (keyType !== 'ECSECPrimeRandom') refuseProfile('ERR_MDA_PROFILE_CONFLICT', 'KeyType');
    if (keySize !== 256 && keySize !== 384) refuseProfile('ERR_MDA_PROFILE_CONFLICT', 'KeySize');
  }
  const isSize = keyType === 'RSA' ? keySize >= 1024 && keySize % 8 === 0 : CURVES.includes(keySize);
  if (!isSize) refuseValue('KeySize');
}

/** A device that cannot attest either refuses the payload or leaves the attestation out, and the server refuses that. */
function judgeHardware(settings: AcmeSettings): void {
  const { productName, isAppleSilicon } = settings;
  if (productName === undefined) return;
  if (attestationSupport({ productName, isAppleSilicon }) === 'unsupported')
    refuseProfile('ERR_MDA_PROFILE_HARDWARE', 'Attest');
}

const SUBJECT_TYPES: readonly unknown[] = ['C', 'L', 'ST', 'O', 'OU', 'CN'];

/** Apple: an array of relative names, each an array of pairs. */
function requireSubject(subject: unknown): readonly AcmeValue[] {
  if (!Array.isArray(subject) || subject.length === 0) refuseValue('Subject');
  return Array.from(subject as readonly unknown[], (part, index) => {
    const key = `Subject[${index}]`;
    if (!Array.isArray(part) || part.length !== 2) refuseValue(key);
    const [type, value] = part as readonly unknown[];
    if (!SUBJECT_TYPES.includes(type) && !isDottedOid(type)) refuseValue(key);
    return [[type as string, requireProfileText(value, key)]];
  });
}

/** Our names, and Apple's. */
const ALTERNATIVE_NAMES = {
  rfc822Name: 'rfc822Name',
  dnsName: 'dNSName',
  uniformResourceIdentifier: 'uniformResourceIdentifier',
  ntPrincipalName: 'ntPrincipalName',
} as const;

function requireSubjectAltName(names: NonNullable<AcmeSettings['subjectAltName']>): ReadonlyMap<string, string> {
  requireMembers(names, 'subjectAltName', Object.keys(ALTERNATIVE_NAMES));
  const entries = Object.entries(names).map(([name, value]): [string, string] => {
    const key = ALTERNATIVE_NAMES[name as keyof typeof ALTERNATIVE_NAMES];
    return [key, requireProfileText(value, `SubjectAltName.${key}`)];
  });
  return new Map(entries);
}

function requireUsageFlags(flags: unknown): bigint {
  return flags === 1 || flags === 4 || flags === 5 ? BigInt(flags) : refuseValue('UsageFlags');
}

function requireOids(oids: unknown): readonly string[] {
  if (!Array.isArray(oids) || oids.length === 0) refuseValue('ExtendedKeyUsage');
  return Array.from(oids as readonly unknown[], (oid, index) =>
    isDottedOid(oid) ? oid : refuseValue(`ExtendedKeyUsage[${index}]`),
  );
}
