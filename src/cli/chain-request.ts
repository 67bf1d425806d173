import {
  AttestationError,
  type AttestationErrorCode,
  type Certificate,
  fromBase64,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  toBase64,
  verifyAttestation,
} from '../index.ts';
import { parseDateTime } from './date-time.ts';
import { jsonProperties, type JsonProperties } from './json-properties.ts';

export type ChainResult =
  | { readonly result: 'accept'; readonly properties: JsonProperties; readonly publicKey: string }
  | { readonly result: 'reject'; readonly code: AttestationErrorCode };

/** A request that does not keep to the protocol; the message is fixed text and names the field. */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
}

const FIELDS = ['id', 'op', 'x5c', 'trustAnchors', 'at'];

/**
 * Answers a request of the operation `chain`. The request is the driver's, and a fault of its is an error;
 * `x5c` is evidence: where it is an array of strings, whatever they hold is judged.
 *
 * @throws MalformedRequest
 */
export async function answerChainRequest(request: ReadonlyMap<string, unknown>): Promise<ChainResult> {
  for (const field of request.keys())
    if (!FIELDS.includes(field)) throw new MalformedRequest('the request has a field that op chain does not know');
  const x5c = requireStrings(request.get('x5c'), 'x5c');
  const at = request.get('at');
  const time = typeof at === 'string' ? parseDateTime(at) : undefined;
  if (time === undefined) throw new MalformedRequest('at must be a date-time of RFC 3339 that exists, with its zone');
  const trustAnchors = request.has('trustAnchors')
    ? { trustAnchors: requireTrustAnchors(request.get('trustAnchors')) }
    : {};
  try {
    const chain = parseAttestationChain(x5c.map((text) => fromBase64(text)));
    const { properties, publicKey } = await verifyAttestation(chain, {
      at: time,
      expectedFreshnessCode: skipFreshnessCheck,
      ...trustAnchors,
    });
    return { result: 'accept', properties: jsonProperties(properties), publicKey: toBase64(publicKey.spki) };
  } catch (error) {
    if (error instanceof AttestationError) return { result: 'reject', code: error.code };
    throw error;
  }
}

function requireStrings(value: unknown, field: string): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new MalformedRequest(`${field} must be an array of strings`);
}

function requireTrustAnchors(value: unknown): readonly Certificate[] {
  const list = requireStrings(value, 'trustAnchors');
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
