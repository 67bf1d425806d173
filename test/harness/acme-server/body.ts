import type { IncomingMessage } from 'node:http';
import { refusal } from './problem.ts';

/** The body, of which no more than `maxBytes` are ever kept. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
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
      reject(refusal('malformed', 'the request is too large', { status: 413 }));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** What a client may send on after it was answered: enough to hear the answer first. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/** Takes in what nobody is going to read, so that the client can read; one that does not come to an end is cut off. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  let size = 0;
  request.on('data', (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > MAX_DISCARDED_BYTES) request.socket.destroy();
  });
}
