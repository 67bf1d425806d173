import type { RuleDocument } from '../policy/document.ts';
import type { Facts } from '../policy/facts.ts';
import type { Policy } from '../policy/policy.ts';

/** How old what may be, in the rules of a policy wherever they stand, in milliseconds. */
export interface PolicyTimes {
  readonly attestation: readonly number[];
  readonly report: readonly number[];
}

export function timesOfPolicy(policy: Policy): PolicyTimes {
  const times = { attestation: [] as number[], report: [] as number[] };
  const collect = (rule: RuleDocument): void => {
    if ('not' in rule) collect(rule.not);
    else if ('all' in rule) rule.all.forEach(collect);
    else if ('any' in rule) rule.any.forEach(collect);
    else if (rule.rule === 'attestation-age') times.attestation.push(1000 * rule.maximumSeconds);
    else if (rule.rule === 'report-age') times.report.push(1000 * rule.maximumSeconds);
  };
  policy.toJSON().rules.forEach(collect);
  return times;
}

/** A span of time, both ends inclusive; milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/**
 * The time around `at` in which a decision on these facts is the same for certain: nothing becomes too old in it, nothing
 * ends, and nothing that is from the future comes to pass.
 */
export function unchangingSpan({ attestation, report }: PolicyTimes, { attested, reported }: Facts, at: number): Span {
  // Each is the last instant of how something is: up to the millisecond before its beginning it is from the future.
  const ends = (since: Date | undefined, maximums: readonly number[]): number[] =>
    since === undefined ? [] : [-1, ...maximums].map((maximum) => since.getTime() + maximum);
  const instants = [
    ...ends(attested?.attestedAt, attestation),
    ...ends(reported.reportedAt, report),
    ...(attested === undefined ? [] : [attested.notAfter.getTime()]),
  ];
  return {
    from: Math.max(...instants.filter((instant) => instant < at)) + 1,
    until: Math.min(...instants.filter((instant) => instant >= at)),
  };
}
