import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenVerifier, Reception } from '../conformance/index.ts';
import { printable } from '../conformance/printable.ts';
import { readLines } from './lines.ts';
import { OperatorError } from './operator-error.ts';

/** How long a program has to end by itself once its input has, and its streams once it has. */
const GRACE_MILLISECONDS = 500;

/** Named limit, for a whole run: a verifier that logs every request is read, one that floods is not. */
export const MAX_STDERR_BYTES = 65_536;

/** What the shell says of a command that is not there or cannot be run. */
const NOT_STARTED = [126, 127];

/**
 * A program that speaks the protocol on its standard streams, started through the shell. Its standard error
 * is passed on. It ends with this program, however that ends, unless it is killed outright.
 */
export function verifierProgram(command: string): OpenVerifier {
  const passOn = boundedStderr();
  let hasAnswered = false;
  return async () => {
    const program = await start(command);
    program.stderr.on('data', passOn);
    // Whoever ended before it has read everything is found out where its answer is waited for.
    program.stdin.on('error', () => undefined);
    const lines = readLines(program.stdout);

    const end = async (): Promise<Reception> => {
      const { code, signal } = await program.ended;
      if (!hasAnswered && code !== null && NOT_STARTED.includes(code))
        throw new OperatorError(`the verifier cannot start: the shell ended with code ${code} and says why above`);
      return {
        kind: 'ended',
        detail: signal === null ? `it ended with exit code ${code!}` : `it was ended by ${signal}`,
      };
    };

    return {
      send: (line) => void program.stdin.write(`${line}\n`),
      async receive() {
        const next = await lines.next();
        if (next.done === true) return end();
        hasAnswered = true;
        if (next.value === undefined) return { kind: 'over-long' };
        return { kind: 'line', line: textOf(next.value) };
      },
      async close() {
        program.stdin.end();
        await Promise.race([program.ended, grace()]);
        if (running.has(program.child)) kill(program.child);
        await program.ended;
        program.stdout.destroy();
        // Its last words are in the pipe.
        await Promise.race([program.closed, grace()]);
        program.stderr.destroy();
      },
    };
  };
}

/** The protocol is in UTF-8. What is not is no JSON either, and its line is quoted as far as it can be read. */
function textOf(line: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line);
  } catch {
    return `not UTF-8: ${new TextDecoder().decode(line)}`;
  }
}

/** Keeps nobody waiting who has something else to wait for. */
function grace(): Promise<void> {
  return sleep(GRACE_MILLISECONDS, undefined, { ref: false });
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function start(command: string) {
  // A group of its own: what the shell has started is ended with it.
  const child = spawn(command, { shell: true, detached: !IS_WINDOWS, stdio: 'pipe', windowsHide: true });
  if (child.pid !== undefined) endWithThisProgram(child);
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child);
      // What it leaves behind would hold the streams open.
      kill(child);
      resolve({ code, signal });
    });
  });
  const closed = once(child, 'close');
  // Waited for where it matters; what never started has no end.
  closed.catch(() => undefined);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new OperatorError(`the verifier cannot start: ${printable(String((error as NodeJS.ErrnoException).code))}`);
  }
  const { stdin, stdout, stderr } = child;
  return { child, stdin, stdout, stderr, ended, closed };
}

const IS_WINDOWS = process.platform === 'win32';

function kill({ pid }: ChildProcess): void {
  if (IS_WINDOWS) spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
  else
    try {
      process.kill(-pid!, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
}

const running = new Set<ChildProcess>();
let isWatching = false;

/** In a group of their own, programs hear nothing of a Ctrl-C. */
function endWithThisProgram(child: ChildProcess): void {
  running.add(child);
  if (isWatching) return;
  isWatching = true;
  const killAll = () => {
    for (const one of running) kill(one);
  };
  process.once('exit', killAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      killAll();
      // Without the listener the signal does what it does by itself.
      process.kill(process.pid, signal);
    });
}

function boundedStderr(): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  let left = MAX_STDERR_BYTES;
  let isCut = false;
  return (chunk) => {
    if (isCut) return;
    const text = decoder.decode(chunk.subarray(0, left), { stream: true });
    process.stderr.write(text.replace(/[^\n\t]+/g, printable));
    isCut = chunk.length > left;
    left -= chunk.length;
    if (isCut) process.stderr.write('\nmda conformance: the verifier wrote more to standard error; it is left out\n');
  };
}
