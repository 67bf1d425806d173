import type { AcmeCase, DeviceInformationCase, ExpectedAnswer } from '../../src/conformance/vector.ts';
import type { Freshness } from '../../src/conformance/answer.ts';
import { encodeAttestationObject } from '../../src/testing/attestation-object.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import { toBase64, toBase64Url } from '../../src/index.ts';
import { type ChainSpec, digest, type ExtensionSpec, property } from '../support/mint.ts';
import { answerOf, type Evidence, evidenceWith, LEAF_EXTENSIONS, pathInput } from './support.ts';

/** What the drafts of the requests that carry a freshness code are made of. */

/** Of a challenge in RFC 8555, 8.3. */
export const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
/** Of another one, in RFC 8555, 8.4. */
export const OTHER_TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';

export const SOURCES = {
  apple: 'Apple, Validating a Managed Device Attestation',
  command: 'Apple, DeviceInformationCommand, DeviceAttestationNonce',
  draft: 'draft-ietf-acme-device-attest',
  limits: 'profile of this project: docs/SECURITY.md, Limits',
  protocol: 'profile of this project: docs/conformance.md, The protocol',
} as const;

export const codeOfToken = (token: string): Uint8Array => digest('SHA-256', bytes(token));

/** What is different in a leaf: by the last arcs of a property its bytes, or undefined for one that is left out. */
export type LeafChanges = Readonly<Record<string, Uint8Array | undefined>>;

const ARC = '1.2.840.113635.100.8.';

/** The extensions of the genuine leaf with changes in their places, and new properties after them. */
export function leafExtensions(changes: LeafChanges): readonly ExtensionSpec[] {
  const left = new Map(Object.entries(changes));
  const replaced = LEAF_EXTENSIONS.flatMap((extension) => {
    const arcs = extension.oid.replace(ARC, '');
    if (!left.has(arcs)) return [extension];
    const value = left.get(arcs);
    left.delete(arcs);
    return value === undefined ? [] : [property(arcs, value)];
  });
  return [...replaced, ...[...left].flatMap(([arcs, value]) => (value === undefined ? [] : [property(arcs, value)]))];
}

/** A User Enrollment leaves out what identifies the device. */
export const USER_ENROLLMENT: LeafChanges = { '9.1': undefined, '9.2': undefined };

/** What Apple attests of Macs alone. */
export const NO_MAC: LeafChanges = { '13.1': undefined, '13.2': undefined, '13.3': undefined };

/** The genuine chain with a freshness code, or none, and with changes in its leaf or anywhere. */
export function evidenceFor(
  code: Uint8Array | undefined,
  changes: LeafChanges = {},
  { leaf, ...spec }: ChainSpec = {},
): Promise<Evidence> {
  return evidenceWith({ ...spec, leaf: { extensions: leafExtensions({ '11.1': code, ...changes }), ...leaf } });
}

/** The same for the challenge with the token. */
export function evidenceForToken(changes?: LeafChanges, spec?: ChainSpec): Promise<Evidence> {
  return evidenceFor(codeOfToken(TOKEN), changes, spec);
}

export interface AcmeRequest {
  readonly token?: string;
  readonly identifier?: string;
  /** In the place of the one that a device sends. */
  readonly object?: Uint8Array;
  /** In the place of the base64url of the object. */
  readonly attObj?: string;
}

export function acmeCase(evidence: Evidence, request: AcmeRequest = {}): AcmeCase {
  const { token = TOKEN, identifier, object = encodeAttestationObject(evidence.x5c) } = request;
  return {
    op: 'acme',
    input: {
      attObj: request.attObj ?? toBase64Url(object),
      token,
      ...(identifier === undefined ? {} : { identifier }),
    },
    ...pathInput(evidence),
  };
}

export function deviceInformationCase(
  evidence: Evidence,
  nonce: Uint8Array | null,
  knownNonces: readonly Uint8Array[] = [],
): DeviceInformationCase {
  return {
    op: 'device-information',
    input: {
      x5c: evidence.x5c.map(toBase64),
      nonce: nonce && toBase64(nonce),
      knownNonces: knownNonces.map(toBase64),
    },
    ...pathInput(evidence),
  };
}

/** What the answer says of the leaf of the evidence, and of its freshness where there is a state. */
export function answerFor({ x5c: [leaf] }: Evidence, freshness?: Freshness): ExpectedAnswer {
  return { ...answerOf(leaf!), ...(freshness === undefined ? {} : { freshness }) };
}
