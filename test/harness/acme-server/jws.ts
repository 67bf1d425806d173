import { errors, flattenedVerify, importJWK } from 'jose';
import { fromBase64Url, toBase64Url } from '../../../src/index.ts';
import { restoreEcdsaSignature } from '../../../src/acme/index.ts';
import { type AccountKey, SIGNATURE_ALGORITHMS } from './account-key.ts';
import { isObject, type JsonObject, readJsonObject } from './json.ts';
import { refusal } from './problem.ts';

/** A JWS in the flattened JSON serialization (RFC 7515, 7.2.2): parsed, not verified. */
export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
  /** What `protected` says. */
  readonly header: JsonObject;
}

/** Named limit: the protected header with the largest key that is taken has some 1,500 bytes. */
const MAX_HEADER_CHARACTERS = 4096;

/** RFC 8555, 6.2: flattened, nothing unprotected, nothing unencoded (RFC 7797) and nothing critical that is not known. */
export function parseJws(value: unknown): Jws {
  if (!isObject(value)) throw refusal('malformed', 'the JWS must be a JSON object');
  const { protected: encodedHeader, payload, signature, ...others } = value;
  if (typeof encodedHeader !== 'string' || typeof payload !== 'string' || typeof signature !== 'string')
    throw refusal('malformed', 'the JWS must have protected, payload and signature');
  if (Object.keys(others).length > 0) throw refusal('malformed', 'the JWS must have nothing unprotected');
  if (encodedHeader.length > MAX_HEADER_CHARACTERS) throw refusal('malformed', 'the protected header is too large');
  const header = readJsonObject(decode(encodedHeader));
  if (header === undefined) throw refusal('malformed', 'the protected header must be a JSON object');
  if ('crit' in header || 'b64' in header) throw refusal('malformed', 'no extension of JWS is supported');
  decode(payload);
  decode(signature);
  return { protected: encodedHeader, payload, signature, header };
}

/** The object in the payload; undefined if there is none at all. */
export function readPayload({ payload }: Pick<Jws, 'payload'>): JsonObject | undefined {
  if (payload === '') return undefined;
  const value = readJsonObject(decode(payload));
  if (value === undefined) throw refusal('malformed', 'the payload must be a JSON object');
  return value;
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch {
    throw refusal('malformed', 'a part of the JWS is not base64url');
  }
}

/** Refuses an algorithm that is not on the list, whoever the key belongs to. */
export function requireAlgorithm({ header }: Jws): void {
  if (!SIGNATURE_ALGORITHMS.some((algorithm) => algorithm === header['alg']))
    throw refusal('badSignatureAlgorithm', 'the algorithm of the JWS is not supported', {
      members: { algorithms: SIGNATURE_ALGORITHMS },
    });
}

/** Verifies the signature, also one that Apple's client has shortened. */
export async function verifyJws(jws: Jws, { jwk, algorithm }: AccountKey): Promise<void> {
  requireAlgorithm(jws);
  if (jws.header['alg'] !== algorithm) throw refusal('malformed', 'the algorithm does not belong to the key');
  const key = await importJWK(jwk, algorithm);
  for (const signature of candidates(jws.signature, algorithm))
    if (await verifies({ ...jws, signature }, key, algorithm)) return;
  throw refusal('malformed', 'the signature of the JWS does not verify');
}

function candidates(signature: string, algorithm: AccountKey['algorithm']): readonly string[] {
  if (algorithm === 'RS256' || algorithm === 'EdDSA') return [signature];
  return restoreEcdsaSignature(decode(signature), algorithm).map(toBase64Url);
}

export async function verifies(
  { protected: header, payload, signature }: Omit<Jws, 'header'>,
  key: Uint8Array | Awaited<ReturnType<typeof importJWK>>,
  algorithm: string,
): Promise<boolean> {
  try {
    await flattenedVerify({ protected: header, payload, signature }, key, { algorithms: [algorithm] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}
