import { type Bytes, isBytes } from '../core/bytes.ts';
import { array, byteString, map } from './cbor-writer.ts';
import { text } from './cbor-writer.ts';
import { OBJECT_FAULTS, type ObjectFaultName } from './object-faults.ts';
import { requireFault } from './require.ts';

/** How an attestation object is written. */
export interface EncodeAttestationObjectOptions {
  /** Apple's clients leave `authData` out or send it empty; left out unless given. */
  readonly authData?: 'absent' | 'empty';
  /** What is wrong with it. */
  readonly fault?: ObjectFaultName;
}

/**
 * Encodes an attestation object (`attObj`) as an Apple device sends it in a `device-attest-01` response.
 *
 * @param x5c the certificates, leaf first, as `attest` returns them; anything else that is bytes, too
 * @returns CBOR; send it as base64url
 * @throws TypeError if `x5c` is not an array of `Uint8Array`, or there is no such fault
 * @example
 * ```ts
 * import { toBase64Url } from 'managed-device-attestation';
 * import { createAttestationAuthority, createSimulatedDevice, encodeAttestationObject } from 'managed-device-attestation/testing';
 *
 * const at = new Date('2026-06-01T12:00:00Z');
 * const authority = await createAttestationAuthority({ at });
 * const device = createSimulatedDevice(authority, { clock: () => at });
 * const key = await device.createKey({ curve: 'P-384' });
 * const answer = await device.attest({ key, freshnessCode: new Uint8Array(32) });
 * if (answer.status === 'attested') console.log({ attObj: toBase64Url(encodeAttestationObject(answer.x5c)) });
 * ```
 * @see https://datatracker.ietf.org/doc/draft-ietf-acme-device-attest/
 */
export function encodeAttestationObject(
  x5c: readonly Uint8Array[],
  { authData = 'absent', fault }: EncodeAttestationObjectOptions = {},
): Bytes {
  if (!Array.isArray(x5c) || !x5c.every(isBytes)) throw new TypeError('x5c must be an array of Uint8Array');
  if (fault !== undefined) return requireFault(OBJECT_FAULTS, fault).encode(x5c);
  return map(
    ['fmt', text('apple')],
    ['attStmt', map(['x5c', array(...x5c.map(byteString))])],
    ...(authData === 'empty' ? ([['authData', byteString(new Uint8Array())]] as const) : []),
  );
}
