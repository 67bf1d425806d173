import { sha256 } from '../acme/sha256.ts';
import { type Bytes, constantTimeEqual, equalBytes, toHex } from '../core/bytes.ts';
import { requireOptions, requirePlainObject } from '../core/options.ts';
import { readBase64, readByteSequence, readByteSequences } from './byte-sequence.ts';
import { readEscapedPem } from './escaped-pem.ts';
import { type ForwardedElement, readForwardedElements } from './forwarded-elements.ts';
import { headerValue, onlyHeaderValue, refuseHeader, type RequestHeaders } from './header-value.ts';
import { requireCertificates, withIssuers } from './issuers.ts';

/** In which form the proxy hands on the certificate of the client. */
export type ForwardedForm =
  /** `Client-Cert` and `Client-Cert-Chain`. */
  | { readonly form: 'rfc9440' }
  /** The variable `$ssl_client_escaped_cert`, the leaf alone, in a header that your configuration names. */
  | {
      readonly form: 'nginx';
      readonly certificateHeader: string;
      /** The header with `$ssl_client_verify`: if it is named, it has to say SUCCESS. */
      readonly verifyHeader?: string;
    }
  /** `x-forwarded-client-cert`, with `Cert` or `Chain` in it. */
  | {
      readonly form: 'envoy';
      /** How many proxies write an element; 1 unless given. The first element counts, any other number is refused. */
      readonly elements?: number;
    }
  /** `Cf-Client-Cert-Der-Base64`, the leaf alone. */
  | { readonly form: 'cloudflare' };

/** How the proxy shows that the request comes from it. */
export type ProxyProof =
  /** What you found out: by the address of the connection, by the proxy's own certificate, by the network. */
  | { readonly authenticated: boolean }
  /** A header that the proxy sets and that no client can know: 16 characters or more. */
  | { readonly secretHeader: string; readonly secret: string };

/** How to read the headers of a request. */
export interface ChainFromHeadersOptions {
  readonly forwarded: ForwardedForm;
  readonly proxy: ProxyProof;
  /** The chain of the connection itself, where the device may be at its other end: the leaf must be the same. */
  readonly connectionChain?: readonly Uint8Array[];
  /** What follows the leaf where the proxy hands on the leaf alone. */
  readonly issuers?: readonly Uint8Array[];
}

/**
 * Reads the certificates that a TLS-terminating proxy hands on, leaf first.
 *
 * Checks: that the request is from the proxy, before anything else is read; each header once, of its form, within its
 * size; base64, percent-encoding and PEM strictly; in what Envoy sends, `Cert`, `Chain` and `Hash` against each other.
 * Leaves to you: to tell the truth in `authenticated`; that the proxy removes these headers from what clients send; and
 * all that `verifyIdentity` does, for nothing is verified here. That the client has the private key is the word of the
 * proxy.
 *
 * @param headers `request.headers`, of the web or of Node
 * @throws AttestationError `ERR_MDA_HEADER_*`, with the name of the header in `field`
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { chainFromHeaders } from 'managed-device-attestation/relying-party';
 *
 * const headers = new Headers({ 'client-cert': ':AQID:', 'proxy-secret': 'a text that only the proxy knows' });
 * const chain = chainFromHeaders(headers, {
 *   forwarded: { form: 'rfc9440' },
 *   proxy: { secretHeader: 'proxy-secret', secret: 'a text that only the proxy knows' },
 * });
 * console.log(chain.length); // 1
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc9440
 */
export function chainFromHeaders(headers: RequestHeaders, options: ChainFromHeadersOptions): readonly Bytes[] {
  if (typeof headers !== 'object') throw new TypeError('headers must be those of a request');
  requireOptions(options, ['forwarded', 'proxy', 'connectionChain', 'issuers']);
  const { connectionChain, issuers } = options;
  const { name, read } = readForm(options.forwarded);
  // Present but undefined is a lookup that found nothing, not a wish to skip the comparison.
  const own = 'connectionChain' in options ? requireCertificates(connectionChain, 'connectionChain')[0]! : undefined;
  if (!isFromProxy(headers, options.proxy)) refuseHeader('ERR_MDA_HEADER_UNTRUSTED', name);
  const chain = read(headers);
  if (own !== undefined && !equalBytes(own, chain[0]!)) refuseHeader('ERR_MDA_HEADER_MISMATCH', name);
  return withIssuers(chain, issuers);
}

const MIN_SECRET_CHARACTERS = 16;

function isFromProxy(headers: RequestHeaders, proxy: ProxyProof): boolean {
  requirePlainObject(proxy, 'proxy');
  if ('authenticated' in proxy) {
    // Of both proofs one would be for nothing.
    requireOptions(proxy, ['authenticated']);
    if (typeof proxy.authenticated !== 'boolean') throw new TypeError('proxy.authenticated must be true or false');
    return proxy.authenticated;
  }
  requireOptions(proxy, ['secretHeader', 'secret']);
  const { secretHeader, secret } = proxy;
  if (typeof secret !== 'string' || secret.length < MIN_SECRET_CHARACTERS)
    throw new TypeError(`proxy.secret must have ${MIN_SECRET_CHARACTERS} characters or more`);
  const name = requireHeaderName(secretHeader, 'proxy.secretHeader');
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  return constantTimeEqual(bytes(secret), bytes(headerValue(headers, name) ?? ''));
}

