import type { SecureBoot } from '../core/properties.ts';
import type { PublicKey } from '../core/public-key.ts';
import type { AttestationFreshness, Platform } from './facts.ts';

/** A policy as it is stored and shown: JSON. `docs/policy.schema.json` is its schema. */
export interface PolicyDocument {
  /** For editors; not read. */
  readonly $schema?: string;
  /** Of this form of policies: 1. */
  readonly format: 1;
  /** For people; 1 to 200 characters. */
  readonly title?: string;
  /** Believe the device where nothing else says which platform it is. */
  readonly acceptReportedPlatform?: boolean;
  /** Attestations that count besides those made for a request of this server. */
  readonly acceptFreshness?: readonly Exclude<AttestationFreshness, 'fresh' | 'cached'>[];
  /** All of them must be met. */
  readonly rules: readonly RuleDocument[];
}

/** A rule, or a group of rules. */
export type RuleDocument =
  | OsVersionRule
  | SepOsVersionRule
  | MacRule
  | SecureBootRule
  | FileVaultRule
  | SupervisedRule
  | KnownDeviceRule
  | UserAuthenticatedRule
  | AttestationAgeRule
  | ReportAgeRule
  | KeyRule
  | SoftwareUpdateDeviceIdRule
  | ModelRule
  | PlatformRule
  | AllRule
  | AnyRule
  | NotRule;

interface Scoped<Platforms extends Platform = Platform> {
  /** The platforms that the rule is for: on others it is as if it were not written. All of them if it is left out. */
  readonly platforms?: readonly Platforms[];
}

interface Attestable {
  /** `reported`: where the attestation does not say, believe the device. `attested` if it is left out. */
  readonly accept?: 'attested' | 'reported';
}

/** The version of the operating system is at least `minimum`, and below `below` if that is given. */
export interface OsVersionRule extends Scoped, Attestable {
  readonly rule: 'os-version';
  readonly minimum: string;
  readonly below?: string;
}

/** The version of the Secure Enclave's system is at least `minimum`, and below `below` if that is given. */
export interface SepOsVersionRule extends Scoped {
  readonly rule: 'sep-os-version';
  readonly minimum: string;
  readonly below?: string;
}

/** System Integrity Protection is on; or no third-party kernel extensions are allowed. */
export interface MacRule extends Scoped<'macos'>, Attestable {
  readonly rule: 'system-integrity-protection' | 'kernel-extensions';
}

/** Secure boot is at least on this level. */
export interface SecureBootRule extends Scoped<'macos'>, Attestable {
  readonly rule: 'secure-boot';
  readonly minimum: SecureBoot;
}

/** FileVault is on. It is never attested, so the rule has to say that it believes the device. */
export interface FileVaultRule extends Scoped<'macos'> {
  readonly rule: 'file-vault';
  readonly accept: 'reported';
}

/** The device is supervised, by the inventory; with `accept`, by the device itself where the inventory does not say. */
export interface SupervisedRule extends Scoped {
  readonly rule: 'supervised';
  readonly accept?: 'reported';
}

/** The inventory knows the device, and the attestation says that it is this one; with `accept`, the device does. */
export interface KnownDeviceRule extends Scoped, Attestable {
  readonly rule: 'known-device';
}

/** A user authenticated when the device was enrolled. */
export interface UserAuthenticatedRule extends Scoped {
  readonly rule: 'user-authenticated';
}

/** The attestation is not older than so many seconds. */
export interface AttestationAgeRule extends Scoped {
  readonly rule: 'attestation-age';
  readonly maximumSeconds: number;
}

/** What the device says of itself is not older than so many seconds. */
export interface ReportAgeRule extends Scoped {
  readonly rule: 'report-age';
  readonly maximumSeconds: number;
}

/** The attested key is on one of these curves. */
export interface KeyRule extends Scoped {
  readonly rule: 'key';
  readonly anyOf: readonly PublicKey['curve'][];
}

/** The hardware, by the only name of it that is attested: `J514sAP`. */
export interface SoftwareUpdateDeviceIdRule extends Scoped, Attestable {
  readonly rule: 'software-update-device-id';
  readonly anyOf: readonly string[];
}

/** The model, such as `Mac15,6`, by the inventory; with `accept`, by the device itself where the inventory does not say. */
export interface ModelRule extends Scoped {
  readonly rule: 'model';
  readonly accept?: 'reported';
  readonly anyOf: readonly string[];
}

/** The platform is one of these. */
export interface PlatformRule {
  readonly rule: 'platform';
  readonly anyOf: readonly Platform[];
}

/** Each of the rules is met. */
export interface AllRule extends Scoped {
  readonly all: readonly RuleDocument[];
}

/** At least one of the rules is met. */
export interface AnyRule extends Scoped {
  readonly any: readonly RuleDocument[];
}

/** The rule is known not to be met. What is undetermined stays undetermined. */
export interface NotRule extends Scoped {
  readonly not: RuleDocument;
}

/** The name of a rule that is no group. */
export type RuleName = Extract<RuleDocument, { readonly rule: string }>['rule'];
