/**
 * The side of a service that devices come to with an issued identity: read the certificate from the connection or from
 * the headers of a proxy, and decide.
 *
 * @module
 */
export type { Allowed, Authorization, RefusalCode, Refused } from './authorization.ts';
export { authorizeRequest, type AuthorizeRequestOptions } from './authorize-request.ts';
export { type AuthorizationRequest, type Authorizer, createAuthorizer } from './authorizer.ts';
export type { AuthorizerOptions, DecisionCache } from './authorizer-options.ts';
export { chainFromCloudflare, type CloudflareClientAuth } from './chain-from-cloudflare.ts';
export {
  chainFromHeaders,
  type ChainFromHeadersOptions,
  type ForwardedForm,
  type ProxyProof,
} from './chain-from-headers.ts';
export { chainFromTlsSocket, type PeerCertificate, type ServerSocket } from './chain-from-tls-socket.ts';
export { deviceOf } from './device-of.ts';
export type { DynamicFacts, DynamicSource } from './dynamic-facts.ts';
export {
  authorizationOf,
  expressAuthorizer,
  type ExpressAuthorizerOptions,
  type MiddlewareResponse,
} from './express-authorizer.ts';
export type { RequestHeaders } from './header-value.ts';
export { refusalResponse, type RefusalResponse } from './refusal-response.ts';
export type { RevocationAnswer, RevocationSource } from './revocation-source.ts';
export type { LookupSignal } from './time-limit.ts';
