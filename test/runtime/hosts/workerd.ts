import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import type { Host } from './host.ts';

/** A date names what became the default until then; flags, which name the rest, there are none. */
export const COMPATIBILITY_DATE = '2025-06-01';
const START_MILLISECONDS = 30_000;

export interface Workerd {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Cap'n Proto of a worker, beside its modules; `extra` goes into the worker as it is. */
export interface WorkerdConfig {
  readonly module: string;
  /** Further members of the worker: bindings, storage. */
  readonly members?: string;
  /** Further services, each with a comma before it. */
  readonly services?: string;
  /** Members of the HTTP options of its socket. */
  readonly http?: string;
}

/** workerd with one worker, on a free port of 127.0.0.1, without compatibility flags. */
export async function startWorkerd(
  program: string,
  { module, members = '', services = '', http = '' }: WorkerdConfig,
): Promise<Workerd> {
  const folder = mkdtempSync(join(tmpdir(), 'mda-workerd-'));
  writeFileSync(join(folder, 'worker.js'), module);
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js")],
    compatibilityDate = "${COMPATIBILITY_DATE}",
    ${members}
  ))${services}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (${http}), service = "main")],
);`,
  );
  // It writes on the descriptor where it listens: the port is its choice.
  const child = spawn(program, ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout!.on('data', (chunk: Buffer) => (log += String(chunk)));
  child.stderr!.on('data', (chunk: Buffer) => (log += String(chunk)));
  const ended = once(child, 'close');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: `http://127.0.0.1:${await portFrom(child.stdio[3] as NodeJS.ReadableStream)}/`, close };
  } catch (error) {
    await close();
    throw new Error(`workerd did not start: ${log}`, { cause: error });
  }
}

function portFrom(control: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const failed = (): void => reject(new Error('nothing listens'));
    const timer = setTimeout(failed, START_MILLISECONDS);
    control.on('end', failed);
    control.on('data', (chunk: Buffer) => {
      text += String(chunk);
      const port = /"event":"listen".*"port":(\d+)/.exec(text)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}

export async function openWorkerd(program: string): Promise<Host> {
  const { url, close } = await startWorkerd(program, { module: await bundle('worker') });
  return {
    send: async (order) => (await fetch(url, { method: 'POST', body: order })).text(),
    close,
  };
}
