import { acmeProblem, type AcmeProblemName, type ProblemDocument } from '../../../src/acme/index.ts';
import { json, type Reply } from './reply.ts';

/** A request that is refused: thrown by whoever finds it out, answered in one place (RFC 8555, 6.7). */
export class Refusal extends Error {
  readonly document: ProblemDocument & Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    document: ProblemDocument & Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(document.detail);
    this.document = document;
    this.headers = headers;
  }
}

export interface RefusalOptions {
  /** Where it is not the one that the type has. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members that a type has besides those of RFC 7807. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** The detail is fixed text: nothing of the request goes into an answer or a log. */
export function refusal(name: AcmeProblemName, detail: string, options: RefusalOptions = {}): Refusal {
  const document = acmeProblem(name, detail);
  return new Refusal({ ...document, status: options.status ?? document.status, ...options.members }, options.headers);
}

/** Of a body that is larger than its limit. */
export const tooLarge = (): Refusal => refusal('malformed', 'the request is too large', { status: 413 });

/** How long a client waits before it asks again what failed here. */
const RETRY_SECONDS = '1';

/** Whatever else was thrown is this server's fault: the client learns no more, and may try again. */
export function replyToError(error: unknown): Reply {
  const { document, headers } =
    error instanceof Refusal
      ? error
      : refusal('serverInternal', 'the server failed; try again', { headers: { 'Retry-After': RETRY_SECONDS } });
  return json(document.status, document, { ...headers, 'Content-Type': 'application/problem+json' });
}
