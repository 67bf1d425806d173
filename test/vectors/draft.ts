import type { Expectation, VectorCase } from '../../src/conformance/vector.ts';
import type { VectorFlag } from '../../src/conformance/flags.ts';

type Accept = Extract<Expectation, { result: 'accept' }>;
type Reject = Extract<Expectation, { result: 'reject' }>;
type Either = Extract<Expectation, { result: 'either' }>;

/** The folders of `vectors/`, in the order in which a reader should meet them. */
export const FOLDERS = [
  'chain',
  'properties',
  'freshness',
  'attestation-object',
  'acme',
  'csr',
  'device-information',
] as const;
export type Folder = (typeof FOLDERS)[number];

/** A vector before it is written: in its folder, by its name, and with what undoes its fault. */
export type Draft = {
  readonly name: string;
  readonly title: string;
  readonly flags: readonly VectorFlag[];
  readonly source: string;
} & VectorCase &
  (
    | Accept
    | Either
    | (Reject & {
        /** The same case with the fault undone, and nothing else: it must be accepted. */
        readonly undone: VectorCase;
      })
  );

/** The vectors of a folder. */
export type DraftFolder = () => Promise<readonly Draft[]>;
