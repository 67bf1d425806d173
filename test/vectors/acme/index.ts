import type { DraftFolder } from '../draft.ts';
import { acceptedAnswers } from './accepted.ts';
import { chainFaults } from './chain.ts';
import { identifierFaults } from './identifier.ts';

/** Answers to a challenge, good and bad, but for their freshness codes and their CBOR. */
export const ACME: DraftFolder = async () => [
  ...(await acceptedAnswers()),
  ...(await identifierFaults()),
  ...(await chainFaults()),
];
