import { type Bytes, constantTimeEqual } from '../core/bytes.ts';
import type { Extension } from '../core/certificate.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { oidOf } from '../core/extensions.ts';
import { describeName, type Name } from '../core/name.ts';
import { requireBytes, requireOptions } from '../core/options.ts';
import { describePublicKey, type PublicKey } from '../core/public-key.ts';
import { verifySignature } from '../core/signature.ts';
import {
  type CertificateRequestRecord,
  MAX_CERTIFICATE_REQUEST_BYTES,
  readCertificateRequest,
} from './certificate-request-record.ts';
import type { SubjectAlternativeName } from './general-name.ts';
import { acmeProblem, type ProblemDocument } from './problem.ts';

declare const verified: unique symbol;

/** A certificate request that was verified. The key is proven; what else stands in it is a wish. */
export interface VerifiedCertificateRequest {
  readonly der: Bytes;
  /** The attested key. */
  readonly publicKey: PublicKey;
  /** As asked for. Decide on it, and write your own. */
  readonly subject: Name;
  /** As asked for; empty if none were. */
  readonly subjectAlternativeNames: readonly SubjectAlternativeName[];
  /** Everything that was asked for, subjectAltName included, in the order of the request. */
  readonly extensions: readonly Extension[];
  readonly [verified]: true;
}

/**
 * Verifies the certificate request that finalizes an order (RFC 8555, 7.4).
 *
 * Checks, in this order: strict DER; version 0; names, key and algorithm as in a certificate; attributes in the
 * order of DER, none twice, none of them Microsoft's for extensions; extensions, none twice, the standard ones well-formed; the key against each of
 * `attestedKeys`, in type, size and bytes, in constant time; the signature of the request by its own key.
 * Leaves to you: what to issue. The request is Apple's client's only if the key is, so copy nothing of it blindly.
 *
 * @param csr the decoded `csr` of the finalize request, DER, at most 16,384 bytes
 * @param options.attestedKeys the `spki` of the attested key of every authorization of the order
 * @throws AttestationError `ERR_MDA_CSR_*`, `ERR_MDA_NAME_*`, `ERR_MDA_DER_*`, `ERR_MDA_KEY_*`,
 * `ERR_MDA_CERTIFICATE_*`: answer with `csrProblem`, and leave the order `ready`
 * @throws TypeError if `csr` is not a `Uint8Array`, an option is missing, unknown or of another type, or
 * `attestedKeys` is empty
 * @example
 * ```ts
 * import { AttestationError, fromBase64, fromBase64Url } from 'managed-device-attestation';
 * import { acmeProblem, csrProblem, verifyCertificateRequest } from 'managed-device-attestation/acme';
 *
 * export async function finalize({ csr }: { csr?: unknown }, storedKeys: string[]) {
 *   if (typeof csr !== 'string') return { problem: acmeProblem('malformed', 'csr must be a string') };
 *   try {
 *     const request = await verifyCertificateRequest(fromBase64Url(csr), { attestedKeys: storedKeys.map(fromBase64) });
 *     return { publicKey: request.publicKey };
 *   } catch (error) {
 *     if (!(error instanceof AttestationError)) throw error;
 *     return { problem: csrProblem(error) };
 *   }
 * }
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc2986#section-4; Apple, "Validating a Managed Device Attestation"
 */
export async function verifyCertificateRequest(
  csr: Uint8Array,
  options: { readonly attestedKeys: readonly Uint8Array[] },
): Promise<VerifiedCertificateRequest> {
  requireOptions(options, ['attestedKeys']);
  const attestedKeys = requireKeys(options.attestedKeys);
  const request = readCertificateRequest(csr);
  const { spki } = request.publicKey;
  if (!attestedKeys.every((key) => constantTimeEqual(spki, key))) throw new AttestationError('ERR_MDA_CSR_PUBLIC_KEY');
  await requireSignature(request);
  return describe(request);
}

function requireKeys(keys: unknown): readonly Bytes[] {
  if (!Array.isArray(keys) || keys.length === 0) throw new TypeError('attestedKeys must be an array that is not empty');
  // Not `map`, which passes over the holes of an array.
  return Array.from(keys, (key, index) => requireBytes(key, `attestedKeys[${index}]`, MAX_CERTIFICATE_REQUEST_BYTES));
}

async function requireSignature({ publicKey, hash, signature, info }: CertificateRequestRecord): Promise<void> {
  let isGood: boolean;
  try {
    isGood = await verifySignature(publicKey, hash, signature, info);
  } catch (cause) {
    // What is not a fault of the signature is one of the platform: it lacks the curve or the hash.
    const code: AttestationErrorCode =
      cause instanceof AttestationError ? 'ERR_MDA_CSR_SIGNATURE_ENCODING' : 'ERR_MDA_CSR_UNSUPPORTED';
    throw new AttestationError(code, { cause });
  }
  if (!isGood) throw new AttestationError('ERR_MDA_CSR_SIGNATURE');
}

function describe(request: CertificateRequestRecord): VerifiedCertificateRequest {
  const { der, subject, publicKey, subjectAlternativeNames, extensions } = request;
  const described: Omit<VerifiedCertificateRequest, typeof verified> = {
    der: new Uint8Array(der),
    publicKey: describePublicKey(publicKey),
    subject: describeName(subject),
    subjectAlternativeNames,
    extensions: extensions.map((extension) => ({
      oid: oidOf(der, extension),
      critical: extension.critical,
      value: new Uint8Array(der.subarray(extension.start, extension.end)),
    })),
  };
  return described as VerifiedCertificateRequest;
}

/**
 * Makes the problem document for a certificate request that was refused. The order stays `ready`: the client may
 * send another request (RFC 8555, 7.4).
 *
 * @param error what `verifyCertificateRequest`, or `fromBase64Url` before it, threw
 * @throws TypeError if it is no `AttestationError`: then the request was not refused, and the server has failed
 * @example
 * ```ts
 * import { AttestationError } from 'managed-device-attestation';
 * import { csrProblem } from 'managed-device-attestation/acme';
 *
 * const { type, status } = csrProblem(new AttestationError('ERR_MDA_CSR_PUBLIC_KEY'));
 * console.log(type, status); // urn:ietf:params:acme:error:badCSR 400
 * ```
 */
export function csrProblem(error: AttestationError): ProblemDocument {
  if (!(error instanceof AttestationError)) throw new TypeError('error must be an AttestationError');
  return acmeProblem('badCSR', `the certificate request was refused: ${error.message}`);
}
