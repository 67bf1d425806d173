import type { AttestationChain } from '../core/chain.ts';
import { AttestationError } from '../core/errors.ts';
import { MAX_ATTESTATION_OBJECT_BYTES, parseAttestationObject } from './attestation-object.ts';
import { decodeBase64Url } from './base64url.ts';

/**
 * Reads the chain out of the payload of a response to a `device-attest-01` challenge, whatever the payload is.
 *
 * @throws AttestationError `ERR_MDA_CHALLENGE_*`, `ERR_MDA_ENCODING_BASE64URL`, and those of `parseAttestationObject`
 */
export function readChallengePayload(payload: unknown): AttestationChain {
  const { error, attObj } = ownMembers(payload);
  if (error !== undefined) throw new AttestationError('ERR_MDA_CHALLENGE_CLIENT_ERROR');
  if (attObj === undefined) throw new AttestationError('ERR_MDA_CHALLENGE_NOT_ATTESTED');
  const text: unknown = attObj.value;
  if (typeof text !== 'string') throw new AttestationError('ERR_MDA_CHALLENGE_PAYLOAD');
  // Four characters for three bytes; judged before anything is decoded.
  if (text.length > (MAX_ATTESTATION_OBJECT_BYTES / 3) * 4) throw new AttestationError('ERR_MDA_OBJECT_TOO_LARGE');
  return parseAttestationObject(decodeBase64Url(text)).chain;
}

/** The members that `JSON.parse` makes: own ones, with a value. What is inherited does not count, and no getter runs. */
function ownMembers(payload: unknown): Partial<Record<'error' | 'attObj', PropertyDescriptor>> {
  try {
    if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) {
      const error = Object.getOwnPropertyDescriptor(payload, 'error');
      const attObj = Object.getOwnPropertyDescriptor(payload, 'attObj');
      return { ...(error && { error }), ...(attObj && { attObj }) };
    }
  } catch {
    // A proxy that throws is no object of JSON.
  }
  throw new AttestationError('ERR_MDA_CHALLENGE_PAYLOAD');
}
