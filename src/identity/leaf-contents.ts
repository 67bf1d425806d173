import { encodeOid } from '../acme/der-writer.ts';
import { sha256 } from '../acme/sha256.ts';
import { type Bytes, equalBytes, toHex } from '../core/bytes.ts';
import { type AttestedProperties, readProperties } from '../core/properties.ts';
import { type AttestationEvidence, decodeAttestationEvidence } from './attestation-evidence.ts';
import type { IdentityRecord } from './identity-certificate.ts';
import { attestationEvidenceOid } from './oids.ts';

/**
 * What a leaf says, whether or not it is believed. Each part is read at the first look and is the same at every other, so
 * nothing of it is handed out as it is.
 */
export interface LeafContents {
  readonly leaf: IdentityRecord;
  readonly properties: () => AttestedProperties;
  readonly evidence: () => ClaimedEvidence;
  /** SHA-256 of what is signed. */
  readonly tbsHash: () => Bytes;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeyHash: () => Bytes;
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: () => string;
}

/** The evidence of an attestation of the key in the leaf, or why there is none. */
export type ClaimedEvidence = AttestationEvidence | 'no-evidence' | 'evidence-malformed' | 'other-key';

export function leafContents(leaf: IdentityRecord): LeafContents {
  let properties: AttestedProperties | undefined;
  let evidence: ClaimedEvidence | undefined;
  let fingerprint: string | undefined;
  let tbsHash: Bytes | undefined;
  let keyHash: Bytes | undefined;
  const publicKeyHash = (): Bytes => (keyHash ??= sha256(leaf.publicKey.spki));
  return {
    leaf,
    properties: () => (properties ??= readProperties(leaf)),
    evidence: () => (evidence ??= readEvidence(leaf, publicKeyHash)),
    tbsHash: () => (tbsHash ??= sha256(leaf.tbs)),
    publicKeyHash,
    fingerprint: () => (fingerprint ??= toHex(sha256(leaf.der))),
  };
}

const EVIDENCE_OID = /* @__PURE__ */ encodeOid(attestationEvidenceOid)!;

function readEvidence({ der, extensions }: IdentityRecord, publicKeyHash: () => Bytes): ClaimedEvidence {
  const found = extensions.find(({ oidStart, oidEnd }) => equalBytes(der, EVIDENCE_OID, oidStart, oidEnd));
  if (found === undefined) return 'no-evidence';
  try {
    const evidence = decodeAttestationEvidence(der.subarray(found.start, found.end));
    return equalBytes(evidence.publicKeyHash, publicKeyHash()) ? evidence : 'other-key';
  } catch {
    return 'evidence-malformed';
  }
}
