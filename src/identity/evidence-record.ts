import type { AttestedProperties } from '../core/properties.ts';
import { toBase64 } from '../core/base64.ts';
import { isBytes } from '../core/bytes.ts';
import type { IdentityIdentifier, UnattestedReason } from './attested-facts.ts';

/** A value as JSON has it: bytes are base64 (RFC 4648, section 4), times are text of RFC 3339 in UTC. */
export type JsonOf<Value> = Value extends Uint8Array | Date
  ? string
  : Value extends object
    ? { readonly [Name in keyof Value]: JsonOf<Value[Name]> }
    : Value;

/** A certificate in a record. */
export interface CertificateRecordJson {
  /** DER, base64. */
  readonly der: string;
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly sha256: string;
}

/** What records of every kind have. */
export interface CommonEvidenceRecord {
  /** Of this form of records: 1. */
  readonly format: 1;
  /** The time that the verdict is about, RFC 3339, UTC, with milliseconds. */
  readonly at: string;
  /** Leaf first, without the trust anchor. */
  readonly certificates: readonly CertificateRecordJson[];
  readonly trustAnchor: CertificateRecordJson;
  readonly publicKey: {
    /** SubjectPublicKeyInfo, base64. */
    readonly spki: string;
    /** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal. */
    readonly sha256: string;
  };
  /** As decoded; a property that is absent says so. */
  readonly properties: JsonOf<AttestedProperties>;
}

/** What was verified of an attestation. */
export type AttestationEvidenceRecord = CommonEvidenceRecord &
  (
    | {
        readonly kind: 'acme';
        /** The token of the challenge that the attestation answers. */
        readonly freshness: { readonly status: 'matched'; readonly token: string } | FreshnessNotChecked;
      }
    | {
        readonly kind: 'device-information';
        /** The nonce that the attestation was made for, base64. */
        readonly freshness: { readonly status: 'matched'; readonly nonce: string } | FreshnessNotChecked;
      }
  );

/** The freshness code was not compared. */
export interface FreshnessNotChecked {
  readonly status: 'not checked';
}

/** What was verified of the certificate of a device that an organisation issued. */
export interface IdentityEvidenceRecord extends CommonEvidenceRecord {
  readonly kind: 'identity';
  readonly identifiers: readonly JsonOf<IdentityIdentifier>[];
  /** Why nothing counts as attested; null where it counts. */
  readonly unattested: { readonly reason: UnattestedReason; readonly oids: readonly string[] } | null;
  /** What the authority says of the attestation; null where it does not count. */
  readonly attestation: {
    readonly attestedAt: string;
    readonly verifiedAt: string;
    readonly notAfter: string;
    readonly freshness: 'matched' | 'not checked';
    /** SHA-256 of the attestation's leaf, lower-case hexadecimal. */
    readonly sha256: string;
  } | null;
}

/** A record for an audit: JSON. `docs/evidence.schema.json` is its schema. */
export type EvidenceRecord = AttestationEvidenceRecord | IdentityEvidenceRecord;

/** A copy as JSON has it; what is undefined is left out. */
export function toJson<Value>(value: Value): JsonOf<Value> {
  return plain(value) as JsonOf<Value>;
}

function plain(value: unknown): unknown {
  if (isBytes(value)) return toBase64(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}
