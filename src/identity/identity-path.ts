import { readLinks } from '../core/chain.ts';
import type { Check, CheckName } from '../core/checks.ts';
import { AttestationError } from '../core/errors.ts';
import { isRememberedUnder, recallIssuer, rememberIssuer } from '../core/issuer-memory.ts';
import { eachLink, PATH_CHECKS, pathContext, type PathContext, refuse } from '../core/path.ts';
import { readNamesOf } from './certificate-extensions.ts';
import { type IdentityRecord, readIdentityCertificate } from './identity-certificate.ts';
import { verifyIdentitySignature } from './identity-signature.ts';
import { identityIssuers } from './verified-issuers.ts';

/** Named limit: a leaf, up to six certification authorities, and an anchor repeated at the end. */
export const MAX_IDENTITY_CERTIFICATES = 8;

/** Stable names, in the order in which the checks run. */
export type IdentityCheckName = Exclude<CheckName, 'freshness'> | 'extended-key-usage' | 'name-constraints';

export type IdentityPathContext = PathContext<IdentityRecord>;

/** Reads the certificates of a peer, leaf first. */
export function readIdentityChain(certificates: readonly Uint8Array[]): readonly IdentityRecord[] {
  return readLinks(certificates, MAX_IDENTITY_CERTIFICATES, (bytes, index, option) => {
    if (index > 0) return recallIssuer(identityIssuers, bytes) ?? readIdentityCertificate(bytes, option);
    const record = readIdentityCertificate(bytes, option);
    // Whether the names of the device can be read is a matter of the certificate.
    return Object.assign(record, { names: readNamesOf(record.der, record) });
  });
}

export function identityPathContext(
  records: readonly IdentityRecord[],
  trustAnchors: readonly IdentityRecord[],
  at: number,
): IdentityPathContext {
  return pathContext(records, trustAnchors, at, linkFailure);
}

type PathCheck = Check<IdentityPathContext, IdentityCheckName>;

const EXTENDED_KEY_USAGE: PathCheck = {
  name: 'extended-key-usage',
  reference: 'RFC 5280, 4.2.1.12',
  run: checkExtendedKeyUsage,
};

const NAME_CONSTRAINTS: PathCheck = {
  name: 'name-constraints',
  reference: 'RFC 5280, 6.1.4 (g)',
  run: checkNameConstraints,
};

/**
 * RFC 5280, 6.1, for a client certificate of an organisation: the checks of the core and, before the signatures, what an
 * authority that issues for many purposes may say besides. Policies are not processed: whoever asks for it by a critical
 * extension is refused.
 */
export const IDENTITY_PATH_CHECKS: readonly PathCheck[] = /* @__PURE__ */ PATH_CHECKS.flatMap((check): PathCheck[] => {
  const known = check as PathCheck;
  return known.name === 'signatures' ? [EXTENDED_KEY_USAGE, NAME_CONSTRAINTS, known] : [known];
});

/** The leaf says clientAuth itself; an authority that says what it issues for says clientAuth, or any. */
function checkExtendedKeyUsage({ certificates }: IdentityPathContext): void {
  certificates.forEach(({ extendedKeyUsage: usage }, index) => {
    const isAllowed = index === 0 ? usage?.clientAuth : usage === undefined || usage.clientAuth || usage.any;
    if (isAllowed !== true) refuse('ERR_MDA_CHAIN_EXTENDED_KEY_USAGE', index);
  });
}

/** Nobody has said how the names of a device are constrained: a constraint can neither be kept here nor be ignored. */
function checkNameConstraints({ certificates }: IdentityPathContext): void {
  certificates.forEach(({ nameConstraints }, index) => {
    if (nameConstraints !== undefined) refuse('ERR_MDA_CHAIN_NAME_CONSTRAINTS', index);
  });
}

/** Remembers the issuers of a path that every check has passed: of a refused one, nothing. */
export function rememberIdentityIssuers(context: IdentityPathContext): void {
  eachLink(context, (certificate, issuer, index) => {
    if (index > 0) rememberIssuer(identityIssuers, certificate, issuer.publicKey.spki);
  });
}

async function linkFailure(
  certificate: IdentityRecord,
  { publicKey }: IdentityRecord,
  index: number,
): Promise<AttestationError | undefined> {
  if (index > 0 && isRememberedUnder(identityIssuers, certificate, publicKey.spki)) return undefined;
  const { algorithm, signature, tbs } = certificate;
  try {
    if (await verifyIdentitySignature(publicKey, algorithm, signature, tbs)) return undefined;
    return new AttestationError('ERR_MDA_CHAIN_SIGNATURE', { certificate: index });
  } catch (cause) {
    // What is not a fault of the signature is one of the platform: it lacks the curve, the hash or the size of key.
    const code = cause instanceof AttestationError ? 'ERR_MDA_CHAIN_SIGNATURE_ENCODING' : 'ERR_MDA_CHAIN_UNSUPPORTED';
    return new AttestationError(code, { certificate: index, cause });
  }
}
