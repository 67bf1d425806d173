import type { RuleDocument } from '../../src/policy/index.ts';

/** One of each rule with all that it may say, and one with as little as it may. */
export const FULL_RULES: readonly RuleDocument[] = [
  { rule: 'os-version', minimum: '26.4', below: '27', accept: 'reported', platforms: ['macos', 'ios'] },
  { rule: 'sep-os-version', minimum: '17.2 (a)', below: '17.3', platforms: ['tvos'] },
  { rule: 'system-integrity-protection', accept: 'attested', platforms: ['macos'] },
  { rule: 'secure-boot', minimum: 'Reduced Security', accept: 'reported', platforms: ['macos'] },
  { rule: 'kernel-extensions', accept: 'reported', platforms: ['macos'] },
  { rule: 'file-vault', accept: 'reported', platforms: ['macos'] },
  { rule: 'supervised', accept: 'reported', platforms: ['ios', 'ipados'] },
  { rule: 'known-device', accept: 'attested', platforms: ['macos'] },
  { rule: 'user-authenticated', platforms: ['visionos'] },
  { rule: 'attestation-age', maximumSeconds: 604_800, platforms: ['watchos'] },
  { rule: 'report-age', maximumSeconds: 86_400, platforms: ['macos'] },
  { rule: 'key', anyOf: ['P-256', 'P-384', 'P-521'], platforms: ['macos'] },
  { rule: 'software-update-device-id', anyOf: ['J514sAP'], accept: 'reported', platforms: ['macos'] },
  { rule: 'model', anyOf: ['Mac15,6', 'iPhone16,1'], accept: 'reported', platforms: ['macos', 'ios'] },
  { rule: 'platform', anyOf: ['macos', 'ios', 'ipados', 'tvos', 'watchos', 'visionos'] },
  { all: [{ rule: 'user-authenticated' }], platforms: ['macos'] },
  { any: [{ rule: 'user-authenticated' }, { not: { rule: 'known-device' } }], platforms: ['ios'] },
  { not: { any: [{ rule: 'supervised' }] }, platforms: ['tvos'] },
];

export const SHORT_RULES: readonly RuleDocument[] = [
  { rule: 'os-version', minimum: '26.4' },
  { rule: 'sep-os-version', minimum: '26.4' },
  { rule: 'system-integrity-protection' },
  { rule: 'secure-boot', minimum: 'Full Security' },
  { rule: 'kernel-extensions' },
  { rule: 'file-vault', accept: 'reported' },
  { rule: 'supervised' },
  { rule: 'known-device' },
  { rule: 'user-authenticated' },
  { rule: 'attestation-age', maximumSeconds: 1 },
  { rule: 'report-age', maximumSeconds: 1 },
  { rule: 'key', anyOf: ['P-384'] },
  { rule: 'software-update-device-id', anyOf: ['D73AP'] },
  { rule: 'model', anyOf: ['Mac15,6'] },
  { rule: 'platform', anyOf: ['macos'] },
  { all: [{ rule: 'supervised' }] },
  { any: [{ rule: 'supervised' }] },
  { not: { rule: 'supervised' } },
];

/** So many `not` around a rule, each a group. */
export function nested(depth: number): RuleDocument {
  return depth === 0 ? { rule: 'supervised' } : { not: nested(depth - 1) };
}
