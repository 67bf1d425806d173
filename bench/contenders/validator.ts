import { parseCertificate, toBase64Url } from 'managed-device-attestation';
import {
  type ChallengeOutcome,
  createDeviceAttestValidator,
  identifierIsSerialNumber,
} from 'managed-device-attestation/acme';
import { encodeAttestationObject } from 'managed-device-attestation/testing';
import type { Contender, Evidence, Setting } from './contender.ts';
import { factsOf } from './library.ts';

/**
 * The validator of challenges, from the payload of the response to the outcome: base64url, CBOR, SHA-256 of the
 * token, all that the library does, the serial number, SHA-256 of the attested key.
 */
export const validator: Contender = {
  name: 'managed-device-attestation/acme, the validator',
  prepare(setting) {
    const validate = prepareValidator(setting);
    return async (evidence) => {
      const outcome = await validate(evidence);
      if (outcome.status === 'invalid') throw new Error(outcome.reasons[0]!.code);
      return factsOf(outcome.attestation.properties);
    };
  },
};

/** The same, without what a server may do with the outcome. */
export function prepareValidator({ root, token, at }: Setting): (evidence: Evidence) => Promise<ChallengeOutcome> {
  const validate = createDeviceAttestValidator({
    identify: identifierIsSerialNumber,
    trustAnchors: [parseCertificate(root)],
  });
  const identifier = { type: 'permanent-identifier', value: 'SIMULATED1' };
  // What the client sends, and not what the server does.
  const payloads = new WeakMap<Evidence, { readonly attObj: string }>();
  const payloadOf = (evidence: Evidence) => {
    const payload = payloads.get(evidence) ?? {
      attObj: toBase64Url(encodeAttestationObject([evidence.leaf, evidence.subCa])),
    };
    payloads.set(evidence, payload);
    return payload;
  };
  return (evidence) => validate({ token, payload: payloadOf(evidence), identifier, at });
}
