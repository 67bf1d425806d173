import { AttestationError, fromBase64, toBase64 } from '../../../src/index.ts';
import {
  type AcknowledgedResponse,
  type AttestationEvent,
  type AttestedDeviceInformation,
  type CommandResponse,
  type DeviceInformationVerdict,
  factsFrom,
  recordAttestation,
  unnamedDevice,
  verifyDeviceInformation,
} from '../../../src/mdm/index.ts';
import type { Context } from './context.ts';
import { type Enrollment, type EnrollmentChange, findByAttestedKey } from './enrollment.ts';
import { findDevice } from './inventory.ts';
import { type Command, sentNonces } from './queue.ts';

/** What an answer to a command makes known of its device. */
export async function changeOf(
  context: Context,
  enrollment: Enrollment,
  command: Command,
  response: Exclude<CommandResponse, { status: 'Idle' }>,
): Promise<EnrollmentChange> {
  const at = context.clock();
  const record = (event: AttestationEvent) => recordAttestation(enrollment.history, event);
  const isAttestation = command.nonce !== undefined;
  switch (response.status) {
    case 'NotNow':
      if (!isAttestation) return {};
      return { history: record({ type: 'not-now', at }), verdict: { at: at.toISOString(), status: 'not-now' } };
    case 'Error':
    case 'CommandFormatError':
      if (!isAttestation) return {};
      return { history: record({ type: 'failed', at }), verdict: { at: at.toISOString(), status: 'error' } };
    case 'Acknowledged': {
      const { reported, security } = response;
      if (command.requestType === 'SecurityInfo' && security !== undefined)
        return { security, securityAt: at, history: record({ type: 'reported', at, security }) };
      if (command.requestType !== 'DeviceInformation' || reported === undefined) return {};
      const change = { reported, reportedAt: at };
      return isAttestation
        ? { ...change, ...(await judge(context, enrollment, command, response)) }
        : { ...change, history: record({ type: 'reported', at, reported }) };
    }
  }
}

/** Attestations live about 91 days, and so do nonces. */
const NONCE_MILLISECONDS = 91 * 86_400_000;

async function judge(
  context: Context,
  enrollment: Enrollment,
  command: Command,
  response: AcknowledgedResponse,
): Promise<EnrollmentChange> {
  const at = context.clock();
  const time = at.toISOString();
  try {
    const verdict = await verify(context, enrollment, command, response);
    const history = recordAttestation(enrollment.history, { type: 'answered', at, verdict });
    // Apple's servers fail at times: what was attested before holds for as long as the policy lets it.
    if (verdict.status === 'not-attested') return { history, verdict: { at: time, status: verdict.status } };
    const { freshness, key, isSuperseded, contradictions, attestation, attestedAt } = verdict;
    const isOverdue = 'isOverdue' in freshness && freshness.isOverdue;
    const { status } = verdict;
    const record = { at: time, status, freshness: freshness.state, isOverdue, key, isSuperseded, contradictions };
    // From better days: what the newer one said stands.
    if (isSuperseded) return { history, verdict: record };
    const { attested } = await factsFrom({ attestation: verdict });
    return {
      history,
      verdict: record,
      attested,
      attestedAt,
      // The first one stays: another one is for somebody to look into, and counts for nothing until then.
      attestedKey: enrollment.attestedKey ?? toBase64(attestation.publicKey.spki),
    };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    // Who answers with what is not genuine, or not its own, is not believed for what it showed before either.
    return {
      history: recordAttestation(enrollment.history, { type: 'failed', at }),
      verdict: { at: time, status: 'refused', code: error.code },
      attested: undefined,
    };
  }
}

async function verify(
  context: Context,
  enrollment: Enrollment,
  { uuid, nonce }: Command,
  response: AcknowledgedResponse,
): Promise<DeviceInformationVerdict> {
  const at = context.clock();
  const { attestedKey, attestedAt, security } = enrollment;
  const since = new Date(at.getTime() - NONCE_MILLISECONDS);
  const knownNonces = sentNonces(context.database, enrollment.id, since)
    .filter((sent) => sent.nonce !== nonce)
    .map((sent) => ({ nonce: fromBase64(sent.nonce), issuedAt: sent.sentAt }));
  const verdict = await verifyDeviceInformation(response, {
    at,
    request: { commandUUID: uuid, nonce: fromBase64(nonce!), knownNonces },
    expectedDevice: expectedDevice(context, enrollment),
    ...(attestedKey === undefined || attestedAt === undefined
      ? {}
      : { previous: { publicKey: { spki: fromBase64(attestedKey) }, attestedAt } }),
    ...(security === undefined ? {} : { security }),
    trustAnchors: context.attestationAnchors,
  });
  // Apple: look for unexpected reuse of a key. In a User Enrollment nothing else tells one device from another.
  if (verdict.status === 'attested' && isKeyOfAnother(context, enrollment, verdict))
    throw new AttestationError('ERR_MDA_ATTESTATION_DEVICE');
  return verdict;
}

function isKeyOfAnother({ database }: Context, { id }: Enrollment, verdict: AttestedDeviceInformation): boolean {
  const key = toBase64(verdict.attestation.publicKey.spki);
  return findByAttestedKey(database, key).some((other) => other.id !== id);
}

/** The device that the identity of the connection was issued to. In a User Enrollment nobody says which one it is. */
function expectedDevice({ database }: Context, { mode, serialNumber }: Enrollment) {
  if (mode === 'user' || serialNumber === undefined) return unnamedDevice;
  const udid = findDevice(database, serialNumber)?.udid;
  return { serialNumber, ...(udid === undefined ? {} : { udid }) };
}
