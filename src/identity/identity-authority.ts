import { AttestationError } from '../core/errors.ts';
import {
  describeIdentityCertificate,
  type IdentityCertificate,
  type IdentityRecord,
  readIdentityCertificate,
} from './identity-certificate.ts';

declare const authority: unique symbol;
declare const anchor: unique symbol;

/** A certification authority of an organisation, by its certificate. Only `attestingAuthority` and `identityTrustAnchor` make one. */
export interface IdentityAuthority extends IdentityCertificate {
  readonly [authority]: true;
}

/** A certification authority at which a path may end. Only `identityTrustAnchor` makes one. */
export interface IdentityTrustAnchor extends IdentityAuthority {
  readonly [anchor]: true;
}

const authorities = /* @__PURE__ */ new WeakMap<IdentityAuthority, IdentityRecord>();
const anchors = /* @__PURE__ */ new WeakSet<IdentityAuthority>();

/**
 * Parses the certificate of a certification authority of the organisation at which the path of a device may end.
 *
 * Checks: structure, strictly: DER alone, version 3, ECDSA or RSA with SHA-2, a key on P-256, P-384 or P-521 or of RSA
 * with 2048 to 4096 bits; that it is a certification authority.
 * Leaves to you: to have it from a source that you trust, for everything that it issues for client authentication is
 * accepted.
 *
 * @param der the bytes of one certificate, at most 16,384; `fromPem` makes them of a PEM text
 * @throws AttestationError `ERR_MDA_DER_*`, `ERR_MDA_CERTIFICATE_*`, `ERR_MDA_KEY_*`, `ERR_MDA_CHAIN_NOT_A_CA`
 * @throws TypeError if `der` is not a `Uint8Array`
 * @example
 * ```ts
 * import { fromPem } from 'managed-device-attestation';
 * import { identityTrustAnchor } from 'managed-device-attestation/identity';
 *
 * export const readTrustAnchors = (pem: string) => fromPem(pem).map((der) => identityTrustAnchor(der));
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6.1.1
 */
export function identityTrustAnchor(der: Uint8Array): IdentityTrustAnchor {
  const parsed = attestingAuthority(der);
  anchors.add(parsed);
  return parsed as IdentityTrustAnchor;
}

/**
 * Parses the certificate of a certification authority that you know to issue with `identityExtensions`, and to copy no
 * extension of a certificate request: an intermediate one, mostly. An anchor of `identityTrustAnchor` may be named as well.
 *
 * Checks: what `identityTrustAnchor` checks.
 * Leaves to you: to know it. An authority which copies what the request asks for makes anybody's claims look attested.
 *
 * @param der the bytes of one certificate, at most 16,384
 * @throws AttestationError `ERR_MDA_DER_*`, `ERR_MDA_CERTIFICATE_*`, `ERR_MDA_KEY_*`, `ERR_MDA_CHAIN_NOT_A_CA`
 * @throws TypeError if `der` is not a `Uint8Array`
 * @example
 * ```ts
 * import { fromPem } from 'managed-device-attestation';
 * import { attestingAuthority } from 'managed-device-attestation/identity';
 *
 * export const readAuthorities = (pem: string) => fromPem(pem).map((der) => attestingAuthority(der));
 * ```
 * @see docs/identity.md: what a relying party may believe
 */
export function attestingAuthority(der: Uint8Array): IdentityAuthority {
  const record = readIdentityCertificate(der, 'der');
  if (record.basicConstraints?.ca !== true) throw new AttestationError('ERR_MDA_CHAIN_NOT_A_CA');
  const parsed = describeIdentityCertificate(record) as IdentityAuthority;
  authorities.set(parsed, record);
  return parsed;
}

/** The record behind an authority that this library parsed. */
export function authorityRecordOf(value: IdentityAuthority, option: string): IdentityRecord {
  const record = authorities.get(value);
  if (record === undefined) throw new TypeError(`${option} must come from attestingAuthority or identityTrustAnchor`);
  return record;
}

/** The record behind a trust anchor: an authority that was named for what it issues is none. */
export function anchorRecordOf(value: IdentityTrustAnchor, option: string): IdentityRecord {
  if (!anchors.has(value)) throw new TypeError(`${option} must come from identityTrustAnchor`);
  return authorities.get(value)!;
}
