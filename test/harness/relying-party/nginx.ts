import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TlsIdentity } from '../acme-server/tls.ts';

/** Debian's nginx before a relying party: it ends TLS, and hands on the certificate of the client in a header. */

/** Whether there is one; says so where there is none. */
export function hasNginx(): boolean {
  const found = spawnSync('nginx', ['-v']).status === 0;
  if (!found) console.warn('\nSKIPPED: nginx is not installed: no relying party stands behind a proxy here\n');
  return found;
}

export interface Nginx {
  readonly origin: string;
  /** Where the relying party has to listen: a Unix socket in the folder of nginx. */
  readonly upstreamPath: string;
  readonly stop: () => Promise<void>;
}

export interface NginxOptions {
  readonly tls: TlsIdentity;
  /** PEM: the authorities of devices, the root and those below it. */
  readonly clientAuthorities: string;
  /** What shows the relying party that a request comes from here. */
  readonly secret: string;
  /** `optional` refuses certificates of others by itself, `optional_no_ca` hands them on with its opinion. */
  readonly verify?: 'optional' | 'optional_no_ca';
}

export const CERTIFICATE_HEADER = 'x-client-cert';
export const VERIFY_HEADER = 'x-client-verify';
export const SECRET_HEADER = 'x-proxy-secret';

/**
 * `proxy_set_header` replaces what the client sent under that name, however often; where the variable is empty the header is
 * not there at all. Names with an underscore are dropped by nginx unless it is told otherwise.
 */
const configurationOf = (folder: string, port: number, { verify = 'optional', secret }: NginxOptions): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  large_client_header_buffers 4 16k;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/server.pem;
    ssl_certificate_key ${folder}/server.key;
    ssl_client_certificate ${folder}/devices.pem;
    ssl_verify_client ${verify};
    ssl_verify_depth 4;
    location / {
      proxy_pass http://unix:${folder}/upstream;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header ${CERTIFICATE_HEADER} $ssl_client_escaped_cert;
      proxy_set_header ${VERIFY_HEADER} $ssl_client_verify;
      proxy_set_header ${SECRET_HEADER} "${secret}";
    }
  }
}
`;

const START_MILLISECONDS = 10_000;
const LOOK_MILLISECONDS = 20;
/** Ends the server when this process does, however it ends: then there is no more to read. */
const GUARD = 'nginx "$@" & server=$!; cat >/dev/null; kill -9 $server; wait $server 2>/dev/null';

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'mda-nginx-'));
  const port = await freePort();
  const files = {
    'server.pem': options.tls.certificatePem,
    'server.key': options.tls.keyPem,
    'devices.pem': options.clientAuthorities,
    'nginx.conf': configurationOf(folder, port, options),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const settings = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
  const guard = spawn('sh', ['-c', GUARD, 'nginx', ...settings], { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(guard, 'close');
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let waited = 0; !(await isListening(port)); waited += LOOK_MILLISECONDS) {
    if (waited > START_MILLISECONDS) {
      const log = readFileSync(join(folder, 'error.log'), 'utf8');
      await stop();
      throw new Error(`nginx did not start: ${log}`);
    }
    await sleep(LOOK_MILLISECONDS);
  }
  return { origin: `https://127.0.0.1:${port}`, upstreamPath: join(folder, 'upstream'), stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
