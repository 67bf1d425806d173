import { type Bytes, isBytes } from '../core/bytes.ts';
import { type CborValue, decodeCbor } from '../core/cbor.ts';
import { type AttestationChain, parseAttestationChain } from '../core/chain.ts';
import { AttestationError } from '../core/errors.ts';

/** Named limit: five certificates of the largest size, and what CBOR puts around them. */
export const MAX_ATTESTATION_OBJECT_BYTES = 5 * 16_384 + 256;

/** The attestation object of a `device-attest-01` response. Parsed is not verified. */
export interface AttestationObject {
  readonly format: 'apple';
  /** The certificates of `x5c`, leaf first. */
  readonly x5c: readonly Bytes[];
  /** The same certificates, parsed. */
  readonly chain: AttestationChain;
}

/**
 * Parses the attestation object (`attObj`) of an ACME `device-attest-01` challenge response.
 *
 * Checks: strict CBOR that fills the bytes; `fmt` is `apple`; `attStmt` holds `x5c` and nothing else;
 * `authData` is absent or empty; the certificates as `parseAttestationChain` does.
 * Leaves to you: the verification; see `verifyAttestation`.
 *
 * @param bytes the decoded `attObj`, at most 82,176 bytes
 * @throws AttestationError `ERR_MDA_CBOR_*`, `ERR_MDA_OBJECT_*`, and those of `parseAttestationChain`
 * @throws TypeError if `bytes` is not a `Uint8Array`
 * @example
 * ```ts
 * import { fromBase64Url } from 'managed-device-attestation';
 * import { parseAttestationObject } from 'managed-device-attestation/acme';
 *
 * export function chainOf(payload: { attObj: string }) {
 *   return parseAttestationObject(fromBase64Url(payload.attObj)).chain;
 * }
 * ```
 * @see https://datatracker.ietf.org/doc/draft-ietf-acme-device-attest/
 */
export function parseAttestationObject(bytes: Uint8Array): AttestationObject {
  if (!isBytes(bytes)) throw new TypeError('bytes must be a Uint8Array');
  if (bytes.length > MAX_ATTESTATION_OBJECT_BYTES) throw new AttestationError('ERR_MDA_OBJECT_TOO_LARGE');
  const object = readMap(decodeCbor(bytes), ['fmt', 'attStmt', 'authData'], 'ERR_MDA_OBJECT_SHAPE');
  const { fmt, attStmt, authData } = object;
  const emptyAuthData = authData === undefined || (isBytes(authData) && authData.length === 0);
  if (typeof fmt !== 'string' || attStmt === undefined || !emptyAuthData)
    throw new AttestationError('ERR_MDA_OBJECT_SHAPE');
  if (fmt !== 'apple') throw new AttestationError('ERR_MDA_OBJECT_FORMAT');
  const { x5c } = readMap(attStmt, ['x5c'], 'ERR_MDA_OBJECT_STATEMENT');
  if (!isArrayOfBytes(x5c)) throw new AttestationError('ERR_MDA_OBJECT_STATEMENT');
  return { format: 'apple', x5c, chain: parseAttestationChain(x5c) };
}

/** The entries of a map that holds these keys alone, each at most once. Keys are compared as they are: `Fmt` is not `fmt`. */
function readMap<Key extends string>(
  value: CborValue,
  keys: readonly Key[],
  code: 'ERR_MDA_OBJECT_SHAPE' | 'ERR_MDA_OBJECT_STATEMENT',
): Readonly<Partial<Record<Key, CborValue>>> {
  if (!(value instanceof Map)) throw new AttestationError(code);
  const entries: Partial<Record<Key, CborValue>> = {};
  for (const [key, item] of value as ReadonlyMap<string, CborValue>) {
    const known = keys.find((name) => name === key);
    if (known === undefined) throw new AttestationError(code);
    entries[known] = item;
  }
  return entries;
}

function isArrayOfBytes(value: CborValue | undefined): value is readonly Bytes[] {
  return Array.isArray(value) && value.every(isBytes);
}
