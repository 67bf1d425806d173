/** Where everything is. The one place that knows how a URL is made of an id, and the way back. */
export interface Urls {
  readonly directory: string;
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly keyChange: string;
  readonly revokeCert: string;
  /** Revocation lists of the issuing authority and of the root. */
  readonly lists: readonly [string, string];
  readonly ocsp: string;
  readonly account: (id: string) => string;
  readonly orders: (accountId: string) => string;
  readonly order: (id: string) => string;
  readonly finalize: (orderId: string) => string;
  /** An order has one authorization, that has one challenge: all have the id of the order. */
  readonly authorization: (orderId: string) => string;
  readonly challenge: (orderId: string) => string;
  readonly certificate: (orderId: string) => string;
}

export function urlsAt(origin: string): Urls {
  return {
    directory: `${origin}/directory`,
    newNonce: `${origin}/new-nonce`,
    newAccount: `${origin}/new-account`,
    newOrder: `${origin}/new-order`,
    keyChange: `${origin}/key-change`,
    revokeCert: `${origin}/revoke-cert`,
    lists: [`${origin}/crl/issuing`, `${origin}/crl/root`],
    ocsp: `${origin}/ocsp`,
    account: (id) => `${origin}/account/${id}`,
    orders: (id) => `${origin}/account/${id}/orders`,
    order: (id) => `${origin}/order/${id}`,
    finalize: (id) => `${origin}/order/${id}/finalize`,
    authorization: (id) => `${origin}/authorization/${id}`,
    challenge: (id) => `${origin}/challenge/${id}`,
    certificate: (id) => `${origin}/certificate/${id}`,
  };
}

/** The id in a URL of an account; undefined if it is none of this server. */
export function accountIdIn(url: string, origin: string): string | undefined {
  const prefix = `${origin}/account/`;
  const id = url.startsWith(prefix) ? url.slice(prefix.length) : '';
  return ID.test(id) ? id : undefined;
}

const ID = /^[\w-]{1,64}$/;

/** `/order/ID/finalize` is the pattern `order/:id/finalize` and the id; what is no id makes no pattern. */
export function splitPath(path: string): { readonly pattern: string; readonly id: string } {
  const [, first = '', id, ...rest] = path.split('/');
  if (id === undefined) return { pattern: first, id: '' };
  if (!ID.test(id)) return { pattern: '', id: '' };
  return { pattern: [first, ':id', ...rest].join('/'), id };
}
