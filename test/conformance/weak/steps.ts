import type { Bytes } from '../../../src/core/bytes.ts';
import type { Certificate } from '../../../src/core/certificate.ts';
import type { Name } from '../../../src/core/name.ts';
import type { CborValue } from './cbor.ts';
import type { Csr } from './csr.ts';
import type { Freshness, Properties, Property } from './protocol.ts';

/** Leaf first. */
export type Certificates = readonly Certificate[];

/** Where a certificate stands: the first of the path, above it, or the anchor that it ends at. */
export type Place = 'leaf' | 'authority' | 'anchor';

/** Reads the value of a property that is not blank; undefined if it is malformed. */
export type Read = (value: Bytes) => string | undefined;

/** An extension under Apple's arc. */
export interface ArcExtension {
  /** In full. */
  readonly oid: string;
  readonly value: Bytes;
}

/**
 * Every decision that a verifier takes, each in a step of its own: a weak verifier is the reference with one
 * of them replaced. A step that answers with a boolean says whether it is satisfied; one that reads something
 * throws where it cannot.
 */
export interface Steps {
  // The form of what was sent.
  readonly fromBase64: (text: string) => Bytes;
  readonly fromBase64Url: (text: string) => Bytes;
  readonly decodeCbor: (bytes: Bytes) => CborValue;
  /** The certificates of an attestation object. */
  readonly readObject: (object: CborValue) => readonly Bytes[];
  readonly parse: (der: Bytes) => Certificate;
  readonly isCount: (certificates: number) => boolean;
  readonly isDistinct: (chain: Certificates) => boolean;

  // The path.
  /** The path without its anchor, out of what was sent. */
  readonly arrange: (chain: Certificates, anchors: Certificates) => Certificates;
  /** The anchors that the path may end at; one that fits in everything is enough. */
  readonly anchorsFor: (path: Certificates, anchors: Certificates, chain: Certificates) => Certificates;
  readonly isNamed: (issuer: Name, subject: Name, link: Link) => boolean;
  readonly isInTime: (certificate: Certificate, at: number, place: Place) => boolean;
  readonly isCriticalKnown: (oid: string, place: Place) => boolean;
  readonly isAuthority: (issuer: Certificate) => boolean;
  /** `below`: how many authorities stand between the issuer and the leaf. */
  readonly isWithinPathLength: (issuer: Certificate, below: number) => boolean;
  readonly maySignCertificates: (issuer: Certificate) => boolean;
  readonly isEndEntity: (leaf: Certificate) => boolean;
  readonly isLeafUsage: (leaf: Certificate) => boolean;
  readonly isIdentified: (certificate: Certificate, issuer: Certificate) => boolean;
  readonly isSigned: (certificate: Certificate, issuer: Certificate, link: Link) => boolean | Promise<boolean>;
  /** What else is asked of a leaf: nothing. A verifier that asks more refuses what devices send. */
  readonly isToTaste: (leaf: Certificate) => boolean;

  // What the leaf says.
  readonly propertiesOf: (extensions: readonly ArcExtension[], steps: Steps) => Properties;
  readonly isArc: (oid: string) => boolean;
  readonly find: (extensions: readonly ArcExtension[], oid: string) => ArcExtension | undefined;
  readonly isKept: (oid: string) => boolean;
  readonly judge: (value: Bytes | undefined, read: Read) => Property;
  readonly readText: Read;
  readonly readFreshnessCode: Read;
  readonly readSystemIntegrityProtection: Read;
  readonly readSecureBoot: Read;
  readonly readKernelExtensions: Read;

  // Whether it answers this request, and who answers.
  readonly codeOfToken: (token: string) => Promise<string>;
  readonly codeOfNonce: (nonce: Bytes) => Promise<string>;
  /** Lower-case hexadecimal, here and below. */
  readonly isSameCode: (code: string, expected: string) => boolean;
  readonly isFreshToken: (code: Property, expected: string, same: Steps['isSameCode']) => boolean;
  readonly stateOf: (
    code: Property,
    nonce: string | undefined,
    known: readonly string[],
    same: Steps['isSameCode'],
  ) => Freshness;
  readonly isIdentifier: (identifier: string, properties: Properties) => boolean;

  // The certificate request.
  readonly parseCsr: (der: Bytes) => Csr;
  readonly isProven: (csr: Csr) => Promise<boolean>;
  readonly isAttestedKey: (csr: Csr, attested: Bytes) => boolean;
}

/** A certificate in its path: the top one is the one that an anchor signed. */
export interface Link {
  readonly isTop: boolean;
  readonly place: Place;
}
