import type { Reply } from '../acme-server/reply.ts';

/** A request that is refused: thrown by whoever finds it out, answered in one place. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param detail fixed text: nothing of the request goes into an answer or a log */
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** Whatever else was thrown is this service's fault: the device learns no more, and may try again. */
export function replyToError(error: unknown): Reply {
  const { status, message, headers } =
    error instanceof Refusal ? error : new Refusal(500, 'the service failed; try again', { 'Retry-After': '1' });
  return { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body: message };
}
