import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { quartiles, type Quartiles, shuffled } from './measure.ts';

const run = promisify(execFile);

/** What each contender makes a program import; the keys are the rows of the table. */
const IMPORTS = {
  'an empty module': `import ${JSON.stringify(new URL('empty.js', import.meta.url).href)};`,
  'managed-device-attestation': `import 'managed-device-attestation';`,
  pkijs: `import 'pkijs';`,
  '@peculiar/x509': `import 'reflect-metadata'; import '@peculiar/x509';`,
} as const;

export const EMPTY = 'an empty module';
export const ENTRY = 'managed-device-attestation';

export interface ImportTime {
  readonly milliseconds: Quartiles;
  /** The same less what the empty module of the same round took. */
  readonly beyondEmpty: Quartiles;
}

/** What the imports take, each in fresh processes, all of them interleaved. */
export async function measureImports(rounds: number, random: () => number): Promise<ReadonlyMap<string, ImportTime>> {
  const times = new Map<string, number[]>(Object.keys(IMPORTS).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const [name, source] of shuffled(Object.entries(IMPORTS), random)) {
      const time = await importTime(source);
      // The first round fills the file system's cache.
      if (round >= 0) times.get(name)!.push(time);
    }
  const empty = times.get(EMPTY)!;
  const beyond = (values: readonly number[]): number[] => values.map((value, round) => value - empty[round]!);
  return new Map(
    Array.from(times, ([name, values]) => [
      name,
      { milliseconds: quartiles(values), beyondEmpty: quartiles(beyond(values)) },
    ]),
  );
}

async function importTime(source: string): Promise<number> {
  const specifiers = Array.from(source.matchAll(/['"]([^'"]+)['"]/g), ([, specifier]) => specifier!);
  const imports = specifiers.map((specifier) => `await import(${JSON.stringify(specifier)});`).join('');
  const script = `const start = performance.now(); ${imports} process.stdout.write(String(performance.now() - start));`;
  // A clean process: the loader that runs this file would slow down every import.
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return Number(stdout);
}

export interface Size {
  readonly minified: number;
  readonly gzipped: number;
}

/** What the whole of the entry adds to a bundle that uses all of it. */
export async function sizeOfEntry(): Promise<Size> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from '${ENTRY}';`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const { contents } = outputFiles[0]!;
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length };
}
