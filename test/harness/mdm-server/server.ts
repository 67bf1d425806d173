import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { fromPem, toPem } from '../../../src/index.ts';
import { parsePolicy, type PolicyDocument } from '../../../src/policy/index.ts';
import { createTlsIdentity } from '../acme-server/tls.ts';
import { discardRest, listen, stop } from '../http.ts';
import { askDevice } from './ask-device.ts';
import { judge } from './command.ts';
import type { Context } from './context.ts';
import { type Enrollment, findEnrollment, listEnrollments } from './enrollment.ts';
import type { MdmServerOptions } from './options.ts';
import { Refusal, replyToError } from './refusal.ts';
import { answer } from './routes.ts';
import { createSqlStore } from './sql-store.ts';
import { createTurns } from './turns.ts';
import { type Urls, urlsAt } from './urls.ts';

/**
 * The reference MDM service: what `./mdm` and `./policy` look like in a whole one. To read it: `routes.ts` says what there
 * is, `client-identity.ts` who connects, `enrollment-of.ts` who that is to the service, `ask-device.ts`, `answers.ts` and
 * `decide.ts` what the library is asked, `holdings.ts` what a device gets for it. It is for tests and for readers: it
 * pushes nothing, limits no client, and keeps no log.
 */
export interface MdmServer {
  readonly urls: Urls;
  /** The root of its TLS identity. */
  readonly caCertificatePem: string;
  readonly port: number;
  /** From now on another policy holds, for whoever is enrolled, too. */
  readonly changePolicy: (policy: PolicyDocument) => Promise<void>;
  /** Wants to know anew what a device is like, for a reason that the service has. */
  readonly ask: (enrollmentId: string, reason: string) => Promise<void>;
  readonly enrollments: () => readonly Enrollment[];
  readonly stop: () => Promise<void>;
}

const MAX_HTTP_HEADER_BYTES = 8192;
/** A client that sends slower than this is not waited for. */
const REQUEST_MILLISECONDS = 10_000;
const DAY_SECONDS = 86_400;

/** Starts a service on 127.0.0.1. */
export async function startMdmServer(options: MdmServerOptions): Promise<MdmServer> {
  let policy = parsePolicy(options.policy);
  const tls = await createTlsIdentity(options.tlsSeed ?? 'mdm server', new Date());
  const server = createServer({
    key: tls.keyPem,
    cert: tls.certificatePem,
    // Every connection proves its key, and nobody else's certificate ends the handshake: `client-identity.ts` says who it is.
    requestCert: true,
    rejectUnauthorized: false,
    ca: [...options.acme.identityAnchors, ...(options.plainAnchors ?? [])].map(({ der }) => toPem(der)),
    // A session that is taken up again has no chain, and no proof of the key.
    secureOptions: constants.SSL_OP_NO_TICKET,
    maxHeaderSize: MAX_HTTP_HEADER_BYTES,
    headersTimeout: REQUEST_MILLISECONDS,
    requestTimeout: REQUEST_MILLISECONDS,
  });
  const port = await listen(server, options.port ?? 0);
  const { onError = () => undefined } = options;
  const context: Context = {
    ...contextOf(options),
    urls: urlsAt(`https://127.0.0.1:${port}`),
    tlsRoot: fromPem(tls.rootPem)[0]!,
    policy: () => policy,
  };
  server.on('request', (request, response) => {
    void serve(context, request, response, onError).catch(() => response.destroy());
  });
  const { database, turns } = context;
  return {
    urls: context.urls,
    caCertificatePem: tls.rootPem,
    port,
    changePolicy: (document) =>
      turns.take(async () => {
        policy = parsePolicy(document);
        for (const enrollment of listEnrollments(database))
          if (enrollment.state === 'enrolled') await judge(context, enrollment);
      }),
    ask: (enrollmentId, reason) =>
      turns.take(() => {
        const enrollment = findEnrollment(database, enrollmentId);
        if (enrollment?.state !== 'enrolled') throw new TypeError('there is no such enrollment');
        askDevice(context, enrollment, reason);
        return Promise.resolve();
      }),
    enrollments: () => listEnrollments(database),
    stop: () => stop(server),
  };
}

function contextOf(options: MdmServerOptions): Omit<Context, 'urls' | 'tlsRoot' | 'policy'> {
  const { database, acme, plainAnchors = [], attestationAnchors, secrets, withheld, askSecret, factsSecret } = options;
  const { clock = () => new Date(), reportSeconds = DAY_SECONDS, refreshAfterSeconds = 30 * DAY_SECONDS } = options;
  return {
    database,
    store: createSqlStore(database, clock),
    turns: createTurns(),
    acme,
    plainAnchors,
    attestationAnchors,
    secrets,
    withheld,
    askSecret,
    factsSecret,
    reportSeconds,
    refreshAfterSeconds,
    clock,
  };
}

/** Answers one request, whatever happens. */
async function serve(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  const reply = await answer(context, request).catch((error: unknown) => {
    // A request that broke off is the client's affair.
    if (!(error instanceof Refusal) && request.complete) onError(error);
    return replyToError(error);
  });
  discardRest(request);
  response.writeHead(reply.status, {
    ...reply.headers,
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(reply.body),
  });
  response.end(reply.body);
}
