import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The packed tarball, as its users get it: installed into a project of its own, imported, bundled, run. */

const ROOT = join(import.meta.dirname, '..', '..');
const NAME = 'managed-device-attestation';
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const MAX_CORE_GZIP_BYTES = 10_000;
const MAX_ACME_GZIP_BYTES = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'mda-package-'));
const consumer = join(folder, 'consumer');
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

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the tarball', () => {
  it('has the dependencies of the test kit and the XML parser of ./mdm alone, and nothing but what is published', () => {
    const files = run('tar', ['-tzf', tarball]).trim().split('\n');
    const expected =
      /^package\/(?:dist\/.+\.(?:js|d\.ts)|vectors\/(?:[a-z0-9-]+\/)?[a-z0-9.-]+\.json|vectors\/[A-Z]+(?:\.md)?|docs\/[A-Za-z-]+\.(?:md|schema\.json)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(consumer, 'node_modules', NAME, 'package.json'), 'utf8')) as {
      readonly dependencies: object;
    };
    expect(Object.keys(manifest.dependencies)).toEqual(['@noble/curves', '@noble/hashes', '@rgrove/parse-xml']);
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
  it('imports every entry, and they share the error class', () => {
    write(
      'entries.js',
      `import { AttestationError, fromPem } from '${NAME}';
       import { parseAttestationObject } from '${NAME}/acme';
       import { parsePlist } from '${NAME}/mdm';
       import { parsePolicy } from '${NAME}/policy';
       import { encodeAttestationObject } from '${NAME}/testing';
       import { answerRequest } from '${NAME}/conformance';
       try { parseAttestationObject(encodeAttestationObject([])); } catch (error) { console.log(error instanceof AttestationError, error.code); }
       try { parseAttestationObject(new Uint8Array()); } catch (error) { console.log(error instanceof AttestationError, error.code); }
       try { parsePlist(new Uint8Array()); } catch (error) { console.log(error instanceof AttestationError, error.code); }
       try { parsePolicy({}); } catch (error) { console.log(error instanceof AttestationError, error.code); }
       console.log((await answerRequest({ id: 1, op: 'acme', attObj: '', token: 'x', at: '2026-06-01T12:00:00Z' })).code);
       console.log(typeof fromPem);`,
    );
    expect(run(process.execPath, ['entries.js'])).toBe(
      'true ERR_MDA_CHAIN_EMPTY\ntrue ERR_MDA_CBOR_TRUNCATED\ntrue ERR_MDA_PLIST_XML\ntrue ERR_MDA_POLICY_MISSING\nERR_MDA_CBOR_TRUNCATED\nfunction\n',
    );
  });

  it('requires it from CommonJS', () => {
    write(
      'entries.cjs',
      `const { appleEnterpriseAttestationRoot } = require('${NAME}'); console.log(appleEnterpriseAttestationRoot().publicKey.curve, typeof require('${NAME}/acme').parseAttestationObject);`,
    );
    expect(run(process.execPath, ['--no-warnings', 'entries.cjs'])).toBe('P-384 function\n');
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
      const compilerOptions = {
        strict: true,
        noEmit: true,
        target: 'es2022',
        lib: ['es2022'],
        types: [],
        module: resolution === 'bundler' ? 'esnext' : 'nodenext',
        moduleResolution: resolution,
      };
      write('tsconfig.json', JSON.stringify({ compilerOptions, files: [`${resolution}.ts`] }));
      const { stdout } = spawnSync(process.execPath, [TSC, '-p', '.'], { cwd: consumer, encoding: 'utf8' });
      expect(stdout).toBe('');
    },
  );

  it('runs the command', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
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

describe('the bundled core', () => {
  const bundle = async (entry: string): Promise<string> => {
    write('bundle.js', `export * from '${entry}';`);
    const { outputFiles } = await build({
      entryPoints: [join(consumer, 'bundle.js')],
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      platform: 'browser',
      write: false,
    });
    return outputFiles[0]!.text;
  };

  it(`stays within ${MAX_CORE_GZIP_BYTES} bytes, minified and gzip`, async () => {
    expect(gzipSync(await bundle(NAME), { level: 9 }).length).toBeLessThanOrEqual(MAX_CORE_GZIP_BYTES);
  });

  it(`is joined by ./acme, which stays within ${MAX_ACME_GZIP_BYTES} bytes with all that it imports`, async () => {
    expect(gzipSync(await bundle(`${NAME}/acme`), { level: 9 }).length).toBeLessThanOrEqual(MAX_ACME_GZIP_BYTES);
  });

  it.each([NAME, `${NAME}/acme`, `${NAME}/mdm`, `${NAME}/policy`, `${NAME}/conformance`])(
    '%s needs no platform but the web: no import, no eval',
    async (entry) => {
      const text = await bundle(entry);
      expect(text).not.toMatch(/\bimport\b|\brequire\b|\beval\b|new Function|\bprocess\b|\bBuffer\b|\bglobal\b/);
    },
  );

  it('is joined by a test kit that runs where Node is not', async () => {
    // A browser's bundle cannot hold an import of Node: esbuild would refuse it.
    expect(/\beval\(|new Function/.test(await bundle(`${NAME}/testing`))).toBe(false);
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
