import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Configuration } from '../harness/acme-server/configuration.ts';

/** The server in processes of its own, and what stands before them. */

const MAIN = join(import.meta.dirname, '../harness/acme-server/main.ts');

export interface AcmeProcess {
  readonly port: number;
  readonly caCertificatePem: string;
  /** SIGKILL: what it was doing stays undone. */
  readonly kill: () => Promise<void>;
  /** Lets it end what it has begun. */
  readonly stop: () => Promise<void>;
}

/** What a process said it issued. */
export interface IssuedEvent {
  readonly orderId: string;
  readonly serialNumber: string;
}

interface Said {
  readonly event: string;
}

export async function startProcess(
  configuration: Configuration,
  on: { readonly issued: (event: IssuedEvent) => void; readonly error: (text: string) => void },
): Promise<AcmeProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close').then(() => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => on.error(text));
  child.stdin.on('error', () => undefined).write(`${JSON.stringify(configuration)}\n`);
  const { port, caCertificatePem } = await new Promise<Pick<AcmeProcess, 'port' | 'caCertificatePem'>>(
    (resolve, reject) => {
      child.once('close', () => reject(new Error('the server did not start')));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = JSON.parse(line) as Said;
        if (said.event === 'listening') resolve(said as unknown as AcmeProcess);
        if (said.event === 'issued') on.issued(said as unknown as IssuedEvent);
      });
    },
  );
  const end = (how: () => void) => () => {
    how();
    return ended;
  };
  return { port, caCertificatePem, kill: end(() => child.kill('SIGKILL')), stop: end(() => child.stdin.end()) };
}

export interface Balancer {
  readonly origin: string;
  /**
   * From now on, what comes from a port on the connections that are open reaches nobody. Fulfilled when a client
   * waits for an answer on one of them: it will not get it.
   */
  readonly holdAnswers: (port: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A connection that was forwarded. */
interface Forwarded {
  readonly port: number;
  /** Whether the client has sent something, and nothing came since. */
  isWaiting: boolean;
  readonly hold: (onWaiting: () => void) => void;
}

/** One address for several ports: each connection goes to the next one that is there. TLS passes through. */
export async function startBalancer(ports: () => readonly number[]): Promise<Balancer> {
  const open = new Set<Socket>();
  const forwarded = new Set<Forwarded>();
  let turn = 0;
  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => undefined).on('close', () => open.delete(client));
    const candidates = ports();
    turn++;
    forward(
      client,
      candidates.map((_, i) => candidates[(turn + i) % candidates.length]!),
      forwarded,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    holdAnswers: (port) =>
      new Promise((resolve) => {
        for (const connection of forwarded) if (connection.port === port) connection.hold(resolve);
      }),
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(client: Socket, [port, ...others]: readonly number[], forwarded: Set<Forwarded>): void {
  if (port === undefined) {
    client.destroy();
    return;
  }
  const upstream = connect(port, '127.0.0.1');
  let connected = false;
  const connection: Forwarded = {
    port,
    isWaiting: false,
    hold: (onWaiting) => {
      // Read on: what is not read is not closed either.
      upstream.unpipe(client).resume();
      if (connection.isWaiting) onWaiting();
      else client.once('data', onWaiting);
    },
  };
  upstream.on('connect', () => {
    connected = true;
    forwarded.add(connection);
    client.on('data', () => (connection.isWaiting = true)).pipe(upstream);
    upstream.on('data', () => (connection.isWaiting = false)).pipe(client);
  });
  upstream.on('error', () => {
    if (!connected) forward(client, others, forwarded);
  });
  upstream.on('close', () => {
    forwarded.delete(connection);
    if (connected) client.destroy();
  });
  client.on('close', () => upstream.destroy());
}
