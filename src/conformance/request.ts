import { AttestationError, type Certificate, freshnessCodeForNonce, fromBase64, parseCertificate } from '../index.ts';
import type { Bytes } from '../core/bytes.ts';
import { tokenBytes } from '../core/freshness.ts';
import type { Nonces } from '../mdm/device-freshness.ts';
import { isRequestId, type RequestId } from './answer.ts';
import { parseDateTime } from './date-time.ts';

/** A request that does not keep to the protocol; the message is fixed text and names the field. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
}

/** As a map: a field named like a member of every object is a field like any other. */
export type Fields = ReadonlyMap<string, unknown>;

export function requireFields(request: unknown): Fields {
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    throw new MalformedRequest('the request must be a JSON object');
  return new Map(Object.entries(request));
}

export function requireId(id: unknown): RequestId {
  if (isRequestId(id)) return id;
  throw new MalformedRequest('id must be a string or a finite number');
}

/** The id of a request as far as it can be read, for the answer to one that went wrong. */
export function readId(request: unknown): RequestId | null {
  const id: unknown = typeof request === 'object' && request !== null && 'id' in request ? request.id : undefined;
  return isRequestId(id) ? id : null;
}

/** Refuses a field that the operation does not know: a misspelt `trustAnchors` must not mean Apple's root. */
export function requireKnownFields(request: Fields, op: string, known: readonly string[]): void {
  for (const field of request.keys())
    if (field !== 'id' && field !== 'op' && !known.includes(field))
      throw new MalformedRequest(`the request has a field that op ${op} does not know`);
}

export function requireString(request: Fields, field: string): string {
  const value = request.get(field);
  if (typeof value === 'string') return value;
  throw new MalformedRequest(`${field} must be a string`);
}

export function requireStrings(request: Fields, field: string): readonly string[] {
  const value = request.get(field);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new MalformedRequest(`${field} must be an array of strings`);
}

/** The token of the challenge; the validator would call one that is none a mistake of its caller. */
export function requireToken(request: Fields): string {
  const token = requireString(request, 'token');
  try {
    tokenBytes(token);
  } catch {
    throw new MalformedRequest('token must be the base64url token of the challenge');
  }
  return token;
}

const MAX_KEY_BYTES = 16_384;

/** A public key of the verifier itself: base64 of its SubjectPublicKeyInfo. */
export function requireKey(request: Fields, field: string): Bytes {
  try {
    const key = fromBase64(requireString(request, field));
    if (key.length > 0 && key.length <= MAX_KEY_BYTES) return key;
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
  }
  throw new MalformedRequest(`${field} must be the base64 of a SubjectPublicKeyInfo`);
}

/** A nonce of the verifier itself: 1 to 32 bytes in base64. */
function requireNonce(text: unknown, field: string): Bytes {
  try {
    return freshnessCodeForNonce(fromBase64(text as string));
  } catch (error) {
    if (error instanceof AttestationError || error instanceof TypeError)
      throw new MalformedRequest(`${field} must be the base64 of 1 to 32 bytes`);
    throw error;
  }
}

/** The fields `nonce` and `knownNonces`. */
export function requireNonces(request: Fields): Nonces {
  const nonce = request.get('nonce');
  return {
    nonce: nonce === null ? undefined : requireNonce(nonce, 'nonce'),
    // When they were issued is no matter of the protocol.
    known: requireStrings(request, 'knownNonces').map((text, index) => ({
      nonce: requireNonce(text, `knownNonces[${index}]`),
      issuedAt: 0,
    })),
  };
}

/** The fields `at` and `trustAnchors`, as options of a verification. */
export function requirePathOptions(request: Fields): {
  readonly at: Date;
  readonly trustAnchors?: readonly Certificate[];
} {
  const text = request.get('at');
  const at = typeof text === 'string' ? parseDateTime(text) : undefined;
  if (at === undefined) throw new MalformedRequest('at must be a date-time of RFC 3339 that exists, with its zone');
  return request.has('trustAnchors') ? { at, trustAnchors: requireTrustAnchors(request) } : { at };
}

function requireTrustAnchors(request: Fields): readonly Certificate[] {
  const list = requireStrings(request, 'trustAnchors');
  // Never Apple's root instead: a driver that found no anchor must not get a verdict on another question.
  if (list.length === 0) throw new MalformedRequest('trustAnchors must hold at least one certificate');
  return list.map((text, index) => {
    try {
      return parseCertificate(fromBase64(text));
    } catch (error) {
      if (error instanceof AttestationError)
        throw new MalformedRequest(`trustAnchors[${index}] must be the base64 of a certificate (${error.code})`);
      throw error;
    }
  });
}
