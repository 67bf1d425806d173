import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core';
import { build, type BuildOptions } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintEvidence } from '../runtime/evidence.ts';
import type { Evidence } from '../runtime/smokes.ts';
import { startWorkerd } from '../runtime/hosts/workerd.ts';
import { EVERY_RUNTIME, WORKERD } from '../runtime/runtimes.ts';

/** The packed tarball, as its users get it: installed into a project of its own, imported, bundled, run. */

const ROOT = join(import.meta.dirname, '..', '..');
const NAME = 'managed-device-attestation';
const RUNTIME = join(ROOT, 'test', 'runtime');
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly exports: Readonly<Record<string, string | object>>;
  /** The most that an entry may have with all that it imports, in bytes, minified and gzip. */
  readonly sizeBudget: Readonly<Record<string, number>>;
};
/** The entries that are code, as they stand in `exports`, and as they are imported. */
const ENTRIES = Object.keys(manifest.exports).filter((entry) => typeof manifest.exports[entry] === 'object');
const specifierOf = (entry: string): string => entry.replace('.', NAME);

/** Whose code is in an entry: nobody's, unless it is named here. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  './mdm': ['@rgrove/parse-xml'],
  './testing': ['@noble/curves', '@noble/hashes', '@rgrove/parse-xml'],
};

const folder = mkdtempSync(join(tmpdir(), 'mda-package-'));
const consumer = join(folder, 'consumer');
const evidence = await mintEvidence();
let tarball: string;

const run = (command: string, args: readonly string[], cwd = consumer): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const write = (file: string, text: string): void => {
  writeFileSync(join(consumer, file), text);
};

beforeAll(() => {
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT),
  ) as [{ filename: string }];
  tarball = join(folder, packed.filename);
  mkdirSync(consumer);
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball]);
});

/** What the compiler has against these files; nothing, if nothing. */
function typeErrors(resolution: string, files: readonly string[], options: object): string {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    types: [],
    module: resolution === 'bundler' ? 'esnext' : 'nodenext',
    moduleResolution: resolution,
    ...options,
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
  return spawnSync(process.execPath, [TSC, '-p', '.'], { cwd: consumer, encoding: 'utf8' }).stdout;
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the tarball', () => {
  it('has the dependencies that are known of and nothing but what is published', () => {
    const files = run('tar', ['-tzf', tarball]).trim().split('\n');
    const expected =
      /^package\/(?:dist\/.+\.(?:js|d\.ts)|vectors\/(?:[a-z0-9-]+\/)?[a-z0-9.-]+\.json|vectors\/[A-Z]+(?:\.md)?|docs\/[A-Za-z0-9-]+\.(?:md|schema\.json)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    const { dependencies } = JSON.parse(readFileSync(join(consumer, 'node_modules', NAME, 'package.json'), 'utf8')) as {
      readonly dependencies: object;
    };
    expect(Object.keys(dependencies)).toEqual(['@noble/curves', '@noble/hashes', '@rgrove/parse-xml']);
    expect(run('npm', ['ls', '--all', '--parseable']).trim().split('\n')).toHaveLength(5);
  });

  it('satisfies publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: ROOT, strict: true, pack: 'npm' });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that resolve in every module system of an ESM package', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
    if (!('problems' in analysis)) throw new Error('the package has no types');
    // The esm-only profile: node10 knows no `exports`, and CommonJS gets ESM through `require`, from Node 20.19.
    const problems = analysis.problems.filter(
      (problem) =>
        problem.kind !== 'CJSResolvesToESM' && !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
    );
    expect(problems).toEqual([]);
  });
});

