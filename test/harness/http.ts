import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service needs of HTTP beside its routes; Node's server over TLS has the same members. */
type HttpServer = Pick<
  Server,
  'listen' | 'address' | 'once' | 'off' | 'close' | 'closeIdleConnections' | 'closeAllConnections'
>;

/** How long requests may take to end when a server stops. */
const STOP_MILLISECONDS = 2000;
const SWEEP_MILLISECONDS = 10;
/** What a client may send on after it was answered: enough to hear the answer first. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/** Listens on 127.0.0.1, at a free port for 0, and gives the port. */
export async function listen(server: HttpServer, port: number): Promise<number> {
  await whenListening(server, (ready) => server.listen(port, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
}

export function listenOnSocket(server: HttpServer, path: string): Promise<void> {
  return whenListening(server, (ready) => server.listen(path, ready));
}

function whenListening(server: HttpServer, start: (ready: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    start(() => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Takes no new request, lets the open ones end, and closes every connection that has nothing to say any more. */
export function stop(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MILLISECONDS);
    const limit = setTimeout(() => server.closeAllConnections(), STOP_MILLISECONDS);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(limit);
      resolve();
    });
  });
}

/** The body, of which no more than `maxBytes` are ever kept; with `tooLarge` the promise is rejected. */
export function readBody(request: IncomingMessage, maxBytes: number, tooLarge: () => Error): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(tooLarge());
    });
    request.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    request.on('error', reject);
  });
}

/** Takes in what nobody is going to read, so that the client can read; one that does not come to an end is cut off. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  let size = 0;
  request.on('data', (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > MAX_DISCARDED_BYTES) request.socket.destroy();
  });
}
