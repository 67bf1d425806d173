import { requireOptions } from '../core/options.ts';
import { isBytes } from '../core/bytes.ts';
import { bytes, type Der, explicit, oid, tlv, utf8 } from './der-writer.ts';

/** The subject alternative names that a payload asks for, by the names of their keys. */
export interface SubjectAltName {
  readonly rfc822Name?: string;
  readonly dNSName?: string;
  readonly uniformResourceIdentifier?: string;
  readonly ntPrincipalName?: string;
  /** Further GeneralNames, DER each: what no payload can ask for, such as a permanentIdentifier (RFC 4043). */
  readonly other?: readonly Uint8Array[];
}

/** Microsoft's user principal name. */
const NT_PRINCIPAL_NAME = '1.3.6.1.4.1.311.20.2.3';

/** RFC 5280, 4.2.1.6: an otherName of any type. */
export const otherName = (type: string, value: Uint8Array): Der => tlv(0xa0, oid(type), explicit(0, value));

const ia5 =
  (tag: number) =>
  (text: string): Der =>
    tlv(tag, bytes(text));

const WRITERS: Readonly<Record<Exclude<keyof SubjectAltName, 'other'>, (text: string) => Der>> = {
  rfc822Name: ia5(0x81),
  dNSName: ia5(0x82),
  uniformResourceIdentifier: ia5(0x86),
  ntPrincipalName: (text) => otherName(NT_PRINCIPAL_NAME, utf8(text)),
};

/** The GeneralNames, in the order of the members. */
export function encodeSubjectAltName(names: SubjectAltName): readonly Uint8Array[] {
  requireOptions(names, [...Object.keys(WRITERS), 'other']);
  const { other = [], ...texts } = names;
  if (!Array.isArray(other) || !other.every(isBytes))
    throw new TypeError('subjectAltName.other must be a list of Uint8Array');
  const written = Object.entries(texts).map(([name, text]: readonly [string, unknown]) => {
    if (typeof text !== 'string') throw new TypeError(`subjectAltName.${name} must be a string`);
    // An IA5String has no other characters; the principal name is UTF-8.
    if (name !== 'ntPrincipalName' && !/^[\x20-\x7e]+$/.test(text))
      throw new TypeError(`subjectAltName.${name} must be printable ASCII`);
    return WRITERS[name as keyof typeof WRITERS](text);
  });
  return [...written, ...other];
}
