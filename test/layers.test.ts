import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The import table of `docs/architecture.md`: what a folder of `src/` may import, besides itself.
 * A package is named, a folder is named, `node:` stands for the platform.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['core'],
  core: [],
  acme: ['core'],
  mdm: ['core', 'policy', '@rgrove/parse-xml'],
  policy: ['core'],
  identity: ['core', 'acme', 'policy'],
  'relying-party': ['core', 'acme', 'identity', 'policy'],
  conformance: ['index.ts', 'core', 'acme', 'mdm'],
  testing: [
    'index.ts',
    'core',
    'acme',
    'mdm',
    '@noble/curves/nist.js',
    '@noble/hashes/legacy.js',
    '@noble/hashes/sha2.js',
  ],
  cli: ['index.ts', 'core', 'acme', 'conformance', 'node:', 'package.json'],
};

/** What may be imported when it is needed, by `import(…)`, and its types: who verifies does not load the test kit. */
const DEFERRED: Readonly<Record<string, readonly string[]>> = { cli: ['testing'] };

const ROOT = join(import.meta.dirname, '..');
const SOURCES = join(ROOT, 'src');

const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  readonly specifier: string;
  /** Of types alone, or dynamic: nothing is loaded with the file. */
  readonly isDeferred: boolean;
}

const IMPORT = /(\bimport\s+type\b[^;']*)?\bfrom\s+'([^']+)'|\bimport\s*(\(?)\s*'([^']+)'/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCES, file), 'utf8').replace(/^ \* .*$/gm, '');
  return [...text.matchAll(IMPORT)].map(([, types, from, parenthesis, other]) => ({
    specifier: from ?? other!,
    isDeferred: types !== undefined || parenthesis === '(',
  }));
}

/** The layer that an import of a file reaches: a folder or file of `src/`, a package, or the platform. */
function layerOf(file: string, specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:';
  if (!specifier.startsWith('.')) return specifier;
  const target = relative(SOURCES, join(SOURCES, dirname(file), specifier));
  return target.startsWith('..') ? relative(ROOT, join(SOURCES, target)) : target.split(sep)[0]!;
}

describe('the import table', () => {
  it('covers every file of src', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.map((file) => file.split(sep)[0]!).filter((layer) => !(layer in ALLOWED))).toEqual([]);
  });

  it.each(files)('%s imports what its layer may', (file) => {
    const own = file.split(sep)[0]!;
    const foreign = importsOf(file)
      .map(({ specifier, isDeferred }) => ({ layer: layerOf(file, specifier), isDeferred }))
      .filter(({ layer }) => layer !== own && !ALLOWED[own]!.includes(layer))
      .filter(({ layer, isDeferred }) => !(isDeferred && DEFERRED[own]?.includes(layer)));
    expect(foreign).toEqual([]);
  });

  it('lets ./mdm have of ./policy its types, and the facts of properties, alone', () => {
    const lines = files
      .filter((file) => file.startsWith(`mdm${sep}`))
      .flatMap((file) => readFileSync(join(SOURCES, file), 'utf8').match(/^import [^;]*\/policy\/[^;]*;/gm) ?? [])
      .filter((line) => !line.includes('/policy/attested-facts.ts'));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !line.startsWith('import type '))).toEqual([]);
  });

  it('sees the imports that there are', () => {
    const isStatic = (specifier: string) => ({ specifier, isDeferred: false });
    const isDeferred = (specifier: string) => ({ specifier, isDeferred: true });
    expect(importsOf('index.ts')).toContainEqual(isStatic('./core/attestation.ts'));
    expect(importsOf(join('cli', 'simulate.ts'))).toContainEqual(isStatic('./authority-file.ts'));
    const testing = importsOf(join('cli', 'simulate.ts')).filter(({ specifier }) => specifier.includes('testing'));
    expect(testing.length).toBeGreaterThan(1);
    for (const one of testing) expect(one).toEqual(isDeferred('../testing/index.ts'));
    expect(layerOf(join('acme', 'attestation-object.ts'), '../core/cbor.ts')).toBe('core');
    expect(layerOf(join('core', 'cbor.ts'), 'pkijs')).toBe('pkijs');
  });
});
