import type { PolicyDocument } from './document.ts';
import { type GroupKind, makePolicy, type Node, type Policy } from './policy.ts';
import { type Members, openMembers, type Read, readItems, refuse } from './read-json.ts';
import { acceptableFreshness, readPlatforms, readRule } from './rules.ts';

/** Rules and groups in a policy, all told. */
export const MAX_POLICY_RULES = 256;

/** Groups within groups. */
export const MAX_POLICY_DEPTH = 8;

/** Characters in a title. */
export const MAX_POLICY_TITLE_CHARACTERS = 200;

/**
 * Reads a policy, completely: what it returns can be evaluated without a fault of the policy's.
 *
 * Checks: strictly everything that `docs/policy.schema.json` says, so an unknown rule or member, a member left
 * out, or a version that Apple cannot have written is an error; rules for platforms that have not what they are about;
 * ranges that no version is in; how many rules there are and how deep they are nested. What is not plain JSON
 * (an accessor, a class, a cycle) is refused too.
 * Leaves to you: where the policy comes from, and whether it asks for enough.
 *
 * @param json the policy as `JSON.parse` gives it, or a literal; it is copied
 * @throws AttestationError `ERR_MDA_POLICY_*`; `field` is the path of the member at fault, such as
 * `rules[2].minimum`, or of the object around it where the member itself is unknown
 * @example
 * ```ts
 * import { AttestationError } from 'managed-device-attestation';
 * import { parsePolicy } from 'managed-device-attestation/policy';
 *
 * try {
 *   parsePolicy({ format: 1, rules: [{ rule: 'os-version', minimum: '26.x' }] });
 * } catch (error) {
 *   if (!(error instanceof AttestationError)) throw error;
 *   console.log(error.code, error.field); // ERR_MDA_POLICY_VERSION rules[0].minimum
 * }
 * ```
 * @see docs/policy.md
 */
export function parsePolicy(json: unknown): Policy {
  const members = openMembers(json, '');
  members.required('format', format);
  members.optional('$schema', text);
  members.optional('title', title);
  const acceptReportedPlatform = members.optional('acceptReportedPlatform', flag) ?? false;
  const acceptFreshness = members.optional('acceptFreshness', acceptableFreshness) ?? [];
  const rules = readNodes(members, 'rules', { depth: 0, negated: false, count: { rules: 0 } });
  return makePolicy({ document: members.close() as PolicyDocument, acceptReportedPlatform, acceptFreshness, rules });
}

interface Surroundings {
  /** How many groups are around a rule. */
  readonly depth: number;
  /** Whether an odd number of them is `not`. */
  readonly negated: boolean;
  /** Of the whole policy so far. */
  readonly count: { rules: number };
}

const GROUPS: readonly GroupKind[] = ['all', 'any', 'not'];

/** Takes a member that holds one rule, if it is `not`, or a list of them. */
function readNodes(members: Members, name: 'rules' | GroupKind, surroundings: Surroundings): readonly Node[] {
  const nodes: Node[] = [];
  const read: Read<object> = (value, field) => {
    const { node, document } = readNode(value, field, surroundings);
    nodes.push(node);
    return document;
  };
  members.required<object>(
    name,
    name === 'not' ? read : (value, field) => readItems(value, field, MAX_POLICY_RULES, read),
  );
  return nodes;
}

function readNode(
  value: unknown,
  path: string,
  { depth, negated, count }: Surroundings,
): { readonly node: Node; readonly document: object } {
  count.rules += 1;
  if (count.rules > MAX_POLICY_RULES) refuse('ERR_MDA_POLICY_COUNT', path);
  const members = openMembers(value, path);
  const kind = GROUPS.find((group) => members.has(group));
  let node: Node;
  if (kind === undefined) {
    const { name, judge } = readRule(members, path);
    node = { kind: 'rule', path, negated, platforms: readPlatforms(members, name), name, judge };
  } else {
    if (depth === MAX_POLICY_DEPTH) refuse('ERR_MDA_POLICY_DEPTH', path);
    const inside = { depth: depth + 1, negated: kind === 'not' ? !negated : negated, count };
    const children = readNodes(members, kind, inside);
    node = { kind, path, negated, platforms: readPlatforms(members, undefined), children };
  }
  return { node, document: members.close() };
}

const format: Read<number> = (value, field) => {
  if (typeof value !== 'number') refuse('ERR_MDA_POLICY_TYPE', field);
  return value === 1 ? value : refuse('ERR_MDA_POLICY_VALUE', field);
};

const flag: Read<boolean> = (value, field) =>
  typeof value === 'boolean' ? value : refuse('ERR_MDA_POLICY_TYPE', field);

const text: Read<string> = (value, field) => (typeof value === 'string' ? value : refuse('ERR_MDA_POLICY_TYPE', field));

const title: Read<string> = (value, field) => {
  const { length } = text(value, field);
  // Characters, as the schema counts them: a pair of surrogates is one.
  const count = length > 2 * MAX_POLICY_TITLE_CHARACTERS ? length : Array.from(value as string).length;
  return count > 0 && count <= MAX_POLICY_TITLE_CHARACTERS ? (value as string) : refuse('ERR_MDA_POLICY_VALUE', field);
};
