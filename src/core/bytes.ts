/** Bytes that the library hands out: always a fresh copy over an `ArrayBuffer` of its own. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** True for a `Uint8Array` of any realm (a test runner's sandbox, an iframe), `Buffer` included. */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    ArrayBuffer.isView(value) &&
    (value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]')
  );
}

function assertBytes(value: unknown, option: string): asserts value is Uint8Array {
  if (!isBytes(value)) throw new TypeError(`${option} must be a Uint8Array`);
}

/** Copies a caller's bytes. Never `slice`, which on a Node `Buffer` shares the memory. */
export function copyBytes(value: unknown, option: string): Bytes {
  assertBytes(value, option);
  return new Uint8Array(value);
}

/** The byte at an offset that the caller has checked. */
export function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset]!;
}

/** Equality of public bytes, or of a range of each. From the end, where certificates and OIDs differ first. */
export function equalBytes(
  a: Uint8Array,
  b: Uint8Array,
  aStart = 0,
  aEnd = a.length,
  bStart = 0,
  bEnd = b.length,
): boolean {
  let length = aEnd - aStart;
  if (bEnd - bStart !== length) return false;
  while (length-- > 0) if (a[aStart + length] !== b[bStart + length]) return false;
  return true;
}

/**
 * Compares two byte strings in a time that depends on their lengths alone: the lengths are not secret.
 *
 * @throws TypeError if an argument is not a `Uint8Array`
 * @example
 * ```ts
 * import { constantTimeEqual } from 'managed-device-attestation';
 *
 * constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2)); // true
 * ```
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  assertBytes(a, 'a');
  assertBytes(b, 'b');
  let difference = a.length === b.length ? 0 : 1;
  for (let i = 0; i < a.length; i++) difference |= byteAt(a, i) ^ byteAt(b, i);
  return difference === 0;
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}

/** The bytes of an even number of hexadecimal digits; for the OIDs of this library's tables. */
export function fromHex(text: string): Bytes {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** Unsigned big-endian number of any size. */
export function toBigInt(bytes: Uint8Array, start: number, end: number): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  let value = 0n;
  let at = start;
  for (; (end - at) % 8 > 0; at++) value = (value << 8n) | BigInt(byteAt(bytes, at));
  for (; at < end; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}

/** Unsigned big-endian number of at most 48 bits. */
export function toNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 256 + byteAt(bytes, at);
  return value;
}
