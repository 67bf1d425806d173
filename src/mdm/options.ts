import { requirePlainObject } from '../core/options.ts';

/** `requireOptions` for an object inside the options; `option` names it. */
export function requireMembers(value: object, option: string, known: readonly string[]): void {
  requirePlainObject(value, option);
  for (const key of Reflect.ownKeys(value))
    if (!known.includes(key as string)) throw new TypeError(`unknown option ${option}.${String(key)}`);
}

/** A time in milliseconds since 1970. */
export function requireDate(value: unknown, option: string): number {
  const time = Object.prototype.toString.call(value) === '[object Date]' ? Number(value) : NaN;
  if (Number.isNaN(time)) throw new TypeError(`${option} must be a valid Date`);
  return time;
}
