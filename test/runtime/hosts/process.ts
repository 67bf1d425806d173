import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import type { Host } from './host.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const LIMIT_MILLISECONDS = 240_000;

/** A runtime that is a program: a project of its own that has the package in its `node_modules`, a process for each order. */
export async function openProcess(command: readonly string[]): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'mda-runtime-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'managed-device-attestation'), 'dir');
  const manifest = { private: true, type: 'module', dependencies: { 'managed-device-attestation': '*' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'main.js'), await bundle('process'));
  return {
    send: (order) => run([...command, 'main.js'], folder, order),
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

function run([program, ...args]: readonly string[], cwd: string, input: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: LIMIT_MILLISECONDS, maxBuffer: 2 ** 26 };
    const child = execFile(program!, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
    child.stdin!.end(input);
  });
}
