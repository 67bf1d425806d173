import { appleEnterpriseAttestationRootRecord } from './apple-root.ts';
import { type Bytes, copyBytes } from './bytes.ts';
import { type Certificate, type CertificateRecord, recordOf } from './certificate.ts';

/** Refuses anything but a plain object: what an instance inherits is not seen where its keys are listed. */
export function requirePlainObject(value: unknown, option: string): void {
  const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== null && (prototype === undefined || Object.getPrototypeOf(prototype) !== null))
    throw new TypeError(`${option} must be a plain object`);
}

/** Refuses an options object that has a key that no check reads: a misspelt check must not be a check left out. */
export function requireOptions(options: object, known: readonly string[]): void {
  requirePlainObject(options, 'options');
  for (const key of Reflect.ownKeys(options))
    if (!known.includes(key as string)) throw new TypeError(`unknown option ${String(key)}`);
}

/** A time in milliseconds since 1970. An invalid Date compares false with everything, so it is refused. */
export function requireTime(at: unknown): number {
  const time = Object.prototype.toString.call(at) === '[object Date]' ? Number(at) : NaN;
  if (Number.isNaN(time)) throw new TypeError('at must be a valid Date');
  return time;
}

/** The caller's trust anchors, or Apple's root if the option was left out; undefined is a lookup that found nothing. */
export function requireTrustAnchors(options: {
  readonly trustAnchors?: readonly Certificate[];
}): readonly CertificateRecord[] {
  if (!('trustAnchors' in options)) return [appleEnterpriseAttestationRootRecord()];
  const { trustAnchors } = options;
  if (!Array.isArray(trustAnchors) || trustAnchors.length === 0)
    throw new TypeError('trustAnchors must be an array that is not empty');
  // Not `map`, which passes over the holes of an array.
  return Array.from(trustAnchors, (anchor: Certificate, index) => recordOf(anchor, `trustAnchors[${index}]`));
}

/** A copy of bytes to compare with: at least one, for an empty value would be a lookup that failed. */
export function requireBytes(value: unknown, option: string, limit: number): Bytes {
  const bytes = copyBytes(value, option);
  if (bytes.length === 0 || bytes.length > limit) throw new TypeError(`${option} must have 1 to ${limit} bytes`);
  return bytes;
}
