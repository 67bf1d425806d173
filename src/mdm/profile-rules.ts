import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { isXmlText } from './plist-writer.ts';

/** Refuses a profile, and names the key: one of Apple's. */
export function refuseProfile(code: AttestationErrorCode, field: string): never {
  throw new AttestationError(code, { field });
}

/** A text that is not empty and that XML can hold. */
export function requireProfileText(value: unknown, key: string): string {
  return typeof value === 'string' && value !== '' && isXmlText(value) ? value : refuseValue(key);
}

export function requireProfileFlag(value: unknown, key: string): boolean {
  return typeof value === 'boolean' ? value : refuseValue(key);
}

export function requireProfileInteger(value: unknown, key: string, minimum: number, maximum: number): bigint {
  const isInteger = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum;
  return isInteger ? BigInt(value) : refuseValue(key);
}

export function requireOneOf<Value extends string>(value: unknown, values: readonly Value[], key: string): Value {
  return values.find((known) => known === value) ?? refuseValue(key);
}

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

export function requireUuid(value: unknown, key: string): string {
  return typeof value === 'string' && UUID.test(value) ? value : refuseValue(key);
}

/** Apple: reverse-DNS style. */
const IDENTIFIER = /^[A-Za-z0-9][\w.-]{0,254}$/;

export function requireIdentifier(value: unknown, key: string): string {
  return typeof value === 'string' && IDENTIFIER.test(value) ? value : refuseValue(key);
}

/** A host with or without a port, a path, a query; no user, no fragment, nothing that wants escaping. */
const HTTPS_URL =
  /^https:\/\/(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?(?:[/?][\w.~:/?@!$&'()*+,;=%[\]-]*)?$/;

export function requireHttpsUrl(value: unknown, key: string): string {
  return typeof value === 'string' && value.length <= 2048 && HTTPS_URL.test(value) ? value : refuseValue(key);
}

const OID = /^[0-2](?:\.(?:0|[1-9][0-9]{0,38})){1,30}$/;

export function isDottedOid(value: unknown): value is string {
  return typeof value === 'string' && OID.test(value);
}

export function refuseValue(key: string): never {
  refuseProfile('ERR_MDA_PROFILE_VALUE', key);
}
