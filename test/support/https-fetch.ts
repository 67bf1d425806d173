import { Agent, request } from 'node:https';

/** What the tests send and read: the part of `fetch` that they use. */
export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
}

export interface HttpsFetch {
  readonly fetch: (url: string, init?: HttpRequest) => Promise<HttpResponse>;
  /** Closes its connections. */
  readonly close: () => void;
}

/** A server that does not answer is not waited for. */
const TIMEOUT_MILLISECONDS = 15_000;

/** A `fetch` that trusts this root alone, and has a client certificate if it is given one: that of the platform takes neither. */
export function createHttpsFetch(options: {
  readonly ca: string;
  /** PEM: the chain of the client certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly maxSockets?: number;
}): HttpsFetch {
  const { maxSockets = 16, ...tls } = options;
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets, scheduling: 'fifo' });
  return {
    fetch: (url, { method = 'GET', headers = {}, body, signal } = {}) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
        const sent = request(url, { agent, method, headers: { ...headers, ...length }, signal }, (response) => {
          const chunks: Uint8Array[] = [];
          response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const bytes = new Uint8Array(Buffer.concat(chunks));
            const text = Buffer.from(bytes).toString('utf8');
            const get = (name: string): string | null => {
              const value = response.headers[name.toLowerCase()];
              return (Array.isArray(value) ? value.join(', ') : value) ?? null;
            };
            resolve({
              status: response.statusCode ?? 0,
              headers: { get },
              text: () => Promise.resolve(text),
              bytes: () => Promise.resolve(bytes),
            });
          });
        });
        sent.setTimeout(TIMEOUT_MILLISECONDS, () => sent.destroy(new Error('no answer in time')));
        sent.on('error', reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
