import type { AcmeEvent, AcmeStep } from './acme-events.ts';
import type { AcmeFetch, AcmeFetchResponse, AcmeRequest } from './acme-fetch.ts';
import { type AcmeProblem, isUrl, readObject, readProblem } from './acme-messages.ts';
import { type Patience, readRetryAfter } from './acme-patience.ts';

/** An answer of the server, whatever it says. */
export interface AcmeAnswer {
  readonly step: AcmeStep;
  readonly httpStatus: number;
  /** The header `Location`, if it is an https URL. */
  readonly location: string | null;
  readonly retryAfterMilliseconds: number | undefined;
  readonly body: string;
  /** The members of the body if it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
  /** Of an answer that is not 2xx. */
  readonly problem: AcmeProblem | undefined;
}

/** What stands in the place of an answer that did not come. */
export interface NoAnswer {
  readonly step: AcmeStep;
  readonly error: unknown;
}

export type Attempt = AcmeAnswer | NoAnswer;

export interface Transport {
  /** Sends once. */
  readonly send: (step: AcmeStep, url: string, request: AcmeRequest) => Promise<Attempt>;
  /** Sends again after a failure, and after a nonce that was refused, as often as patience allows. */
  readonly insist: (attempt: () => Promise<Attempt>) => Promise<AcmeAnswer>;
  /** Sends again after a nonce that was refused, and after nothing else. */
  readonly once: (attempt: () => Promise<Attempt>) => Promise<Attempt>;
  readonly nonce: { take: () => string | undefined };
}

export interface TransportOptions {
  readonly fetch: AcmeFetch;
  readonly clock: () => Date;
  readonly patience: Patience;
  readonly observe: (event: AcmeEvent) => void;
}

// RFC 8555, 6.1: a client says who it is.
const USER_AGENT = 'managed-device-attestation (simulated device)';

export function createTransport({ fetch, clock, patience, observe }: TransportOptions): Transport {
  let nonce: string | undefined;

  const send: Transport['send'] = async (step, url, request) => {
    let response: AcmeFetchResponse;
    let body: string;
    try {
      response = await fetch(url, { ...request, headers: { 'user-agent': USER_AGENT, ...request.headers } });
      body = await response.text();
    } catch (error) {
      observe({ event: 'no answer', step, url, error });
      return { step, error };
    }
    const { status: httpStatus, headers } = response;
    // RFC 8555, 6.5: every answer may bring the nonce of the next request.
    nonce = headers.get('replay-nonce') ?? undefined;
    const json = readObject(body);
    const problem = isOk(httpStatus) ? undefined : readProblem(json, httpStatus);
    observe({ event: 'answer', step, url, httpStatus, problem });
    const location = headers.get('location');
    const retryAfterMilliseconds = readRetryAfter(headers.get('retry-after'), clock());
    return {
      step,
      httpStatus,
      location: isUrl(location) ? location : null,
      retryAfterMilliseconds,
      body,
      json,
      problem,
    };
  };

  const once: Transport['once'] = async (attempt) => {
    for (let failures = 1; ; failures++) {
      const result = await attempt();
      if (!isBadNonce(result) || !patience.again(failures)) return result;
    }
  };

  const insist: Transport['insist'] = async (attempt) => {
    for (let failures = 1; ; failures++) {
      const result = await once(attempt);
      if (hasFailed(result) && (await patience.retry(failures, retryAfterOf(result)))) continue;
      if ('error' in result) throw result.error as Error;
      return result;
    }
  };

  const take = (): string | undefined => {
    const taken = nonce;
    nonce = undefined;
    return taken;
  };

  return { send, once, insist, nonce: { take } };
}

const isOk = (httpStatus: number): boolean => httpStatus >= 200 && httpStatus < 300;

export const succeeded = (answer: AcmeAnswer): boolean => isOk(answer.httpStatus);

/** An answer that says nothing of the request: an overload, a fault of the server's. */
export const isFailure = ({ httpStatus }: AcmeAnswer): boolean => httpStatus === 429 || httpStatus >= 500;

export const hasFailed = (attempt: Attempt): boolean => 'error' in attempt || isFailure(attempt);

export const retryAfterOf = (attempt: Attempt): number | undefined =>
  'error' in attempt ? undefined : attempt.retryAfterMilliseconds;

const isBadNonce = (attempt: Attempt): boolean =>
  !('error' in attempt) && attempt.problem?.type === 'urn:ietf:params:acme:error:badNonce';
