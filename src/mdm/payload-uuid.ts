import { fromHex, toHex } from '../core/bytes.ts';

/**
 * A UUID for a part of something that has one: always the same for the same name, and different from every
 * other's. RFC 9562, 5.5 (version 5).
 *
 * @param uuid that of the whole
 * @param name of the part
 */
export async function derivedUuid(uuid: string, name: string): Promise<string> {
  const space = fromHex(uuid.replaceAll('-', ''));
  const text = new TextEncoder().encode(name);
  const input = new Uint8Array(space.length + text.length);
  input.set(space);
  input.set(text, space.length);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-1', input)).subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  // In capitals, as Apple's uuidgen writes them.
  return toHex(hash)
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
