import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseVector, type Vector, VECTOR_FLAGS } from '../../src/conformance/index.ts';
import { PROPERTY_ARCS } from '../../src/testing/leaf.ts';
import { FOLDERS } from './draft.ts';

/** vectors/README.md: people who never see the library build on it. */

const ROOT = join(import.meta.dirname, '../../vectors');
const page = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The rows of the table with this header, each a list of cells. */
function tableOf(header: string): readonly (readonly string[])[] {
  const lines = page.split('\n');
  const start = lines.indexOf(header) + 2;
  const rows = lines.slice(start, lines.indexOf('', start));
  return rows.map((row) => row.slice(2, -2).split(' | '));
}

const read = (path: string): Vector => parseVector(readFileSync(join(ROOT, path), 'utf8'), path);
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

describe('the page on the vectors', () => {
  it('lists the flags with their meanings', () => {
    const rows = tableOf('| flag | meaning |').map(([flag, meaning]) => [quoted(flag!)[0], meaning]);
    expect(rows).toEqual(Object.entries(VECTOR_FLAGS));
  });

  it('lists the folders, each with the operations of its vectors', () => {
    const rows = tableOf('| folder | what it is about | operations |');
    expect(rows.map(([folder]) => quoted(folder!)[0])).toEqual(FOLDERS);
    for (const [folder, , operations] of rows) {
      const name = quoted(folder!)[0]!;
      const used = readdirSync(join(ROOT, name)).map((file) => read(`${name}/${file}`).op);
      expect(quoted(operations!), name).toEqual([...new Set(used)].sort());
    }
  });

  it('lists the properties with their OIDs', () => {
    const rows = tableOf('| property | OID | bytes | `value` |');
    const arcs = rows.map(([name, oid]) => [quoted(name!)[0], quoted(oid!)[0]!.slice(1)]);
    expect(arcs).toEqual(Object.entries(PROPERTY_ARCS));
  });

  it('names vectors that there are, each with its flag', () => {
    const ids = tableOf('| the verifier | vectors |').flatMap(([, vectors]) => quoted(vectors!));
    expect(ids.length).toBeGreaterThan(40);
    for (const id of ids) {
      expect(read(`${id}.json`).flags, id).toContain('known-mistake');
    }
  });

  it('links to pages that there are', () => {
    const targets = [...page.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  it.skipIf(spawnSync('python3', ['--version']).status !== 0)('shows a program that runs', () => {
    const [, program] = /^```python\n([^]*?)^```$/m.exec(page)!;
    const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
    try {
      writeFileSync(join(folder, 'run.py'), program!);
      const { status, stdout } = spawnSync('python3', [join(folder, 'run.py'), ROOT], { encoding: 'utf8' });
      expect(status).toBe(0);
      // It refuses everything: what is right to accept fails, and nothing else does.
      expect(stdout).toContain('chain/genuine - ');
      expect(stdout).not.toContain('chain/leaf-expired - ');
      expect(stdout).toMatch(/\d+ failed\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
