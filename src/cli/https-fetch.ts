import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { printable } from '../conformance/printable.ts';
import type { AcmeFetch, AcmeFetchResponse } from '../testing/index.ts';
import { growingBuffer } from './growing-buffer.ts';
import { OperatorError } from './operator-error.ts';

/** Named limit: a certificate chain has a few thousand. */
export const MAX_RESPONSE_BYTES = 1_048_576;

/** A server that does not answer is not waited for. */
const TIME_LIMIT_MILLISECONDS = 30_000;

/**
 * A `fetch` that can be told whom to trust, which the platform's cannot. It rejects with an `OperatorError`.
 *
 * @param ca PEM of the roots that are trusted; those of Node unless given
 */
export function createHttpsFetch(ca: string | undefined): AcmeFetch {
  const agent = new Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
  return async (url, { method, headers, body }) => {
    const target = readUrl(url);
    try {
      return await new Promise<AcmeFetchResponse>((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
        const options = { agent, method, headers: { ...headers, ...length } };
        const signal = AbortSignal.timeout(TIME_LIMIT_MILLISECONDS);
        const sent = request(target, { ...options, signal }, (response) => {
          readResponse(response).then(resolve, reject);
        });
        sent.on('error', reject);
        sent.end(body);
      });
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      throw new OperatorError(`cannot reach ${printable(target.origin)}: ${reasonOf(error)}`);
    }
  };
}

function readUrl(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target?.protocol !== 'https:') throw new OperatorError('the server names a URL that is not https');
  return target;
}

async function readResponse(response: IncomingMessage): Promise<AcmeFetchResponse> {
  const body = growingBuffer(MAX_RESPONSE_BYTES);
  for await (const chunk of response as AsyncIterable<Uint8Array>)
    if (!body.append(chunk)) throw new OperatorError(`the server answers with more than ${MAX_RESPONSE_BYTES} bytes`);
  const text = new TextDecoder().decode(body.take());
  const get = (name: string): string | null => {
    const value = response.headers[name];
    return (Array.isArray(value) ? value.join(', ') : value) ?? null;
  };
  return { status: response.statusCode!, headers: { get }, text: () => Promise.resolve(text) };
}

const NOT_TRUSTED = 'its TLS certificate is not trusted; give the root with --ca';
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  ABORT_ERR: `no answer within ${TIME_LIMIT_MILLISECONDS / 1000} seconds`,
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_TRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another name',
};

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? (REASONS[code] ?? printable(code)) : 'the connection broke';
}
