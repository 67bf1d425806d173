import { createHash } from 'node:crypto';
import type { Bytes } from '../../../src/core/bytes.ts';
import type { PublicKey } from '../../../src/core/public-key.ts';
import type { Hash } from '../../../src/core/signature.ts';
import { atEnd, derCursor, enter, leave, readPositiveInteger, SEQUENCE } from '../../../src/core/der.ts';
import { demand } from './protocol.ts';

type Key = Pick<PublicKey, 'curve' | 'spki'>;

export interface Signed {
  readonly key: Key;
  readonly hash: Hash;
  /** As it stands in the BIT STRING. */
  readonly signature: Bytes;
  readonly data: Bytes;
}

/** Bytes in a coordinate. */
export const SIZES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;

/** Reads the two numbers of a signature. */
export type ReadNumbers = (signature: Bytes, size: number) => readonly [r: Uint8Array, s: Uint8Array];

/** Ecdsa-Sig-Value (RFC 3279, 2.2.3) in DER alone. */
export const readStrictNumbers: ReadNumbers = (signature) => {
  const cursor = derCursor(signature);
  const end = enter(cursor, SEQUENCE);
  const r = readPositiveInteger(cursor);
  const s = readPositiveInteger(cursor);
  leave(cursor, end);
  demand(atEnd(cursor), 'bytes after a signature');
  return [r, s];
};

// Many chains share an authority, whose signature costs more than all else.
const verdicts = new Map<string, Promise<boolean>>();

export function isGoodSignature(
  { key, hash, signature, data }: Signed,
  readNumbers = readStrictNumbers,
): Promise<boolean> {
  const size = SIZES[key.curve];
  const raw = new Uint8Array(2 * size);
  for (const [index, number] of readNumbers(signature, size).entries()) {
    demand(number.length <= size, 'a number of a signature that is too long');
    raw.set(number, (index + 1) * size - number.length);
  }
  const digest = createHash('sha256').update(key.spki).update(hash).update(raw).update(data).digest('base64');
  const verdict = verdicts.get(digest) ?? verify(key, hash, raw, data);
  verdicts.set(digest, verdict);
  return verdict;
}

async function verify(key: Key, hash: Hash, raw: Bytes, data: Bytes): Promise<boolean> {
  const algorithm = { name: 'ECDSA', namedCurve: key.curve };
  const publicKey = await crypto.subtle.importKey('spki', key.spki, algorithm, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash }, publicKey, raw, data);
}
