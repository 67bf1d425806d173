import type { Settings } from './authorizer-options.ts';
import { type CachedDecision, readDecision, writeDecision } from './cached-decision.ts';

/** Decisions in the caller's store; without one, what a cache does that keeps nothing. */
export interface DecisionMemory {
  /** What is cached; whatever is wrong with it, it is not there. */
  readonly recall: (key: string) => Promise<CachedDecision | undefined> | undefined;
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
    recall: async (key) => {
      try {
        const text = await store.get(key);
        return text === undefined ? undefined : readDecision(key, text);
      } catch (error) {
        onError(error);
        return undefined;
      }
    },
    keep: async (key, decision) => {
      const { decidedAt, validUntil } = decision;
      const ttlMilliseconds = Math.min(millisecondsOf(decision, true), validUntil - decidedAt);
      if (ttlMilliseconds <= 0) return;
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
