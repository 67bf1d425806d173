import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Configuration } from '../harness/relying-party/main.ts';
import type { RelyingParty } from '../harness/relying-party/server.ts';

const MAIN = join(import.meta.dirname, '../harness/relying-party/main.ts');

export type PartyProcess = Pick<RelyingParty, 'origin' | 'caCertificatePem' | 'stop'>;

/** Starts a relying party in a process of its own. */
export async function startPartyProcess(
  configuration: Configuration,
  onError: (text: string) => void,
): Promise<PartyProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close').then(() => undefined);
  child.stderr.setEncoding('utf8').on('data', onError);
  child.stdin.on('error', () => undefined).write(`${JSON.stringify(configuration)}\n`);
  const said = await new Promise<Pick<RelyingParty, 'origin' | 'caCertificatePem'>>((resolve, reject) => {
    child.once('close', () => reject(new Error('the relying party did not start')));
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as never));
  });
  return {
    ...said,
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}
