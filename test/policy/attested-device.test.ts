import { expect, it } from 'vitest';
import { parseAttestationChain, skipFreshnessCheck, verifyAttestation } from '../../src/index.ts';
import { factsFrom } from '../../src/mdm/index.ts';
import { evaluatePolicy, parsePolicy, type ReasonCode, type RuleDocument } from '../../src/policy/index.ts';
import { createAttestationAuthority, createSimulatedDevice, type DeviceState } from '../../src/testing/index.ts';
import { documentOf } from './facts.ts';

/** The whole way once: what a device is, its attestation, the facts of that, the decision. */

const AT = new Date('2026-06-01T12:00:00Z');
const NONCE = new Uint8Array(32).fill(7);

const POLICY: readonly RuleDocument[] = [
  { rule: 'known-device' },
  { rule: 'attestation-age', maximumSeconds: 604_800 },
  { rule: 'os-version', minimum: '26.4', platforms: ['macos'] },
  { rule: 'sep-os-version', minimum: '26.4', platforms: ['macos'] },
  { rule: 'system-integrity-protection', platforms: ['macos'] },
  { rule: 'secure-boot', minimum: 'Full Security', platforms: ['macos'] },
  { rule: 'kernel-extensions', platforms: ['macos'] },
  { rule: 'key', anyOf: ['P-384'] },
];

async function reasonsOf(changes: Partial<DeviceState>, checksFreshness = true): Promise<readonly ReasonCode[]> {
  const authority = await createAttestationAuthority({ seed: 'policy', at: AT });
  const device = createSimulatedDevice(authority, { clock: () => AT });
  device.update(changes);
  const answer = await device.attestDeviceInformation({ nonce: NONCE });
  if (answer.status !== 'attested') throw new Error('the device was not attested');
  const attestation = await verifyAttestation(parseAttestationChain(answer.x5c), {
    at: AT,
    expectedFreshnessCode: checksFreshness ? NONCE : skipFreshnessCheck,
    trustAnchors: authority.trustAnchors,
  });
  const inventory = { known: true, serialNumber: 'SIMULATED1', platform: 'macos' } as const;
  const facts = await factsFrom({ attestation, inventory });
  return evaluatePolicy(parsePolicy(documentOf(POLICY)), facts, { at: AT }).reasons.map(({ code }) => code);
}

it.each<[title: string, changes: Partial<DeviceState>, reasons: readonly ReasonCode[]]>([
  ['a good Mac', {}, []],
  ['an old system', { osVersion: '26.3.1' }, ['below-minimum']],
  ['a rapid response', { osVersion: '26.4 (a)' }, []],
  ['a version of no system', { osVersion: 'Tahoe' }, ['malformed']],
  ['no System Integrity Protection', { systemIntegrityProtection: 'disabled' }, ['disabled']],
  ['reduced security', { secureBoot: 'Reduced Security' }, ['below-minimum']],
  ['kernel extensions', { thirdPartyKernelExtensions: 'allowed' }, ['kernel-extensions-allowed']],
  ['what Apple could not tell', { blank: ['systemIntegrityProtection'], absent: ['secureBoot'] }, ['blank', 'absent']],
  ['a User Enrollment', { enrollment: 'user' }, ['not-linked']],
  ['another device', { serialNumber: 'SIMULATED2' }, new Array<ReasonCode>(8).fill('other-device')],
])('decides on %s', async (_, changes, reasons) => {
  expect(await reasonsOf(changes)).toEqual(reasons);
});

it('decides on an attestation whose freshness nobody checked', async () => {
  expect(new Set(await reasonsOf({}, false))).toEqual(
    new Set(['not-linked', 'attestation-not-fresh', 'platform-unknown']),
  );
});