interface FormReader {
  /** The header with the leaf. */
  readonly name: string;
  readonly read: (headers: RequestHeaders) => Bytes[];
}

function readForm(forwarded: ForwardedForm): FormReader {
  requirePlainObject(forwarded, 'forwarded');
  switch (forwarded.form) {
    case 'rfc9440':
      requireOptions(forwarded, ['form']);
      return { name: CLIENT_CERT, read: readRfc9440 };
    case 'nginx':
      return readerOfNginx(forwarded);
    case 'envoy':
      return readerOfEnvoy(forwarded);
    case 'cloudflare':
      requireOptions(forwarded, ['form']);
      return { name: CLOUDFLARE, read: (headers) => [readBase64(requireValue(headers, CLOUDFLARE), CLOUDFLARE)] };
    default:
      throw new TypeError('forwarded.form must be rfc9440, nginx, envoy or cloudflare');
  }
}

const CLIENT_CERT = 'client-cert';
const CLIENT_CERT_CHAIN = 'client-cert-chain';
const FORWARDED = 'x-forwarded-client-cert';
const CLOUDFLARE = 'cf-client-cert-der-base64';

/** RFC 9440, 2.2 and 2.3: the leaf, and what follows it, in two headers. */
function readRfc9440(headers: RequestHeaders): Bytes[] {
  const leaf = readByteSequence(requireValue(headers, CLIENT_CERT), CLIENT_CERT);
  const rest = headerValue(headers, CLIENT_CERT_CHAIN);
  return rest === undefined ? [leaf] : [leaf, ...readByteSequences(rest, CLIENT_CERT_CHAIN)];
}

function readerOfNginx(forwarded: Extract<ForwardedForm, { readonly form: 'nginx' }>): FormReader {
  requireOptions(forwarded, ['form', 'certificateHeader', 'verifyHeader']);
  const { certificateHeader, verifyHeader } = forwarded;
  const name = requireHeaderName(certificateHeader, 'forwarded.certificateHeader');
  const verdict = 'verifyHeader' in forwarded ? requireHeaderName(verifyHeader, 'forwarded.verifyHeader') : undefined;
  return {
    name,
    read: (headers) => {
      if (verdict !== undefined && headerValue(headers, verdict) !== 'SUCCESS')
        refuseHeader('ERR_MDA_HEADER_NOT_VERIFIED', verdict);
      return only(readEscapedPem(requireValue(headers, name), name), name);
    },
  };
}

function readerOfEnvoy(forwarded: Extract<ForwardedForm, { readonly form: 'envoy' }>): FormReader {
  requireOptions(forwarded, ['form', 'elements']);
  const { elements: count = 1 } = forwarded;
  if (!Number.isSafeInteger(count) || count < 1)
    throw new TypeError('forwarded.elements must be a whole number above zero');
  return {
    name: FORWARDED,
    read: (headers) => {
      const text = headerValue(headers, FORWARDED) ?? refuseHeader('ERR_MDA_HEADER_MISSING', FORWARDED);
      const elements = readForwardedElements(text, FORWARDED);
      // Who is nearest to the device writes first; an element more may be one that the client brought along.
      if (elements.length !== count) refuseHeader('ERR_MDA_HEADER_COUNT', FORWARDED);
      return readElement(elements[0]!);
    },
  };
}

function readElement(element: ForwardedElement): Bytes[] {
  const value = (key: string): string | undefined => {
    const values = element.get(key) ?? [];
    // A name in the certificate that Envoy does not quote can look like a second one.
    if (values.length > 1) refuseHeader('ERR_MDA_HEADER_DOUBLED', FORWARDED);
    return values[0];
  };
  const [hash, cert, all] = [value('hash'), value('cert'), value('chain')];
  const leaf = cert === undefined ? undefined : only(readEscapedPem(cert, FORWARDED), FORWARDED);
  const chain =
    all === undefined ? (leaf ?? refuseHeader('ERR_MDA_HEADER_MISSING', FORWARDED)) : readEscapedPem(all, FORWARDED);
  if (leaf !== undefined && !equalBytes(leaf[0]!, chain[0]!)) refuseHeader('ERR_MDA_HEADER_MISMATCH', FORWARDED);
  if (hash !== undefined && hash !== toHex(sha256(chain[0]!))) refuseHeader('ERR_MDA_HEADER_MISMATCH', FORWARDED);
  return chain;
}

function requireValue(headers: RequestHeaders, name: string): string {
  return onlyHeaderValue(headers, name) ?? refuseHeader('ERR_MDA_HEADER_MISSING', name);
}

function only(certificates: Bytes[], name: string): Bytes[] {
  return certificates.length === 1 ? certificates : refuseHeader('ERR_MDA_HEADER_COUNT', name);
}

/** RFC 9110, 5.1: a token; in lower case, as servers hand them out. */
function requireHeaderName(name: unknown, option: string): string {
  if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    throw new TypeError(`${option} must be the name of a header`);
  return name.toLowerCase();
}
