import {
  AttestationError,
  decodeProperties,
  fromBase64,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  toBase64,
  type VerifiedAttestation,
  verifyAttestation,
} from '../index.ts';
import {
  createDeviceAttestValidator,
  firstIdentification,
  identifierIsSerialNumber,
  identifierIsUdid,
  type Identify,
  verifyCertificateRequest,
} from '../acme/index.ts';
import { verifyWithNonces } from '../mdm/device-freshness.ts';
import type { AcceptAnswer, Answer, RejectAnswer, RequestId, UnsupportedAnswer } from './answer.ts';
import { jsonProperties } from './json-properties.ts';
import {
  type Fields,
  MalformedRequest,
  requireFields,
  requireId,
  requireKey,
  requireKnownFields,
  requireNonces,
  requirePathOptions,
  requireString,
  requireStrings,
  requireToken,
} from './request.ts';

type Verdict = Omit<AcceptAnswer, 'id'> | Omit<RejectAnswer, 'id'> | Omit<UnsupportedAnswer, 'id'>;

/**
 * Answers one request of the conformance protocol, with this library as the verifier.
 *
 * Checks: the request, whose faults give the result `error` with a message that names the field; then the
 * evidence in it, whose faults give `reject` with the code of the `AttestationError`. Operations are `chain`,
 * `properties`, `acme`, `csr` and `device-information`; the rest is `unsupported`.
 * Leaves to you: to limit the size of the request.
 *
 * @param request the request as `JSON.parse` gives it
 * @returns the answer; it can be written as JSON
 * @example
 * ```ts
 * import { answerRequest } from 'managed-device-attestation/conformance';
 *
 * const { result } = await answerRequest({ id: 1, op: 'properties', certificate: 'AAAA' });
 * console.log(result); // reject
 * ```
 * @see docs/conformance.md
 */
export async function answerRequest(request: unknown): Promise<Answer> {
  let id: RequestId | null = null;
  try {
    const fields = requireFields(request);
    id = requireId(fields.get('id'));
    return { id, ...(await judge(fields)) };
  } catch (error) {
    if (error instanceof MalformedRequest) return { id, result: 'error', message: error.message };
    // Only evidence causes one, and it is looked at after the id.
    if (error instanceof AttestationError) return { id: id!, result: 'reject', code: error.code };
    throw error;
  }
}

async function judge(request: Fields): Promise<Verdict> {
  const op = request.get('op');
  switch (op) {
    case 'chain':
      return judgeChain(request);
    case 'properties':
      return judgeProperties(request);
    case 'acme':
      return judgeAcme(request);
    case 'csr':
      return judgeCsr(request);
    case 'device-information':
      return judgeDeviceInformation(request);
    default:
      if (typeof op !== 'string') throw new MalformedRequest('op must be a string');
      return { result: 'unsupported' };
  }
}

// In each of them the request comes first and the evidence last: whatever the evidence holds is judged.

async function judgeChain(request: Fields): Promise<Verdict> {
  requireKnownFields(request, 'chain', ['x5c', 'trustAnchors', 'at']);
  const x5c = requireStrings(request, 'x5c');
  const options = requirePathOptions(request);
  const chain = parseAttestationChain(x5c.map((text) => fromBase64(text)));
  return accept(await verifyAttestation(chain, { ...options, expectedFreshnessCode: skipFreshnessCheck }));
}

function judgeProperties(request: Fields): Verdict {
  requireKnownFields(request, 'properties', ['certificate']);
  const leaf = parseCertificate(fromBase64(requireString(request, 'certificate')));
  return { result: 'accept', properties: jsonProperties(decodeProperties(leaf)) };
}

async function judgeAcme(request: Fields): Promise<Verdict> {
  requireKnownFields(request, 'acme', ['attObj', 'token', 'identifier', 'trustAnchors', 'at']);
  const payload = { attObj: requireString(request, 'attObj') };
  const token = requireToken(request);
  const { at, ...anchors } = requirePathOptions(request);
  const value = request.has('identifier') ? requireString(request, 'identifier') : undefined;
  const validate = createDeviceAttestValidator({
    identify: value === undefined ? ANYBODY : firstIdentification(identifierIsSerialNumber, identifierIsUdid),
    ...anchors,
  });
  const identifier = { type: 'permanent-identifier', value: value ?? '' };
  const outcome = await validate({ token, payload, identifier, at });
  return outcome.status === 'valid'
    ? accept(outcome.attestation)
    : { result: 'reject', code: outcome.reasons[0]!.code };
}

/** Where no identifier was ordered, there is nothing to compare. */
const ANYBODY: Identify = () => ({ identified: true, by: 'nothing' });

async function judgeCsr(request: Fields): Promise<Verdict> {
  requireKnownFields(request, 'csr', ['csr', 'attestedKey']);
  const csr = requireString(request, 'csr');
  const attestedKeys = [requireKey(request, 'attestedKey')];
  await verifyCertificateRequest(fromBase64(csr), { attestedKeys });
  return { result: 'accept' };
}

async function judgeDeviceInformation(request: Fields): Promise<Verdict> {
  requireKnownFields(request, 'device-information', ['x5c', 'nonce', 'knownNonces', 'trustAnchors', 'at']);
  const x5c = requireStrings(request, 'x5c');
  const nonces = requireNonces(request);
  const options = requirePathOptions(request);
  const { attestation, freshness } = await verifyWithNonces(
    x5c.map((text) => fromBase64(text)),
    nonces,
    options,
  );
  return { ...accept(attestation), freshness: freshness.state };
}

function accept({ properties, publicKey }: VerifiedAttestation): Omit<AcceptAnswer, 'id'> {
  return { result: 'accept', properties: jsonProperties(properties), publicKey: toBase64(publicKey.spki) };
}
