import type { AttestationErrorCode } from '../../src/index.ts';
import type { ExpectedAnswer, VectorCase } from '../../src/conformance/vector.ts';
import type { Draft } from './draft.ts';

/** Puts together what is said of a case and the case. */

/** What is said of every draft. */
export type About = Pick<Draft, 'name' | 'title' | 'flags' | 'source'>;

export function accepted(about: About, judged: VectorCase, answer?: ExpectedAnswer): Draft {
  return { ...about, ...judged, result: 'accept', ...(answer === undefined ? {} : { answer }) };
}

export interface AboutFault extends About {
  readonly fault: string;
  readonly code?: AttestationErrorCode;
}

/** `undone` is the same case without the fault. */
export function rejected(about: AboutFault, judged: VectorCase, undone: VectorCase): Draft {
  return { ...about, ...judged, result: 'reject', undone };
}

export function eitherWay(about: About & { readonly reason: string }, judged: VectorCase): Draft {
  return { ...about, ...judged, result: 'either' };
}
