import type { RuleDocument } from '../policy/document.ts';
import { type Policy, recordOfPolicy } from '../policy/policy.ts';

/** A rule of a policy that an attestation can grow too old for. */
export interface PolicyAge {
  /** Where it stands: `rules[2].any[0]`. */
  readonly path: string;
  readonly maximumSeconds: number;
  /** Whether the policy cannot be met without it: no `any` is around it, and it is for every platform. */
  readonly isNeeded: boolean;
}

/** The rules `attestation-age` of a policy that stop being met with time. */
export function agesOf(policy: Policy): readonly PolicyAge[] {
  const { rules } = recordOfPolicy(policy).document;
  return agesOfEach(rules, 'rules', { isNegated: false, isNeeded: true });
}

interface Surroundings {
  readonly isNegated: boolean;
  readonly isNeeded: boolean;
}

function agesWithin(rule: RuleDocument, path: string, around: Surroundings): readonly PolicyAge[] {
  const { isNegated } = around;
  const isNeeded = around.isNeeded && !('platforms' in rule);
  if ('not' in rule) return agesWithin(rule.not, `${path}.not`, { isNegated: !isNegated, isNeeded });
  // De Morgan: turned around, `all` needs one of its rules and `any` needs each.
  if ('all' in rule) return agesOfEach(rule.all, `${path}.all`, { isNegated, isNeeded: isNeeded && !isNegated });
  if ('any' in rule) return agesOfEach(rule.any, `${path}.any`, { isNegated, isNeeded: isNeeded && isNegated });
  // Turned around, the rule asks for an attestation that is old enough, and time only helps.
  if (rule.rule !== 'attestation-age' || isNegated) return [];
  return [{ path, maximumSeconds: rule.maximumSeconds, isNeeded }];
}

function agesOfEach(rules: readonly RuleDocument[], path: string, around: Surroundings): readonly PolicyAge[] {
  return rules.flatMap((rule, index) => agesWithin(rule, `${path}[${index}]`, around));
}
