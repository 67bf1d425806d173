/**
 * What a rule came to. Undetermined is no answer and stays none when it is turned around; a rule that is
 * not applicable, because it is for other platforms, is as if it were not written.
 */
export type Outcome = 'met' | 'not met' | 'undetermined' | 'not applicable';

/** Kleene's three values: one that is not met decides, then one that is undetermined. */
export function allOf(outcomes: readonly Outcome[]): Outcome {
  return firstOf(['not met', 'undetermined', 'met'], outcomes);
}

/** One that is met decides, then one that is undetermined. */
export function anyOf(outcomes: readonly Outcome[]): Outcome {
  return firstOf(['met', 'undetermined', 'not met'], outcomes);
}

export function notOf(outcome: Outcome): Outcome {
  return outcome === 'met' ? 'not met' : outcome === 'not met' ? 'met' : outcome;
}

/** Where nothing is applicable, neither is the group. */
function firstOf(order: readonly Outcome[], outcomes: readonly Outcome[]): Outcome {
  return order.find((outcome) => outcomes.includes(outcome)) ?? 'not applicable';
}
