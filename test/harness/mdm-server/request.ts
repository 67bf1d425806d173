import type { IncomingMessage } from 'node:http';
import { AttestationError } from '../../../src/index.ts';
import { readBody as readBytes } from '../http.ts';
import { Refusal } from './refusal.ts';

/** The body of a request of this content type, of which no more than `maxBytes` are ever kept. */
export async function readBody(request: IncomingMessage, contentType: string, maxBytes: number): Promise<Uint8Array> {
  const [given = ''] = (request.headers['content-type'] ?? '').split(';');
  if (given.trim().toLowerCase() !== contentType) throw new Refusal(415, `the body must be ${contentType}`);
  return readBytes(request, maxBytes, () => new Refusal(413, 'the body is too large'));
}

/** Reads what a client sent: if the library refuses it, so does the service, in its words. */
export function readEvidence<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof AttestationError) throw new Refusal(400, error.code);
    throw error;
  }
}
