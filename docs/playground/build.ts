import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import packageJson from '../../package.json' with { type: 'json' };
import { pageData } from './samples.ts';

const HERE = import.meta.dirname;

/** What was written. */
export interface BuiltPlayground {
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/**
 * Builds the playground into a folder: one page, `index.html`, that needs nothing else. Its policy allows its own
 * script and its own style, by their hashes, and nothing more: no request, no frame, no markup made of text.
 */
export async function buildPlayground(directory: string): Promise<BuiltPlayground> {
  const [script, style, data] = await Promise.all([
    bundle('page/main.ts'),
    bundle('style.css'),
    pageData(packageJson.version),
  ]);
  const policy = [
    "default-src 'none'",
    `script-src ${sourceHash(script)}`,
    `style-src ${sourceHash(style)}`,
    // The icon, which is in the page.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const page = fill(readFileSync(join(HERE, 'template.html'), 'utf8'), {
    '{{policy}}': policy,
    '/*{{style}}*/': style,
    '/*{{script}}*/': script,
    // No end of a script in it, and no beginning of a comment.
    '{{data}}': JSON.stringify(data).replaceAll('<', '\\u003c'),
  });
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'index.html');
  writeFileSync(file, page);
  return { file, bytes: Buffer.byteLength(page), gzipBytes: gzipSync(page, { level: 9 }).length };
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
  });
  // As it stands between the tags, for what is hashed is everything between them.
  return outputFiles[0]!.text.trim();
}

function sourceHash(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}

/** Puts texts into the places of the template, white space around a place included. */
function fill(template: string, texts: Readonly<Record<string, string>>): string {
  let filled = template;
  for (const [place, text] of Object.entries(texts)) {
    const parts = filled.split(new RegExp(`\\s*${place.replace(/[/*{}]/g, '\\$&')}\\s*`));
    if (parts.length !== 2) throw new Error(`the template has ${parts.length - 1} places ${place}`);
    filled = parts.join(text);
  }
  return filled;
}

async function main(): Promise<void> {
  const [option, directory, ...rest] = process.argv.slice(2);
  if (option !== '--out' || directory === undefined || rest.length > 0)
    throw new Error('usage: tsx docs/playground/build.ts --out DIR');
  const { file, bytes, gzipBytes } = await buildPlayground(resolve(directory));
  console.log(`${relative(process.cwd(), file)}: ${bytes} bytes, ${gzipBytes} with gzip`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
