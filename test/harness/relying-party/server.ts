import { constants } from 'node:crypto';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { refusalResponse } from '../../../src/relying-party/index.ts';
import { createTlsIdentity, type TlsIdentity } from '../acme-server/tls.ts';
import { listen, listenOnSocket, stop } from '../http.ts';
import type { Gate, Passage } from './gate.ts';

/**
 * The reference relying party: a service with something to get at `/resource`, for devices with a certificate. To read it:
 * `validating.ts` is the gate of deployment model 2, `authorizing.ts` that of model 3, `proxied.ts` the one behind a proxy.
 */
export interface RelyingParty {
  readonly origin: string;
  readonly port: number;
  /** The root of its TLS identity. */
  readonly caCertificatePem: string;
  readonly stop: () => Promise<void>;
}

export interface RelyingPartyOptions {
  readonly gate: Gate;
  /** A free one unless given. */
  readonly port?: number;
  /** The root that clients trust is the same for the same seed. */
  readonly tlsSeed?: string;
  /** Instead of one that is made of the seed, which takes a while. */
  readonly tls?: TlsIdentity;
  /** Told of every decision, for a log. */
  readonly onDecision?: (resource: string, passage: Passage) => void;
  /** Told of what the service could not help. */
  readonly onError?: (error: unknown) => void;
}

const MAX_HTTP_HEADER_BYTES = 32_768;
const REQUEST_MILLISECONDS = 10_000;
const LIMITS = {
  maxHeaderSize: MAX_HTTP_HEADER_BYTES,
  headersTimeout: REQUEST_MILLISECONDS,
  requestTimeout: REQUEST_MILLISECONDS,
};

/** Starts a service on 127.0.0.1 that devices come to over TLS, with their certificate. */
export async function startRelyingParty(options: RelyingPartyOptions): Promise<RelyingParty> {
  const tls = options.tls ?? (await createTlsIdentity(options.tlsSeed ?? 'relying party', new Date()));
  const server = createHttpsServer(
    {
      ...LIMITS,
      key: tls.keyPem,
      cert: tls.certificatePem,
      // Every connection proves its key; whose certificates count is for the gate to say, with a reason.
      requestCert: true,
      rejectUnauthorized: false,
      // A session that is taken up again has no chain.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
    listenerOf(options),
  );
  const port = await listen(server, options.port ?? 0);
  return {
    origin: `https://127.0.0.1:${port}`,
    port,
    caCertificatePem: tls.rootPem,
    stop: () => stop(server),
  };
}

/** Starts one on a Unix socket, without TLS: what stands before it has that. */
export async function startUpstream(
  options: Pick<RelyingPartyOptions, 'gate' | 'onDecision' | 'onError'> & { readonly path: string },
): Promise<Pick<RelyingParty, 'stop'>> {
  const server = createHttpServer(LIMITS, listenerOf(options));
  await listenOnSocket(server, options.path);
  return { stop: () => stop(server) };
}

function listenerOf({
  gate,
  onDecision = () => undefined,
  onError = () => undefined,
}: Pick<RelyingPartyOptions, 'gate' | 'onDecision' | 'onError'>): RequestListener {
  return (request, response) => {
    // What a client sends along is of no interest, and is not waited for.
    request.resume();
    const [, resource = ''] = (request.url ?? '').split(/[/?]/, 2);
    gate(request, resource)
      .then((passage) => {
        onDecision(resource, passage);
        const { status, headers, body } = passage.allowed ? welcome(resource, passage) : refusalResponse(passage);
        response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
      })
      .catch((error: unknown) => {
        onError(error);
        if (response.headersSent) response.destroy();
        else response.writeHead(500, { 'cache-control': 'no-store', 'content-length': 0 }).end();
      });
  };
}

const welcome = (resource: string, { device, cached, stale }: Extract<Passage, { readonly allowed: true }>) => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify({ resource, device, cached, stale }),
});
