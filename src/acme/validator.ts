import { type VerifiedAttestation, verifyAttestation, type VerifyAttestationOptions } from '../core/attestation.ts';
import { toHex } from '../core/bytes.ts';
import type { Certificate } from '../core/certificate.ts';
import { recordsOf } from '../core/chain.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { tokenBytes } from '../core/freshness.ts';
import { requireOptions, requireTime, requireTrustAnchors } from '../core/options.ts';
import {
  type AttestedKey,
  type ChallengeOutcome,
  type ChallengeReason,
  type ChallengeStage,
  invalidChallenge,
  reasonOfError,
} from './challenge-outcome.ts';
import { readChallengePayload } from './challenge-payload.ts';
import { requireAnswer, requireMembers } from './answer.ts';
import { type AcmeIdentifier, requireIdentifier } from './identifier.ts';
import { type Identification, type Identify, requireIdentification } from './identify.ts';
import { type Reason, reasonOf, requireReasons } from './reason.ts';
import type { SeenKeys, UnseenKey } from './seen-keys.ts';
import { sha256 } from './sha256.ts';

/** A policy's answer; the reasons say why not. A yes with reasons is a `TypeError`. */
export interface Evaluation {
  readonly allowed: boolean;
  readonly reasons: readonly Reason[];
}

/** Judges a device by the caller's policy. What it throws or rejects with, the validator does. */
export type Evaluate = (
  attestation: VerifiedAttestation,
  context: {
    readonly identifier: AcmeIdentifier;
    /** Also where it is a no: so that every reason becomes known. */
    readonly identification: Identification;
    readonly at: Date;
  },
) => Promise<Evaluation> | Evaluation;

/** How a validator judges. */
export interface DeviceAttestValidatorOptions {
  /** How the ordered identifier belongs to the device. Nothing is accepted without it. */
  readonly identify: Identify;
  /** Whether the device is good enough; every identified device is, unless given. */
  readonly evaluate?: Evaluate;
  /** Whether the key was seen before; nothing is remembered, unless given. See `createSeenKeys`. */
  readonly seenKeys?: SeenKeys;
  /** From `parseCertificate`; Apple's root unless given. */
  readonly trustAnchors?: readonly Certificate[];
}

/** A response to a `device-attest-01` challenge. */
export interface ChallengeResponse {
  /** The `token` of the challenge. */
  readonly token: string;
  /** The payload of the JWS, as `JSON.parse` gave it. Evidence: anything at all. */
  readonly payload: unknown;
  /** That of the authorization. */
  readonly identifier: AcmeIdentifier;
  readonly at: Date;
}

/** Judges the response to a challenge. It rejects with a `TypeError`, or with what a caller's function did. */
export type DeviceAttestValidator = (response: ChallengeResponse) => Promise<ChallengeOutcome>;

/**
 * Creates a validator of `device-attest-01` challenges.
 *
 * Its outcome is a value. `valid` has the verified attestation and the key to store; `invalid` has the problem
 * document, the states to write, and every reason. If a function of the caller's throws or rejects, the validator
 * rejects with the same: leave the challenge `pending`, answer with 500, and the client asks again.
 *
 * Checks, in this order: the payload, and that the client reports no error; base64url; all of
 * `parseAttestationObject`; all of `verifyAttestation`, with SHA-256 of the token for a freshness code; `identify`
 * and `evaluate`, both; `seenKeys`; what `identify` claims, last. The key is remembered then, if it is to be.
 * Leaves to you: the account, the JWS, and that the challenge is `pending`; to store `attestedKey.spki`, and to
 * hold the certificate request against it (`verifyCertificateRequest`).
 *
 * @throws TypeError if an option is missing, unknown or of another type; from the validator, if a member of the
 * response is, or a function of the caller's returns anything but its type
 * @example
 * ```ts
 * import { toBase64 } from 'managed-device-attestation';
 * import { createDeviceAttestValidator, identifierIsSerialNumber } from 'managed-device-attestation/acme';
 *
 * const validate = createDeviceAttestValidator({ identify: identifierIsSerialNumber });
 * const outcome = await validate({
 *   token: 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0',
 *   payload: { error: 'the Secure Enclave is out of order' },
 *   identifier: { type: 'permanent-identifier', value: 'TMWFWWWP67' },
 *   at: new Date(),
 * });
 * if (outcome.status === 'valid') console.log('store', toBase64(outcome.attestedKey.spki));
 * else console.log(outcome.problem.type, outcome.reasons);
 * console.log(outcome.states.challenge); // invalid
 * ```
 * @see https://datatracker.ietf.org/doc/draft-ietf-acme-device-attest/; Apple, "Validating a Managed Device
 * Attestation"
 */
export function createDeviceAttestValidator(options: DeviceAttestValidatorOptions): DeviceAttestValidator {
  requireOptions(options, ['identify', 'evaluate', 'seenKeys', 'trustAnchors']);
  requireTrustAnchors(options);
  const judge: Judge = {
    identify: requireFunction(options, 'identify'),
    evaluate: 'evaluate' in options ? requireFunction(options, 'evaluate') : undefined,
    seenKeys: 'seenKeys' in options ? requireFunction(options, 'seenKeys') : undefined,
    anchors: options.trustAnchors === undefined ? {} : { trustAnchors: [...options.trustAnchors] },
  };
  return (response) => validate(judge, response);
}

