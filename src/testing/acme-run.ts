import { freshnessCodeForToken } from '../core/freshness.ts';
import { toBase64Url } from '../core/base64.ts';
import type { Bytes } from '../core/bytes.ts';
import type { AcmeEnrollmentPlan } from './acme-enrollment-options.ts';
import type { AcmeStep } from './acme-events.ts';
import type { AcmeChallenge, AcmeProblem } from './acme-messages.ts';
import type {
  AcmeAccount,
  AcmeEvidence,
  AcmeOutcome,
  AcmeRecord,
  AcmeStates,
  AcmeUndecidedReason,
} from './acme-outcome.ts';
import { type AcmeAnswer, isFailure } from './acme-transport.ts';
import { encodeAttestationObject } from './attestation-object.ts';
import { createCertificateRequest } from './certificate-request-writer.ts';
import type { SimulatedDevice } from './device.ts';
import type { EnclaveKey } from './enclave.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** One enrollment under way: what it is to do, and what it has come to. */
export interface Run {
  readonly plan: AcmeEnrollmentPlan;
  readonly device: SimulatedDevice;
  readonly key: EnclaveKey;
  account: AcmeAccount | undefined;
  orderUrl: string | undefined;
  finalizeUrl: string | undefined;
  readonly states: Mutable<AcmeStates>;
  readonly sent: Mutable<AcmeEvidence>;
}

export function createRun(plan: AcmeEnrollmentPlan, device: SimulatedDevice, key: EnclaveKey): Run {
  return {
    plan,
    device,
    key,
    account: undefined,
    orderUrl: undefined,
    finalizeUrl: undefined,
    states: { order: undefined, authorization: undefined, challenge: undefined },
    sent: { token: undefined, attestationObject: undefined, csr: undefined },
  };
}

export function recordOf({ key, account, orderUrl, finalizeUrl, states, sent }: Run): AcmeRecord {
  return { key, account, orderUrl, finalizeUrl, states: { ...states }, sent: { ...sent } };
}

export const refused = (run: Run, step: AcmeStep, problem: AcmeProblem | undefined): AcmeOutcome => ({
  status: 'refused',
  step,
  problem,
  ...recordOf(run),
});

export const undecided = (run: Run, answer: AcmeAnswer, reason: AcmeUndecidedReason): AcmeOutcome => ({
  status: 'undecided',
  step: answer.step,
  reason,
  httpStatus: answer.httpStatus,
  problem: answer.problem,
  ...recordOf(run),
});

/** What an answer means that is not the one that was hoped for. */
export function endedBy(run: Run, answer: AcmeAnswer): AcmeOutcome {
  if (isFailure(answer)) return undecided(run, answer, 'server-error');
  // RFC 8555, 6.7: a server that refuses says so in a problem document.
  return answer.problem === undefined
    ? undecided(run, answer, 'unexpected-answer')
    : refused(run, answer.step, answer.problem);
}

/** The payload that answers a challenge; the same again for the same token. */
export async function answerChallenge(run: Run, { token }: AcmeChallenge, thumbprint: string): Promise<object> {
  const { plan, device, key, sent } = run;
  if (!plan.attest) {
    sent.token = token;
    return {};
  }
  if (sent.token !== token || sent.attestationObject === undefined) {
    sent.token = token;
    const { freshnessCode: changeCode, attestationObject: changeObject } = plan.tamper;
    const context = { token, keyAuthorization: `${token}.${thumbprint}` };
    const code = await freshnessCodeForToken(token);
    const freshnessCode = new Uint8Array((await changeCode?.(code, context)) ?? code);
    const answer = await device.attest({ key, freshnessCode });
    // draft-ietf-acme-device-attest, 5: a client that could not attest says why.
    if (answer.status === 'refused') return { error: 'no attestation could be obtained' };
    const object = encodeAttestationObject(answer.x5c);
    const changed = await changeObject?.(object, { ...context, freshnessCode, key, x5c: answer.x5c });
    sent.attestationObject = new Uint8Array(changed ?? object);
  }
  return { attObj: toBase64Url(sent.attestationObject) };
}

/** The certificate request; the same again if it has to be sent again. */
export async function requestCertificate({ plan, key, sent }: Run): Promise<Bytes> {
  if (sent.csr === undefined) {
    const csr = await createCertificateRequest({ key, ...plan.requested });
    sent.csr = new Uint8Array((await plan.tamper.csr?.(csr, { key })) ?? csr);
  }
  return sent.csr;
}
