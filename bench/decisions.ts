import { evaluatePolicy, type Facts, parsePolicy } from 'managed-device-attestation/policy';
import { AT, MAC_RECORD, macFacts, PHONE_RECORD, phoneFacts, reported, WEEK_SECONDS } from '../test/policy/facts.ts';
import { type Lane, type Limits, measureRatios, type Quartiles, sequential } from './measure.ts';

export const DECISION = 'a Mac that meets all of it';

/** Ten rules, as an organisation asks them of Macs and iPhones. */
const policy = parsePolicy({
  format: 1,
  rules: [
    { rule: 'known-device' },
    { rule: 'attestation-age', maximumSeconds: 2 * WEEK_SECONDS },
    { rule: 'key', anyOf: ['P-256', 'P-384'] },
    { rule: 'os-version', minimum: '26.4', platforms: ['macos'] },
    { rule: 'os-version', minimum: '26.3', platforms: ['ios', 'ipados'] },
    { rule: 'sep-os-version', minimum: '26.3' },
    { rule: 'system-integrity-protection', platforms: ['macos'] },
    { rule: 'secure-boot', minimum: 'Full Security', platforms: ['macos'] },
    { rule: 'kernel-extensions', platforms: ['macos'] },
    { rule: 'file-vault', accept: 'reported', platforms: ['macos'] },
  ],
});

const mac = macFacts({
  inventory: MAC_RECORD,
  reported: {
    serialNumber: reported('TMWFWWWP67'),
    osVersion: reported('26.4.1'),
    platform: reported('macos'),
    fileVault: reported(true),
    systemIntegrityProtection: reported('enabled'),
  },
});

/** The facts, and how many reasons there are against them. */
const DEVICES: readonly (readonly [name: string, facts: Facts, reasons: number])[] = [
  [DECISION, mac, 0],
  ['an iPhone that meets all of it', phoneFacts({ inventory: PHONE_RECORD }), 0],
  ['a Mac that is another one than the inventory has', { ...mac, inventory: PHONE_RECORD }, 10],
  ['a device of which nothing is known', { attested: undefined, reported: {}, inventory: {} }, 10],
];

/** What a decision costs with the facts at hand, in raw verifications. */
export async function measureDecisions(
  raw: () => Promise<boolean>,
  limits: Limits,
  random: () => number,
): Promise<ReadonlyMap<string, Quartiles>> {
  const lanes = DEVICES.map(([name, facts, reasons]): Lane => {
    const decide = () => evaluatePolicy(policy, facts, { at: AT });
    // A figure for a wrong decision is worth nothing.
    if (decide().reasons.length !== reasons) throw new Error(`${name} is decided wrongly`);
    for (let i = 0; i < 3000; i++) decide();
    return { name, job: decide, count: 400 };
  });
  return measureRatios({ name: 'raw', job: raw, count: 8 }, lanes, limits, sequential, random);
}