interface Judge {
  readonly identify: Identify;
  readonly evaluate: Evaluate | undefined;
  readonly seenKeys: SeenKeys | undefined;
  readonly anchors: Pick<DeviceAttestValidatorOptions, 'trustAnchors'>;
}

/** A misspelt lookup must not be a lookup left out: there, but undefined, is a mistake. */
function requireFunction<Name extends 'identify' | 'evaluate' | 'seenKeys'>(
  options: DeviceAttestValidatorOptions,
  name: Name,
): NonNullable<DeviceAttestValidatorOptions[Name]> {
  const value = options[name];
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  return value;
}

async function validate(judge: Judge, response: ChallengeResponse): Promise<ChallengeOutcome> {
  requireOptions(response, ['token', 'payload', 'identifier', 'at']);
  const { token, payload } = response;
  const identifier = requireIdentifier(response.identifier);
  const time = requireTime(response.at);
  // Each gets a date of its own, for dates can be changed.
  const at = (): Date => new Date(time);

  let verdict: Genuine;
  try {
    verdict = await verify(token, payload, { at: at(), ...judge.anchors });
  } catch (error) {
    if (error instanceof AttestationError) return invalidChallenge([reasonOfError(error)]);
    throw error;
  }
  const { attestation, attestedKey } = verdict;

  const identification = requireIdentification(await judge.identify({ identifier, attestation, token, at: at() }));
  const evaluation = await evaluate(judge, attestation, { identifier, identification, at: at() });
  const reasons = [...reasonsNotToIdentify(identification), ...reasonsNotToAllow(evaluation)];
  if (!identification.identified || reasons.length > 0) return invalidChallenge(reasons, attestation);

  const remember = await lookUp(judge, attestedKey, { identifier, attestation, at: at() });
  if (remember === 'reused')
    return invalidChallenge([reasonAt('key-reuse', 'ERR_MDA_CHALLENGE_KEY_REUSED')], attestation);
  // Last, for what is taken is gone.
  if (identification.claim !== undefined && !requireAnswer(await identification.claim(), 'claim'))
    return invalidChallenge([reasonAt('identity', 'ERR_MDA_IDENTIFIER_CLAIMED')], attestation);
  // After the claim: what is refused leaves no trace of its key. If this fails, the same token has the claim still.
  await remember();
  return {
    status: 'valid',
    attestation,
    attestedKey,
    identification,
    states: { challenge: 'valid', authorization: 'valid' },
  };
}

interface Genuine {
  readonly attestation: VerifiedAttestation;
  readonly attestedKey: AttestedKey;
}

/** The evidence alone. */
async function verify(
  token: string,
  payload: unknown,
  options: Omit<VerifyAttestationOptions, 'expectedFreshnessCode'>,
): Promise<Genuine> {
  const expectedFreshnessCode = sha256(tokenBytes(token));
  const chain = readChallengePayload(payload);
  const verifying = verifyAttestation(chain, { ...options, expectedFreshnessCode });
  // While the platform verifies the signature of the leaf.
  const { spki, curve } = recordsOf(chain)[0]!.publicKey;
  const attestedKey = { spki: new Uint8Array(spki), curve: curve.name, fingerprint: toHex(sha256(spki)) };
  return { attestation: await verifying, attestedKey };
}

async function evaluate(
  judge: Judge,
  ...[attestation, context]: Parameters<Evaluate>
): Promise<Evaluation | undefined> {
  if (judge.evaluate === undefined) return undefined;
  const { allowed, reasons } = Object(await judge.evaluate(attestation, context)) as Partial<Evaluation>;
  const evaluation = { allowed: requireAnswer(allowed, 'evaluate'), reasons: requireReasons(reasons, 'evaluate') };
  if (evaluation.allowed && evaluation.reasons.length > 0)
    throw new TypeError('evaluate must not answer true with reasons');
  return evaluation;
}

/** Whether the key was seen; if not, how it is remembered. */
async function lookUp(
  judge: Judge,
  key: AttestedKey,
  context: Parameters<SeenKeys>[1],
): Promise<'reused' | (() => unknown)> {
  const answer = await judge.seenKeys?.(key.fingerprint, context);
  if (judge.seenKeys === undefined || answer === false) return () => undefined;
  if (answer === true) return 'reused';
  requireMembers(answer, 'seenKeys', ['seen', 'remember']);
  const { seen, remember } = answer as Partial<UnseenKey>;
  if (seen !== false || typeof remember !== 'function')
    throw new TypeError('seenKeys must answer true, false, or how to remember');
  return remember.bind(answer);
}

function reasonsNotToIdentify(identification: Identification): readonly ChallengeReason[] {
  if (identification.identified) return [];
  return reasonsAt('identity', identification.reasons, 'ERR_MDA_IDENTIFIER_REFUSED');
}

function reasonsNotToAllow(evaluation: Evaluation | undefined): readonly ChallengeReason[] {
  if (evaluation?.allowed !== false) return [];
  return reasonsAt('policy', evaluation.reasons, 'ERR_MDA_CHALLENGE_POLICY');
}

/** The reasons of a caller's function, or that of the library for it where it gave none. */
function reasonsAt(
  stage: ChallengeStage,
  reasons: readonly Reason[],
  code: AttestationErrorCode,
): readonly ChallengeReason[] {
  return reasons.length === 0 ? [reasonAt(stage, code)] : reasons.map((reason) => ({ ...reason, stage }));
}

function reasonAt(stage: ChallengeStage, code: AttestationErrorCode): ChallengeReason {
  return { ...reasonOf(code), stage };
}
