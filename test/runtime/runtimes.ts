import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openChromium, openFirefox } from './hosts/browser.ts';
import type { Host } from './hosts/host.ts';
import { openProcess } from './hosts/process.ts';
import { openWorkerd } from './hosts/workerd.ts';

/** A runtime of the matrix, and where it is if it is installed. */
export interface Runtime {
  readonly name: string;
  /** Undefined where it is not installed. */
  readonly program: string | undefined;
  readonly open: (program: string) => Promise<Host>;
}

const INSTALLED = join(import.meta.dirname, 'installed', 'node_modules');

/** A program of `installed/package.json`. */
function installed(name: string, path: string): string | undefined {
  const program = join(INSTALLED, `${name}-${process.platform}-${process.arch}`, path);
  return existsSync(program) ? program : undefined;
}

/** A program of the system. */
function found(...names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

const WITHOUT_PERMISSIONS = ['run', '--no-prompt', '--no-remote', '--node-modules-dir=manual'];

export const WORKERD = installed('workerd', 'bin/workerd');

const nodeOf = (major: number): Runtime => ({
  name: `Node ${major}`,
  program: installed(`node-${major}`, 'bin/node'),
  open: (program) => openProcess([program]),
});

/** Every runtime that the suite has to pass in. */
export const RUNTIMES: readonly Runtime[] = [
  { name: 'Node of this machine', program: process.execPath, open: (program) => openProcess([program]) },
  // The first that package.json allows, and every release line since that is or was supported for long.
  nodeOf(20),
  nodeOf(22),
  nodeOf(24),
  nodeOf(26),
  { name: 'workerd', program: WORKERD, open: openWorkerd },
  {
    name: 'Deno',
    program: installed('deno', 'deno'),
    // It may read its own modules, and nothing else.
    open: (program) => openProcess([program, ...WITHOUT_PERMISSIONS]),
  },
  { name: 'Bun', program: installed('bun', 'bin/bun'), open: (program) => openProcess([program, 'run']) },
  { name: 'Chromium', program: found('chromium', 'chromium-browser', 'google-chrome'), open: openChromium },
  { name: 'Firefox', program: found('firefox-esr', 'firefox'), open: openFirefox },
];

/** `.ci/run` sets it: there, a runtime that is missing is a fault. */
export const EVERY_RUNTIME = process.env['EVERY_RUNTIME'] === '1';

/** The version that a program says it has: `22.23.3`. */
export function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+(?:[.-]\d+)+/.exec(stdout)?.[0] ?? 'unknown';
}
