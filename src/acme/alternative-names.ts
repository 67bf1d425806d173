import { copyBytes, isBytes } from '../core/bytes.ts';
import { atEnd, derCursor, type DerCursor, enter, fail, leave, SEQUENCE } from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import { readGeneralName, type SubjectAlternativeName } from './general-name.ts';

/** Named limits: the value as large as a certificate, and as many names as it has extensions. */
export const MAX_ALTERNATIVE_NAME_BYTES = 16_384;
const MAX_ALTERNATIVE_NAMES = 64;

/**
 * Parses the value of a subjectAltName extension: of a certificate request, or of a certificate.
 *
 * Checks: strict DER; one name to 64; the text of each of characters that can be seen, without spaces in a DNS name
 * and around a permanent identifier; addresses of 4 or 16 bytes; OIDs.
 * Leaves to you: to believe none of it in a request, and to compare.
 *
 * @param value the content of the extension's OCTET STRING, at most 16,384 bytes
 * @throws AttestationError `ERR_MDA_NAME_*`, `ERR_MDA_DER_*`, `ERR_MDA_CERTIFICATE_NAME` for a directory name
 * @throws TypeError if `value` is not a `Uint8Array`
 * @example
 * ```ts
 * import { type Certificate } from 'managed-device-attestation';
 * import { parseSubjectAlternativeNames } from 'managed-device-attestation/acme';
 *
 * export function permanentIdentifiersOf({ extensions }: Certificate): string[] {
 *   const extension = extensions.find(({ oid }) => oid === '2.5.29.17');
 *   const names = extension === undefined ? [] : parseSubjectAlternativeNames(extension.value);
 *   return names.flatMap((name) => (name.kind === 'permanentIdentifier' ? (name.identifierValue ?? []) : []));
 * }
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
 */
export function parseSubjectAlternativeNames(value: Uint8Array): readonly SubjectAlternativeName[] {
  if (isBytes(value) && value.length > MAX_ALTERNATIVE_NAME_BYTES) throw new AttestationError('ERR_MDA_NAME_COUNT');
  const cursor = derCursor(copyBytes(value, 'value'));
  const names = readAlternativeNames(cursor);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
  return names;
}

/** GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName. */
export function readAlternativeNames(cursor: DerCursor): readonly SubjectAlternativeName[] {
  const names: SubjectAlternativeName[] = [];
  const end = enter(cursor, SEQUENCE);
  do {
    if (names.length === MAX_ALTERNATIVE_NAMES || atEnd(cursor)) fail(cursor, 'ERR_MDA_NAME_COUNT');
    names.push(readGeneralName(cursor));
  } while (!atEnd(cursor));
  leave(cursor, end);
  return names;
}
