/**
 * The side of a service that devices come to with an issued identity: read the certificate from the connection or from
 * the headers of a proxy, and decide.
 *
 * @module
 */
export { chainFromCloudflare, type CloudflareClientAuth } from './chain-from-cloudflare.ts';
export {
  chainFromHeaders,
  type ChainFromHeadersOptions,
  type ForwardedForm,
  type ProxyProof,
} from './chain-from-headers.ts';
export { chainFromTlsSocket, type PeerCertificate, type ServerSocket } from './chain-from-tls-socket.ts';
export type { RequestHeaders } from './header-value.ts';
