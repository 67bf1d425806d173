import type { Outcome } from './outcome.ts';

/** What a rule came to, and why: stable, for the program. */
export type ReasonCode =
  | 'met'
  | 'out-of-scope'
  | 'below-minimum'
  | 'not-below'
  | 'disabled'
  | 'kernel-extensions-allowed'
  | 'not-supervised'
  | 'not-known'
  | 'not-user-authenticated'
  | 'not-listed'
  | 'too-old'
  | 'absent'
  | 'blank'
  | 'malformed'
  | 'contradicted'
  | 'no-attestation'
  | 'attestation-not-fresh'
  | 'attestation-not-yet-valid'
  | 'attestation-expired'
  | 'not-recorded'
  | 'not-linked'
  | 'other-device'
  | 'platform-unknown'
  | 'platform-only-reported'
  | 'platform-contradicted'
  | 'no-rule-applies';

/** What a code means. */
export interface ReasonEntry {
  readonly outcome: Outcome;
  /** One sentence, for people. */
  readonly meaning: string;
}

/** Every code with its outcome and its meaning: to show a reason to people, and to list them all. */
export const REASONS: Readonly<Record<ReasonCode, ReasonEntry>> = {
  met: { outcome: 'met', meaning: 'The rule is met.' },
  'out-of-scope': {
    outcome: 'not applicable',
    meaning: 'The rule is for other platforms than that of the device, as if it were not written.',
  },

  'below-minimum': { outcome: 'not met', meaning: 'The version, or the level of secure boot, is below the minimum.' },
  'not-below': { outcome: 'not met', meaning: 'The version is not below the one that the rule asks it to be below.' },
  disabled: { outcome: 'not met', meaning: 'The protection is disabled.' },
  'kernel-extensions-allowed': { outcome: 'not met', meaning: 'The Mac allows third-party kernel extensions.' },
  'not-supervised': { outcome: 'not met', meaning: 'The device is not supervised.' },
  'not-known': { outcome: 'not met', meaning: 'The inventory does not know the device.' },
  'not-user-authenticated': { outcome: 'not met', meaning: 'No user authenticated when the device was enrolled.' },
  'not-listed': { outcome: 'not met', meaning: 'The value is not among those of the rule.' },
  'too-old': { outcome: 'not met', meaning: 'The attestation, or the report, is older than the rule allows.' },

  absent: { outcome: 'undetermined', meaning: 'The fact is not there, in none of the sources that the rule believes.' },
  blank: { outcome: 'undetermined', meaning: "The fact is there without a value: Apple's servers could not tell." },
  malformed: { outcome: 'undetermined', meaning: 'The fact has a value that cannot be read, or a time in the future.' },
  contradicted: { outcome: 'undetermined', meaning: 'Two sources disagree on whether the rule is met.' },
  'no-attestation': { outcome: 'undetermined', meaning: 'There is no verified attestation.' },
  'attestation-not-fresh': {
    outcome: 'undetermined',
    meaning: 'The attestation was made for no request of this server, and the policy does not accept that.',
  },
  'attestation-not-yet-valid': {
    outcome: 'undetermined',
    meaning: 'The attestation is from after the time of the decision: a clock is wrong.',
  },
  'attestation-expired': {
    outcome: 'undetermined',
    meaning: 'The certificate of the attestation was no longer valid at the time of the decision.',
  },
  'not-recorded': { outcome: 'undetermined', meaning: 'The inventory does not say.' },
  'not-linked': {
    outcome: 'undetermined',
    meaning: 'Nothing that the rule believes shows that the record of the inventory is about this device.',
  },
  'other-device': {
    outcome: 'undetermined',
    meaning: 'The attestation, the report and the inventory name different devices.',
  },
  'platform-unknown': {
    outcome: 'undetermined',
    meaning: 'The rule is for certain platforms, and the platform of the device is not known.',
  },
  'platform-only-reported': {
    outcome: 'undetermined',
    meaning: 'The platform is known from the device itself alone, and the policy does not accept that.',
  },
  'platform-contradicted': {
    outcome: 'undetermined',
    meaning: 'The sources of the platform name different ones.',
  },
  'no-rule-applies': {
    outcome: 'undetermined',
    meaning: 'Every rule of the policy is for other platforms than that of the device.',
  },
};
