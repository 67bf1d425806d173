import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vectorFiles } from './files.ts';

/** `npm run vectors`: writes the published vectors, and removes what is none of them any more. */

const ROOT = join(import.meta.dirname, '../../vectors');

const files = await vectorFiles();

const stale = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: folder }) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`))
  .filter((path) => !files.has(path));
for (const path of stale) rmSync(join(ROOT, path), { recursive: true });

let written = 0;
for (const [path, text] of files) {
  const file = join(ROOT, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  written++;
}

console.log(`${files.size} vectors: ${written} written, ${stale.length} removed`);
