/**
 * What an ACME server needs to judge a `device-attest-01` challenge response.
 *
 * @module
 */
export { type AttestationObject, MAX_ATTESTATION_OBJECT_BYTES, parseAttestationObject } from './attestation-object.ts';
