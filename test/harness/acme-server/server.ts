import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { createDeviceAttestValidator } from '../../../src/acme/index.ts';
import { discardRest, listen, stop } from '../http.ts';
import type { Context } from './context.ts';
import { createNonces } from './nonces.ts';
import { type AcmeServerOptions, DEFAULT_LIMITS } from './options.ts';
import { refusal, Refusal, replyToError } from './problem.ts';
import type { Reply } from './reply.ts';
import { answer } from './routes.ts';
import { createTlsIdentity } from './tls.ts';
import { type Urls, urlsAt } from './urls.ts';
import { findCertificate } from './certificate.ts';
import { writeRevocation } from './revocations.ts';

/**
 * The reference ACME server: what `./acme` looks like in a whole one. To read it: `routes.ts` says what there is,
 * `signed-request.ts` who asks, `order.ts` what is kept of an order and why nothing else is, `challenge.ts` and
 * `finalize.ts` what the library is asked. It is for tests and for readers: it limits no client, and keeps no log.
 */
export interface AcmeServer {
  readonly directoryUrl: string;
  /** Where relying parties find what was revoked. */
  readonly urls: Pick<Urls, 'lists' | 'ocsp'>;
  /** The root of its TLS identity. */
  readonly caCertificatePem: string;
  readonly port: number;
  /** Revokes for the organisation that runs it, which needs no account; false if there is nothing to revoke. */
  readonly revoke: (serialNumber: string, reason?: number) => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

/** Named limit: what HTTP headers may take. */
const MAX_HTTP_HEADER_BYTES = 8192;
/** RFC 5280, 5.3.1: what the device may no longer do. */
const PRIVILEGE_WITHDRAWN = 9;
/** How often the server looks for clients that are too slow, in the time that they have. */
const CHECKS_PER_TIMEOUT = 10;

/** Starts a server (RFC 8555) on 127.0.0.1. */
export async function startAcmeServer(options: AcmeServerOptions): Promise<AcmeServer> {
  const tls = options.tls ?? (await createTlsIdentity(options.tlsSeed ?? 'acme server', new Date()));
  const requestMilliseconds = (options.limits?.requestSeconds ?? DEFAULT_LIMITS.requestSeconds) * 1000;
  const server = createServer({
    key: tls.keyPem,
    cert: tls.certificatePem,
    maxHeaderSize: MAX_HTTP_HEADER_BYTES,
    // A client that sends slower than this is not waited for. Node looks every 30 seconds unless told otherwise.
    handshakeTimeout: requestMilliseconds,
    headersTimeout: requestMilliseconds,
    requestTimeout: requestMilliseconds,
    connectionsCheckingInterval: requestMilliseconds / CHECKS_PER_TIMEOUT,
  });
  const port = await listen(server, options.port ?? 0);
  const context = createContext(options, options.origin ?? `https://127.0.0.1:${port}`);
  const { onError = () => undefined } = options;
  let open = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    open++;
    void serve(context, request, response, open, onError)
      .catch(() => response.destroy())
      .finally(() => open--);
  });
  return {
    directoryUrl: context.urls.directory,
    urls: context.urls,
    caCertificatePem: tls.rootPem,
    port,
    revoke: async (serialNumber, reason = PRIVILEGE_WITHDRAWN) => {
      const known = await findCertificate(context.store, serialNumber);
      return known !== undefined && writeRevocation(context, { serialNumber, known, reason });
    },
    stop: () => stop(server),
  };
}

function createContext(options: AcmeServerOptions, origin: string): Context {
  const { trustAnchors, identify, evaluate, seenKeys, identity, ca, store, externalAccounts } = options;
  const { clock = () => new Date(), acceptIdentifier = () => true, onIssued = () => undefined } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  return {
    origin,
    urls: urlsAt(origin),
    clock,
    store,
    ca,
    identity,
    limits,
    nonces: createNonces({ store, clock, validForSeconds: limits.nonceSeconds }),
    validate: createDeviceAttestValidator({
      trustAnchors,
      identify,
      ...(evaluate === undefined ? {} : { evaluate }),
      ...(seenKeys === undefined ? {} : { seenKeys }),
    }),
    acceptIdentifier,
    externalAccounts,
    onIssued,
  };
}

/** Answers one request, whatever happens. */
async function serve(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  open: number,
  onError: (error: unknown) => void,
): Promise<void> {
  const reply = await replyTo(context, request, open).catch((error: unknown) => {
    // A request that broke off is the client's affair.
    if (!(error instanceof Refusal) && request.complete) onError(error);
    return replyToError(error);
  });
  const nonce = needsNonce(request) ? await context.nonces.issue().catch(() => undefined) : undefined;
  discardRest(request);
  response.writeHead(reply.status, {
    ...reply.headers,
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(reply.body),
    Link: [`<${context.urls.directory}>;rel="index"`, ...(reply.headers['Link'] ? [reply.headers['Link']] : [])],
    ...(nonce === undefined ? {} : { 'Replay-Nonce': nonce }),
  });
  response.end(reply.body);
}

async function replyTo(context: Context, request: IncomingMessage, open: number): Promise<Reply> {
  if (open > context.limits.requests)
    throw refusal('rateLimited', 'the server is busy; come back', { status: 503, headers: { 'Retry-After': '1' } });
  return answer(context, request);
}

/** RFC 8555, 6.5: on every answer to a POST, so that the next needs no other round trip; 7.2: and where they are made. */
const needsNonce = ({ method, url }: IncomingMessage): boolean =>
  (method === 'POST' && url !== '/ocsp') || url === '/new-nonce';
