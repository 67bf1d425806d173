import { Certificate, OCSPRequest } from 'pkijs';
import { checkRevocation, type RevocationVerdict, type VerifiedIdentity } from '../../../src/identity/index.ts';

/** Where it is read what was revoked. The library judges documents; to fetch them is the service's affair. */

/** Reaches whoever publishes: the part of `fetch` that is needed. */
export type DocumentFetch = (
  url: string,
  request: {
    readonly method?: 'POST';
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Uint8Array;
    readonly signal?: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly bytes: () => Promise<Uint8Array> }>;

export type CheckIdentity = (
  identity: VerifiedIdentity,
  context: { readonly at: Date; readonly signal?: AbortSignal },
) => Promise<RevocationVerdict>;

async function read(fetch: DocumentFetch, ...[url, request]: Parameters<DocumentFetch>): Promise<Uint8Array> {
  const answer = await fetch(url, request);
  if (answer.status !== 200) throw new Error(`a revocation document was answered with ${answer.status}`);
  return answer.bytes();
}

/** By revocation lists, each fetched again once it is as old as that. If it cannot be, the old one counts while it is current. */
export function checkByLists(options: {
  readonly urls: readonly string[];
  readonly fetch: DocumentFetch;
  readonly refreshSeconds: number;
  readonly onUnknown: 'refuse' | 'accept';
}): CheckIdentity {
  const { urls, fetch, refreshSeconds, onUnknown } = options;
  const lists = new Map<string, { readonly der: Uint8Array; readonly fetchedAt: number }>();
  const listAt = async (url: string, at: Date, signal: AbortSignal | undefined): Promise<readonly Uint8Array[]> => {
    const list = lists.get(url);
    if (list !== undefined && at.getTime() < list.fetchedAt + 1000 * refreshSeconds) return [list.der];
    try {
      const der = await read(fetch, url, signal === undefined ? {} : { signal });
      lists.set(url, { der, fetchedAt: at.getTime() });
      // The one from before counts as well: what was revoked in it stays so, whatever came this time.
      return list === undefined ? [der] : [der, list.der];
    } catch {
      return list === undefined ? [] : [list.der];
    }
  };
  return async (identity, { at, signal }) => {
    const crls = (await Promise.all(urls.map((url) => listAt(url, at, signal)))).flat();
    return checkRevocation(identity, { at, crls, onUnknown });
  };
}

/** By an answer of OCSP about the certificate of the device, and lists about those above it. */
export function checkByOcsp(options: {
  readonly url: string;
  /** DER of the authority that issues to devices, and the addresses of the lists of those above. */
  readonly issuer: Uint8Array;
  readonly lists: readonly string[];
  readonly fetch: DocumentFetch;
  readonly onUnknown: 'refuse' | 'accept';
}): CheckIdentity {
  const { url, issuer, lists, fetch, onUnknown } = options;
  return async (identity, { at, signal }) => {
    const stop = signal === undefined ? {} : { signal };
    const ask = async (): Promise<Uint8Array> =>
      read(fetch, url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/ocsp-request' },
        body: await writeOcspRequest(identity.certificates[0]!.der, issuer),
        ...stop,
      });
    const [response, ...crls] = await Promise.all(
      [ask(), ...lists.map((list) => read(fetch, list, stop))].map((document) =>
        document.then(
          (der) => [der],
          () => [],
        ),
      ),
    );
    return checkRevocation(identity, { at, ocspResponses: response!, crls: crls.flat(), onUnknown });
  };
}

/** RFC 6960, 4.1: about one certificate, without a nonce. */
export async function writeOcspRequest(certificate: Uint8Array, issuer: Uint8Array): Promise<Uint8Array> {
  const parse = (der: Uint8Array): Certificate => Certificate.fromBER(new Uint8Array(der).buffer);
  const request = new OCSPRequest();
  await request.createForCertificate(parse(certificate), { hashAlgorithm: 'SHA-1', issuerCertificate: parse(issuer) });
  return new Uint8Array(request.toSchema(true).toBER());
}
