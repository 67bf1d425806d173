import { fromBase64, toBase64, type VerifiedAttestation } from '../../../src/index.ts';
import { identityExtensions, type IdentityExtensionsOptions, planLifetime } from '../../../src/identity/index.ts';
import type { Policy } from '../../../src/policy/index.ts';
import type { ExtensionSpec } from '../../../src/testing/certificate-writer.ts';

/** What certificates say of the attested device, for relying parties (deployment models 2 and 3). */
export interface IdentityProfile extends Pick<IdentityExtensionsOptions, 'include' | 'privacy'> {
  /** The longest that a certificate is valid. */
  readonly maximumSeconds: number;
  /** The one of the relying parties: no certificate outlives what it says of ages. */
  readonly policy?: Policy;
}

/** That, as it is kept in an order. */
export interface IdentityContent {
  /** `value` is base64. */
  readonly extensions: readonly { readonly oid: string; readonly critical: boolean; readonly value: string }[];
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whether the subject may have the serial number. */
  readonly namesDevice: boolean;
}

/** @returns undefined if the attestation is too old for any certificate */
export async function identityContentOf(
  { include, privacy, maximumSeconds, policy }: IdentityProfile,
  attestation: VerifiedAttestation,
  { at, issuerNotAfter }: { readonly at: Date; readonly issuerNotAfter: Date },
): Promise<IdentityContent | undefined> {
  const plan = planLifetime({
    attestation,
    at,
    maximumSeconds,
    issuerNotAfter,
    ...(policy === undefined ? {} : { policy }),
  });
  if (plan.status === 'refused') return undefined;
  const extensions = await identityExtensions(attestation, { include, privacy });
  return {
    extensions: extensions.map(({ oid, critical, value }) => ({ oid, critical, value: toBase64(value) })),
    notBefore: plan.notBefore.toISOString(),
    notAfter: plan.notAfter.toISOString(),
    namesDevice: privacy === 'identify',
  };
}

export const extensionsOf = ({ extensions }: IdentityContent): readonly ExtensionSpec[] =>
  extensions.map(({ oid, critical, value }) => ({ oid, critical, value: fromBase64(value) }));
