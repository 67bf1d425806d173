import { toHex } from '../core/bytes.ts';
import { readEntry } from './cached-decision.ts';
import type { GuardedStore } from './guarded-store.ts';

/** Where the mark of one name of a device is. */
export interface MarkPlace {
  readonly name: string;
  readonly markKey: string;
}

/** Whether a device is deauthorized, as the marks in the store say: by one of its names is enough. */
export interface Standing {
  readonly deauthorized: boolean;
  /** Another one after every deauthorization and every end of one; empty before the first. */
  readonly generation: string;
}

/** Without a mark. */
const NEVER_DEAUTHORIZED: Standing = { deauthorized: false, generation: '' };

const VERSION = 1;

/** Reads the marks of a device. Throws where that cannot be done, for then nobody knows. */
export async function readStanding(marks: GuardedStore | undefined, places: readonly MarkPlace[]): Promise<Standing> {
  if (marks === undefined) return NEVER_DEAUTHORIZED;
  const answers = places.map(({ markKey }) => {
    try {
      return marks.get(markKey);
    } catch (error) {
      // One that throws at once must not leave what the others answer to nobody.
      return Promise.resolve().then((): never => {
        throw error;
      });
    }
  });
  // What a store in memory answers is there at once, and most of it is nothing.
  if (answers.every((answer) => answer === undefined)) return NEVER_DEAUTHORIZED;
  const texts = await Promise.all(answers.map((answer) => Promise.resolve(answer)));
  if (texts.every((text) => text === undefined)) return NEVER_DEAUTHORIZED;
  const standings = texts.map((text, index) =>
    text === undefined ? NEVER_DEAUTHORIZED : readMark(places[index]!.name, text),
  );
  return {
    deauthorized: standings.some(({ deauthorized }) => deauthorized),
    generation: standings.map(({ generation }) => generation).join(),
  };
}

/** Writes the mark of a device, and reads it back: a store that swallows its errors would let the device in again. */
export async function writeStanding(marks: GuardedStore, device: string, deauthorized: boolean): Promise<void> {
  const generation = toHex(crypto.getRandomValues(new Uint8Array(16)));
  // The device is in it, so that a mark that ends up under another key is none.
  const place = placeOfMark(device);
  await marks.set(place.markKey, JSON.stringify({ version: VERSION, device, deauthorized, generation }));
  const standing = await readStanding(marks, [place]);
  if (standing.deauthorized !== deauthorized) throw new TypeError('the store must keep what is written');
}

export function placeOfMark(name: string): MarkPlace {
  return { name, markKey: `authorization-mark:${name}` };
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
