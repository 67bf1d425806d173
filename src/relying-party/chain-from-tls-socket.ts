import { type Bytes, copyBytes } from '../core/bytes.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { requireOptions } from '../core/options.ts';
import { MAX_FORWARDED_CERTIFICATES } from './byte-sequence.ts';
import { withIssuers } from './issuers.ts';

/** What is read of a certificate of Node: an `X509Certificate`. */
export interface PeerCertificate {
  readonly raw: Uint8Array;
  readonly issuerCertificate?: PeerCertificate | undefined;
}

/** What is read of a socket: `TLSSocket` of Node, and `Socket` as the type of `request.socket`. */
export interface ServerSocket {
  /** Not read; every socket has it, so that `request.socket` fits. */
  readonly remoteAddress?: string | undefined;
  readonly encrypted?: boolean;
  /** Undefined where the client sent no certificate; a socket without TLS does not have the function. */
  readonly getPeerX509Certificate?: () => PeerCertificate | undefined;
}

/**
 * Reads the certificates that a TLS client sent, leaf first, from the socket of a Node server with `requestCert: true`.
 *
 * The handshake has proven that the client has the private key of the leaf. In a session that was resumed Node knows the
 * leaf alone, so give the issuers, or trust the issuing authority itself.
 *
 * Checks: that the socket is TLS, that there is a certificate, and how many.
 * Leaves to you: all that `verifyIdentity` does. `rejectUnauthorized: false` is fine, for `authorized` is not looked at.
 *
 * @param socket `request.socket`
 * @param options.issuers what follows the leaf where it is there alone
 * @throws AttestationError `ERR_MDA_CONNECTION_NOT_TLS`, `ERR_MDA_CONNECTION_NO_CERTIFICATE`,
 * `ERR_MDA_CONNECTION_CERTIFICATE_COUNT`
 * @throws TypeError if an option is unknown or of another type
 * @example
 * ```ts
 * import { chainFromTlsSocket } from 'managed-device-attestation/relying-party';
 * import type { IncomingMessage } from 'node:http';
 *
 * export const chainOf = (request: IncomingMessage) => chainFromTlsSocket(request.socket);
 * ```
 * @see https://nodejs.org/api/tls.html#tlssocketgetpeerx509certificate
 */
export function chainFromTlsSocket(
  socket: ServerSocket,
  options: { readonly issuers?: readonly Uint8Array[] } = {},
): readonly Bytes[] {
  requireOptions(options, ['issuers']);
  if (socket.encrypted !== true || socket.getPeerX509Certificate === undefined) refuse('ERR_MDA_CONNECTION_NOT_TLS');
  const chain: Bytes[] = [];
  // A socket that was closed meanwhile has none either.
  let certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) refuse('ERR_MDA_CONNECTION_NO_CERTIFICATE');
  while (certificate !== undefined) {
    if (chain.length === MAX_FORWARDED_CERTIFICATES) refuse('ERR_MDA_CONNECTION_CERTIFICATE_COUNT');
    chain.push(copyBytes(certificate.raw, 'raw'));
    const issuer: PeerCertificate | undefined = certificate.issuerCertificate;
    certificate = issuer;
  }
  return withIssuers(chain, options.issuers);
}

function refuse(code: Extract<AttestationErrorCode, `ERR_MDA_CONNECTION_${string}`>): never {
  throw new AttestationError(code);
}
