import type { Bytes } from '../core/bytes.ts';

/**
 * A value of a property list: `integer` is a bigint and `real` a number, so that what is read can be written
 * again as it was.
 */
export type PlistValue = string | bigint | number | boolean | Date | Bytes | readonly PlistValue[] | PlistDictionary;

/** A dictionary of a property list, in its order. A map: a key named like a member of every object is a key like any other. */
export type PlistDictionary = ReadonlyMap<string, PlistValue>;

/** Named limit: an answer to a DeviceInformation command has about 10,000; room for a list of some three hundred apps. */
export const MAX_PLIST_BYTES = 196_608;

/** Named limit on start tags and end tags together; an answer with every query has about 500. */
export const MAX_PLIST_TAGS = 12_288;

/** Named limit on elements inside one another, `plist` included; an answer has 5, a profile 8. */
export const MAX_PLIST_DEPTH = 16;

export function isDictionary(value: PlistValue | undefined): value is PlistDictionary {
  return value instanceof Map;
}

export function isArray(value: PlistValue | undefined): value is readonly PlistValue[] {
  return Array.isArray(value);
}

const SMALLEST_INTEGER = -(2n ** 63n);
const LARGEST_INTEGER = 2n ** 64n - 1n;

/** What Apple's readers take for an `integer`: 64 bits, with a sign or without. */
export function isPlistInteger(value: bigint): boolean {
  return value >= SMALLEST_INTEGER && value <= LARGEST_INTEGER;
}
