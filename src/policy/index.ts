/**
 * Decide by rules whether a device may: policies are data, decisions say why.
 *
 * The rules, each with an example, and what undetermined means are in docs/policy.md.
 *
 * @module
 */
export type {
  AllRule,
  AnyRule,
  AttestationAgeRule,
  FileVaultRule,
  KeyRule,
  KnownDeviceRule,
  MacRule,
  ModelRule,
  NotRule,
  OsVersionRule,
  PlatformRule,
  PolicyDocument,
  ReportAgeRule,
  RuleDocument,
  RuleName,
  SecureBootRule,
  SepOsVersionRule,
  SoftwareUpdateDeviceIdRule,
  SupervisedRule,
  UserAuthenticatedRule,
} from './document.ts';
export { type Enforcement, enforcement, type Withheld } from './enforcement.ts';
export { type Decision, evaluatePolicy, type Reason } from './evaluate-policy.ts';
export type {
  AttestationFacts,
  AttestationFreshness,
  AttestedFact,
  AttestedName,
  AttestedValue,
  Fact,
  Facts,
  InventoryFacts,
  Platform,
  ReportedFact,
  ReportedFacts,
  ReportedValue,
  UnknownFact,
} from './facts.ts';
export type { Outcome } from './outcome.ts';
export { parsePolicy } from './parse-policy.ts';
export type { Policy } from './policy.ts';
export type { Source } from './read-facts.ts';
export { type ReasonCode, type ReasonEntry, REASONS } from './reasons.ts';
export { compareVersions, parseVersion, type Version } from './version.ts';
