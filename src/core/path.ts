import { equalBytes } from './bytes.ts';
import { type Certificate, type CertificateRecord, describeCertificate } from './certificate.ts';
import { type AttestationChain, recordsOf } from './chain.ts';
import { type Check, runChecks } from './checks.ts';
import type { AttestationErrorCode } from './error-codes.ts';
import { AttestationError } from './errors.ts';
import { type KeyUsage, oidOf, type StandardExtensions } from './extensions.ts';
import { isRememberedUnder, issuers, rememberIssuer } from './issuer-memory.ts';
import { requireOptions, requireTime, requireTrustAnchors } from './options.ts';
import { verifySignature } from './signature.ts';

/** What a path is validated by, whoever has read the certificates: the core those of Apple, `./identity` those of others. */
export interface PathRecord extends Pick<
  CertificateRecord,
  'der' | 'issuer' | 'subject' | 'notBefore' | 'notAfter' | Exclude<keyof StandardExtensions, 'keyUsage'>
> {
  readonly keyUsage: Pick<KeyUsage, 'digitalSignature' | 'keyCertSign'> | undefined;
}

/** What the checks of a path look at. */
export interface PathContext<Certificate extends PathRecord = CertificateRecord> {
  /** As supplied, leaf first, without the trust anchor. */
  readonly path: readonly [Certificate, ...Certificate[]];
  readonly trustAnchors: readonly Certificate[];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Why the signature of a certificate does not verify with the key of the issuer; undefined if it does. */
  linkFailure(certificate: Certificate, issuer: Certificate, index: number): Promise<AttestationError | undefined>;
  /** The path and, once the check `trust-anchor` has chosen it, the anchor. */
  certificates: readonly Certificate[];
}

export function pathContext<Certificate extends PathRecord>(
  records: readonly Certificate[],
  trustAnchors: readonly Certificate[],
  at: number,
  linkFailure: PathContext<Certificate>['linkFailure'],
): PathContext<Certificate> {
  // A peer may repeat the anchor at the end, where it says nothing; alone it is a leaf to be judged.
  const last = records.at(-1)!;
  const repeated = records.length > 1 && trustAnchors.some(({ der }) => equalBytes(der, last.der));
  const path = (repeated ? records.slice(0, -1) : records) as [Certificate, ...Certificate[]];
  return { path, trustAnchors, at, linkFailure, certificates: path };
}

/** RFC 5280, 6.1, for the profile of an attestation, in the order in which the checks run. */
export const PATH_CHECKS: readonly Check<PathContext<PathRecord>>[] = [
  {
    name: 'trust-anchor',
    reference: 'RFC 5280, 6.1.1 (d)',
    run: chooseAnchor,
  },
  {
    name: 'names',
    reference: 'RFC 5280, 6.1.3 (a)(4)',
    run: everyLink('ERR_MDA_CHAIN_NAME', 0, ({ issuer }, { subject }) => equalBytes(issuer, subject)),
  },
  {
    name: 'validity',
    reference: 'RFC 5280, 6.1.3 (a)(2)',
    run: checkValidity,
    facts: ({ path: [leaf], at }) =>
      `leaf from ${isoTime(leaf.notBefore)} to ${isoTime(leaf.notAfter)}, judged at ${isoTime(at)}`,
  },
  {
    name: 'critical-extensions',
    reference: 'RFC 5280, 6.1.4 (o) and 6.1.5 (f)',
    run: checkCriticalExtensions,
  },
  {
    name: 'certification-authorities',
    reference: 'RFC 5280, 6.1.4 (k)',
    run: everyLink('ERR_MDA_CHAIN_NOT_A_CA', 1, (_, { basicConstraints }) => basicConstraints?.ca === true),
  },
  {
    name: 'path-length',
    // Self-issued certificates count too, which is stricter than the RFC: no attestation needs one.
    reference: 'RFC 5280, 6.1.4 (l) and (m)',
    run: everyLink(
      'ERR_MDA_CHAIN_PATH_LENGTH',
      1,
      (_, { basicConstraints }, below) => below <= (basicConstraints?.pathLength ?? Infinity),
    ),
  },
  {
    name: 'key-usage',
    reference: 'RFC 5280, 6.1.4 (n)',
    run: everyLink('ERR_MDA_CHAIN_KEY_USAGE', 1, (_, { keyUsage }) => keyUsage?.keyCertSign !== false),
  },
  {
    name: 'leaf',
    reference: 'RFC 5280, 4.2.1.3 and 4.2.1.9',
    run: checkLeaf,
  },
  {
    name: 'key-identifiers',
    reference: 'RFC 5280, 4.2.1.1 and 4.2.1.2',
    run: everyLink(
      'ERR_MDA_CHAIN_KEY_IDENTIFIER',
      0,
      ({ authorityKeyIdentifier: authority }, { subjectKeyIdentifier: subject }) =>
        authority === undefined || subject === undefined || equalBytes(authority, subject),
    ),
  },
  {
    name: 'signatures',
    reference: 'RFC 5280, 6.1.3 (a)(1)',
    run: checkSignatures,
    facts: ({ path }) => `${path.length} verified`,
  },
];

