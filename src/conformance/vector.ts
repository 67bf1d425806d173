import type { Freshness } from './answer.ts';
import type { VectorFlag } from './flags.ts';
import type { JsonProperties } from './json-properties.ts';

/** The operations of the protocol. */
export type Operation = 'chain' | 'properties' | 'acme' | 'device-information' | 'csr';

export const OPERATIONS: readonly Operation[] = ['chain', 'properties', 'acme', 'device-information', 'csr'];

/** What verifying a chain needs besides the evidence. */
export interface PathInput {
  /** Base64 of the DER of the anchors. */
  readonly trustAnchors: readonly string[];
  /** The time to judge at: RFC 3339, in UTC. */
  readonly at: string;
}

/** A chain, without freshness. */
export interface ChainCase extends PathInput {
  readonly op: 'chain';
  readonly input: {
    /** Base64 of the DER of the certificates, leaf first. */
    readonly x5c: readonly string[];
  };
}

/** The properties of a leaf, verified or not. */
export interface PropertiesCase {
  readonly op: 'properties';
  readonly input: {
    /** Base64 of the DER of the leaf. */
    readonly certificate: string;
  };
}

/** The response to a `device-attest-01` challenge. */
export interface AcmeCase extends PathInput {
  readonly op: 'acme';
  readonly input: {
    /** Base64url of the attestation object, as it stands in the response. */
    readonly attObj: string;
    /** The token of the challenge. */
    readonly token: string;
    /** The value of the permanent-identifier that was ordered; none if it is left out. */
    readonly identifier?: string;
  };
}

/** The attestation in an answer to a DeviceInformation command. */
export interface DeviceInformationCase extends PathInput {
  readonly op: 'device-information';
  readonly input: {
    /** Base64 of the DER of the certificates, leaf first. */
    readonly x5c: readonly string[];
    /** Base64 of the nonce that was sent with the command; null if none was. */
    readonly nonce: string | null;
    /** Base64 of earlier nonces of the server. */
    readonly knownNonces: readonly string[];
  };
}

/** The certificate request that follows an attestation. */
export interface CsrCase {
  readonly op: 'csr';
  readonly input: {
    /** Base64 of the DER of the PKCS #10 request. */
    readonly csr: string;
    /** Base64 of the SubjectPublicKeyInfo of the attested key. */
    readonly attestedKey: string;
  };
}

/** The operation of a vector with its input. */
export type VectorCase = ChainCase | PropertiesCase | AcmeCase | DeviceInformationCase | CsrCase;

/** Members that the answer must have, with these values. */
export interface ExpectedAnswer {
  readonly properties?: JsonProperties;
  /** Base64 of the SubjectPublicKeyInfo of the attested key. */
  readonly publicKey?: string;
  readonly freshness?: Freshness;
}

/** What the answer must be. */
export type Expectation =
  | { readonly result: 'accept'; readonly answer?: ExpectedAnswer }
  | {
      readonly result: 'reject';
      /** The code of this library, where it has one for the fault. */
      readonly code?: string;
      /** The one thing that is wrong. */
      readonly fault: string;
    }
  | {
      readonly result: 'either';
      /** Why both are right. */
      readonly reason: string;
    };

/** One case of the suite: one file in `vectors/`, with one fault or none. */
export type Vector = {
  /** Folder and name: the path of the file without `.json`. */
  readonly id: string;
  /** One sentence. */
  readonly title: string;
  readonly flags: readonly VectorFlag[];
  /** Where the rule stands. */
  readonly source: string;
} & VectorCase &
  Expectation;

type RequestOf<Case extends VectorCase> = Case extends VectorCase
  ? Pick<Case, 'op'> & Case['input'] & Pick<Case, keyof Case & keyof PathInput>
  : never;

/** The request of a vector without its id: the operation and the input, and nothing of what is expected. */
export function requestOf(vectorCase: VectorCase): RequestOf<VectorCase> {
  const { op, input } = vectorCase;
  const path = 'at' in vectorCase ? { trustAnchors: vectorCase.trustAnchors, at: vectorCase.at } : {};
  return { op, ...input, ...path } as RequestOf<VectorCase>;
}
