import type { VerifiedAttestation } from '../core/attestation.ts';
import type { Bytes } from '../core/bytes.ts';
import type { AttestationError } from '../core/errors.ts';
import type { PublicKey } from '../core/public-key.ts';
import type { Identification } from './identify.ts';
import { acmeProblem, type AcmeProblemName, type ProblemDocument } from './problem.ts';
import type { Reason } from './reason.ts';

/** Where a response was refused, in the order in which it is judged. */
export type ChallengeStage =
  'payload' | 'client' | 'object' | 'chain' | 'freshness' | 'identity' | 'policy' | 'key-reuse';

/** One reason of a refusal. Those of a caller's own functions are in the caller's words. */
export interface ChallengeReason extends Reason {
  readonly stage: ChallengeStage;
}

/** The key to hold against the certificate request at finalize. */
export interface AttestedKey {
  /** SubjectPublicKeyInfo, DER; store its base64. */
  readonly spki: Bytes;
  readonly curve: PublicKey['curve'];
  /** SHA-256 of `spki`, lower-case hexadecimal. */
  readonly fingerprint: string;
}

/** The challenge is met. */
export interface ValidChallenge {
  readonly status: 'valid';
  readonly attestation: VerifiedAttestation;
  readonly attestedKey: AttestedKey;
  readonly identification: Identification & { readonly identified: true };
  /** What to write. The order becomes `ready` when all of its authorizations are valid. */
  readonly states: { readonly challenge: 'valid'; readonly authorization: 'valid' };
}

/** The challenge has failed, for good (RFC 8555, 7.1.6). */
export interface InvalidChallenge {
  readonly status: 'invalid';
  /** The `error` of the challenge. */
  readonly problem: ProblemDocument;
  /** Every reason, for a log. There is at least one. */
  readonly reasons: readonly ChallengeReason[];
  /** What to write. */
  readonly states: { readonly challenge: 'invalid'; readonly authorization: 'invalid'; readonly order: 'invalid' };
  /** There, if the attestation itself was genuine and fresh. */
  readonly attestation?: VerifiedAttestation;
}

/** What to write, and why. */
export type ChallengeOutcome = ValidChallenge | InvalidChallenge;

/** The stages by the third word of a code, as far as evidence can be refused in them; the rest is `chain`. */
const STAGES: Readonly<Record<string, ChallengeStage>> = {
  ENCODING: 'payload',
  CBOR: 'object',
  OBJECT: 'object',
  FRESHNESS: 'freshness',
};

/** The reason that an error of the evidence is. */
export function reasonOfError({ code, message }: AttestationError): ChallengeReason {
  return { stage: stageOf(code), code, message };
}

function stageOf(code: AttestationError['code']): ChallengeStage {
  switch (code) {
    case 'ERR_MDA_CHALLENGE_PAYLOAD':
      return 'payload';
    case 'ERR_MDA_CHALLENGE_CLIENT_ERROR':
    case 'ERR_MDA_CHALLENGE_NOT_ATTESTED':
      return 'client';
    default:
      return STAGES[code.split('_')[2]!] ?? 'chain';
  }
}

/** What the client is told. Of the caller's own decisions it is told no more than that. */
const DETAILS: Readonly<Record<ChallengeStage, string>> = {
  payload: 'the response to the challenge is malformed',
  client: 'the client did not attest its key',
  object: 'the attestation object was refused',
  chain: 'the certificate chain of the attestation was refused',
  freshness: 'the attestation was not made for this challenge',
  identity: 'the identifier is not one of the attested device',
  policy: 'the device may not have a certificate',
  'key-reuse': 'the attested key is not a new one',
};

/** An invalid challenge, for one reason at least: the first decides what the client is told. */
export function invalidChallenge(
  reasons: readonly ChallengeReason[],
  attestation?: VerifiedAttestation,
): InvalidChallenge {
  const first = reasons[0]!;
  return {
    status: 'invalid',
    problem: acmeProblem(problemOf(first), DETAILS[first.stage]),
    reasons,
    states: { challenge: 'invalid', authorization: 'invalid', order: 'invalid' },
    ...(attestation && { attestation }),
  };
}

function problemOf({ stage, code }: ChallengeReason): AcmeProblemName {
  if (stage === 'policy') return 'unauthorized';
  return isWorthNothing(code) ? 'rejectedIdentifier' : 'badAttestationStatement';
}

/** What was ordered is a ticket that is worth nothing here, or any more, however good the attestation is. */
function isWorthNothing(code: string): boolean {
  const [, , stage, , what] = code.split('_');
  return code === 'ERR_MDA_IDENTIFIER_CLAIMED' || (stage === 'CLIENT' && what !== 'DEVICE');
}
