import { isVerifiedAttestation, skipFreshnessCheck, type VerifiedAttestation } from '../core/attestation.ts';
import { toBase64 } from '../core/base64.ts';
import { type Bytes, constantTimeEqual, toHex } from '../core/bytes.ts';
import { freshnessCodeForNonce, freshnessCodeForToken } from '../core/freshness.ts';
import { requireOptions } from '../core/options.ts';
import type { AttestedProperties } from '../core/properties.ts';
import { sha256 } from '../acme/sha256.ts';
import {
  type AttestationEvidenceRecord,
  type CertificateRecordJson,
  type IdentityEvidenceRecord,
  toJson,
} from './evidence-record.ts';
import { isVerifiedIdentity, type VerifiedIdentity } from './verify-identity.ts';

/** What the freshness code of an attestation was compared with. */
export type ToEvidenceOptions =
  /** The token of an ACME challenge. */
  | { readonly token: string | typeof skipFreshnessCheck }
  /** The `DeviceAttestationNonce` that the attestation was made for: for a cached one that of an earlier command. */
  | { readonly nonce: Uint8Array | typeof skipFreshnessCheck };

/**
 * Makes a record of what was verified, to be kept and verified again by anybody: `verifyEvidence`.
 *
 * Checks: that it was verified; that the attestation was made for the token or the nonce.
 * Leaves to you: to keep it where it cannot be changed or lost, and for as long only as you may: it names the device.
 *
 * @param verified from `verifyAttestation`, from the validator, or from `verifyDeviceInformation`; or from `verifyIdentity`
 * @param options what the freshness code was compared with, or `skipFreshnessCheck`; none for an identity
 * @returns plain data for `JSON.stringify`, after `docs/evidence.schema.json`
 * @throws TypeError if it was not verified, the attestation was made for another token or nonce, or an option is missing,
 * unknown or of another type
 * @example
 * ```ts
 * import type { VerifiedAttestation } from 'managed-device-attestation';
 * import { toEvidence } from 'managed-device-attestation/identity';
 *
 * export async function lineForTheLog(attestation: VerifiedAttestation, token: string): Promise<string> {
 *   return JSON.stringify(await toEvidence(attestation, { token }));
 * }
 * ```
 * @see docs/identity.md
 */
export async function toEvidence(
  verified: VerifiedAttestation,
  options: ToEvidenceOptions,
): Promise<AttestationEvidenceRecord>;
export async function toEvidence(verified: VerifiedIdentity): Promise<IdentityEvidenceRecord>;
export async function toEvidence(
  verified: VerifiedAttestation | VerifiedIdentity,
  options?: ToEvidenceOptions,
): Promise<AttestationEvidenceRecord | IdentityEvidenceRecord> {
  if (isVerifiedIdentity(verified)) {
    if (options !== undefined) throw new TypeError('options are for an attestation');
    return { ...commonOf(verified), ...identityPartOf(verified) };
  }
  if (!isVerifiedAttestation(verified)) throw new TypeError('verified must come from a verification');
  return { ...commonOf(verified), ...(await attestationPartOf(verified, options)) };
}

function commonOf({ at, certificates, trustAnchor, publicKey, properties }: VerifiedAttestation | VerifiedIdentity) {
  return {
    format: 1,
    at: at.toISOString(),
    certificates: certificates.map(certificateOf),
    trustAnchor: certificateOf(trustAnchor),
    publicKey: { spki: toBase64(publicKey.spki), sha256: fingerprintOf(publicKey.spki) },
    properties: toJson(properties),
  } as const;
}

function certificateOf({ der }: { readonly der: Uint8Array }): CertificateRecordJson {
  return { der: toBase64(der), sha256: fingerprintOf(der) };
}

function fingerprintOf(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

async function attestationPartOf({ properties }: VerifiedAttestation, options: ToEvidenceOptions | undefined) {
  requireOptions(options as object, ['token', 'nonce']);
  const { token, nonce, isOfToken } = readAnswered(options as object);
  const notChecked = { status: 'not checked' } as const;
  if (isOfToken) {
    if (token === skipFreshnessCheck) return { kind: 'acme', freshness: notChecked } as const;
    requireMade(properties, await freshnessCodeForToken(token as string), 'token');
    return { kind: 'acme', freshness: { status: 'matched', token: token as string } } as const;
  }
  if (nonce === skipFreshnessCheck) return { kind: 'device-information', freshness: notChecked } as const;
  const code = freshnessCodeForNonce(nonce as Uint8Array);
  requireMade(properties, code, 'nonce');
  return { kind: 'device-information', freshness: { status: 'matched', nonce: toBase64(code) } } as const;
}

function readAnswered(options: { readonly token?: unknown; readonly nonce?: unknown }) {
  const isOfToken = 'token' in options;
  if (isOfToken === 'nonce' in options) throw new TypeError('options must have either token or nonce');
  return { ...options, isOfToken };
}

function requireMade({ freshnessCode }: AttestedProperties, expected: Bytes, option: string): void {
  if (freshnessCode.status !== 'attested' || !constantTimeEqual(freshnessCode.value, expected))
    throw new TypeError(`${option} must be that of the attestation`);
}

function identityPartOf({ identifiers, unattested, evidence }: VerifiedIdentity) {
  return {
    kind: 'identity',
    identifiers: toJson(identifiers),
    unattested: unattested ?? null,
    attestation:
      evidence === undefined
        ? null
        : {
            attestedAt: evidence.attestedAt.toISOString(),
            verifiedAt: evidence.verifiedAt.toISOString(),
            notAfter: evidence.notAfter.toISOString(),
            freshness: evidence.freshness,
            sha256: toHex(evidence.certificateHash),
          },
  } as const;
}
