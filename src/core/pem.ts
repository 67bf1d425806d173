import { fromBase64, toBase64 } from './base64.ts';
import type { Bytes } from './bytes.ts';
import { AttestationError } from './errors.ts';
import { requireText } from './text.ts';

/** Named limit: room for a bundle of some hundred certificates. */
export const MAX_PEM_CHARACTERS = 262_144;

const BEGIN = '-----BEGIN ';
const CERTIFICATE_BEGIN = '-----BEGIN CERTIFICATE-----';
const CERTIFICATE_END = '-----END CERTIFICATE-----';

/**
 * Reads the certificates of a PEM text (RFC 7468), in their order.
 *
 * At most 262,144 characters. Text outside of the blocks is allowed, as the RFC says; a block of another
 * kind (a private key, say) is refused, so that a mix-up of files shows.
 *
 * @returns the DER bytes of at least one certificate
 * @throws AttestationError `ERR_MDA_ENCODING_PEM`
 * @throws TypeError if `text` is not a string
 * @example
 * ```ts
 * import { appleEnterpriseAttestationRoot, fromPem, parseCertificate, toPem } from 'managed-device-attestation';
 *
 * const pem = toPem(appleEnterpriseAttestationRoot().der);
 * const trustAnchors = fromPem(pem).map(parseCertificate);
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7468
 */
export function fromPem(text: string): Bytes[] {
  requireText(text);
  if (text.length > MAX_PEM_CHARACTERS) throw new AttestationError('ERR_MDA_ENCODING_PEM');
  const certificates: Bytes[] = [];
  for (let begin = text.indexOf(BEGIN); begin !== -1; begin = text.indexOf(BEGIN, begin + 1)) {
    const start = begin + CERTIFICATE_BEGIN.length;
    const end = text.indexOf('-----', start);
    if (!text.startsWith(CERTIFICATE_BEGIN, begin) || end === -1 || !text.startsWith(CERTIFICATE_END, end))
      throw new AttestationError('ERR_MDA_ENCODING_PEM', { offset: begin });
    try {
      certificates.push(fromBase64(text.slice(start, end).replace(/[ \t\r\n]+/g, '')));
    } catch (cause) {
      throw new AttestationError('ERR_MDA_ENCODING_PEM', { offset: start, cause });
    }
    begin = end + CERTIFICATE_END.length - 1;
  }
  if (certificates.length === 0) throw new AttestationError('ERR_MDA_ENCODING_PEM', { offset: text.length });
  return certificates;
}

/**
 * Writes certificates as PEM (RFC 7468): 64 characters a line, a line feed at the end of each.
 *
 * @throws TypeError if a certificate is not a `Uint8Array`
 * @example
 * ```ts
 * import { appleEnterpriseAttestationRoot, toPem } from 'managed-device-attestation';
 *
 * console.log(toPem(appleEnterpriseAttestationRoot().der));
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7468
 */
export function toPem(certificates: Uint8Array | readonly Uint8Array[]): string {
  const list = Array.isArray(certificates) ? (certificates as readonly Uint8Array[]) : [certificates as Uint8Array];
  const encode = (der: Uint8Array): string =>
    [CERTIFICATE_BEGIN, ...(toBase64(der).match(/.{1,64}/g) ?? []), CERTIFICATE_END, ''].join('\n');
  return Array.from(list, encode).join('');
}
