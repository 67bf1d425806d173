import type { Bytes } from '../core/bytes.ts';
import type { EnclaveKey } from './enclave.ts';

/** What a device proves to a server who it is with: a key in its Secure Enclave, and the certificate of it. */
export interface MdmIdentity {
  readonly key: EnclaveKey;
  /** The certificate of the key first. */
  readonly certificateChain: readonly Bytes[];
  /** The same certificates. */
  readonly certificateChainPem: string;
}

/** What the simulated device sends to an MDM service; a `RequestInit` of the web, too. */
export interface MdmRequest {
  readonly method: 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  /** A property list in XML. */
  readonly body: string;
}

/** What it reads of an answer; a `Response` of the web fits. */
export interface MdmFetchResponse {
  readonly status: number;
  /** The body. */
  readonly text: () => Promise<string>;
}

/** Reaches the MDM service over one identity. Whatever it rejects with is a connection that failed. */
export type MdmFetch = (url: string, request: MdmRequest) => Promise<MdmFetchResponse>;

/**
 * Makes the function that reaches the MDM service, with the identity as the client certificate of TLS. It is called once for
 * each identity. Where the platform wants the key itself, as Node's TLS does, `exportPrivateKeyPem` writes it.
 */
export type MdmConnect = (identity: MdmIdentity) => MdmFetch | Promise<MdmFetch>;
