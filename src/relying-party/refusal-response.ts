import type { Refused, RefusalCode } from './authorization.ts';

/** An answer of HTTP, for whatever sends it: `new Response(body, { status, headers })`. */
export interface RefusalResponse {
  readonly status: 401 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** A problem document (RFC 9457), JSON. */
  readonly body: string;
}

/** Where nobody knows whether the device may, trying again may help. */
const STATUS: Readonly<Partial<Record<RefusalCode, 401 | 503>>> = {
  'identity-refused': 401,
  'dynamic-timeout': 503,
  'dynamic-failed': 503,
  'dynamic-invalid': 503,
  'revocation-unknown': 503,
  'store-failed': 503,
};

const TITLE = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const;

/**
 * Makes the answer to a device that may not: 401 without an accepted certificate, 503 where something that has to be asked
 * does not answer, 403 otherwise.
 *
 * The document has the code and nothing else: which rules stood in the way is in `reasons`, for your log.
 * Leaves to you: to tell the user what to do.
 *
 * @example
 * ```ts
 * import { refusalResponse, type Refused } from 'managed-device-attestation/relying-party';
 *
 * export function answer(refused: Refused): Response {
 *   const { status, headers, body } = refusalResponse(refused);
 *   return new Response(body, { status, headers });
 * }
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function refusalResponse({ code }: Pick<Refused, 'code'>): RefusalResponse {
  const status = STATUS[code] ?? 403;
  const headers = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    // RFC 9110, 11.6.1: a 401 names how to authenticate. There is no registered name for a certificate in TLS.
    ...(status === 401 ? { 'www-authenticate': 'ClientCertificate' } : {}),
  };
  return { status, headers, body: JSON.stringify({ title: TITLE[status], status, code }) };
}
