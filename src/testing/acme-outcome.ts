import type { Bytes } from '../core/bytes.ts';
import type { AcmeStep } from './acme-events.ts';
import type { AcmeProblem } from './acme-messages.ts';
import type { AcmeAnswer } from './acme-transport.ts';
import type { EnclaveKey } from './enclave.ts';

/** The states of RFC 8555, 7.1.6, as the server last told them or as they follow; undefined where the enrollment did not get. */
export interface AcmeStates {
  readonly order: string | undefined;
  readonly authorization: string | undefined;
  readonly challenge: string | undefined;
}

/** What the device made for the server; undefined where the enrollment did not get. */
export interface AcmeEvidence {
  /** The token of the challenge. */
  readonly token: string | undefined;
  /** The attestation object, CBOR, as it was sent; undefined too if the device sent none. */
  readonly attestationObject: Bytes | undefined;
  /** The certificate request, DER, as it was sent. */
  readonly csr: Bytes | undefined;
}

/** The account of the device, for requests that no honest client sends. */
export interface AcmeAccount {
  readonly url: string;
  /** RFC 7638; after a token and a dot it makes a key authorization. */
  readonly thumbprint: string;
  /**
   * Sends a signed request, with the retries of an enrollment and without its hooks.
   *
   * @param payload what is signed; left out for a POST-as-GET
   */
  readonly post: (url: string, payload?: unknown) => Promise<AcmeAnswer>;
}

/** What every outcome tells. */
export interface AcmeRecord {
  /** The key that the certificate was asked for. */
  readonly key: EnclaveKey;
  readonly account: AcmeAccount | undefined;
  readonly orderUrl: string | undefined;
  readonly finalizeUrl: string | undefined;
  readonly states: AcmeStates;
  readonly sent: AcmeEvidence;
}

/**
 * Why there is neither a certificate nor a refusal. `server-error`: it failed or was overloaded until patience ended.
 * `unexpected-answer`: what it said is not RFC 8555. `no-challenge`: it offers no `device-attest-01`. `not-ready`: it was
 * not done when patience ended.
 */
export type AcmeUndecidedReason = 'server-error' | 'unexpected-answer' | 'no-challenge' | 'not-ready';

/** How an enrollment ended. */
export type AcmeOutcome =
  | (AcmeRecord & {
      readonly status: 'issued';
      /** As the server sent it: the certificate of the key first. */
      readonly certificateChainPem: string;
      /** The same certificates, DER. */
      readonly certificateChain: readonly Bytes[];
      /** Whether the first is for `key`. A device does not install another; a test wants to know that it was issued. */
      readonly isForKey: boolean;
    })
  | (AcmeRecord & {
      readonly status: 'refused';
      /** What was refused. */
      readonly step: AcmeStep;
      /** Undefined if the server made the order invalid without a word. */
      readonly problem: AcmeProblem | undefined;
    })
  | (AcmeRecord & {
      readonly status: 'undecided';
      /** Where it ended. */
      readonly step: AcmeStep;
      readonly reason: AcmeUndecidedReason;
      readonly httpStatus: number | undefined;
      readonly problem: AcmeProblem | undefined;
    });
