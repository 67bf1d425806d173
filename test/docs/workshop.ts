import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin, transform } from 'esbuild';
import ts from 'typescript';
import { toBase64, toPem } from '../../src/index.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import { digest, LEAF_EXTENSIONS, mintChain, property } from '../support/mint.ts';
import type { Example } from './examples.ts';
import { ROOT } from './sources.ts';

/** The challenge token of the examples; the minted leaf carries its freshness code. */
const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const DAY = 86_400_000;

export interface Outcome {
  readonly printed: readonly string[];
  /** The error that left the example, as Node writes it; empty if none did. */
  readonly failure: string;
}

export interface Workshop {
  /** Every complaint of the compiler, with the name of the example. */
  typeErrors(examples: readonly Example[]): readonly string[];
  /** Runs examples one after another in a process of their own, beside `chain.pem` and `anchor.pem`. */
  run(examples: readonly Example[], root: 'apple' | 'minted'): Promise<readonly Outcome[]>;
  remove(): void;
}

const { exports: EXPORTS } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
};

/** The sub-paths of the package (`index`, `acme/index`) and how they are imported. */
const ENTRIES = Object.entries(EXPORTS).flatMap(([subPath, target]) =>
  typeof target === 'string'
    ? []
    : [
        {
          specifier: subPath.replace('.', 'managed-device-attestation'),
          entry: target.default.slice('./dist/'.length, -'.js'.length),
        },
      ],
);

/**
 * A temporary folder with minted evidence and the package twice, built from the sources: as it is, and
 * with the root of the minted evidence in the place of Apple's, to see an acceptance that Apple alone
 * could otherwise bring about.
 */
export async function openWorkshop(): Promise<Workshop> {
  const folder = mkdtempSync(join(tmpdir(), 'mda-examples-'));
  const now = Date.now();
  const { x5c, root } = await mintChain({
    subCa: { notAfter: new Date(now + 90 * DAY) },
    leaf: {
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + 90 * DAY),
      extensions: [
        ...LEAF_EXTENSIONS.filter(({ oid }) => !oid.endsWith('.8.11.1')),
        property('11.1', digest('SHA-256', bytes(TOKEN))),
      ],
    },
  });
  for (const name of ['apple', 'minted']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'chain.pem'), toPem(x5c));
    writeFileSync(join(folder, name, 'anchor.pem'), toPem(root));
  }
  // An example may import a package that it names: it is looked for here, after the two of this library.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await buildPackage(join(folder, 'apple'), []);
  await buildPackage(join(folder, 'minted'), [rootReplacedBy(root)]);

  return {
    typeErrors: (examples) => typeErrors(join(folder, 'types'), examples),
    run: async (examples, variant) => {
      const files = examples.map(async ({ name, code }) => {
        const file = join(folder, variant, `${name.replace(/\W+/g, '-')}.mjs`);
        writeFileSync(file, (await transform(code, { loader: 'ts', target: 'es2022' })).code);
        return file;
      });
      return runFiles(join(folder, variant), await Promise.all(files));
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

async function buildPackage(folder: string, plugins: Plugin[]): Promise<void> {
  const home = join(folder, 'node_modules/managed-device-attestation');
  await build({
    entryPoints: ENTRIES.map(({ entry }) => ({ in: join(ROOT, 'src', `${entry}.ts`), out: entry })),
    outdir: join(home, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    plugins,
  });
  writeFileSync(join(home, 'package.json'), readFileSync(join(ROOT, 'package.json')));
}

function rootReplacedBy(root: Uint8Array): Plugin {
  return {
    name: 'minted root',
    setup(context) {
      context.onLoad({ filter: /core[\\/]apple-root\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const replaced = text.replace(/(?<=^const APPLE_\w+ =\n)[^;]*/m, `'${toBase64(root)}'`);
        if (replaced === text) throw new Error('the constant of the root was not found');
        return { contents: replaced, loader: 'ts' };
      });
    },
  };
}

/** A process for each took longer than all that they do. */
const RUNNER = `
  import { format, inspect } from 'node:util';
  import { pathToFileURL } from 'node:url';
  for (const file of process.argv.slice(2)) {
    const printed = [];
    console.log = (...values) => printed.push(...format(...values).split('\\n'));
    const failure = await import(pathToFileURL(file)).then(() => '', inspect);
    process.stdout.write(JSON.stringify({ printed, failure }) + '\\n');
  }`;

/** What comes of each; of one that ends the process, and of those after it, what the process left behind. */
function runFiles(folder: string, files: readonly string[]): Promise<readonly Outcome[]> {
  const runner = join(folder, 'runner.mjs');
  writeFileSync(runner, RUNNER);
  return new Promise((resolve) => {
    execFile(process.execPath, [runner, ...files], { cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
      const outcomes = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Outcome);
      // They end by themselves, or the last one has not ended.
      const whole = error === null ? outcomes : outcomes.slice(0, -1);
      const failure = error === null ? 'no outcome' : stderr || error.message;
      resolve(files.map((_, index) => whole[index] ?? { printed: [], failure }));
    });
  });
}

function typeErrors(folder: string, examples: readonly Example[]): readonly string[] {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  // The sources import `node:` types from here.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const names = new Map<string, string>();
  examples.forEach(({ name, code }, index) => {
    const file = join(folder, `example-${index}.ts`);
    // Without an import or export it would be a script, in one scope with the others.
    writeFileSync(file, `${code}\nexport {};\n`);
    names.set(file, name);
  });
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      // An example shows a call and leaves its result unused.
      noUnusedLocals: false,
      typeRoots: [join(ROOT, 'node_modules/@types')],
      paths: Object.fromEntries(ENTRIES.map(({ specifier, entry }) => [specifier, [join(ROOT, 'src', `${entry}.ts`)]])),
    },
    ROOT,
  );
  const program = ts.createProgram([...names.keys()], options);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText, start = 0 }) => {
    const where =
      file && `${names.get(file.fileName) ?? file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}`;
    return `${where ?? 'options'}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
