import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';

/** What is read of the headers of a request: `Headers` of the web, or the object that Node makes. */
export type RequestHeaders =
  | {
      /** The name is in lower case. */
      readonly get: (name: string) => string | null;
    }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Named limit: a chain of the largest certificates, in PEM, with some of it escaped. */
const MAX_HEADER_CHARACTERS = 196_608;

/** The fault of a header; `field` is its name, in lower case. */
export function refuseHeader(
  code: Extract<AttestationErrorCode, `ERR_MDA_HEADER_${string}`>,
  field: string,
  cause?: unknown,
): never {
  throw new AttestationError(code, cause === undefined ? { field } : { field, cause });
}

/**
 * The value of a header, or undefined if it is not there or empty. One that the server kept apart as several values
 * is refused here; one that it joined with commas, by the grammar of the header.
 */
export function headerValue(headers: RequestHeaders, name: string): string | undefined {
  let value: unknown = isWebHeaders(headers)
    ? headers.get(name)
    : Object.hasOwn(headers, name)
      ? headers[name]
      : undefined;
  if (Array.isArray(value)) {
    if (value.length > 1) refuseHeader('ERR_MDA_HEADER_DOUBLED', name);
    value = value[0];
  }
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new TypeError('headers must have texts, or arrays of texts');
  if (value.length > MAX_HEADER_CHARACTERS) refuseHeader('ERR_MDA_HEADER_TOO_LARGE', name);
  return value;
}

/** The value of a header without commas in its grammar: where there is one, the header was there twice. */
export function onlyHeaderValue(headers: RequestHeaders, name: string): string | undefined {
  const value = headerValue(headers, name);
  if (value?.includes(',') === true) refuseHeader('ERR_MDA_HEADER_DOUBLED', name);
  return value;
}

function isWebHeaders(headers: RequestHeaders): headers is Extract<RequestHeaders, { readonly get: unknown }> & {
  readonly get: (name: string) => string | null;
} {
  return typeof headers.get === 'function';
}