function isoTime(time: number): string {
  return new Date(time).toISOString();
}

export function refuse(code: AttestationErrorCode, certificate: number): never {
  throw new AttestationError(code, { certificate });
}

/** Whether something holds for a certificate and its issuer; the index is that of the certificate. */
type Link<Result, Certificate = PathRecord> = (certificate: Certificate, issuer: Certificate, index: number) => Result;

/** A check that holds for every certificate and its issuer, or lies in the one `offset` above the certificate. */
function everyLink(code: AttestationErrorCode, offset: 0 | 1, holds: Link<boolean>) {
  return (context: PathContext<PathRecord>): void => {
    eachLink(context, (certificate, issuer, index) => {
      if (!holds(certificate, issuer, index)) refuse(code, index + offset);
    });
  };
}

export function eachLink<Certificate extends PathRecord>(
  { certificates }: PathContext<Certificate>,
  visit: Link<void, Certificate>,
): void {
  for (let index = 1; index < certificates.length; index++)
    visit(certificates[index - 1]!, certificates[index]!, index - 1);
}

// An anchor is chosen by name and, where several have it, by validity and by key.
function chooseAnchor(context: PathContext<PathRecord>): void | Promise<void> {
  const { path, trustAnchors } = context;
  const top = path.at(-1)!;
  const named = trustAnchors.filter(({ subject }) => equalBytes(subject, top.issuer));
  if (named[0] === undefined) refuse('ERR_MDA_CHAIN_TRUST_ANCHOR', path.length - 1);
  context.certificates = [...path, named[0]];
  if (named.length > 1) return chooseByKey(context, named);
}

/** If the key of none fits, the check of the signatures says so. */
async function chooseByKey(context: PathContext<PathRecord>, anchors: readonly PathRecord[]): Promise<void> {
  const { path, at } = context;
  const isValid = ({ notBefore, notAfter }: PathRecord): boolean => notBefore <= at && at <= notAfter;
  for (const anchor of anchors.toSorted((a, b) => Number(isValid(b)) - Number(isValid(a)))) {
    if (await context.linkFailure(path.at(-1)!, anchor, path.length - 1)) continue;
    context.certificates = [...path, anchor];
    return;
  }
}

// The anchor's own validity is judged too, which RFC 5280 leaves open.
function checkValidity({ certificates, at }: PathContext<PathRecord>): void {
  certificates.forEach(({ notBefore, notAfter }, index) => {
    if (at < notBefore) refuse('ERR_MDA_CHAIN_NOT_YET_VALID', index);
    if (at > notAfter) refuse('ERR_MDA_CHAIN_EXPIRED', index);
  });
}

function checkCriticalExtensions({ certificates }: PathContext<PathRecord>): void {
  certificates.forEach(({ der, unknownCritical }, certificate) => {
    if (unknownCritical !== undefined)
      throw new AttestationError('ERR_MDA_CHAIN_CRITICAL_EXTENSION', { certificate, oid: oidOf(der, unknownCritical) });
  });
}

function checkLeaf({ path: [{ basicConstraints, keyUsage }] }: PathContext<PathRecord>): void {
  if (basicConstraints?.ca === true) refuse('ERR_MDA_CHAIN_LEAF_IS_CA', 0);
  if (keyUsage !== undefined && (!keyUsage.digitalSignature || keyUsage.keyCertSign))
    refuse('ERR_MDA_CHAIN_LEAF_KEY_USAGE', 0);
}

