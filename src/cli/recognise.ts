import { parseAttestationObject } from '../acme/index.ts';
import { fromBase64, fromBase64Url, fromPem } from '../index.ts';
import { OperatorError } from './operator-error.ts';
import { splitDer } from './split-der.ts';

export type Format = 'pem' | 'der' | 'base64' | 'json-array' | 'acme-payload' | 'attestation-object';

/** Bytes of which the format is known; whether they keep to it shows when they are decoded. */
export interface RecognisedInput {
  readonly format: Format;
  /**
   * The certificates, leaf first.
   *
   * @throws AttestationError if the input breaks the format it was recognised as
   */
  readonly decode: () => readonly Uint8Array[];
}

/**
 * Recognises the format by what the input begins with. The forms exclude each other: DER and CBOR begin with
 * bytes that no UTF-8 text begins with, and the base64 of each with letters of its own.
 */
export function recognise(input: Uint8Array): RecognisedInput {
  if (isCertificate(input)) return { format: 'der', decode: () => splitDer(input) };
  if (isCborMap(input)) return { format: 'attestation-object', decode: () => decodeObject(input) };
  // Not fatal: a PEM file may have a comment in any encoding. A byte order mark is dropped.
  const text = new TextDecoder().decode(input).trim();
  if (text === '') throw new OperatorError('the input is empty; it should hold the certificates of an attestation');
  return recogniseJson(text) ?? recognisePem(text) ?? recogniseBase64(text) ?? refuse();
}

const FORMS = 'PEM, DER, base64 (one certificate a line), a JSON array of base64, or a CBOR attestation object';

function refuse(): never {
  throw new OperatorError(`the format was not recognised; it should be ${FORMS}`);
}

/** A SEQUENCE of more than 127 bytes; the second byte tells it from a text that begins with the digit zero. */
function isCertificate([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0x30 && second >= 0x80;
}

/** Major type 5. */
function isCborMap([first = 0]: Uint8Array): boolean {
  return first >> 5 === 5;
}

/** A map whose first key is a text: so much is asked of base64, for any word that begins with o to v is the base64 of a map. */
function isCborMapWithTextKey(bytes: Uint8Array): boolean {
  const [, second = 0] = bytes;
  return isCborMap(bytes) && second >> 5 === 3;
}

function decodeObject(bytes: Uint8Array): readonly Uint8Array[] {
  return parseAttestationObject(bytes).x5c;
}

function recogniseJson(text: string): RecognisedInput | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    if (!list.every((item) => typeof item === 'string'))
      throw new OperatorError(
        'the JSON array holds something else than strings; it should hold the base64 of each certificate',
      );
    return { format: 'json-array', decode: () => list.map(fromBase64) };
  }
  const attObj: unknown = Object.entries(value as object).find(([key]) => key === 'attObj')?.[1];
  if (typeof attObj !== 'string')
    throw new OperatorError('the JSON object has no attestation; it should be the ACME payload {"attObj": base64url}');
  return { format: 'acme-payload', decode: () => decodeObject(fromBase64Url(attObj)) };
}

function recognisePem(text: string): RecognisedInput | undefined {
  return text.includes('-----BEGIN ') ? { format: 'pem', decode: () => fromPem(text) } : undefined;
}

/** `base64` wraps its output at 76 characters; no certificate fits into so few. */
const MAX_WRAPPED_LINE_CHARACTERS = 76;

function recogniseBase64(text: string): RecognisedInput | undefined {
  // Not one expression for the line feed and the space around it, which would take quadratic time on a run of spaces.
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (!lines.every((line) => /^[\w+/=-]+$/.test(line))) return undefined;
  // Four characters are three bytes in either alphabet, whatever is wrong with the rest.
  const start = Buffer.from(text.slice(0, 4), 'base64');
  const whole = lines.join('');
  if (isCertificate(start)) {
    const wrapped = lines.every((line) => line.length <= MAX_WRAPPED_LINE_CHARACTERS);
    return { format: 'base64', decode: () => (wrapped ? splitDer(fromBase64(whole)) : lines.map(fromBase64)) };
  }
  if (!isCborMapWithTextKey(start)) return undefined;
  const decode = /[+/=]/.test(whole) ? fromBase64 : fromBase64Url;
  return { format: 'attestation-object', decode: () => decodeObject(decode(whole)) };
}
