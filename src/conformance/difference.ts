/** The first place where a value is not what was expected, and both values there, as text. */
export interface Difference {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * Compares two JSON values deeply; the order of members does not count. Undefined stands for a member that is
 * not there. Only as deep as the expected value goes, which the verifier does not choose.
 */
export function firstDifference(expected: unknown, got: unknown, where: string): Difference | undefined {
  if (expected === got) return undefined;
  if (!isObject(expected) || !isObject(got) || Array.isArray(expected) !== Array.isArray(got))
    return { where, expected: describe(expected), got: describe(got) };
  const [expectedMembers, gotMembers] = [expected, got].map((value) => new Map<string, unknown>(Object.entries(value)));
  for (const name of new Set([...expectedMembers!.keys(), ...gotMembers!.keys()])) {
    const difference = firstDifference(expectedMembers!.get(name), gotMembers!.get(name), `${where}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** In a few words: what a verifier sends may be nested deeper than the stack. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return isObject(value) ? 'an object' : JSON.stringify(value);
}
