import type { AcmeProblem } from './acme-messages.ts';

/** What an enrollment consists of, in the order in which the steps first occur. */
export type AcmeStep =
  | 'directory'
  | 'newNonce'
  | 'newAccount'
  | 'newOrder'
  | 'authorization'
  | 'challenge'
  | 'order'
  | 'finalize'
  | 'certificate';

/** One thing that happened during an enrollment. */
export type AcmeEvent =
  /** The server answered. */
  | {
      readonly event: 'answer';
      readonly step: AcmeStep;
      readonly url: string;
      readonly httpStatus: number;
      readonly problem: AcmeProblem | undefined;
    }
  /** No answer came; `error` is what `fetch` rejected with. */
  | { readonly event: 'no answer'; readonly step: AcmeStep; readonly url: string; readonly error: unknown }
  /** The device waits before it goes on. */
  | { readonly event: 'wait'; readonly milliseconds: number };
