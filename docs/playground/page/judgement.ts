import type { CheckReport } from '../../../src/core/checks.ts';
import type { Certificate } from '../../../src/core/certificate.ts';
import type { AttestationErrorCode } from '../../../src/core/error-codes.ts';
import type { AttestationError } from '../../../src/core/errors.ts';
import type { AttestedProperties } from '../../../src/core/properties.ts';
import type { PropertyComparisons } from '../../../src/mdm/compare-properties.ts';

/** `caution`: genuine, and something is left open; `none`: there is nothing to judge. */
export type Tone = 'good' | 'caution' | 'bad' | 'none';

/** A check of the library; or of this page, before or after those. */
export interface CheckRow {
  readonly name: CheckReport['name'] | 'input' | 'certificate-request';
  readonly outcome: CheckReport['outcome'] | 'caution';
  readonly code: AttestationErrorCode | undefined;
  readonly certificate: number | undefined;
  readonly detail: string;
  readonly reference: string;
}

/** One certificate of the picture. */
export interface ChainLink {
  readonly role: 'leaf' | 'authority' | 'anchor';
  readonly der: Uint8Array;
  /** Undefined if it does not parse; then `error` says why. */
  readonly certificate: Certificate | undefined;
  readonly error: AttestationError | undefined;
  /** Failed checks that lie in it. */
  readonly faults: readonly CheckRow[];
  /** Whether the signature on it verifies with the key above; an anchor is not asked. */
  readonly signature: 'verified' | 'failed' | 'not checked' | 'trusted';
  /** For an anchor: whether the chain gets to it. */
  readonly isReached: boolean;
}

export type Row = readonly [label: string, text: string];

/** Facts that are no verdict: what a device reports, what a profile holds. */
export interface Sheet {
  readonly heading: string;
  readonly note: string;
  readonly rows: readonly Row[];
}

/** Everything that the page shows. */
export interface Judgement {
  readonly tone: Tone;
  readonly title: string;
  readonly sentences: readonly string[];
  /** What a genuine attestation says that one should see before one takes it for a good device. */
  readonly cautions: readonly string[];
  /** Why it was refused. */
  readonly error: AttestationError | undefined;
  /** How many certificates were put in, to say where a fault lies. */
  readonly certificateCount: number;
  readonly facts: readonly Row[];
  readonly checks: readonly CheckRow[];
  /** Leaf first, the anchor last; empty where there are no certificates. */
  readonly chain: readonly ChainLink[];
  readonly properties:
    | {
        readonly values: AttestedProperties;
        readonly isVerified: boolean;
        readonly comparisons: PropertyComparisons | undefined;
      }
    | undefined;
  readonly sheets: readonly Sheet[];
  /** Not Apple's root was judged by, but one for tests or one that was typed in. */
  readonly foreignRoot: 'test' | 'other' | undefined;
}
