/** The requests and answers of `docs/conformance.md`, as far as the verifiers of this folder look at them. */

interface Judged {
  readonly trustAnchors: readonly string[];
  readonly at: string;
}

export interface ChainRequest extends Judged {
  readonly op: 'chain';
  readonly x5c: readonly string[];
}

export interface PropertiesRequest {
  readonly op: 'properties';
  readonly certificate: string;
}

export interface AcmeRequest extends Judged {
  readonly op: 'acme';
  readonly attObj: string;
  readonly token: string;
  readonly identifier?: string;
}

export interface DeviceInformationRequest extends Judged {
  readonly op: 'device-information';
  readonly x5c: readonly string[];
  readonly nonce: string | null;
  readonly knownNonces: readonly string[];
}

export interface CsrRequest {
  readonly op: 'csr';
  readonly csr: string;
  readonly attestedKey: string;
}

export type Request = ChainRequest | PropertiesRequest | AcmeRequest | DeviceInformationRequest | CsrRequest;

export type Property =
  | { readonly status: 'attested'; readonly value: string }
  | { readonly status: 'absent' }
  | { readonly status: 'blank' }
  | { readonly status: 'malformed'; readonly bytes: string };

export type PropertyName =
  | 'serialNumber'
  | 'udid'
  | 'softwareUpdateDeviceId'
  | 'osVersion'
  | 'sepOsVersion'
  | 'llbVersion'
  | 'freshnessCode'
  | 'systemIntegrityProtection'
  | 'secureBoot'
  | 'thirdPartyKernelExtensions';

export type Properties = Readonly<Record<PropertyName, Property>> & {
  readonly other: readonly { readonly oid: string; readonly bytes: string }[];
};

export type Freshness = 'fresh' | 'cached' | 'unknown-nonce' | 'not-requested';

export interface Acceptance {
  readonly result: 'accept';
  readonly properties?: Properties;
  readonly publicKey?: string;
  readonly freshness?: Freshness;
}

export interface Rejection {
  readonly result: 'reject';
  /** For whoever reads a failed test; no part of the protocol. */
  readonly why: string;
}

export type Answer = Acceptance | Rejection;
export type Verifier = (request: Request) => Promise<Answer>;

/** What a step throws, or a verifier makes of a demand that is not met: the evidence is refused. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Refusal(why);
}
