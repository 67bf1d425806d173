import { requireOptions } from '../core/options.ts';
import type { Allowed, Authorization } from './authorization.ts';
import { authorizeRequest } from './authorize-request.ts';
import type { Authorizer } from './authorizer.ts';
import { refusalResponse } from './refusal-response.ts';

/** What is done to a response: that of Node, and so that of Express. */
export interface MiddlewareResponse {
  /** Writes the status and the headers. */
  readonly writeHead: (status: number, headers: Readonly<Record<string, string>>) => unknown;
  /** Writes the body, and no more after it. */
  readonly end: (body: string) => unknown;
  /** Whether somebody answered meanwhile, because the time was up for instance. */
  readonly headersSent?: boolean;
  /** Of Express. */
  readonly locals?: Record<string, unknown>;
}

/** How requests become questions to an authorizer. */
export interface ExpressAuthorizerOptions<Request> {
  /** The certificates: `chainFromTlsSocket(request.socket)`, or `chainFromHeaders` with what you know of your proxy. */
  readonly chain: (request: Request) => readonly Uint8Array[];
  /** What time it is. */
  readonly clock: () => Date;
  /** What a request is for, where each resource has a policy of its own. */
  readonly resource?: (request: Request) => string | undefined;
  /** Hears of every decision, for a log. The request goes on when it is done, and not if it throws or rejects. */
  readonly onDecision?: (authorization: Authorization, request: Request) => unknown;
}

const allowed = /* @__PURE__ */ new WeakMap<object, Allowed>();

/**
 * Makes middleware for Express, or for anything that calls with request, response and next: a device that may goes on,
 * another one gets the answer of `refusalResponse`. `authorizationOf` has the decision then, and `response.locals` as
 * `authorization` where there are locals.
 *
 * Checks: what `authorizeRequest` checks.
 * Leaves to you: everything that is in front of the middleware. A mistake of the program's goes to `next`, as any error
 * does, and the request goes no further. The promise never rejects: where `next` itself throws, the answer is a bare 500,
 * and the reason is yours to log. Where the answer was sent meanwhile, nothing is written.
 *
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { type Authorizer, authorizationOf, chainFromTlsSocket, expressAuthorizer } from 'managed-device-attestation/relying-party';
 * import express from 'express';
 *
 * export function appFor(authorizer: Authorizer) {
 *   const app = express();
 *   app.use(
 *     expressAuthorizer<express.Request>(authorizer, {
 *       chain: (request) => chainFromTlsSocket(request.socket),
 *       clock: () => new Date(),
 *     }),
 *   );
 *   app.get('/', (request, response) => void response.send(authorizationOf(request)?.device));
 *   return app;
 * }
 * ```
 * @see docs/relying-party.md
 */
export function expressAuthorizer<Request extends object>(
  authorizer: Authorizer,
  options: ExpressAuthorizerOptions<Request>,
): (request: Request, response: MiddlewareResponse, next: (error?: unknown) => unknown) => Promise<void> {
  requireOptions(options, ['chain', 'clock', 'resource', 'onDecision']);
  const { chain, clock, resource = () => undefined, onDecision = () => undefined } = options;
  if (typeof (Object(authorizer) as Partial<Authorizer>).authorize !== 'function')
    throw new TypeError('authorizer must come from createAuthorizer');
  for (const [name, value] of Object.entries({ chain, clock, resource, onDecision }))
    if (typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  return async (request, response, next) => {
    const goOn = async (error?: unknown): Promise<void> => {
      try {
        await next(error);
      } catch {
        try {
          send(response, { status: 500, headers: {}, body: '' });
        } catch {
          // The connection is gone, and with it whoever could be told.
        }
      }
    };
    try {
      const question = { authorizer, chain, at: clock(), resource: resource(request) };
      const authorization = await authorizeRequest(request, question);
      await onDecision(authorization, request);
      if (!authorization.allowed) {
        send(response, refusalResponse(authorization));
        return;
      }
      allowed.set(request, authorization);
      if (response.locals !== undefined) response.locals['authorization'] = authorization;
    } catch (error) {
      // To Express, nothing is no error, and `route` is another handler: it would let the request through.
      await goOn(error instanceof Error ? error : new Error('the request could not be decided', { cause: error }));
      return;
    }
    await goOn();
  };
}

/**
 * The decision that let a request through `expressAuthorizer`; undefined for any other request.
 *
 * @example
 * ```ts
 * import { authorizationOf } from 'managed-device-attestation/relying-party';
 *
 * console.log(authorizationOf({})); // undefined
 * ```
 */
export function authorizationOf(request: object): Allowed | undefined {
  return allowed.get(request);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function send(response: MiddlewareResponse, { status, headers, body }: Answer): void {
  if (response.headersSent === true) return;
  response.writeHead(status, headers);
  response.end(body);
}
