import { toHex } from '../core/bytes.ts';
import { attributeType, type Der, nameAttribute, sequence, set } from './der-writer.ts';

/**
 * A name as a payload writes it: a list of relative names, each a list of pairs of type and value,
 * `[[['C', 'US']], [['CN', 'device']]]`. A type is C, L, ST, O, OU, CN or a dotted OID.
 */
export type SubjectName = readonly (readonly (readonly string[])[])[];

/** The DER of a Name. */
export function encodeSubjectName(subject: SubjectName): Der {
  if (!Array.isArray(subject)) throw wrong();
  return sequence(
    ...subject.map((attributes: SubjectName[number]) => {
      if (!Array.isArray(attributes) || attributes.length === 0) throw wrong();
      return set(...attributes.map(encodeAttribute).sort(byEncoding));
    }),
  );
}

/** X.690, 11.6: the elements of a SET OF stand in the order of their encodings. */
const byEncoding = (a: Uint8Array, b: Uint8Array): number => (toHex(a) < toHex(b) ? -1 : 1);

function encodeAttribute(pair: readonly string[]): Der {
  if (!Array.isArray(pair) || pair.length !== 2) throw wrong();
  const [type, value] = pair as readonly unknown[];
  if (typeof type !== 'string' || typeof value !== 'string') throw wrong();
  if (!isOid(attributeType(type))) throw wrong();
  return nameAttribute(type, value);
}

export const isOid = (text: unknown): text is string =>
  typeof text === 'string' && /^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(text);

const wrong = (): TypeError =>
  new TypeError('subject must be a list of lists of pairs: a type (C, L, ST, O, OU, CN or an OID) and a value');
