import { createServer, type IncomingMessage, type RequestListener, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { describe, expect, it } from 'vitest';
import {
  type Authorization,
  type AuthorizerOptions,
  authorizationOf,
  authorizeRequest,
  chainFromHeaders,
  chainFromTlsSocket,
  expressAuthorizer,
  type ExpressAuthorizerOptions,
  type MiddlewareResponse,
  type RefusalCode,
  refusalResponse,
} from '../../src/relying-party/index.ts';
import { AT } from '../support/organisation.ts';
import { byteSequence } from './forwarded.ts';
import { authorizerWith, chain, NEWER_OS, OS, policyOf, said } from './world.ts';

const SECRET = 'known to the proxy alone';
const fromProxy = ({ headers }: Pick<IncomingMessage, 'headers'>) =>
  chainFromHeaders(headers, {
    forwarded: { form: 'rfc9440' },
    proxy: { secretHeader: 'proxy-secret', secret: SECRET },
  });
const HEADERS = {
  'proxy-secret': SECRET,
  'client-cert': byteSequence(chain[0]!),
  'client-cert-chain': byteSequence(chain[1]!),
};

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly challenge: string | undefined;
  readonly body: string;
}

/** What a server answers to one request. */
async function visit(listener: RequestListener, headers: Record<string, string>, path = '/'): Promise<Answer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const sent = send({ host: '127.0.0.1', port, path, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          const { 'content-type': type, 'www-authenticate': challenge } = response.headers;
          resolve({ status: response.statusCode!, type, challenge, body });
        });
      });
      sent.on('error', reject).end();
    });
  } finally {
    server.close();
  }
}

const PROBLEM = 'application/problem+json';

function appWith(
  options: Partial<AuthorizerOptions> = {},
  more: Partial<ExpressAuthorizerOptions<express.Request>> = {},
) {
  const app = express();
  app.use(expressAuthorizer<express.Request>(authorizerWith(options), { chain: fromProxy, clock: () => AT, ...more }));
  app.use((request, response) => {
    const authorization = authorizationOf(request);
    response.json([authorization?.device, response.locals['authorization'] === authorization]);
  });
  // Four parameters, or Express takes it for something else.
  app.use((error: unknown, _request: express.Request, response: express.Response, next: express.NextFunction) => {
    if (response.headersSent) next(error);
    else response.status(500).end(error instanceof TypeError ? 'TypeError' : 'error');
  });
  return app as RequestListener;
}

describe('in Express', () => {
  it('a device that may goes on', async () => {
    const decisions: Authorization[] = [];
    const app = appWith({}, { onDecision: (authorization) => decisions.push(authorization) });
    expect(await visit(app, HEADERS)).toMatchObject({ status: 200, body: '["device:SIMULATED1",true]' });
    expect(decisions.map(said)).toEqual(['yes']);
  });

  it('a device that may not gets a problem document, and no more than the code', async () => {
    const answer = await visit(appWith({ policy: policyOf(NEWER_OS) }), HEADERS);
    expect(answer).toMatchObject({ status: 403, type: PROBLEM, challenge: undefined });
    expect(JSON.parse(answer.body)).toEqual({ title: 'Forbidden', status: 403, code: 'policy' });
  });

  it('who is not from the proxy, or has no certificate, gets 401', async () => {
    const decisions: Authorization[] = [];
    const app = appWith({}, { onDecision: (authorization) => decisions.push(authorization) });
    for (const headers of [{}, { ...HEADERS, 'proxy-secret': 'a guess of somebody' }, { 'proxy-secret': SECRET }])
      expect(await visit(app, headers)).toMatchObject({
        status: 401,
        type: PROBLEM,
        challenge: 'ClientCertificate',
        body: '{"title":"Unauthorized","status":401,"code":"identity-refused"}',
      });
    const codes = decisions.map((decision) =>
      decision.allowed ? 'allowed' : (decision.error as { code: string }).code,
    );
    expect(codes).toEqual(['ERR_MDA_HEADER_UNTRUSTED', 'ERR_MDA_HEADER_UNTRUSTED', 'ERR_MDA_HEADER_MISSING']);
    const direct = appWith({}, { chain: ({ socket }) => chainFromTlsSocket(socket) });
    expect(await visit(direct, HEADERS)).toMatchObject({ status: 401 });
  });

  it('each resource has its policy', async () => {
    const policy = { '/wiki': policyOf(OS), '/payroll': policyOf(NEWER_OS) };
    const app = appWith({ policy }, { resource: ({ path }) => path });
    expect((await visit(app, HEADERS, '/wiki')).status).toBe(200);
    expect((await visit(app, HEADERS, '/payroll')).status).toBe(403);
    expect((await visit(app, HEADERS, `/${'x'.repeat(400)}`)).status).toBe(403);
  });

  it('a mistake of the program is an error, and lets nobody in', async () => {
    const fail = (): never => {
      throw new Error('a mistake');
    };
    for (const more of [{ chain: fail }, { clock: fail }, { resource: fail }, { onDecision: fail }])
      expect(await visit(appWith({}, more), HEADERS)).toMatchObject({ status: 500, body: 'error' });
    const wrong = appWith({}, { clock: () => new Date(NaN) });
    expect(await visit(wrong, HEADERS)).toMatchObject({ status: 500, body: 'TypeError' });
  });
});

it('serves a plain handler of Node just as well', async () => {
  const authorize = expressAuthorizer<IncomingMessage>(authorizerWith(), { chain: fromProxy, clock: () => AT });
  const listener: RequestListener = (request, response) => {
    void authorize(request, response, () => response.end(authorizationOf(request)?.device));
  };
  expect(await visit(listener, HEADERS)).toMatchObject({ status: 200, body: 'device:SIMULATED1' });
  expect(await visit(listener, {})).toMatchObject({ status: 401 });
});

