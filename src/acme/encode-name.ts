import { type Bytes, copyBytes } from '../core/bytes.ts';
import { OCTET_STRING, OID, SEQUENCE, UTF8_STRING } from '../core/der.ts';
import { requireOptions } from '../core/options.ts';
import { decodeUtf8 } from '../core/text.ts';
import { encodeOid, tlv } from './der-writer.ts';
import {
  EXPLICIT_0,
  HARDWARE_MODULE_NAME_OID,
  isVisible,
  OTHER_NAME,
  PERMANENT_IDENTIFIER_OID,
  type PermanentIdentifier,
} from './general-name.ts';

/**
 * Encodes a permanent identifier (RFC 4043) as a GeneralName, to put into the subjectAltName of a certificate.
 *
 * Leaves to you: to put in what was attested or what you looked up, and nothing else.
 *
 * @returns DER of an otherName; GeneralNames is a SEQUENCE of them
 * @throws TypeError if `identifierValue` is there and not text that can be seen, without white space around it or
 * other than the space in it, or `assigner` is there and no OID
 * @example
 * ```ts
 * import { encodePermanentIdentifier } from 'managed-device-attestation/acme';
 *
 * const name = encodePermanentIdentifier({ identifierValue: 'TMWFWWWP67' });
 * console.log(name.length); // 28
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc4043#section-2
 */
export function encodePermanentIdentifier(identifier: PermanentIdentifier): Bytes {
  requireOptions(identifier, ['identifierValue', 'assigner']);
  return encodeOtherName(
    PERMANENT_IDENTIFIER_OID,
    'identifierValue' in identifier ? tlv(UTF8_STRING, requireVisibleText(identifier.identifierValue)) : NOTHING,
    'assigner' in identifier ? tlv(OID, requireOid(identifier.assigner, 'assigner')) : NOTHING,
  );
}

/**
 * Encodes the name of a hardware module (RFC 4108) as a GeneralName, to put into the subjectAltName of a certificate.
 *
 * Leaves to you: to put in what was attested or what you looked up, and nothing else.
 *
 * @param name.type OID, dotted, of the kind of hardware
 * @returns DER of an otherName; GeneralNames is a SEQUENCE of them
 * @throws TypeError if `type` is no OID, or `serialNumber` is not a `Uint8Array`
 * @example
 * ```ts
 * import { encodeHardwareModuleName } from 'managed-device-attestation/acme';
 *
 * const serialNumber = new TextEncoder().encode('TMWFWWWP67');
 * const name = encodeHardwareModuleName({ type: '1.3.6.1.4.1.32473.1', serialNumber });
 * console.log(name.length); // 39
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc4108#section-5
 */
export function encodeHardwareModuleName(name: { readonly type: string; readonly serialNumber: Uint8Array }): Bytes {
  requireOptions(name, ['type', 'serialNumber']);
  const serialNumber = copyBytes(name.serialNumber, 'serialNumber');
  return encodeOtherName(
    HARDWARE_MODULE_NAME_OID,
    tlv(OID, requireOid(name.type, 'type')),
    tlv(OCTET_STRING, serialNumber),
  );
}

const NOTHING = /* @__PURE__ */ new Uint8Array();

function encodeOtherName(oid: string, ...content: readonly Uint8Array[]): Bytes {
  return tlv(OTHER_NAME, tlv(OID, requireOid(oid, 'oid')), tlv(EXPLICIT_0, tlv(SEQUENCE, ...content)));
}

function requireOid(text: unknown, option: string): Bytes {
  const content = typeof text === 'string' ? encodeOid(text) : undefined;
  if (content === undefined) throw new TypeError(`${option} must be an OID in dotted form`);
  return content;
}

/** What the reader takes: half of a surrogate pair would come back as another character. */
function requireVisibleText(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' && isVisible(text) ? new TextEncoder().encode(text) : undefined;
  if (bytes === undefined || decodeUtf8(bytes) !== text)
    throw new TypeError('identifierValue must be text that can be seen');
  return bytes;
}