/** All signatures at once; of several failures the one nearest to the anchor is reported, on every run. */
async function checkSignatures(context: PathContext<PathRecord>): Promise<void> {
  const { path, certificates } = context;
  if (certificates.length === path.length) refuse('ERR_MDA_CHAIN_TRUST_ANCHOR', path.length - 1);
  const links: Promise<AttestationError | undefined>[] = [];
  eachLink(context, (certificate, issuer, index) => {
    links.push(context.linkFailure(certificate, issuer, index));
  });
  const failure = (await Promise.all(links)).findLast((error) => error !== undefined);
  if (failure !== undefined) throw failure;
}

/** Remembers the issuers of a path that every check has passed: of a refused one, nothing. */
export function rememberIssuers(context: PathContext): void {
  eachLink(context, (certificate, issuer, index) => {
    if (index > 0) rememberIssuer(issuers, certificate, issuer.publicKey.spki);
  });
}

export async function linkFailure(
  certificate: CertificateRecord,
  { publicKey }: CertificateRecord,
  index: number,
): Promise<AttestationError | undefined> {
  if (index > 0 && isRememberedUnder(issuers, certificate, publicKey.spki)) return undefined;
  const { algorithm, signature, tbs } = certificate;
  try {
    if (await verifySignature(publicKey, algorithm, signature, tbs)) return undefined;
    return new AttestationError('ERR_MDA_CHAIN_SIGNATURE', { certificate: index });
  } catch (cause) {
    // What is not a fault of the signature is one of the platform: it lacks the curve or the hash.
    const code = cause instanceof AttestationError ? 'ERR_MDA_CHAIN_SIGNATURE_ENCODING' : 'ERR_MDA_CHAIN_UNSUPPORTED';
    return new AttestationError(code, { certificate: index, cause });
  }
}

declare const verified: unique symbol;

/** A chain that `verifyChain` has verified. */
export interface VerifiedChain {
  /** Leaf first, without the trust anchor. */
  readonly certificates: readonly Certificate[];
  /** The anchor that the chain ended at. */
  readonly trustAnchor: Certificate;
  /** The time that the verdict is about. */
  readonly at: Date;
  readonly [verified]: true;
}

/**
 * Validates a certification path (RFC 5280, section 6) in the profile of an attestation, to a trust anchor.
 *
 * Checks, in this order: the anchor by name and key; names, byte for byte; validity of every certificate
 * and of the anchor, both ends inclusive; no unknown critical extension; every issuer a certification
 * authority within its pathLen that may sign certificates; the leaf none; key identifiers; signatures.
 * Leaves to you: what the leaf says (`verifyAttestation` reads an attestation), and revocation, for which
 * Apple publishes nothing.
 *
 * @param options.trustAnchors the anchors to end at; Apple's root unless given
 * @param options.at the time to judge at
 * @throws AttestationError `ERR_MDA_CHAIN_*`, with `certificate` set to the index of the one at fault
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { fromPem, parseAttestationChain, parseCertificate, verifyChain } from 'managed-device-attestation';
 * import { readFileSync } from 'node:fs';
 *
 * const chain = parseAttestationChain(fromPem(readFileSync('chain.pem', 'utf8')));
 * const trustAnchors = fromPem(readFileSync('anchor.pem', 'utf8')).map(parseCertificate);
 * const { certificates } = await verifyChain(chain, { trustAnchors, at: new Date() });
 * console.log(certificates.length);
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6
 */
export async function verifyChain(
  chain: AttestationChain,
  options: { readonly at: Date; readonly trustAnchors?: readonly Certificate[] },
): Promise<VerifiedChain> {
  requireOptions(options, ['at', 'trustAnchors']);
  const at = requireTime(options.at);
  const context = pathContext(recordsOf(chain), requireTrustAnchors(options), at, linkFailure);
  await runChecks(PATH_CHECKS, context);
  rememberIssuers(context);
  const certificates = context.certificates.map(describeCertificate);
  const chainVerified: Omit<VerifiedChain, typeof verified> = {
    trustAnchor: certificates.pop()!,
    certificates,
    at: new Date(at),
  };
  return chainVerified as VerifiedChain;
}
