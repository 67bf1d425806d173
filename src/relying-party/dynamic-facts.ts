import { requireOptions, requirePlainObject } from '../core/options.ts';
import type { VerifiedIdentity } from '../identity/verify-identity.ts';
import type { InventoryFacts, ReportedFacts } from '../policy/facts.ts';
import { type LookupSignal, requireMilliseconds } from './time-limit.ts';

/** What is known of a device at the moment; what is left out is not known. */
export interface DynamicFacts {
  /** What the device says of itself, over MDM for instance. */
  readonly reported?: ReportedFacts;
  /** What your records say. */
  readonly inventory?: InventoryFacts;
}

/** Where the facts come from that a certificate cannot have. */
export interface DynamicSource {
  /** Asks for the facts of this device; `signal` is aborted when the time is up. */
  readonly lookup: (
    identity: VerifiedIdentity,
    context: { readonly at: Date; readonly resource: string | undefined; readonly signal: LookupSignal },
  ) => Promise<DynamicFacts> | DynamicFacts;
  /** How long it may take. */
  readonly timeoutMilliseconds: number;
}

export function requireDynamicSource(source: DynamicSource): DynamicSource {
  requirePlainObject(source, 'dynamic');
  requireOptions(source, ['lookup', 'timeoutMilliseconds']);
  if (typeof source.lookup !== 'function') throw new TypeError('dynamic.lookup must be a function');
  return {
    lookup: source.lookup,
    timeoutMilliseconds: requireMilliseconds(source.timeoutMilliseconds, 'dynamic.timeoutMilliseconds'),
  };
}

/** Named limits: an answer has two members, each with a dozen facts, each with three fields. */
const MAX_FACT_DEPTH = 3;
const MAX_FACT_MEMBERS = 32;
const MAX_FACT_CHARACTERS = 1024;

/**
 * A copy of an answer, of plain data alone, every member read once: what is judged, and what says for how long, are the
 * same. Throws whatever for anything else.
 */
export function copyDynamicFacts(answer: unknown): DynamicFacts {
  const copy = copyPlain(answer, 0) as DynamicFacts;
  requireOptions(copy, ['reported', 'inventory']);
  // A member that is there and undefined is one that was not found.
  const { reported = {}, inventory = {} } = copy;
  return { reported, inventory };
}

function copyPlain(value: unknown, depth: number): unknown {
  if (typeof value === 'string' && value.length > MAX_FACT_CHARACTERS) throw new TypeError('a text is too long');
  if (typeof value === 'function') throw new TypeError('a function is no fact');
  if (typeof value !== 'object' || value === null) return value;
  if (Object.prototype.toString.call(value) === '[object Date]') return new Date(Number(value));
  if (depth === MAX_FACT_DEPTH) throw new TypeError('facts are not nested');
  requirePlainObject(value, 'facts');
  const names = Reflect.ownKeys(value);
  if (names.length > MAX_FACT_MEMBERS) throw new TypeError('there are too many members');
  const copy = Object.create(null) as Record<PropertyKey, unknown>;
  for (const name of names) copy[name] = copyPlain((value as Record<PropertyKey, unknown>)[name], depth + 1);
  return copy;
}
