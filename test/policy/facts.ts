import type {
  AttestationFacts,
  AttestedFact,
  AttestedName,
  Decision,
  Facts,
  InventoryFacts,
  PolicyDocument,
  ReasonCode,
  ReportedFacts,
  RuleDocument,
} from '../../src/policy/index.ts';
import { evaluatePolicy, parsePolicy } from '../../src/policy/index.ts';

/** A Mac of 2026 and what is known of it, to change one fact at a time. */

export const AT = new Date('2026-06-08T12:00:00Z');
export const ATTESTED_AT = new Date('2026-06-01T12:00:00Z');
export const NOT_AFTER = new Date('2026-08-31T12:00:00Z');
export const CERTIFICATE = 'ab'.repeat(32);
export const WEEK_SECONDS = 604_800;

export const attested = <Value>(value: Value) =>
  ({ status: 'known', value, source: 'attested', attestedAt: ATTESTED_AT, certificate: CERTIFICATE }) as const;
export const reported = <Value>(value: Value) => ({ status: 'known', value, source: 'reported' }) as const;

export const ABSENT = { status: 'absent' } as const;
export const BLANK = { status: 'blank' } as const;
export const MALFORMED = { status: 'malformed' } as const;
export const UNKNOWN = [ABSENT, BLANK, MALFORMED];

const NAMES: Readonly<Record<AttestedName, string>> = {
  serialNumber: 'TMWFWWWP67',
  udid: '00006030-000651690A84001C',
  softwareUpdateDeviceId: 'J514sAP',
  osVersion: '26.4.1',
  sepOsVersion: '26.4.1',
  llbVersion: '26.4.1',
  systemIntegrityProtection: 'enabled',
  secureBoot: 'Full Security',
  thirdPartyKernelExtensions: 'not allowed',
};

export const ATTESTED_NAMES = Object.keys(NAMES) as AttestedName[];

/** The facts of an attestation; what is given takes the place of what a good Mac has. */
export function attestationOf(changes: Partial<AttestationFacts> = {}): AttestationFacts {
  const facts = Object.fromEntries(Object.entries(NAMES).map(([name, value]) => [name, attested(value)]));
  return {
    ...(facts as Record<AttestedName, AttestedFact<never>>),
    certificate: CERTIFICATE,
    attestedAt: ATTESTED_AT,
    notAfter: NOT_AFTER,
    freshness: 'fresh',
    publicKey: { keyType: 'EC', curve: 'P-384', fingerprint: 'cd'.repeat(32) },
    ...changes,
  };
}

/** The same of an iPhone, which has no posture. */
export function phoneOf(changes: Partial<AttestationFacts> = {}): AttestationFacts {
  return attestationOf({
    serialNumber: attested('F2LXPHONE01'),
    udid: attested('00008120-001A2B3C4D5E6F70'),
    softwareUpdateDeviceId: attested('D73AP'),
    systemIntegrityProtection: ABSENT,
    secureBoot: ABSENT,
    thirdPartyKernelExtensions: ABSENT,
    ...changes,
  });
}

export const MAC_RECORD: InventoryFacts = { known: true, serialNumber: 'TMWFWWWP67', platform: 'macos' };
export const PHONE_RECORD: InventoryFacts = { known: true, serialNumber: 'F2LXPHONE01', platform: 'ios' };

export interface Changes {
  readonly attested?: Partial<AttestationFacts> | undefined;
  readonly reported?: ReportedFacts;
  readonly inventory?: InventoryFacts;
}

/** A good Mac that says nothing of itself; `attested: undefined` takes its attestation away. */
export function macFacts(changes: Changes = {}): Facts {
  return {
    attested: 'attested' in changes && changes.attested === undefined ? undefined : attestationOf(changes.attested),
    reported: changes.reported ?? {},
    inventory: changes.inventory ?? {},
  };
}

export function phoneFacts(changes: Changes = {}): Facts {
  return { ...macFacts(changes), attested: phoneOf(changes.attested) };
}

export function documentOf(rules: readonly RuleDocument[], more: Partial<PolicyDocument> = {}): PolicyDocument {
  return { format: 1, ...more, rules };
}

export function decide(
  rules: RuleDocument | readonly RuleDocument[],
  facts: Facts,
  more?: Partial<PolicyDocument>,
): Decision {
  const policy = parsePolicy(documentOf(rules instanceof Array ? rules : [rules], more));
  return evaluatePolicy(policy, facts, { at: AT });
}

/** The code of the only rule. */
export function codeOf(rule: RuleDocument, facts: Facts, more?: Partial<PolicyDocument>): ReasonCode {
  const { rules } = decide(rule, facts, more);
  if (rules.length !== 1) throw new Error('the policy has more than one rule');
  return rules[0]!.code;
}
