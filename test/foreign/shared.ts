import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the repository, never in it: public suites and Apple's published chain. */
const SHARED = join(import.meta.dirname, '../../../shared');

/** Whether a folder of the shared data is there. Where it is not, its tests are skipped, and this says so. */
export function hasShared(folder: 'suites' | 'apple'): boolean {
  const path = join(SHARED, folder);
  const present = existsSync(path);
  if (!present) console.warn(`\n*** SKIPPED: ${path} is missing, so nothing of it was tested ***\n`);
  return present;
}

export function readShared(path: string): string {
  return readFileSync(join(SHARED, path), 'utf8');
}

/** A suite; its shape is stated where it is read, and its cases are counted there. */
export function readSuite(file: string): unknown {
  return JSON.parse(readShared(join('suites', file)));
}

export const fromStandardBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
export const fromHexText = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** How many times each word occurs. */
export function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of [...words].sort()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
