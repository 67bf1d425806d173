import { equalBytes, toHex } from '../core/bytes.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { requireOptions, requireTime } from '../core/options.ts';
import { isInScope } from './distribution-point.ts';
import { type IdentityRecord, isSameAuthority } from './identity-certificate.ts';
import { hashesOf, isAbout, verifies, verifyResponder } from './ocsp-responder.ts';
import { type OcspAnswer, type OcspResponse, readOcspResponse } from './ocsp-response.ts';
import {
  type CertificateRevocation,
  type Finding,
  type RevocationSource,
  weighFindings,
} from './revocation-findings.ts';
import { findEntries, readRevocationList, type RevocationList } from './revocation-list.ts';
import { MAX_SECONDS } from './seconds.ts';
import { recordsOfIdentity, type VerifiedIdentity } from './verify-identity.ts';

/** Named limit, for lists and for responses: a path has at most seven certificates. */
export const MAX_REVOCATION_DOCUMENTS = 16;

/** What revocation is judged by. */
export interface CheckRevocationOptions {
  /** The time to judge at. */
  readonly at: Date;
  /**
   * What becomes of an identity of which some certificate is `unknown` or `stale`. To refuse means that nobody gets in
   * when the responder is down; to accept, that a thief gets in who keeps the answers away.
   */
  readonly onUnknown: 'refuse' | 'accept';
  /** Certificate revocation lists, DER, of at most 4 MiB each. */
  readonly crls?: readonly Uint8Array[];
  /** OCSP responses, DER, of at most 64 KiB each; stapled by the peer, say. */
  readonly ocspResponses?: readonly Uint8Array[];
  /**
   * How old a document may be, at most a thousand years, whatever it says of the next one. Without this, a response that does not say when the next
   * one comes is stale at once.
   */
  readonly maximumAgeSeconds?: number;
}

/** Why a document does not count. */
export interface RejectedRevocation {
  readonly kind: 'crl' | 'ocsp';
  /** Index in `crls` or `ocspResponses`. */
  readonly index: number;
  readonly error: AttestationError;
}

/** What is known of the revocation of an identity. */
export interface RevocationVerdict {
  /** Whether no certificate is revoked and, unless `onUnknown` accepts the rest, all are good. */
  readonly accepted: boolean;
  /** The worst of the path, in this order: `revoked`, `unknown`, `stale`, `good`. */
  readonly status: CertificateRevocation['status'];
  /** Of every certificate of the path, leaf first; the anchor is not asked about. */
  readonly certificates: readonly CertificateRevocation[];
  /** The documents that do not count. */
  readonly rejected: readonly RejectedRevocation[];
  /** The time that the verdict is about. */
  readonly at: Date;
  /** Last instant, inclusive, at which every certificate is good by these documents; undefined unless all are now. */
  readonly currentUntil: Date | undefined;
}

/** A certificate of the path, its issuer, and what the documents say of it. */
interface Link {
  readonly certificate: IdentityRecord;
  readonly issuer: IdentityRecord;
  readonly findings: Finding[];
}

/** A list that its issuer signed. */
interface VerifiedList {
  readonly list: RevocationList;
  readonly issuer: IdentityRecord;
  /** Whether it may revoke a responder, by serial number. */
  readonly searched: Map<string, boolean>;
}

interface Judgement {
  readonly links: readonly Link[];
  readonly at: number;
  readonly maximumAge: number | undefined;
  readonly lists: VerifiedList[];
}

/**
 * Judges by revocation lists and OCSP responses whether the certificates of an identity were revoked.
 *
 * Documents are evidence like any other: what cannot be read, is not signed by the issuer or is about something else does
 * not count, is told in `rejected`, and never makes this throw.
 *
 * Checks: of a list, that the issuer of the certificate signed it (name, key, cRLSign) with ECDSA or RSA and SHA-2, that it
 * is complete, and that the certificate is in its scope; of a response, that it is about the certificate (serial number,
 * hashes of the issuer's name and key, SHA-1 or SHA-256), and signed by the issuer or by a responder that the issuer
 * certified for OCSP, which no list of the issuer revokes; of both, that they are strict DER without unknown critical
 * extensions, and their times.
 * Leaves to you: to fetch the documents, to keep them until `currentUntil`, and what `onUnknown` is to be. There is no
 * nonce: a response may be repeated for as long as it is current.
 *
 * @throws TypeError if the identity was not verified, or an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { checkRevocation, type VerifiedIdentity } from 'managed-device-attestation/identity';
 *
 * export async function isRevoked(identity: VerifiedIdentity, crl: Uint8Array, at: Date): Promise<boolean> {
 *   const { accepted, certificates } = await checkRevocation(identity, { at, crls: [crl], onUnknown: 'refuse' });
 *   for (const { certificate, status } of certificates) console.log(certificate, status);
 *   return !accepted;
 * }
 * ```
 * @see docs/identity.md; https://www.rfc-editor.org/rfc/rfc5280#section-6.3; https://www.rfc-editor.org/rfc/rfc6960
 */
