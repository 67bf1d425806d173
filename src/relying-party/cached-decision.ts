import { requirePlainObject } from '../core/options.ts';
import type { Reason } from '../policy/evaluate-policy.ts';

/** A decision by the policy, as it is kept. */
export interface CachedDecision {
  readonly allowed: boolean;
  /** Milliseconds since 1970. */
  readonly decidedAt: number;
  /** From then to then it would come out the same, both inclusive. */
  readonly validFrom: number;
  readonly validUntil: number;
  /** Of the device when it was made: a deauthorization, or its end, gives another one. */
  readonly generation: string;
  readonly reasons: readonly Reason[];
}

const VERSION = 1;

/** The key is in it, so that an entry that ends up under another key counts for nothing. */
export function writeDecision(key: string, decision: CachedDecision): string {
  const { allowed, decidedAt, validFrom, validUntil, generation, reasons } = decision;
  return JSON.stringify({ version: VERSION, key, allowed, decidedAt, validFrom, validUntil, generation, reasons });
}

/** What was written, or undefined for anything else. */
export function readDecision(key: string, text: string): CachedDecision | undefined {
  const entry = readEntry(text);
  if (entry === undefined) return undefined;
  const { version, key: ownKey, allowed, decidedAt, validFrom, validUntil, generation, reasons, ...others } = entry;
  return version === VERSION &&
    ownKey === key &&
    typeof allowed === 'boolean' &&
    isTime(decidedAt) &&
    isTime(validFrom) &&
    isTime(validUntil) &&
    typeof generation === 'string' &&
    Array.isArray(reasons) &&
    reasons.every(isReason) &&
    allowed === (reasons.length === 0) &&
    Object.keys(others).length === 0
    ? { allowed, decidedAt, validFrom, validUntil, generation, reasons }
    : undefined;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

const REASON: readonly (readonly [name: keyof Reason, type: string])[] = [
  ['path', 'string'],
  ['rule', 'string'],
  ['negated', 'boolean'],
  ['outcome', 'string'],
  ['code', 'string'],
  ['source', 'string'],
];

function isReason(value: unknown): value is Reason {
  const reason = Object(value) as Partial<Reason>;
  return Object.keys(reason).length === REASON.length && REASON.every(([name, type]) => typeof reason[name] === type);
}

/** Named limit: some hundred reasons. */
const MAX_ENTRY_CHARACTERS = 131_072;

/** The object of a JSON text. */
export function readEntry(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > MAX_ENTRY_CHARACTERS) return undefined;
  try {
    const entry: unknown = JSON.parse(text);
    requirePlainObject(entry, 'entry');
    return entry as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
