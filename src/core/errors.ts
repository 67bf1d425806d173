import type { AttestationErrorCode } from './error-codes.ts';

/** Where in the evidence the fault lies. Only numbers, dotted OIDs and names that the library knows: safe to log. */
export interface AttestationErrorDetails {
  /** Index of the certificate in the chain, leaf first; the trust anchor follows the last certificate. */
  readonly certificate?: number;
  /** Offset, in bytes, at which a parser stopped, in the value it was reading. */
  readonly offset?: number;
  /** OID of the extension or algorithm at fault, in dotted form. */
  readonly oid?: string;
  /** The key at fault, or its path, made of names that the library knows and of indexes: `rules[2].minimum`. */
  readonly field?: string;
  /** The error underneath: that of the parser, or that of WebCrypto. */
  readonly cause?: unknown;
}

/**
 * The only error that evidence, however hostile, can cause. A caller's own mistake is a `TypeError`.
 *
 * Branch on `code`; it is stable. `message` is the code in words, for people: it never echoes the input.
 *
 * @example
 * ```ts
 * import { AttestationError, fromPem } from 'managed-device-attestation';
 *
 * try {
 *   fromPem('not a certificate');
 * } catch (error) {
 *   if (!(error instanceof AttestationError)) throw error;
 *   console.log(error.code, error.message); // ERR_MDA_ENCODING_PEM encoding pem
 * }
 * ```
 * @see docs/errors.md: every code, what it means and what to do about it
 */
export class AttestationError extends Error {
  /** What is wrong, for the program. */
  declare readonly code: AttestationErrorCode;
  /** Index of the certificate in the chain, leaf first; the trust anchor follows the last certificate. */
  declare readonly certificate: number | undefined;
  /** Offset, in bytes, at which a parser stopped, in the value it was reading. */
  declare readonly offset: number | undefined;
  /** OID of the extension or algorithm at fault, in dotted form. */
  declare readonly oid: string | undefined;
  /** The key at fault, or its path, made of names that the library knows and of indexes: `rules[2].minimum`. */
  declare readonly field: string | undefined;

  constructor(code: AttestationErrorCode, details: AttestationErrorDetails = {}) {
    super(code.slice('ERR_MDA_'.length).toLowerCase().replaceAll('_', ' '), details);
    this.name = 'AttestationError';
    this.code = code;
    this.certificate = details.certificate;
    this.offset = details.offset;
    this.oid = details.oid;
    this.field = details.field;
  }
}
