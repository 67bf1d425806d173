import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';

/** Reads and copies one JSON value, or refuses it. `field` is where it stands. */
export type Read<Value> = (value: unknown, field: string) => Value;

/** Refuses a policy at a place; the place of the policy itself is empty. */
export function refuse(code: AttestationErrorCode, field: string, cause?: unknown): never {
  throw new AttestationError(code, { ...(field !== '' && { field }), ...(cause !== undefined && { cause }) });
}

/** The members of one object, each taken once by its name. */
export interface Members {
  has(name: string): boolean;
  required<Value>(name: string, read: Read<Value>): Value;
  optional<Value>(name: string, read: Read<Value>): Value | undefined;
  /** Refuses members that nobody took; returns a frozen copy of the others. */
  close(): object;
}

/** Opens an object that holds its own plain data: no accessor, symbol, hidden member, or prototype with members. */
export function openMembers(value: unknown, field: string): Members {
  const members = untrusted(field, () => ownData(value, field));
  const copy: Record<string, unknown> = {};
  const optional = <Value>(name: string, read: Read<Value>): Value | undefined => {
    if (!members.has(name)) return undefined;
    const taken = read(members.get(name), fieldOf(field, name));
    members.delete(name);
    copy[name] = taken;
    return taken;
  };
  return {
    has: (name) => members.has(name),
    optional,
    required: (name, read) => {
      if (!members.has(name)) refuse('ERR_MDA_POLICY_MISSING', fieldOf(field, name));
      return optional(name, read)!;
    },
    close: () => {
      if (members.size > 0) refuse('ERR_MDA_POLICY_UNKNOWN', field);
      return Object.freeze(copy);
    },
  };
}

/** Reads an array of 1 to `limit` items, without holes, each once. */
export function readItems<Value>(value: unknown, field: string, limit: number, read: Read<Value>): readonly Value[] {
  const items = untrusted(field, () => {
    if (!Array.isArray(value)) refuse('ERR_MDA_POLICY_TYPE', field);
    const { length } = value;
    // Not `length > limit`: that of a proxy may be no number.
    if (!(length <= limit)) refuse('ERR_MDA_POLICY_COUNT', field);
    return Array.from({ length }, (_, index) => dataOf(value, String(index), field));
  });
  if (items.length === 0) refuse('ERR_MDA_POLICY_VALUE', field);
  return Object.freeze(items.map((item, index) => read(item, `${field}[${index}]`)));
}

function fieldOf(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function ownData(value: unknown, field: string): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('ERR_MDA_POLICY_TYPE', field);
  const prototype: unknown = Object.getPrototypeOf(value);
  // Object.prototype of any realm, or none; a Map or an instance of a class is no JSON.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) refuse('ERR_MDA_POLICY_JSON', field);
  return new Map(
    Reflect.ownKeys(value).map((key) =>
      typeof key === 'string' ? [key, dataOf(value, key, field)] : refuse('ERR_MDA_POLICY_JSON', field),
    ),
  );
}

function dataOf(value: object, key: string, field: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  if (descriptor?.enumerable !== true || !('value' in descriptor)) refuse('ERR_MDA_POLICY_JSON', field);
  return descriptor.value as unknown;
}

/** A proxy may throw whatever it likes. */
function untrusted<Value>(field: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof AttestationError) throw error;
    refuse('ERR_MDA_POLICY_JSON', field, error);
  }
}
