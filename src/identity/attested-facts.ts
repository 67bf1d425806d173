import type { HardwareModuleName, PermanentIdentifier } from '../acme/general-name.ts';
import { oidOf } from '../core/extensions.ts';
import { type AttestedProperties, readProperties } from '../core/properties.ts';
import type { AttestationEvidence } from './attestation-evidence.ts';
import { readNamesOf } from './certificate-extensions.ts';
import { type IdentityRecord, isSameAuthority } from './identity-certificate.ts';
import type { LeafContents } from './leaf-contents.ts';
import { APPLE_ARC, attestationEvidenceOid } from './oids.ts';

/** A name of the device in the subjectAltName. */
export type IdentityIdentifier = (
  | ({ readonly kind: 'permanentIdentifier' } & PermanentIdentifier)
  | ({ readonly kind: 'hardwareModuleName' } & HardwareModuleName)
) & {
  /** Whether an attesting authority took it from the attestation, or the authority that issued says it by itself. */
  readonly saidBy: 'attestation' | 'authority';
};

/**
 * Why nothing counts as attested: the authority that signed the certificate is none of `attestingAuthorities`; the
 * certificate has no attestation evidence; its evidence cannot be read; the evidence is about another key, as in a
 * certificate that was renewed for a new key without a new attestation; or the attestation is not valid at that time.
 */
export type UnattestedReason =
  'authority-not-attesting' | 'no-evidence' | 'evidence-malformed' | 'other-key' | 'not-current';

/** What was seen in the certificate and is not believed. */
export interface Unattested {
  readonly reason: UnattestedReason;
  /** OIDs, dotted, of the properties and of the evidence, in the order of the certificate. */
  readonly oids: readonly string[];
}

/** What a certificate says of the attestation behind it, or why that is not believed. */
export type AttestedFacts =
  | { readonly evidence: AttestationEvidence; readonly unattested: undefined }
  | { readonly evidence: undefined; readonly unattested: Unattested };

/** Judges by the authority that signed the leaf, not by one further up: it is the one that chose the extensions. */
export function judgeAttestedFacts(
  contents: LeafContents,
  issuer: IdentityRecord,
  attestingAuthorities: readonly IdentityRecord[],
  at: number,
): AttestedFacts {
  const isAttesting = attestingAuthorities.some((authority) => isSameAuthority(authority, issuer));
  const claimed = isAttesting ? contents.evidence() : 'authority-not-attesting';
  const evidence = typeof claimed === 'string' || isCurrent(claimed, at) ? claimed : 'not-current';
  return typeof evidence === 'string'
    ? { evidence: undefined, unattested: { reason: evidence, oids: claimsOf(contents.leaf) } }
    : { evidence, unattested: undefined };
}

/** Both ends inclusive, as of the attestation itself. `verifiedAt` may be ahead of a clock that is behind. */
function isCurrent({ attestedAt, notAfter }: AttestationEvidence, at: number): boolean {
  return attestedAt.getTime() <= at && at <= notAfter.getTime();
}

function claimsOf({ der, extensions }: IdentityRecord): readonly string[] {
  return extensions
    .map((extension) => oidOf(der, extension))
    .filter((oid) => oid === attestationEvidenceOid || oid.startsWith(`${APPLE_ARC}.`));
}

/** The properties of a leaf, each absent unless they are believed. */
export function believedProperties({ der, extensions }: IdentityRecord, isBelieved: boolean): AttestedProperties {
  return readProperties({ der, extensions: isBelieved ? extensions : [] });
}

export function readIdentifiers(leaf: IdentityRecord, isBelieved: boolean): readonly IdentityIdentifier[] {
  const saidBy = isBelieved ? 'attestation' : 'authority';
  return readNamesOf(leaf.der, leaf).flatMap((name) =>
    name.kind === 'permanentIdentifier' || name.kind === 'hardwareModuleName' ? [{ ...name, saidBy }] : [],
  );
}
