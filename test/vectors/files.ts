import { parseVector } from '../../src/conformance/parse-vector.ts';
import { checkVector } from './check.ts';
import { FOLDERS } from './draft.ts';
import { DRAFTS } from './folders.ts';
import { renderVector } from './render.ts';

/**
 * All of the published vectors: the path of each within `vectors/`, and its text. The same on every run.
 *
 * @throws Error that names the first vector that is not what it says
 */
export async function vectorFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS)
    for (const draft of await DRAFTS[folder]()) {
      const path = `${folder}/${draft.name}.json`;
      if (files.has(path)) throw new Error(`${path}: there are two vectors of that name`);
      const text = renderVector(folder, draft);
      await checkVector(parseVector(text, path), draft.result === 'reject' ? draft.undone : undefined);
      files.set(path, text);
    }
  return files;
}
