import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasShared, readShared } from '../foreign/shared.ts';

/** Runs the built command line in a process of its own, as an operator does. */

export const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: Uint8Array | string;
  readonly env?: Readonly<Record<string, string>>;
}

export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  if (!existsSync(MAIN)) throw new Error('dist/cli/main.js is missing: run npm run build first');
  const { PATH = '' } = process.env;
  return spawn(process.execPath, [MAIN, ...args], { env: { PATH, ...env } });
}

export async function collect(child: ChildProcessWithoutNullStreams): Promise<Run> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((done, failed) => {
    child.on('error', failed);
    child.on('close', done);
  });
  return { code, stdout, stderr };
}

export function mda(args: readonly string[], { stdin = '', env = {} }: RunOptions = {}): Promise<Run> {
  const child = start(args, env);
  // A run that ends before it has read everything is what some tests are about.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return collect(child);
}

/** A folder for the files of one test file. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'mda-'));
  return {
    path: (name: string) => join(folder, name),
    write(name: string, content: Uint8Array | string): string {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const APPLE_FILES = ['published-leaf.pem', 'Apple_Enterprise_Attestation_Sub_CA_1.pem'];

/** The PEM of Apple's published chain, leaf first; undefined, and loudly, where the shared data is missing. */
export function appleChainPem(): string | undefined {
  return hasShared('apple') ? APPLE_FILES.map((name) => readShared(`apple/${name}`)).join('') : undefined;
}