export async function checkRevocation(
  identity: VerifiedIdentity,
  options: CheckRevocationOptions,
): Promise<RevocationVerdict> {
  const path = recordsOfIdentity(identity);
  const { at, accepts, crls, ocspResponses, maximumAge } = readOptions(options);
  const links = path
    .slice(0, -1)
    .map((certificate, index): Link => ({ certificate, issuer: path[index + 1]!, findings: [] }));
  // All are copied and read before anything is waited for.
  const lists = readEach('crl', crls, readRevocationList);
  const responses = readEach('ocsp', ocspResponses, readOcspResponse);
  const judgement: Judgement = { links, at, maximumAge, lists: [] };
  const rejected = [
    ...(await judgeEach(lists, async (list, source) => judgeList(judgement, list, source))),
    // After the lists, for they may revoke a responder.
    ...(await judgeEach(responses, async (response, source) => judgeResponse(judgement, response, source))),
  ];
  const certificates = links.map(({ findings }, index) => weighFindings(index, findings, at));
  const status =
    (['revoked', 'unknown', 'stale'] as const).find((worst) =>
      certificates.some((certificate) => certificate.status === worst),
    ) ?? 'good';
  return {
    accepted: status === 'good' || (status !== 'revoked' && accepts),
    status,
    certificates,
    rejected,
    at: new Date(at),
    currentUntil: earliestEnd(certificates),
  };
}

const OPTIONS = ['at', 'onUnknown', 'crls', 'ocspResponses', 'maximumAgeSeconds'];

function readOptions(options: CheckRevocationOptions) {
  requireOptions(options, OPTIONS);
  const { onUnknown, crls, ocspResponses, maximumAgeSeconds } = options;
  const decisions: readonly unknown[] = ['refuse', 'accept'];
  if (!decisions.includes(onUnknown)) throw new TypeError("onUnknown must be 'refuse' or 'accept'");
  if ('maximumAgeSeconds' in options) requireAge(maximumAgeSeconds);
  return {
    at: requireTime(options.at),
    accepts: onUnknown === 'accept',
    // Present but undefined is a download that failed, not a wish to do without.
    crls: 'crls' in options ? requireDocuments(crls, 'crls') : [],
    ocspResponses: 'ocspResponses' in options ? requireDocuments(ocspResponses, 'ocspResponses') : [],
    maximumAge: maximumAgeSeconds === undefined ? undefined : maximumAgeSeconds * 1000,
  };
}

function requireAge(age: unknown): void {
  if (typeof age !== 'number' || !(age >= 0 && age <= MAX_SECONDS))
    throw new TypeError(`maximumAgeSeconds must be a number from 0 to ${MAX_SECONDS}`);
}

function requireDocuments(documents: unknown, option: string): readonly unknown[] {
  if (!Array.isArray(documents) || documents.length > MAX_REVOCATION_DOCUMENTS)
    throw new TypeError(`${option} must be an array of at most ${MAX_REVOCATION_DOCUMENTS}`);
  return documents;
}

/** A document, or why it cannot be read. */
interface ReadDocument<Document> {
  readonly source: RevocationSource;
  readonly document: Document | AttestationError;
}

function readEach<Document>(
  kind: RevocationSource['kind'],
  documents: readonly unknown[],
  read: (bytes: unknown, option: string) => Document,
): readonly ReadDocument<Document>[] {
  const option = kind === 'crl' ? 'crls' : 'ocspResponses';
  // Not `map`, which passes over the holes of an array.
  return Array.from(documents, (bytes, index) => {
    const source = { kind, index };
    try {
      return { source, document: read(bytes, `${option}[${index}]`) };
    } catch (error) {
      return { source, document: asAttestationError(error) };
    }
  });
}

function asAttestationError(error: unknown): AttestationError {
  if (error instanceof AttestationError) return error;
  throw error;
}

async function judgeEach<Document>(
  documents: readonly ReadDocument<Document>[],
  judge: (document: Document, source: RevocationSource) => Promise<void>,
): Promise<readonly RejectedRevocation[]> {
  const rejected: RejectedRevocation[] = [];
  for (const { source, document } of documents)
    try {
      if (document instanceof AttestationError) throw document;
      await judge(document, source);
    } catch (error) {
      rejected.push({ ...source, error: asAttestationError(error) });
    }
  return rejected;
}

function refuse(code: AttestationErrorCode): never {
  throw new AttestationError(code);
}

