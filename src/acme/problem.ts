/** The error types of RFC 8555, 6.7, and of draft-ietf-acme-device-attest that a server for devices needs. */
export type AcmeProblemName =
  | 'accountDoesNotExist'
  | 'alreadyRevoked'
  | 'badAttestationStatement'
  | 'badCSR'
  | 'badNonce'
  | 'badPublicKey'
  | 'badRevocationReason'
  | 'badSignatureAlgorithm'
  | 'externalAccountRequired'
  | 'malformed'
  | 'orderNotReady'
  | 'rateLimited'
  | 'rejectedIdentifier'
  | 'serverInternal'
  | 'unauthorized'
  | 'unsupportedIdentifier'
  | 'userActionRequired';

/** A problem document (RFC 7807), as it is written into a response, a challenge or an order. */
export interface ProblemDocument {
  readonly type: `urn:ietf:params:acme:error:${AcmeProblemName}`;
  /** The HTTP status that goes with it. */
  readonly status: number;
  /** For people. From this library it is fixed text, which echoes no input. */
  readonly detail: string;
}

const STATUS: Readonly<Record<AcmeProblemName, number>> = {
  accountDoesNotExist: 400,
  alreadyRevoked: 400,
  badAttestationStatement: 400,
  badCSR: 400,
  badNonce: 400,
  badPublicKey: 400,
  badRevocationReason: 400,
  badSignatureAlgorithm: 400,
  externalAccountRequired: 403,
  malformed: 400,
  orderNotReady: 403,
  rateLimited: 429,
  rejectedIdentifier: 400,
  serverInternal: 500,
  unauthorized: 403,
  unsupportedIdentifier: 400,
  userActionRequired: 403,
};

/**
 * Makes a problem document of one of ACME's types, with the status that RFC 8555 gives it or servers agree on.
 *
 * Leaves to you: a `detail` that echoes nothing of the request.
 *
 * @throws TypeError if there is no such type, or `detail` is not a string
 * @example
 * ```ts
 * import { acmeProblem } from 'managed-device-attestation/acme';
 *
 * const { status } = acmeProblem('badNonce', 'the nonce is unknown or was used');
 * console.log(status); // 400
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc8555#section-6.7
 */
export function acmeProblem(name: AcmeProblemName, detail: string): ProblemDocument {
  if (!Object.hasOwn(STATUS, name)) throw new TypeError('name must be an error type of ACME');
  if (typeof detail !== 'string') throw new TypeError('detail must be a string');
  return { type: `urn:ietf:params:acme:error:${name}`, status: STATUS[name], detail };
}
