import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's `redis-server`, for a test and for as long as it runs. */

/** Whether there is one; says so where there is none. `.ci/run` installs it. */
export function hasRedis(): boolean {
  const found = spawnSync('redis-server', ['--version']).status === 0;
  if (!found) console.warn('\nSKIPPED: redis-server is not installed: nothing is shared between processes here\n');
  return found;
}

export interface RedisServer {
  /** Of its Unix socket: no port can be taken. */
  readonly path: string;
  /** Ends it as a crash does. What it knew is gone. */
  readonly kill: () => Promise<void>;
  /** Starts it again, at the same place. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const START_MILLISECONDS = 10_000;
/** Ends the server when this process does, however it ends: then there is no more to read. */
const GUARD = 'redis-server "$@" & server=$!; cat >/dev/null; kill -9 $server; wait $server 2>/dev/null';

export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'mda-redis-'));
  const path = join(folder, 'socket');
  const settings = { port: '0', unixsocket: path, dir: folder, save: '', appendonly: 'no' };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  let kill = (): Promise<void> => Promise.resolve();
  const start = async (): Promise<void> => {
    const guard = spawn('sh', ['-c', GUARD, 'redis', ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(guard, 'close');
    kill = async () => {
      guard.stdin.end();
      await ended;
    };
    await ready(guard.stdout).catch(async (error: unknown) => {
      await kill();
      throw error;
    });
  };
  await start();
  return {
    path,
    start,
    kill: () => kill(),
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ready(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const failed = (): void => reject(new Error(`redis-server did not start: ${log}`));
    const timer = setTimeout(failed, START_MILLISECONDS);
    output.on('data', (chunk: Uint8Array) => {
      log += String(chunk);
      if (!log.includes('eady to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
    output.on('end', failed);
  });
}
