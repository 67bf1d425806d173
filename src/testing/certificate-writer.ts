import {
  bitString,
  boolean,
  concat,
  type Der,
  explicit,
  integer,
  octetString,
  oid,
  sequence,
  time,
} from './der-writer.ts';
import { type HashName, type Key, signatureValue } from './key.ts';

export const SIGNATURE_OIDS = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
} as const;

export interface ExtensionSpec {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

export const extension = (id: string, value: Uint8Array, critical = false): ExtensionSpec => ({
  oid: id,
  value,
  critical,
});

export const basicConstraints = (ca: boolean, pathLength?: number): ExtensionSpec =>
  extension(
    '2.5.29.19',
    sequence(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    true,
  );
/** The bits as a byte, first bit highest: 0xf0 as Apple's leaves, 0x06 as its authorities. */
export function keyUsage(bits: number): ExtensionSpec {
  const unused = Math.log2(bits & -bits);
  return extension('2.5.29.15', bitString(Uint8Array.of(bits), unused), true);
}
export const subjectKeyIdentifier = (identifier: Uint8Array): ExtensionSpec =>
  extension('2.5.29.14', octetString(identifier));
export const authorityKeyIdentifier = (identifier: Uint8Array): ExtensionSpec =>
  extension('2.5.29.35', sequence(concat(Uint8Array.of(0x80, identifier.length), identifier)));
export const property = (arcs: string, value: Uint8Array): ExtensionSpec =>
  extension(`1.2.840.113635.100.8.${arcs}`, value);

/** Every part of a certificate as DER, so that any one can be replaced by what should not be there. */
export interface CertificateParts {
  version: Uint8Array;
  serialNumber: Uint8Array;
  innerAlgorithm: Uint8Array;
  issuer: Uint8Array;
  notBefore: Uint8Array;
  notAfter: Uint8Array;
  subject: Uint8Array;
  publicKey: Uint8Array;
  /** Between the key and the extensions: unique identifiers, where somebody sends them. */
  uniqueIdentifiers: Uint8Array;
  extensions: Uint8Array;
  outerAlgorithm: Uint8Array;
}

export interface CertificateSpec {
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly key: Pick<Key, 'spki'>;
  readonly issuerKey: Key;
  readonly hash?: HashName;
  readonly serialNumber?: bigint | number;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly ExtensionSpec[];
  /** Replaces parts before the signature is made: the certificate is wrong, and its signature right. */
  readonly replace?: Partial<CertificateParts>;
  /** Replaces the content of the BIT STRING that holds the signature. */
  readonly signature?: (value: Der) => Uint8Array;
}

export function encodeExtensions(extensions: readonly ExtensionSpec[]): Der {
  return sequence(
    ...extensions.map(({ oid: id, critical, value }) =>
      sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value)),
    ),
  );
}

export async function mintCertificate(spec: CertificateSpec): Promise<Der> {
  const hash = spec.hash ?? 'SHA-384';
  const algorithm = sequence(oid(SIGNATURE_OIDS[hash]));
  const parts: CertificateParts = {
    version: explicit(0, integer(2)),
    serialNumber: integer(spec.serialNumber ?? 0x198084c7ebcn),
    innerAlgorithm: algorithm,
    issuer: spec.issuer,
    notBefore: time(spec.notBefore),
    notAfter: time(spec.notAfter),
    subject: spec.subject,
    publicKey: spec.key.spki,
    uniqueIdentifiers: new Uint8Array(),
    extensions: explicit(3, encodeExtensions(spec.extensions)),
    outerAlgorithm: algorithm,
    ...spec.replace,
  };
  const tbs = sequence(
    parts.version,
    parts.serialNumber,
    parts.innerAlgorithm,
    parts.issuer,
    sequence(parts.notBefore, parts.notAfter),
    parts.subject,
    parts.publicKey,
    parts.uniqueIdentifiers,
    parts.extensions,
  );
  const value = signatureValue(await spec.issuerKey.sign(tbs, hash));
  return sequence(tbs, parts.outerAlgorithm, bitString(spec.signature?.(value) ?? value));
}
