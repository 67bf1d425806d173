import type { Settings } from './authorizer-options.ts';
import { type CachedDecision, readDecision, writeDecision } from './cached-decision.ts';
import type { LastDecision } from './identity-memory.ts';

/** Decisions in the caller's store; without one, what a cache does that keeps nothing. */
export interface DecisionMemory {
  /** What is cached under the key of a place; whatever is wrong with it, it is not there. */
  readonly recall: (place: LastDecision) => Promise<CachedDecision | undefined> | undefined;
  readonly keep: (key: string, decision: CachedDecision) => Promise<void> | undefined;
  /** For how long after it was made a decision may be used. */
  readonly millisecondsOf: (decision: CachedDecision, isStale: boolean) => number;
}

export function createDecisionMemory(cache: Settings['cache']): DecisionMemory {
  if (cache === undefined) return { recall: nothing, keep: nothing, millisecondsOf: () => Infinity };
  const { store, milliseconds, refusedMilliseconds, staleMilliseconds, onError } = cache;
  const millisecondsOf = ({ allowed }: CachedDecision, isStale: boolean): number =>
    allowed ? milliseconds + (isStale ? staleMilliseconds : 0) : refusedMilliseconds;
  return {
    millisecondsOf,
    recall: async (place) => {
      try {
        const text = await store.get(place.key);
        // The same text says the same.
        if (text !== place.text) {
          place.decision = text === undefined ? undefined : readDecision(place.key, text);
          place.text = text;
        }
        return place.decision;
      } catch (error) {
        onError(error);
        return undefined;
      }
    },
    keep: async (key, decision) => {
      const wanted = millisecondsOf(decision, true);
      if (wanted === 0) return;
      // In its last instant it still counts, and in a store it does not.
      const ttlMilliseconds = Math.min(wanted, decision.validUntil - decision.decidedAt) + 1;
      try {
        await store.set(key, writeDecision(key, decision), ttlMilliseconds);
      } catch (error) {
        onError(error);
      }
    },
  };
}

function nothing(): undefined {
  return undefined;
}
