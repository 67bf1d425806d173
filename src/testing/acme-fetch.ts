/** What the simulated device sends; a `RequestInit` of the web, too. */
export interface AcmeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What it reads of an answer; a `Response` of the web fits. */
export interface AcmeFetchResponse {
  readonly status: number;
  readonly headers: {
    /** The name is in lower case. */
    readonly get: (name: string) => string | null;
  };
  /** The body. */
  readonly text: () => Promise<string>;
}

/** How it reaches the server: `fetch` of the platform fits. Whatever it rejects with is a failed connection. */
export type AcmeFetch = (url: string, request: AcmeRequest) => Promise<AcmeFetchResponse>;
