import type { FreshnessMode } from './settings.ts';

/** A vector, or something made of one, ready to be looked at. */
export interface Sample {
  /** The id of the vector that it is made of. */
  readonly id: string;
  readonly group: string;
  readonly title: string;
  /** What is put into the field. */
  readonly text: string;
  readonly at: string;
  readonly mode: FreshnessMode;
  readonly typed: string;
}

/** What the build writes into the page, beside its code. */
export interface PageData {
  readonly version: string;
  /** Base64 of the DER of the root of the vectors. */
  readonly testRoot: string;
  readonly samples: readonly Sample[];
}
