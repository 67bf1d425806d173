import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseVector, type Vector } from '../conformance/index.ts';
import { VectorFault } from '../conformance/parse-vector.ts';
import { quote } from '../conformance/printable.ts';
import { OperatorError } from './operator-error.ts';
import { readInput } from './read-input.ts';

/** The vectors of the package, seen from the built command and from its source. */
const OWN_FOLDER = fileURLToPath(new URL('../../vectors/', import.meta.url));

/** Every vector of a folder, in the order of their ids; the schemas beside them are none. */
export async function readVectors(folder = OWN_FOLDER): Promise<readonly Vector[]> {
  const paths = (await list(folder)).filter((path) => path.endsWith('.json') && !/^[^/]+\.schema\.json$/.test(path));
  if (paths.length === 0) throw new OperatorError(`there are no vectors in ${quote(folder)}`);
  const vectors: Vector[] = [];
  for (const path of paths) vectors.push(await readVector(folder, path));
  return vectors.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`cannot read the folder of vectors ${quote(folder)}: ${String(code)}`);
  }
}

async function readVector(folder: string, path: string): Promise<Vector> {
  const bytes = await readInput(join(folder, path));
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new OperatorError(`${quote(path)}: it is not UTF-8`);
  }
  try {
    return parseVector(text, path);
  } catch (error) {
    throw error instanceof VectorFault ? new OperatorError(error.message) : error;
  }
}

/** The vectors of which one of the prefixes is the folder, the whole id, or the beginning of the id. */
export function selectVectors(vectors: readonly Vector[], prefixes: readonly string[]): readonly Vector[] {
  for (const prefix of prefixes)
    if (!vectors.some(({ id }) => isBelow(id, prefix))) throw new OperatorError(noSuch(prefix, vectors));
  return prefixes.length === 0 ? vectors : vectors.filter(({ id }) => prefixes.some((prefix) => isBelow(id, prefix)));
}

function isBelow(id: string, prefix: string): boolean {
  return prefix.includes('/') ? id.startsWith(prefix) : id.startsWith(`${prefix}/`);
}

function noSuch(prefix: string, vectors: readonly Vector[]): string {
  const folders = [...new Set(vectors.map(({ id }) => id.slice(0, id.indexOf('/'))))];
  return `--only ${quote(prefix)} names no vector; the folders are ${folders.join(', ')}`;
}
