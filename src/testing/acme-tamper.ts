import type { Bytes } from '../core/bytes.ts';
import type { AcmeStep } from './acme-events.ts';
import type { EnclaveKey } from './enclave.ts';

/** What a challenge is answered with. */
export interface AcmeChallengeContext {
  readonly token: string;
  /** RFC 8555, 8.1: the token, a dot, and the thumbprint of the account key. */
  readonly keyAuthorization: string;
  /** What was attested: SHA-256 of the token, unless `tamper` replaced it. */
  readonly freshnessCode: Bytes;
  /** The key that was attested. */
  readonly key: EnclaveKey;
  /** The certificates, as the device got them. */
  readonly x5c: readonly Bytes[];
}

/** The request that is about to be sent. */
export interface AcmeRequestContext {
  readonly step: AcmeStep;
  readonly url: string;
}

/**
 * Where a test replaces what the device sends. A hook gets what would have been sent, and returns what is sent in its
 * place; requests that are sent again pass through it again.
 */
export interface AcmeTamper {
  /** What the device has attested, in the place of SHA-256 of the token. */
  readonly freshnessCode?: (
    code: Bytes,
    context: Pick<AcmeChallengeContext, 'token' | 'keyAuthorization'>,
  ) => Uint8Array | Promise<Uint8Array>;
  /** The attestation object, CBOR. */
  readonly attestationObject?: (object: Bytes, context: AcmeChallengeContext) => Uint8Array | Promise<Uint8Array>;
  /** The certificate request, DER. */
  readonly csr?: (csr: Bytes, context: { readonly key: EnclaveKey }) => Uint8Array | Promise<Uint8Array>;
  /** What is signed, before it becomes JSON; undefined is a POST-as-GET. */
  readonly payload?: (payload: unknown, context: AcmeRequestContext) => unknown;
  /** The protected header, before it is signed. */
  readonly header?: (header: Readonly<Record<string, unknown>>, context: AcmeRequestContext) => object;
  /** The body of the request, after it was signed. */
  readonly jws?: (jws: string, context: AcmeRequestContext) => string | Promise<string>;
}

export const TAMPER_HOOKS: readonly (keyof AcmeTamper)[] = [
  'freshnessCode',
  'attestationObject',
  'csr',
  'payload',
  'header',
  'jws',
];
