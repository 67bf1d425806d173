import { requirePlainObject } from '../core/options.ts';

/** Something that a device gets only while it meets a policy. */
export interface Withheld {
  /** The caller's name of it; each once in a list. */
  readonly id: string;
  readonly kind: 'app' | 'configuration' | 'account';
  /** Whether the device has it now. */
  readonly isReleased: boolean;
}

/** What to do next: each item is in at most one list; one that the device has and may keep is in none. */
export interface Enforcement<Item extends Withheld = Withheld> {
  /** To be given to the device: it may have them, and has not. */
  readonly release: readonly Item[];
  /** Not to be given to the device: it has not got them, and may not. */
  readonly keepBack: readonly Item[];
  /** To be taken from the device: it has them, and may not. */
  readonly remove: readonly Item[];
}

const KINDS: readonly Withheld['kind'][] = ['app', 'configuration', 'account'];

/**
 * Sorts what is withheld until a device meets a policy: to release, to keep back, or to remove.
 *
 * An undetermined decision removes as a negative one does: otherwise a device that met the policy once would keep
 * everything by hiding what has changed. Items in each list keep the order in which they were given.
 *
 * Checks: that each item is named once.
 * Leaves to you: to carry it out, to note what the device has got, and how long to wait for an answer of the
 * device before you decide.
 *
 * @throws TypeError if the decision has no `allowed`, or an item is not of the shape of `Withheld` or named twice
 * @example
 * ```ts
 * import { enforcement } from 'managed-device-attestation/policy';
 *
 * const mail = { id: 'mail', kind: 'account', isReleased: true } as const;
 * const { remove } = enforcement({ allowed: false }, [mail]);
 * console.log(remove[0]?.id); // mail
 * ```
 * @see Apple, "Deploy Managed Device Attestation"
 */
export function enforcement<Item extends Withheld>(
  decision: { readonly allowed: boolean },
  withheld: readonly Item[],
): Enforcement<Item> {
  requirePlainObject(decision, 'decision');
  const { allowed } = decision;
  if (typeof allowed !== 'boolean') throw new TypeError('decision.allowed must be true or false');
  if (!Array.isArray(withheld)) throw new TypeError('withheld must be an array');
  const release: Item[] = [];
  const keepBack: Item[] = [];
  const remove: Item[] = [];
  const ids = new Set<string>();
  // Not `forEach`, which passes over the holes of an array.
  for (const [index, item] of Array.from<Item>(withheld).entries()) {
    const isReleased = requireItem(item, `withheld[${index}]`, ids);
    if (allowed && !isReleased) release.push(item);
    if (!allowed) (isReleased ? remove : keepBack).push(item);
  }
  return { release, keepBack, remove };
}

function requireItem(item: Withheld, place: string, ids: Set<string>): boolean {
  requirePlainObject(item, place);
  const { id, kind, isReleased } = item;
  if (typeof id !== 'string' || ids.has(id)) throw new TypeError(`${place}.id must be a text of its own`);
  if (!KINDS.includes(kind)) throw new TypeError(`${place}.kind must be one of ${KINDS.join(', ')}`);
  if (typeof isReleased !== 'boolean') throw new TypeError(`${place}.isReleased must be true or false`);
  ids.add(id);
  return isReleased;
}