describe('never rejects', () => {
  const failure = new Error('of whoever comes next');
  const run = async (
    options: Partial<ExpressAuthorizerOptions<object>>,
    next: (error?: unknown) => unknown,
    response: Partial<MiddlewareResponse> = {},
    policy = policyOf(OS),
  ) => {
    const written: unknown[] = [];
    const write = (text: unknown): number => written.push(text);
    const middleware = expressAuthorizer(authorizerWith({ policy }), {
      chain: () => chain,
      clock: () => AT,
      ...options,
    });
    await middleware({}, { writeHead: write, end: write, ...response }, next);
    return written;
  };
  const fail = (): never => {
    throw failure;
  };

  it('when the answer was sent by somebody else, and writes nothing then', async () => {
    const heard: unknown[] = [];
    const next = (error?: unknown): number => heard.push(error);
    expect(await run({}, next, { headersSent: true }, policyOf(NEWER_OS))).toEqual([]);
    expect(await run({}, next, { headersSent: false }, policyOf(NEWER_OS))).toHaveLength(2);
    expect(heard).toEqual([]);
    await run({}, next, { writeHead: fail }, policyOf(NEWER_OS));
    expect(heard).toEqual([failure]);
  });

  it('when a listener rejects or what comes next throws', async () => {
    const heard: unknown[] = [];
    await run({ onDecision: () => Promise.reject(failure) }, (error) => heard.push(error));
    expect(heard).toEqual([failure]);
    for (const next of [fail, () => Promise.reject(failure)]) {
      let calls = 0;
      const count = (): unknown => {
        calls++;
        return next();
      };
      for (const options of [{}, { clock: fail }]) expect((await run(options, count))[0]).toBe(500);
      // Nothing is called twice, and what cannot even be written is left.
      expect(await run({}, count, { headersSent: true })).toEqual([]);
      expect(await run({}, count, { writeHead: fail })).toEqual([]);
      expect(calls).toBe(4);
    }
  });

  it('and lets nobody in by what is thrown: for Express, nothing and `route` are no errors', async () => {
    for (const thrown of [undefined, null, 0, '', 'route', 'router']) {
      const heard: unknown[] = [];
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a caller's function may
      await run({ onDecision: () => Promise.reject(thrown) }, (error) => heard.push(error), {}, policyOf(NEWER_OS));
      expect(heard).toMatchObject([{ cause: thrown }]);
      expect(heard[0]).toBeInstanceOf(Error);
    }
  });

  it('also on a server whose time was up first', async () => {
    const lookup = () => new Promise<object>((resolve) => setTimeout(() => resolve({}), 50));
    const slow = authorizerWith({ policy: policyOf(NEWER_OS), dynamic: { lookup, timeoutMilliseconds: 5000 } });
    const middleware = expressAuthorizer(slow, { chain: () => chain, clock: () => AT });
    let outcome: Promise<void> | undefined;
    const answer = await visit((request, response) => {
      outcome = middleware(request, response, () => undefined);
      response.writeHead(504).end('too slow');
    }, {});
    expect([answer.status, await outcome]).toEqual([504, undefined]);
  });
});

it('decides on a request of the web', async () => {
  const ask = (headers: Record<string, string>, resource?: string) => {
    const request = new Request('https://example.com/', { headers });
    return authorizeRequest(request, {
      authorizer: authorizerWith(),
      chain: (asked) =>
        chainFromHeaders(asked.headers, {
          forwarded: { form: 'rfc9440' },
          proxy: { secretHeader: 'proxy-secret', secret: SECRET },
        }),
      at: AT,
      resource,
    });
  };
  expect(said(await ask(HEADERS))).toBe('yes');
  expect(said(await ask(HEADERS, ''))).toBe('unknown-resource');
  const refused = await ask({});
  expect(refused).toMatchObject({ code: 'identity-refused', identity: undefined, device: undefined, cached: false });
  if (refused.allowed) throw new Error('allowed');
  const { status, headers, body } = refusalResponse(refused);
  const response = new Response(body, { status, headers });
  expect([response.status, response.headers.get('cache-control')]).toEqual([401, 'no-store']);
  const options = { authorizer: authorizerWith(), chain: () => chain, at: AT };
  await expect(authorizeRequest({}, { ...options, misspelt: 1 } as never)).rejects.toThrow(TypeError);
  await expect(authorizeRequest({}, { ...options, chain: undefined } as never)).rejects.toThrow(TypeError);
});

it('answers that it does not know where it does not', () => {
  const statuses: Readonly<Record<RefusalCode, number>> = {
    'identity-refused': 401,
    'unknown-resource': 403,
    deauthorized: 403,
    revoked: 403,
    policy: 403,
    'revocation-unknown': 503,
    'dynamic-timeout': 503,
    'dynamic-failed': 503,
    'dynamic-invalid': 503,
    'store-failed': 503,
  };
  for (const [code, status] of Object.entries(statuses))
    expect([code, refusalResponse({ code: code as RefusalCode }).status]).toEqual([code, status]);
});

it('refuses what the caller got wrong', () => {
  const good = { chain: () => chain, clock: () => AT };
  const authorizer = authorizerWith();
  for (const options of [
    undefined,
    {},
    { ...good, misspelt: 1 },
    { ...good, clock: AT },
    { ...good, resource: 'wiki' },
  ])
    expect(() => expressAuthorizer(authorizer, options as never)).toThrow(TypeError);
  for (const other of [undefined, {}, 'authorizer'])
    expect(() => expressAuthorizer(other as never, good)).toThrow(TypeError);
});
