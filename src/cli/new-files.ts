import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quote } from '../conformance/printable.ts';
import { OperatorError } from './operator-error.ts';
import { reasonOf } from './read-input.ts';

/** A file to write, by its name in a folder. */
export interface NewFile {
  readonly name: string;
  readonly content: string;
  /** 0o600 for a secret; as the system has it unless given. */
  readonly mode?: number;
}

/** Refuses a folder in which one of the files is there already: it may be the only copy of a secret. */
export function requireNone(folder: string, names: readonly string[]): void {
  const there = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (there !== undefined) throw new OperatorError(`${quote(there)} exists, and nothing is overwritten`);
}

/** Writes all of the files, or none. */
export async function writeNewFiles(folder: string, files: readonly NewFile[]): Promise<void> {
  requireNone(
    folder,
    files.map(({ name }) => name),
  );
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, content, mode = 0o666 } of files) {
      const path = join(folder, name);
      await writeFile(path, content, { flag: 'wx', mode });
      written.push(path);
    }
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    throw new OperatorError(`cannot write to ${quote(folder)}: ${reasonOf(error)}`);
  }
}
