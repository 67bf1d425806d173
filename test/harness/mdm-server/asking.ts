/** Reaches the MDM service: the part of `fetch` that is needed. */
export type AskFetch = (
  url: string,
  request: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal?: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly text: () => Promise<string> }>;

/** Where the MDM service is asked, and with what secret. */
export interface Asking {
  readonly url: () => string;
  readonly secret: string;
  readonly fetch: AskFetch;
}

/** The text of the answer. It rejects if there is none, which is not a no. */
export async function askService(
  { url, secret, fetch }: Asking,
  question: object,
  signal?: AbortSignal,
): Promise<string> {
  const answer = await fetch(url(), {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(question),
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status !== 200) throw new Error(`the MDM service answered ${answer.status}`);
  return answer.text();
}
