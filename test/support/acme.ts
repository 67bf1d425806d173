import { parseCertificate, toBase64Url, type VerifiedAttestation } from '../../src/index.ts';
import { parseAttestationChain, verifyAttestation } from '../../src/index.ts';
import {
  type ChallengeOutcome,
  createDeviceAttestValidator,
  type DeviceAttestValidator,
  type DeviceAttestValidatorOptions,
  type InvalidChallenge,
  type ValidChallenge,
} from '../../src/acme/index.ts';
import { encodeAttestationObject } from '../../src/testing/index.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import {
  AT,
  type ChainSpec,
  digest,
  type ExtensionSpec,
  LEAF_EXTENSIONS,
  type MintedChain,
  mintChain,
  property,
} from './mint.ts';

/** Responses to a device-attest-01 challenge, right or wrong in one place. */

export const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
export const OTHER_TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';
export const SERIAL_NUMBER = 'SIMULATED1';
export const UDID = '00006030-0000000000000001';

/** The extensions of a leaf for this token, without the properties of these arcs, and with these in their place. */
export function leafExtensions(
  replace: Readonly<Record<string, Uint8Array | undefined>> = {},
  token = TOKEN,
): readonly ExtensionSpec[] {
  const values: Readonly<Record<string, Uint8Array | undefined>> = {
    '11.1': digest('SHA-256', bytes(token)),
    ...replace,
  };
  const kept = LEAF_EXTENSIONS.filter(({ oid }) => !Object.keys(values).some((arcs) => oid.endsWith(`.100.8.${arcs}`)));
  const added = Object.entries(values).flatMap(([arcs, value]) => (value === undefined ? [] : [property(arcs, value)]));
  return [...kept, ...added];
}

/** What a User Enrollment leaves out. */
export const USER_ENROLLMENT = { '9.1': undefined, '9.2': undefined };

export interface Response extends MintedChain {
  readonly payload: { readonly attObj: string };
  readonly trustAnchors: NonNullable<DeviceAttestValidatorOptions['trustAnchors']>;
}

export async function mintResponse(
  replace: Readonly<Record<string, Uint8Array | undefined>> = {},
  { token, ...spec }: ChainSpec & { readonly token?: string } = {},
): Promise<Response> {
  const chain = await mintChain({ ...spec, leaf: { extensions: leafExtensions(replace, token), ...spec.leaf } });
  return { ...chain, payload: payloadOf(chain.x5c), trustAnchors: [parseCertificate(chain.root)] };
}

export function payloadOf(x5c: readonly Uint8Array[]): { readonly attObj: string } {
  return { attObj: toBase64Url(encodeAttestationObject(x5c)) };
}

/** A verified attestation, where no validator is wanted. */
export async function verifiedAttestation(
  replace: Readonly<Record<string, Uint8Array | undefined>> = {},
): Promise<VerifiedAttestation> {
  const { x5c, trustAnchors } = await mintResponse(replace);
  const expectedFreshnessCode = digest('SHA-256', bytes(TOKEN));
  return verifyAttestation(parseAttestationChain(x5c), { at: AT, expectedFreshnessCode, trustAnchors });
}

export const permanentIdentifier = (value: string) => ({ type: 'permanent-identifier', value });

/** A validator of a minted response: `identify` says yes unless another is given. */
export function validatorFor(
  { trustAnchors }: Pick<Response, 'trustAnchors'>,
  options: Partial<DeviceAttestValidatorOptions> = {},
): DeviceAttestValidator {
  return createDeviceAttestValidator({
    identify: () => ({ identified: true, by: 'a test' }),
    trustAnchors,
    ...options,
  });
}

export function requireValid(outcome: ChallengeOutcome): ValidChallenge {
  if (outcome.status === 'valid') return outcome;
  throw new Error(`not valid: ${JSON.stringify(outcome.reasons)}`);
}

export function requireInvalid(outcome: ChallengeOutcome): InvalidChallenge {
  if (outcome.status === 'invalid') return outcome;
  throw new Error('not invalid');
}
