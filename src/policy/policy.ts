import type { PolicyDocument, RuleName } from './document.ts';
import type { Belief } from './evidence.ts';
import type { Judge } from './rules.ts';

declare const parsed: unique symbol;

/** A policy that was read without a fault. Only `parsePolicy` makes one. */
export interface Policy {
  /** The policy as data again: a frozen copy of what was parsed. `JSON.stringify` calls it. */
  toJSON(): PolicyDocument;
  readonly [parsed]: true;
}

/** A rule or a group, ready to be run. */
export type Node = RuleNode | GroupNode;

export interface RuleNode extends Place {
  readonly kind: 'rule';
  readonly name: RuleName;
  readonly judge: Judge;
}

export interface GroupNode extends Place {
  readonly kind: GroupKind;
  readonly children: readonly Node[];
}

export type GroupKind = 'all' | 'any' | 'not';

interface Place {
  /** Where it stands in the policy: `rules[2].any[0]`. */
  readonly path: string;
  /** Whether it stands in an odd number of `not`. */
  readonly negated: boolean;
  /** Undefined: all platforms. */
  readonly platforms: readonly string[] | undefined;
}

export interface PolicyRecord extends Belief {
  readonly document: PolicyDocument;
  readonly rules: readonly Node[];
}

/** Its private field is the brand. */
class ParsedPolicy {
  readonly #record: PolicyRecord;

  static {
    // Nobody makes another one by way of an instance.
    this.prototype.constructor = Object;
  }

  constructor(record: PolicyRecord) {
    this.#record = record;
    Object.freeze(this);
  }

  toJSON(): PolicyDocument {
    return this.#record.document;
  }

  static recordOf(value: unknown): PolicyRecord | undefined {
    return #record in Object(value) ? (value as ParsedPolicy).#record : undefined;
  }
}

export function makePolicy(record: PolicyRecord): Policy {
  return new ParsedPolicy(record) as Omit<Policy, typeof parsed> as Policy;
}

export function recordOfPolicy(policy: Policy): PolicyRecord {
  const record = ParsedPolicy.recordOf(policy);
  if (record === undefined) throw new TypeError('policy must come from parsePolicy');
  return record;
}