describe('a consumer', () => {
  // What is typed, compiled and run here is what every runtime runs: it goes through every entry.
  const program = async (format: 'esm' | 'cjs'): Promise<string> => {
    const { outputFiles } = await build({
      entryPoints: [join(RUNTIME, 'suite.ts')],
      bundle: true,
      format,
      target: 'es2022',
      external: [NAME, `${NAME}/*`],
      write: false,
    });
    return outputFiles[0]!.text;
  };
  const EVERYTHING = { entries: expect.arrayContaining(ENTRIES) as unknown, failures: [] };

  it('imports and uses every entry', async () => {
    write('suite.js', await program('esm'));
    write(
      'use.js',
      `import { runSmokes } from './suite.js'; console.log(JSON.stringify(await runSmokes(${JSON.stringify(evidence)})));`,
    );
    expect(JSON.parse(run(process.execPath, ['use.js']))).toEqual(EVERYTHING);
  });

  it('requires and uses every entry from CommonJS', async () => {
    write('suite.cjs', await program('cjs'));
    write(
      'use.cjs',
      `require('./suite.cjs').runSmokes(${JSON.stringify(evidence)}).then((used) => console.log(JSON.stringify(used)));`,
    );
    expect(JSON.parse(run(process.execPath, ['--no-warnings', 'use.cjs']))).toEqual(EVERYTHING);
  });

  it.each(['nodenext', 'bundler'])('type-checks a use of every entry with module resolution %s', (resolution) => {
    mkdirSync(join(consumer, 'types'), { recursive: true });
    for (const file of ['smokes.ts', 'suite.ts'])
      write(join('types', file), readFileSync(join(RUNTIME, file), 'utf8').replaceAll("./smokes.ts'", "./smokes.js'"));
    const options = { lib: ['es2023', 'dom'], noUncheckedIndexedAccess: true };
    expect(typeErrors(resolution, ['types/suite.ts'], options)).toBe('');
  });

  it('gets the schema of policies by its name', () => {
    write('schema.cjs', `console.log(require('${NAME}/policy.schema.json').title);`);
    expect(run(process.execPath, ['schema.cjs'])).toBe('Policy\n');
  });

  it.each(['nodenext', 'bundler'])(
    'type-checks against it with module resolution %s and no other types',
    (resolution) => {
      const source = `import { verifyAttestation, parseAttestationChain, skipFreshnessCheck, type VerifiedAttestation } from '${NAME}';
      import { parseAttestationObject } from '${NAME}/acme';
      export async function verify(bytes: Uint8Array): Promise<VerifiedAttestation> {
        const { x5c } = parseAttestationObject(bytes);
        return verifyAttestation(parseAttestationChain(x5c), { at: new Date(), expectedFreshnessCode: skipFreshnessCheck });
      }
      // @ts-expect-error a chain that was not parsed
      void verifyAttestation({ certificates: [] }, { at: new Date(), expectedFreshnessCode: skipFreshnessCheck });
      // @ts-expect-error freshness left out
      void verifyAttestation(parseAttestationChain([]), { at: new Date() });`;
      write(`${resolution}.ts`, source);
      expect(typeErrors(resolution, [`${resolution}.ts`], { lib: ['es2022'] })).toBe('');
    },
  );

  it('runs the command', () => {
    const { version } = manifest;
    expect(run('npx', ['--offline', 'mda', '--version']).trim()).toBe(version);
    expect(run('npx', ['--offline', NAME, '--version']).trim()).toBe(version);
  });
});

describe('the test vectors', () => {
  // Their folder holds the schemas alone until they are written.
  const isThere = readdirSync(join(ROOT, 'vectors'), { withFileTypes: true }).some((entry) => entry.isDirectory());

  it.skipIf(!isThere)('are in the package, and the library passes them there', () => {
    const output = run('npx', ['--offline', NAME, 'conformance', '--report', 'json']);
    expect(JSON.parse(output)).toMatchObject({ conforms: true, failed: 0 });
  });

  it('come with their schemas', () => {
    for (const name of ['vector', 'protocol'])
      expect(readFileSync(join(consumer, 'node_modules', NAME, `vectors/${name}.schema.json`), 'utf8')).toContain(
        '$defs',
      );
  });
});