/** RFC 5280, 6.3.3, for a list of the issuer itself. */
async function judgeList({ links, lists, at, maximumAge }: Judgement, list: RevocationList, source: RevocationSource) {
  const { algorithm, signature, tbs, thisUpdate, nextUpdate, scope } = list;
  const named = links.filter(({ issuer }) => isListIssuer(list, issuer));
  if (named.length === 0) refuse('ERR_MDA_REVOCATION_ISSUER');
  if (thisUpdate > at) refuse('ERR_MDA_REVOCATION_NOT_YET_VALID');
  // A path may have two authorities of one name, as when a new key is certified by the old one: the signature tells whose
  // list it is.
  const own: Link[] = [];
  for (const link of named) if (await verifies(link.issuer.publicKey, algorithm, signature, tbs)) own.push(link);
  if (own[0] === undefined) refuse('ERR_MDA_REVOCATION_SIGNATURE');
  lists.push({ list, issuer: own[0].issuer, searched: new Map() });
  const covered = own.filter(({ certificate }) => isInScope(scope, certificate));
  if (covered.length === 0) refuse('ERR_MDA_REVOCATION_SCOPE');
  const entries = findEntries(
    list,
    covered.map(({ certificate }) => certificate.serialNumber),
  );
  const currentUntil = endOf(thisUpdate, nextUpdate, maximumAge);
  covered.forEach(({ findings }, index) => {
    const entry = entries[index];
    findings.push({
      source,
      revoked: entry && { at: entry.revokedAt, reason: entry.reason },
      thisUpdate,
      currentUntil,
    });
  });
}

function isListIssuer(list: RevocationList, { subject, keyUsage, subjectKeyIdentifier }: IdentityRecord): boolean {
  return (
    equalBytes(list.issuer, subject) &&
    // RFC 5280, 6.3.3 (f).
    keyUsage?.crlSign !== false &&
    (list.authorityKeyIdentifier === undefined ||
      subjectKeyIdentifier === undefined ||
      equalBytes(list.authorityKeyIdentifier, subjectKeyIdentifier))
  );
}

/** Without a time of the next document, nothing but the caller's maximum says how long one is current. */
function endOf(thisUpdate: number, nextUpdate: number | undefined, maximumAge: number | undefined): number {
  const limit = maximumAge === undefined ? Infinity : thisUpdate + maximumAge;
  return Math.min(nextUpdate ?? (maximumAge === undefined ? thisUpdate : Infinity), limit);
}

/** RFC 6960, 3.2. */
async function judgeResponse(judgement: Judgement, response: OcspResponse, source: RevocationSource): Promise<void> {
  const { links, at, maximumAge } = judgement;
  let failure = new AttestationError('ERR_MDA_REVOCATION_SCOPE');
  const found: { readonly link: Link; readonly answer: OcspAnswer }[] = [];
  for (const link of links) {
    const hashes = await hashesOf(link.issuer);
    const answers = response.answers.filter((answer) => isAbout(answer, link.certificate, hashes));
    if (answers.length === 0) continue;
    try {
      await checkResponder(judgement, response, link.issuer);
      found.push(...answers.map((answer) => ({ link, answer })));
    } catch (error) {
      failure = asAttestationError(error);
    }
  }
  if (found.length === 0) throw failure;
  // All are judged before any is taken: a response that does not count says nothing.
  if (found.some(({ answer }) => answer.thisUpdate > at)) refuse('ERR_MDA_REVOCATION_NOT_YET_VALID');
  for (const { link, answer } of found) addAnswer(link, answer, source, maximumAge);
}

async function checkResponder({ lists, at }: Judgement, response: OcspResponse, issuer: IdentityRecord): Promise<void> {
  const delegate = await verifyResponder(response, issuer, at);
  if (delegate === undefined) return;
  const own = lists.filter((each) => isSameAuthority(each.issuer, issuer));
  if (own.some((each) => mayRevoke(each, delegate))) refuse('ERR_MDA_REVOCATION_RESPONDER');
}

/** A list is long: it is searched once for each delegate, however many responses that one signed. */
function mayRevoke({ list, searched }: VerifiedList, { serialNumber }: IdentityRecord): boolean {
  const number = toHex(serialNumber);
  const known = searched.get(number) ?? mayHave(list, serialNumber);
  searched.set(number, known);
  return known;
}

/** A list that cannot be read to its end may have anything in it. */
function mayHave(list: RevocationList, serialNumber: Uint8Array): boolean {
  try {
    return findEntries(list, [serialNumber])[0] !== undefined;
  } catch {
    return true;
  }
}

/** A responder that does not know the certificate has said nothing of it. */
function addAnswer(
  { findings }: Link,
  { status, thisUpdate, nextUpdate }: OcspAnswer,
  source: RevocationSource,
  maximumAge: number | undefined,
): void {
  if (status.status === 'unknown') return;
  const revoked = status.status === 'revoked' ? { at: status.revokedAt, reason: status.reason } : undefined;
  findings.push({ source, revoked, thisUpdate, currentUntil: endOf(thisUpdate, nextUpdate, maximumAge) });
}

function earliestEnd(certificates: readonly CertificateRevocation[]): Date | undefined {
  const ends = certificates.map((certificate) =>
    certificate.status === 'good' ? certificate.currentUntil.getTime() : NaN,
  );
  const end = Math.min(...ends);
  return Number.isNaN(end) ? undefined : new Date(end);
}
