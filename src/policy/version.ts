import { AttestationError } from '../core/errors.ts';

/** A version of an Apple system. */
export interface Version {
  readonly major: number;
  /** 0 where it is not written. */
  readonly minor: number;
  /** 0 where it is not written. */
  readonly patch: number;
  /** The letter of a rapid response, as in `17.2 (a)`. */
  readonly rapidResponse: string | undefined;
}

/** `26`, `15.5`, `26.4.1`, `16.4.1 (c)`: numbers of up to four digits, none with a leading zero, the first not 0. */
const VERSION = /^([1-9]\d{0,3})(?:\.(0|[1-9]\d{0,3}))?(?:\.(0|[1-9]\d{0,3}))?(?: \(([a-z])\))?$/;

/**
 * Reads a version as Apple writes it, rapid responses included.
 *
 * Checks: up to three numbers of up to four digits without leading zeros, then perhaps a letter in brackets.
 * Leaves to you: whether there was ever such a version.
 *
 * @throws AttestationError `ERR_MDA_POLICY_VERSION` if no version of Apple's is written like this
 * @throws TypeError if it is not a text
 * @example
 * ```ts
 * import { parseVersion } from 'managed-device-attestation/policy';
 *
 * console.log(parseVersion('17.2 (a)').rapidResponse); // a
 * ```
 * @see Apple, "About Rapid Security Responses"
 */
export function parseVersion(text: string): Version {
  const [, major, minor = '0', patch = '0', rapidResponse] = match(text) ?? refuse();
  return { major: Number(major), minor: Number(minor), patch: Number(patch), rapidResponse };
}

/**
 * Compares two versions: by number, then a rapid response after what it responds to, `(c)` after `(a)`.
 *
 * Checks: what `parseVersion` checks, for both.
 *
 * @returns below 0 if `a` is the older one, 0 if they are the same, above 0 if `a` is the newer one
 * @throws AttestationError `ERR_MDA_POLICY_VERSION` if no version of Apple's is written like this
 * @throws TypeError if one is not a text
 * @example
 * ```ts
 * import { compareVersions } from 'managed-device-attestation/policy';
 *
 * const versions = ['26.4.1', '15.5', '17.2 (a)', '17.2', '26.10'];
 * console.log(versions.sort(compareVersions).join(', ')); // 15.5, 17.2, 17.2 (a), 26.4.1, 26.10
 * ```
 */
export function compareVersions(a: string, b: string): number {
  return (rankOf(match(a)) ?? refuse()) - (rankOf(match(b)) ?? refuse());
}

/** A number that orders versions as `compareVersions` does; undefined for what is none. */
export function rankVersion(text: string): number | undefined {
  return rankOf(VERSION.exec(text));
}

// At most 9999 * 10^8 * 27: whole numbers of that size are exact.
function rankOf(found: RegExpExecArray | null): number | undefined {
  if (found === null) return undefined;
  const [, major, minor = 0, patch = 0, rapidResponse] = found;
  const letter = rapidResponse === undefined ? 0 : rapidResponse.charCodeAt(0) - 0x60;
  return ((Number(major) * 10_000 + Number(minor)) * 10_000 + Number(patch)) * 27 + letter;
}

function match(text: unknown): RegExpExecArray | null {
  if (typeof text !== 'string') throw new TypeError('version must be a string');
  return VERSION.exec(text);
}

function refuse(): never {
  throw new AttestationError('ERR_MDA_POLICY_VERSION');
}
