import { bytes, concat } from './der-writer.ts';
import { createCertificateRequest } from './certificate-request-writer.ts';
import type { AcmeStep } from './acme-events.ts';
import type { AcmeTamper } from './acme-tamper.ts';
import type { SimulatedDevice } from './device.ts';
import type { EnclaveKey } from './enclave.ts';

/** What can be wrong in an enrollment besides its attestation, and how a server refuses it. */
export interface EnrollmentFault {
  readonly name: string;
  readonly title: string;
  /** What is refused. */
  readonly step: AcmeStep;
  /** The problem type, without `urn:ietf:params:acme:error:`. */
  readonly problem: 'badAttestationStatement' | 'badCSR' | 'badNonce' | 'malformed' | 'unauthorized';
  /** For `enrollByAcme` of this device. */
  readonly tamper: (device: SimulatedDevice) => AcmeTamper;
}

const OTHER_TOKEN = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';

const sha256 = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text)));

/** A request that is right but for its key: another one of the same device. */
const requestWith = (curveOf: (key: EnclaveKey) => EnclaveKey['curve']) => (device: SimulatedDevice) =>
  ({
    csr: async (_, { key }) => createCertificateRequest({ key: await device.createKey({ curve: curveOf(key) }) }),
  }) satisfies AcmeTamper;

/** Another payload in the place of the answer to the challenge. */
const answer = (payload: unknown) => (): AcmeTamper => ({
  payload: (honest, { step }) => (step === 'challenge' ? payload : honest),
});

const atNewOrder = (header: (honest: Readonly<Record<string, unknown>>) => object) => (): AcmeTamper => ({
  header: (honest, { step }) => (step === 'newOrder' ? header(honest) : honest),
});

const fault = (
  name: string,
  step: AcmeStep,
  problem: EnrollmentFault['problem'],
  title: string,
  tamper: EnrollmentFault['tamper'],
): EnrollmentFault => ({ name, title, step, problem, tamper });

/**
 * What a device may send to an ACME server that no honest one sends, by name; the faults of the attestation are in
 * `FAULTS`.
 *
 * @example
 * ```ts
 * import { createAttestationAuthority, createSimulatedDevice, ENROLLMENT_FAULTS, enrollByAcme } from 'managed-device-attestation/testing';
 *
 * export async function refusedBy(directoryUrl: string) {
 *   const clock = () => new Date();
 *   const authority = await createAttestationAuthority({ seed: 'my tests', at: new Date('2026-06-01T12:00:00Z') });
 *   for (const { name, problem, tamper } of ENROLLMENT_FAULTS) {
 *     const device = createSimulatedDevice(authority, { clock });
 *     const options = { directoryUrl, fetch, clock, clientIdentifier: 'SIMULATED1', tamper: tamper(device) };
 *     const outcome = await enrollByAcme(device, options);
 *     console.log(name, problem, outcome.status === 'refused' ? outcome.problem?.type : outcome.status);
 *   }
 * }
 * ```
 */
export const ENROLLMENT_FAULTS: readonly EnrollmentFault[] = /* @__PURE__ */ [
  fault('token-other', 'challenge', 'badAttestationStatement', 'the attestation is for another token', () => ({
    freshnessCode: () => sha256(OTHER_TOKEN),
  })),
  fault(
    'token-key-authorization',
    'challenge',
    'badAttestationStatement',
    'the freshness code is the hash of the key authorization',
    () => ({ freshnessCode: (_, { keyAuthorization }) => sha256(keyAuthorization) }),
  ),
  fault('answer-empty', 'challenge', 'badAttestationStatement', 'the challenge is answered with {}', answer({})),
  fault(
    'answer-error',
    'challenge',
    'badAttestationStatement',
    'the challenge is answered with an error',
    answer({ error: 'no attestation could be obtained' }),
  ),
  fault(
    'answer-number',
    'challenge',
    'badAttestationStatement',
    'the attestation object is a number',
    answer({ attObj: 1 }),
  ),
  fault(
    'answer-padded',
    'challenge',
    'badAttestationStatement',
    'the attestation object is base64 with padding',
    answer({ attObj: 'oA==' }),
  ),
  fault(
    'csr-other-key',
    'finalize',
    'badCSR',
    'the certificate request is for another key',
    requestWith(({ curve }) => curve),
  ),
  fault(
    'csr-other-curve',
    'finalize',
    'badCSR',
    'the certificate request is for a key on another curve',
    requestWith(({ curve }) => (curve === 'P-256' ? 'P-384' : 'P-256')),
  ),
  fault('csr-signature', 'finalize', 'badCSR', 'the signature of the certificate request does not verify', () => ({
    csr: (csr) => csr.map((byte, index) => (index === csr.length - 1 ? byte ^ 1 : byte)),
  })),
  fault('csr-trailing-byte', 'finalize', 'badCSR', 'a byte follows the certificate request', () => ({
    csr: (csr) => concat(csr, bytes('\0')),
  })),
  fault(
    'jws-url',
    'newOrder',
    'unauthorized',
    'the header of a request names another URL',
    atNewOrder((header) => ({ ...header, url: `${String(header['url'])}/other` })),
  ),
  fault('jws-nonce', 'newOrder', 'badNonce', 'the nonce of a request was used before', () => {
    let used: unknown;
    return { header: (header) => ({ ...header, nonce: (used ??= header['nonce']) }) };
  }),
  fault('jws-signature', 'newOrder', 'malformed', 'the signature of a request does not verify', () => ({
    jws: (jws, { step }) => (step === 'newOrder' ? jws.replace(/"payload":"[^"]*"/, '"payload":"e30"') : jws),
  })),
  fault('jws-not-json', 'newOrder', 'malformed', 'the body of a request is not JSON', () => ({
    jws: (jws, { step }) => (step === 'newOrder' ? jws.slice(0, -1) : jws),
  })),
];
