import { requireStore, type Store } from '../acme/store.ts';
import { requireOptions, requirePlainObject } from '../core/options.ts';
import { readTrust, type Trust, type VerifyIdentityOptions } from '../identity/verify-identity.ts';
import { type Policy, recordOfPolicy } from '../policy/policy.ts';
import { type DynamicSource, requireDynamicSource } from './dynamic-facts.ts';
import { type GuardedStore, guardStore } from './guarded-store.ts';
import { requireRevocationSource, type RevocationSource } from './revocation-source.ts';
import { MAX_TIMER_MILLISECONDS, requireMilliseconds } from './time-limit.ts';

/** Decisions that are used again. */
export interface DecisionCache {
  /** Shared by as many processes as you like. `createMemoryStore`, or Keyv with `throwOnErrors`. */
  readonly store: Store;
  /**
   * For how long the device may after a decision, at most. As long before it, too, for clocks of processes differ: not
   * before the certificate, nor where a rule would come out differently.
   */
  readonly seconds: number;
  /** For how long it may not after a refusal by the policy; 0 unless given: every request is decided anew. */
  readonly refusedSeconds?: number;
  /**
   * For how long after `seconds` it still may if the lookup fails or takes too long; 0 unless given. Never past a
   * deauthorization, a revocation, or the time that the decision holds for.
   */
  readonly staleWhileErrorSeconds?: number;
  /**
   * Hears what the store throws where that is in nobody's way: then the request is decided anew. What it throws itself
   * is dropped.
   */
  readonly onError?: (error: unknown) => unknown;
}

/** What devices are judged by. */
export interface AuthorizerOptions extends Pick<VerifyIdentityOptions, 'trustAnchors' | 'attestingAuthorities'> {
  /** One for everything, one for each resource by its name, or a function that finds it; undefined is no policy. */
  readonly policy: Policy | Readonly<Record<string, Policy>> | ((resource: string | undefined) => Policy | undefined);
  readonly dynamic?: DynamicSource;
  readonly revocation?: RevocationSource;
  readonly cache?: DecisionCache;
  /**
   * Where it is written who is deauthorized; the store of the cache unless given. What is forgotten here is authorized
   * again, so it should not be a store that forgets when it is full.
   */
  readonly deauthorizations?: Store;
  /** How long a store may take; 1,000 unless given. */
  readonly storeTimeoutMilliseconds?: number;
  /** How many verified identities are remembered, each with its certificates; 4,096 unless given. */
  readonly maxIdentities?: number;
}

/** The options as they are used. */
export interface Settings {
  readonly trust: Trust;
  readonly dynamic: DynamicSource | undefined;
  readonly revocation: RevocationSource | undefined;
  readonly policyOf: (resource: string | undefined) => Policy | undefined;
  readonly cache:
    | {
        readonly store: GuardedStore;
        readonly milliseconds: number;
        readonly refusedMilliseconds: number;
        readonly staleMilliseconds: number;
        readonly onError: (error: unknown) => void;
      }
    | undefined;
  readonly marks: GuardedStore | undefined;
  readonly maxIdentities: number;
  /** How long a decision may take: revocation and the lookup side by side, the store twice. */
  readonly decisionMilliseconds: number;
}

const OPTIONS = [
  'trustAnchors',
  'attestingAuthorities',
  'policy',
  'dynamic',
  'revocation',
  'cache',
  'deauthorizations',
  'storeTimeoutMilliseconds',
  'maxIdentities',
];
const DEFAULT_STORE_MILLISECONDS = 1000;
const DEFAULT_IDENTITIES = 4096;

export function readAuthorizerOptions(options: AuthorizerOptions): Settings {
  requireOptions(options, OPTIONS);
  const { dynamic, revocation, maxIdentities = DEFAULT_IDENTITIES } = options;
  const limit = requireMilliseconds(
    options.storeTimeoutMilliseconds ?? DEFAULT_STORE_MILLISECONDS,
    'storeTimeoutMilliseconds',
  );
  // Present but undefined is a lookup that found nothing, not a wish to do without.
  const cache = 'cache' in options ? readCache(options.cache, limit) : undefined;
  const settings = {
    trust: readTrust(options),
    policyOf: readPolicies(options.policy),
    dynamic: 'dynamic' in options ? requireDynamicSource(dynamic!) : undefined,
    revocation: 'revocation' in options ? requireRevocationSource(revocation!) : undefined,
    cache,
    marks: 'deauthorizations' in options ? guardStore(requireStore(options.deauthorizations), limit) : cache?.store,
    maxIdentities: requireCount(maxIdentities, 'maxIdentities', 1),
  };
  const asking = Math.max(settings.dynamic?.timeoutMilliseconds ?? 0, settings.revocation?.timeoutMilliseconds ?? 0);
  return { ...settings, decisionMilliseconds: Math.min(asking + 2 * limit, MAX_TIMER_MILLISECONDS) };
}

function readCache(cache: DecisionCache, limit: number): Settings['cache'] {
  requirePlainObject(cache, 'cache');
  requireOptions(cache, ['store', 'seconds', 'refusedSeconds', 'staleWhileErrorSeconds', 'onError']);
  const { refusedSeconds = 0, staleWhileErrorSeconds = 0, onError = () => undefined } = cache;
  if (typeof onError !== 'function') throw new TypeError('cache.onError must be a function');
  return {
    store: guardStore(requireStore(cache.store), limit),
    milliseconds: 1000 * requireCount(cache.seconds, 'cache.seconds', 1),
    refusedMilliseconds: 1000 * requireCount(refusedSeconds, 'cache.refusedSeconds', 0),
    staleMilliseconds: 1000 * requireCount(staleWhileErrorSeconds, 'cache.staleWhileErrorSeconds', 0),
    // A log that is down is no reason to refuse anybody, nor to end the process.
    onError: (error) => {
      (async () => await onError(error))().catch(() => undefined);
    },
  };
}

/** Named limit: ten years of seconds, so that no sum of times leaves the whole numbers. */
const MAX_COUNT = 315_360_000;

function requireCount(value: unknown, option: string, minimum: 0 | 1): number {
  if (!Number.isSafeInteger(value) || (value as number) < minimum || (value as number) > MAX_COUNT)
    throw new TypeError(`${option} must be a whole number from ${minimum} to ${MAX_COUNT}`);
  return value as number;
}

function readPolicies(policy: AuthorizerOptions['policy']): Settings['policyOf'] {
  if (typeof policy === 'function')
    return (resource) => {
      const found = policy(resource);
      if (found !== undefined) recordOfPolicy(found);
      return found;
    };
  if (isPolicy(policy)) return () => policy;
  requirePlainObject(policy, 'policy');
  const policies = new Map(Object.entries(policy));
  if (policies.size === 0) throw new TypeError('policy must have one for a resource');
  policies.forEach(recordOfPolicy);
  return (resource) => (resource === undefined ? undefined : policies.get(resource));
}

function isPolicy(policy: Policy | Readonly<Record<string, Policy>>): policy is Policy {
  try {
    recordOfPolicy(policy as Policy);
    return true;
  } catch {
    return false;
  }
}
