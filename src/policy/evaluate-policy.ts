import { requireOptions, requireTime } from '../core/options.ts';
import type { RuleName } from './document.ts';
import { type Evidence, weighFacts } from './evidence.ts';
import type { Facts } from './facts.ts';
import { allOf, anyOf, notOf, type Outcome } from './outcome.ts';
import { type GroupKind, type GroupNode, type Node, type Policy, recordOfPolicy } from './policy.ts';
import { readFacts, type Source } from './read-facts.ts';
import { type ReasonCode, REASONS } from './reasons.ts';
import type { Verdict } from './rules.ts';

/** Whether the device may, and why. */
export interface Decision {
  readonly allowed: boolean;
  /** Of the whole policy; only `met` allows. */
  readonly outcome: 'met' | 'not met' | 'undetermined';
  /** Why not: every rule that stood in the way, in the order of the policy. Empty if it is allowed. */
  readonly reasons: readonly Reason[];
  /** Every rule that was looked at, with what it came to, in the order of the policy: for a log. */
  readonly rules: readonly Reason[];
}

/** What one rule came to. */
export interface Reason {
  /** Where it stands: `rules[2].any[0]`. */
  readonly path: string;
  /** Its name; `all`, `any` or `not` for a group whose platforms decided, `policy` where no rule applies. */
  readonly rule: RuleName | 'all' | 'any' | 'not' | 'policy';
  /** Whether it stands in an odd number of `not`: then it is in the way if it is met. */
  readonly negated: boolean;
  readonly outcome: Outcome;
  /** What it came to, for the program; `REASONS` has a sentence for each. */
  readonly code: ReasonCode;
  /** Who said what decided it, or who did not say it. */
  readonly source: Source;
}

/**
 * Decides whether a device meets a policy.
 *
 * It fails closed: a fact that is absent, blank, malformed or contradicted, an attestation that is missing, expired
 * or made for no request of yours, and a platform that is not known leave a rule undetermined, `not` leaves it
 * so, and what is undetermined is not allowed. It never throws for a device, whatever the device said.
 *
 * Checks: every rule that is for the platform of the device; that the sources of the facts name the same device.
 * Leaves to you: where the facts come from (`attested` from a verified attestation alone), and how long a
 * decision holds.
 *
 * @throws TypeError if the policy is not from `parsePolicy`, the facts have not the shape of `Facts`, or an option is
 * missing or unknown
 * @example
 * ```ts
 * import { evaluatePolicy, parsePolicy } from 'managed-device-attestation/policy';
 *
 * const policy = parsePolicy({ format: 1, rules: [{ rule: 'os-version', minimum: '26.4' }] });
 * const facts = { attested: undefined, reported: {}, inventory: {} };
 * const { allowed, reasons } = evaluatePolicy(policy, facts, { at: new Date() });
 * console.log(allowed, reasons[0]?.path, reasons[0]?.code); // false rules[0] no-attestation
 * ```
 * @see docs/policy.md
 */
export function evaluatePolicy(policy: Policy, facts: Facts, options: { readonly at: Date }): Decision {
  const record = recordOfPolicy(policy);
  requireOptions(options, ['at']);
  const evidence = weighFacts(readFacts(facts), requireTime(options.at), record);
  const run: Run = { evidence, reasons: [], rules: [] };
  const { rules, reasons } = run;
  const outcome = allOf(record.rules.map((node) => runNode(node, run)));
  if (outcome !== 'not applicable') return { allowed: outcome === 'met', outcome, reasons, rules };
  // A policy that has nothing to say of a platform does not let it in.
  reasons.push({
    path: 'rules',
    rule: 'policy',
    negated: false,
    outcome: 'undetermined',
    code: 'no-rule-applies',
    source: evidence.platform.source,
  });
  return { allowed: false, outcome: 'undetermined', reasons, rules };
}

interface Run {
  readonly evidence: Evidence;
  readonly reasons: Reason[];
  readonly rules: Reason[];
}

function runNode(node: Node, run: Run): Outcome {
  const { evidence } = run;
  const { platform } = evidence;
  if (node.platforms !== undefined) {
    if (!platform.known) return note(node, platform, run);
    if (!node.platforms.includes(platform.value as string))
      return note(node, { code: 'out-of-scope', source: platform.source }, run);
  }
  return node.kind === 'rule' ? note(node, node.judge(evidence), run) : runGroup(node, run);
}

/** Runs all of the group, for every reason is asked for, and drops its reasons if it is not in the way. */
function runGroup(node: GroupNode, run: Run): Outcome {
  const { length } = run.reasons;
  const outcome = GROUP_OUTCOMES[node.kind](node.children.map((child) => runNode(child, run)));
  if (!isInTheWay(node, outcome)) run.reasons.length = length;
  return outcome;
}

const GROUP_OUTCOMES: Readonly<Record<GroupKind, (outcomes: readonly Outcome[]) => Outcome>> = {
  all: allOf,
  any: anyOf,
  not: ([outcome]) => notOf(outcome!),
};

function note(node: Node, { code, source }: Verdict, { reasons, rules }: Run): Outcome {
  const { path, negated } = node;
  const { outcome } = REASONS[code];
  const reason = { path, rule: node.kind === 'rule' ? node.name : node.kind, negated, outcome, code, source };
  rules.push(reason);
  if (isInTheWay(node, outcome)) reasons.push(reason);
  return outcome;
}

function isInTheWay({ negated }: Node, outcome: Outcome): boolean {
  return outcome === 'undetermined' || outcome === (negated ? 'met' : 'not met');
}