describe('a bundle', () => {
  const bundle = async (
    source: string,
    options: BuildOptions = {},
  ): Promise<{ text: string; packages: Set<string> }> => {
    write('bundle.js', source);
    const { outputFiles, metafile } = await build({
      entryPoints: [join(consumer, 'bundle.js')],
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      platform: 'browser',
      metafile: true,
      write: false,
      // Chunks that stand in the right order already are imported for their order alone.
      logLevel: 'error',
      ...options,
    });
    const packages = Object.keys(metafile!.inputs).flatMap(
      (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    );
    return { text: outputFiles![0]!.text, packages: new Set(packages) };
  };
  const everythingOf = (entry: string): string => `export * from '${specifierOf(entry)}';`;

  it('has a budget for every entry, and for nothing else', () => {
    expect(Object.keys(manifest.sizeBudget).sort()).toEqual([...ENTRIES].sort());
    expect(manifest.sizeBudget).toMatchObject({ '.': 10_000, './acme': 20_000 });
  });

  it.each(ENTRIES)('of all of %s stays within its budget', async (entry) => {
    const { text } = await bundle(everythingOf(entry));
    expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(manifest.sizeBudget[entry]!);
  });

  it.each(ENTRIES)('of %s has the code of others that is known of, and no more', async (entry) => {
    const { packages } = await bundle(everythingOf(entry));
    packages.delete(NAME);
    expect([...packages].sort()).toEqual(FOREIGN[entry] ?? []);
  });

  it.each(ENTRIES.filter((entry) => entry !== './testing'))(
    'of %s needs no platform but the web: no import, no eval',
    async (entry) => {
      const { text } = await bundle(everythingOf(entry));
      expect(text).not.toMatch(/\bimport\b|\brequire\b|\beval\b|new Function|\bprocess\b|\bBuffer\b|\bglobal\b/);
    },
  );

  it('of the test kit runs where Node is not', async () => {
    // A browser's bundle cannot hold an import of Node: esbuild would refuse it.
    expect(/\beval\(|new Function/.test((await bundle(everythingOf('./testing'))).text)).toBe(false);
  });

  const USE = `import { runSmokes } from './suite.js';`;

  it('for a browser uses every entry, with what the web has and nothing else', async () => {
    const { text } = await bundle(`${USE} globalThis.use = runSmokes;`, { format: 'iife' });
    const web = { crypto, TextDecoder, TextEncoder, atob, btoa, setTimeout, clearTimeout, Headers, AbortController };
    const realm = createContext(web, { codeGeneration: { strings: false, wasm: false } });
    runInContext(text, realm);
    const { use } = realm as { readonly use: (input: Evidence) => Promise<unknown> };
    expect(structuredClone(await use(evidence))).toEqual({
      entries: expect.arrayContaining(ENTRIES) as unknown,
      failures: [],
    });
  });

  it.skipIf(WORKERD === undefined && !EVERY_RUNTIME)('for a worker uses every entry in workerd', async () => {
    const source = `${USE} export default { fetch: async (request) => Response.json(await runSmokes(await request.json())) };`;
    const { text } = await bundle(source, {
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['workerd', 'worker'],
    });
    const { url, close } = await startWorkerd(WORKERD!, { module: text });
    try {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(evidence) });
      expect(await response.json()).toEqual({ entries: expect.arrayContaining(ENTRIES) as unknown, failures: [] });
    } finally {
      await close();
    }
  });

  it('is dropped whole by a bundler where nothing of it is used', async () => {
    write('unused.js', `import '${NAME}'; import { toBase64 } from '${NAME}'; console.log(1);`);
    const { outputFiles } = await build({
      entryPoints: [join(consumer, 'unused.js')],
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });
    expect(outputFiles[0]!.text.trim()).toBe('console.log(1);');
  });
});
