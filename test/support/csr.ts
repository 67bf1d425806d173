import { SIGNATURE_OIDS } from '../../src/testing/certificate-writer.ts';
import { bitString, type Der, integer, name, oid, sequence, set, tlv } from '../../src/testing/der-writer.ts';
import { type HashName, type Key, signatureValue } from '../../src/testing/key.ts';

/** Writes certificate requests (RFC 2986), right or with a fault in one place; the same on every run. */

export const CSR_SUBJECT: Der = name({ CN: 'device of the tests', O: 'Not Apple', C: 'US' });

/** Every part of a certificate request as DER, so that any one can be replaced by what should not be there. */
export interface CsrParts {
  version: Uint8Array;
  subject: Uint8Array;
  publicKey: Uint8Array;
  /** With their tag, [0]. */
  attributes: Uint8Array;
  algorithm: Uint8Array;
}

export interface CsrSpec {
  readonly key: Pick<Key, 'spki' | 'sign'>;
  /** SHA-384 unless given. */
  readonly hash?: HashName;
  readonly subject?: Uint8Array;
  readonly attributes?: readonly Uint8Array[];
  /** Replaces parts before the signature is made: the request is wrong, and its signature right. */
  readonly replace?: Partial<CsrParts>;
  /** Replaces the content of the BIT STRING that holds the signature. */
  readonly signature?: (value: Der) => Uint8Array;
}

export async function mintCsr(spec: CsrSpec): Promise<Der> {
  const hash = spec.hash ?? 'SHA-384';
  const parts: CsrParts = {
    version: integer(0),
    subject: spec.subject ?? CSR_SUBJECT,
    publicKey: spec.key.spki,
    attributes: attributes(...setOrder(spec.attributes ?? [])),
    algorithm: sequence(oid(SIGNATURE_OIDS[hash])),
    ...spec.replace,
  };
  const info = sequence(parts.version, parts.subject, parts.publicKey, parts.attributes);
  const value = signatureValue(await spec.key.sign(info, hash));
  return sequence(info, parts.algorithm, bitString(spec.signature?.(value) ?? value));
}

/** Attribute: a type and the set of its values, in the order in which they are given, which may be wrong. */
export const attribute = (type: string, ...values: readonly Uint8Array[]): Der => sequence(oid(type), set(...values));

/** attributes [0] IMPLICIT SET OF: in the order in which they are given, which may be wrong. */
export const attributes = (...list: readonly Uint8Array[]): Der => tlv(0xa0, ...list);

/** X.690, 11.6: the elements of a SET OF stand in the order of their encodings. */
function setOrder(elements: readonly Uint8Array[]): readonly Uint8Array[] {
  return elements.toSorted((a, b) => Buffer.compare(a, b));
}
