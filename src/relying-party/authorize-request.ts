import { AttestationError } from '../core/errors.ts';
import { requireOptions } from '../core/options.ts';
import type { Authorization } from './authorization.ts';
import type { Authorizer } from './authorizer.ts';

/** How a request becomes a question to an authorizer. */
export interface AuthorizeRequestOptions<Request> {
  readonly authorizer: Authorizer;
  /** The certificates: `chainFromHeaders`, `chainFromTlsSocket` or `chainFromCloudflare` with what you know of your proxy. */
  readonly chain: (request: Request) => readonly Uint8Array[];
  /** Now. */
  readonly at: Date;
  /** What the request is for, where each resource has a policy of its own. */
  readonly resource?: string | undefined;
}

/**
 * Decides on a request, of the web or of Node: what `chain` refuses is a refusal, too.
 *
 * Checks: what `chain` checks, and what the authorizer checks.
 * Leaves to you: to answer (`refusalResponse`), and to log `code`, `reasons` and `error`.
 *
 * @throws TypeError for a mistake of the caller's; and whatever `chain` throws besides an `AttestationError`
 * @example
 * ```ts
 * import { type Authorizer, authorizeRequest, chainFromHeaders, refusalResponse } from 'managed-device-attestation/relying-party';
 *
 * export async function answer(request: Request, authorizer: Authorizer, secret: string): Promise<Response> {
 *   const authorization = await authorizeRequest(request, {
 *     authorizer,
 *     chain: ({ headers }) =>
 *       chainFromHeaders(headers, { forwarded: { form: 'rfc9440' }, proxy: { secretHeader: 'proxy-secret', secret } }),
 *     at: new Date(),
 *   });
 *   if (authorization.allowed) return new Response(`welcome, ${authorization.device}`);
 *   const { status, headers, body } = refusalResponse(authorization);
 *   return new Response(body, { status, headers });
 * }
 * ```
 * @see docs/relying-party.md
 */
export async function authorizeRequest<Request>(
  request: Request,
  options: AuthorizeRequestOptions<Request>,
): Promise<Authorization> {
  requireOptions(options, ['authorizer', 'chain', 'at', 'resource']);
  const { authorizer, at, resource } = options;
  let chain: readonly Uint8Array[];
  try {
    chain = options.chain(request);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const nobody = { identity: undefined, device: undefined, reasons: [], cached: false } as const;
    return { allowed: false, code: 'identity-refused', ...nobody, error };
  }
  return authorizer.authorize({ chain, at, resource });
}
