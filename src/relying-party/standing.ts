import { toHex } from '../core/bytes.ts';
import { readEntry } from './cached-decision.ts';
import type { GuardedStore } from './guarded-store.ts';

/** Whether a device is deauthorized, as the mark in the store says. */
export interface Standing {
  readonly deauthorized: boolean;
  /** Another one after every deauthorization and every end of one; empty before the first. */
  readonly generation: string;
}

/** Without a mark. */
const NEVER_DEAUTHORIZED: Standing = { deauthorized: false, generation: '' };

const VERSION = 1;

/** Reads the mark of a device. Throws where that cannot be done, for then nobody knows. */
export async function readStanding(
  marks: GuardedStore | undefined,
  { device, markKey }: { readonly device: string; readonly markKey: string },
): Promise<Standing> {
  const text = await marks?.get(markKey);
  return text === undefined ? NEVER_DEAUTHORIZED : readMark(device, text);
}

/** Writes the mark of a device, and reads it back: a store that swallows its errors would let the device in again. */
export async function writeStanding(marks: GuardedStore, device: string, deauthorized: boolean): Promise<void> {
  const generation = toHex(crypto.getRandomValues(new Uint8Array(16)));
  // The device is in it, so that a mark that ends up under another key is none.
  const markKey = keyOfMark(device);
  await marks.set(markKey, JSON.stringify({ version: VERSION, device, deauthorized, generation }));
  const standing = await readStanding(marks, { device, markKey });
  if (standing.deauthorized !== deauthorized) throw new TypeError('the store must keep what is written');
}

export function keyOfMark(device: string): string {
  return `authorization-mark:${device}`;
}

function readMark(device: string, text: string): Standing {
  const { version, device: own, deauthorized, generation, ...others } = readEntry(text) ?? {};
  if (
    version !== VERSION ||
    own !== device ||
    typeof deauthorized !== 'boolean' ||
    typeof generation !== 'string' ||
    generation === '' ||
    Object.keys(others).length > 0
  )
    throw new TypeError('the mark of a device cannot be read');
  return { deauthorized, generation };
}
