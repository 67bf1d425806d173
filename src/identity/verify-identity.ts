import type { SubjectAlternativeName } from '../acme/general-name.ts';
import { constantTimeEqual, toHex } from '../core/bytes.ts';
import { MAX_CERTIFICATE_BYTES } from '../core/certificate.ts';
import { type Check, type CheckReport, report, reportChecks, runChecks } from '../core/checks.ts';
import { AttestationError } from '../core/errors.ts';
import { requireBytes, requireOptions, requireTime } from '../core/options.ts';
import { refuse } from '../core/path.ts';
import type { AttestedProperties } from '../core/properties.ts';
import type { AttestationEvidence } from './attestation-evidence.ts';
import {
  type AttestedFacts,
  believedProperties,
  type IdentityIdentifier,
  judgeAttestedFacts,
  readIdentifiers,
  type Unattested,
} from './attested-facts.ts';
import { readNamesOf } from './certificate-extensions.ts';
import {
  anchorRecordOf,
  authorityRecordOf,
  type IdentityAuthority,
  type IdentityTrustAnchor,
} from './identity-authority.ts';
import { describeIdentityCertificate, type IdentityCertificate, type IdentityRecord } from './identity-certificate.ts';
import { describeIdentityKey, type IdentityPublicKey } from './identity-key.ts';
import {
  IDENTITY_PATH_CHECKS,
  type IdentityCheckName,
  identityPathContext,
  type IdentityPathContext,
  readIdentityChain,
  rememberIdentityIssuers,
} from './identity-path.ts';
import { type LeafContents, leafContents } from './leaf-contents.ts';

/**
 * Says, where the caller's code is read, that no authority is known to put attested properties into certificates: all of
 * them are absent, whatever the certificate claims.
 *
 * @see verifyIdentity
 */
export const noAttestingAuthority: unique symbol = /* @__PURE__ */ Symbol('noAttestingAuthority');

/** What a device certificate of an organisation is judged by. */
export interface VerifyIdentityOptions {
  /** The time to judge at: now, or the time of the evidence for an audit. */
  readonly at: Date;
  /** From `identityTrustAnchor`: where a path may end. */
  readonly trustAnchors: readonly IdentityTrustAnchor[];
  /**
   * The authorities that you know to issue with `identityExtensions` and to copy no extension of a certificate request, or
   * `noAttestingAuthority`. What is attested is believed of them alone, and only where they signed the certificate of the
   * device themselves. An authority is its name and its key: a renewed certificate of it counts as well.
   */
  readonly attestingAuthorities: readonly IdentityAuthority[] | typeof noAttestingAuthority;
  /** SubjectPublicKeyInfo, DER, of the key that must be that of the certificate; where TLS did not see to that. */
  readonly expectedPublicKey?: Uint8Array;
}

declare const verified: unique symbol;

/** A device certificate of an organisation that was verified. Only `verifyIdentity` and `explainIdentity` make one. */
export interface VerifiedIdentity {
  /** The names of the device in the certificate, and who says them. */
  readonly identifiers: readonly IdentityIdentifier[];
  /** All names in the subjectAltName. The authority says them. */
  readonly names: readonly SubjectAlternativeName[];
  /** What is attested of the device, as far as it is believed; all of it is absent where `unattested` is there. */
  readonly properties: AttestedProperties;
  /** Why nothing counts as attested, and what was seen; undefined where it counts. */
  readonly unattested: Unattested | undefined;
  /** What the authority says of the attestation; undefined where it does not count. */
  readonly evidence: AttestationEvidence | undefined;
  /** When Apple attested; undefined where that does not count. */
  readonly attestedAt: Date | undefined;
  /** SHA-256, lower-case hexadecimal, of the attestation's leaf; undefined where that does not count. */
  readonly attestationCertificate: string | undefined;
  /** The key of the certificate; it is the attested one where `unattested` is undefined. */
  readonly publicKey: IdentityPublicKey;
  /** The chain as supplied, leaf first, without the trust anchor. */
  readonly certificates: readonly IdentityCertificate[];
  /** The anchor that the chain ended at. */
  readonly trustAnchor: IdentityCertificate;
  /** The time that the verdict is about. */
  readonly at: Date;
  /** Last instant of the validity of the device certificate, inclusive. */
  readonly notAfter: Date;
  /**
   * Last instant at which all certificates up to the anchor are valid, and the attestation where it counts: nobody may
   * hold on to the verdict for longer.
   */
  readonly validUntil: Date;
  /** Of the certificate, not of the device: lower-case hexadecimal. */
  readonly certificateSerialNumber: string;
  /**
   * SHA-256 of the device certificate, lower-case hexadecimal. For logs, and never to keep a device out by: whoever has a
   * certificate that ECDSA signed makes a second one of it, valid and the same but for the signature. Go by `publicKey`.
   */
  readonly fingerprint: string;
  readonly [verified]: true;
}

/** Every check with its outcome, and the verdict. */
export type IdentityExplanation =
  | {
      readonly accepted: true;
      readonly checks: readonly CheckReport<IdentityCheckName>[];
      readonly identity: VerifiedIdentity;
    }
  | {
      readonly accepted: false;
      readonly checks: readonly CheckReport<IdentityCheckName>[];
      /** What `verifyIdentity` throws for this evidence. */
      readonly error: AttestationError;
    };

interface IdentityContext
  extends IdentityPathContext, Pick<IdentityQuestion, 'attestingAuthorities' | 'expectedPublicKey'> {
  readonly contents: LeafContents;
}

const PARSING = { name: 'certificates', reference: 'RFC 5280, 4.1; X.690, 10 and 11' } as const;

const PUBLIC_KEY: Check<IdentityContext, IdentityCheckName> = {
  name: 'public-key',
  reference: 'RFC 5280, 4.1.2.7',
  run: ({ path: [leaf], expectedPublicKey }) => {
    if (!constantTimeEqual(leaf.publicKey.spki, expectedPublicKey!)) refuse('ERR_MDA_IDENTITY_PUBLIC_KEY', 0);
  },
  isAsked: ({ expectedPublicKey }) => expectedPublicKey !== undefined,
};

const IDENTITY_CHECKS: readonly Check<IdentityContext, IdentityCheckName>[] = /* @__PURE__ */ [
  ...IDENTITY_PATH_CHECKS,
  PUBLIC_KEY,
];

const OPTIONS = ['at', 'trustAnchors', 'attestingAuthorities', 'expectedPublicKey'];

/** Whose signatures count, and whose word, once that is judged. */
export interface Trust {
  readonly trustAnchors: readonly IdentityRecord[];
  readonly attestingAuthorities: readonly IdentityRecord[];
}

/** What `verifyIdentity` was told, once it is judged. */
export interface IdentityQuestion extends Trust {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Undefined: the caller did not ask for the check. */
  readonly expectedPublicKey: Uint8Array | undefined;
}

export function readTrust({
  trustAnchors,
  attestingAuthorities,
}: Pick<VerifyIdentityOptions, 'trustAnchors' | 'attestingAuthorities'>): Trust {
  return {
    trustAnchors: requireList(trustAnchors, 'trustAnchors', anchorRecordOf),
    attestingAuthorities:
      attestingAuthorities === noAttestingAuthority
        ? []
        : requireList(attestingAuthorities, 'attestingAuthorities', authorityRecordOf),
  };
}

/** Reads and judges the caller's options, before anything of the evidence is looked at. */
function readOptions(options: VerifyIdentityOptions): IdentityQuestion {
  requireOptions(options, OPTIONS);
  const { expectedPublicKey } = options;
  return {
    at: requireTime(options.at),
    ...readTrust(options),
    // Present but undefined is a lookup that found nothing, not a wish to skip the check.
    expectedPublicKey:
      'expectedPublicKey' in options
        ? requireBytes(expectedPublicKey, 'expectedPublicKey', MAX_CERTIFICATE_BYTES)
        : undefined,
  };
}

function requireList(
  list: unknown,
  option: string,
  recordOf: (item: never, option: string) => IdentityRecord,
): readonly IdentityRecord[] {
  if (!Array.isArray(list) || list.length === 0) throw new TypeError(`${option} must be an array that is not empty`);
  // Not `map`, which passes over the holes of an array.
  return Array.from(list, (item: unknown, index) => recordOf(item as never, `${option}[${index}]`));
}

function contextOf(records: readonly IdentityRecord[], question: IdentityQuestion): IdentityContext {
  const contents = leafContents(records[0]!);
  return Object.assign(identityPathContext(records, question.trustAnchors, question.at), question, { contents });
}

/**
 * Verifies the certificate of a device that an organisation issued: the path to one of its anchors, for client
 * authentication, and which of the attested properties in it may be believed.
 *
 * Checks, in this order: each certificate, strictly; the anchor by name and key; names, byte for byte; validity of every
 * certificate and of the anchor, both ends inclusive; no unknown critical extension; every issuer a certification authority
 * within its pathLen that may sign certificates; the leaf none; key identifiers; clientAuth in the leaf, and in every
 * authority that says what it issues for; no name constraints; signatures, ECDSA or RSA with SHA-2; the key against
 * `expectedPublicKey`. What is attested counts only if the authority that signed the leaf is one of
 * `attestingAuthorities`, and its evidence is there, can be read, is about the key of the certificate, and about an
 * attestation that is valid at the time.
 * Leaves to you: that the peer holds the key, which TLS proves; revocation (`checkRevocation`); and what you ask of the
 * device (`factsFromIdentity`, `evaluatePolicy`).
 *
 * @param certificates the DER bytes of each, leaf first, at most eight
 * @throws AttestationError `ERR_MDA_CHAIN_*`, `ERR_MDA_CERTIFICATE_*`, `ERR_MDA_KEY_*`, `ERR_MDA_DER_*`,
 * `ERR_MDA_IDENTITY_PUBLIC_KEY`: that of the first check that fails
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { attestingAuthority, identityTrustAnchor, verifyIdentity } from 'managed-device-attestation/identity';
 *
 * export async function deviceOf(chain: Uint8Array[], root: Uint8Array, issuingAuthority: Uint8Array) {
 *   const identity = await verifyIdentity(chain, {
 *     at: new Date(),
 *     trustAnchors: [identityTrustAnchor(root)],
 *     attestingAuthorities: [attestingAuthority(issuingAuthority)],
 *   });
 *   return identity.properties.serialNumber;
 * }
 * ```
 * @see docs/identity.md; https://www.rfc-editor.org/rfc/rfc5280#section-6
 */
export async function verifyIdentity(
  certificates: readonly Uint8Array[],
  options: VerifyIdentityOptions,
): Promise<VerifiedIdentity> {
  return verifyMeanwhile(certificates, readOptions(options), () => undefined);
}

/** Reads what the caller will want to know of the leaf while the platform verifies, for then this thread has time. */
export async function verifyMeanwhile(
  certificates: readonly Uint8Array[],
  question: IdentityQuestion,
  read: (contents: LeafContents) => void,
): Promise<VerifiedIdentity> {
  const context = contextOf(readIdentityChain(certificates), question);
  const checking = runChecks(IDENTITY_CHECKS, context);
  read(context.contents);
  await checking;
  return verifiedIdentity(context);
}

/**
 * Runs the checks of `verifyIdentity` in the same order and reports every one, for people. The verdict is the same.
 *
 * Evidence, however hostile, never makes it throw: bytes that do not parse fail the check `certificates`.
 *
 * Checks: all of `verifyIdentity`, each even where an earlier one failed.
 * Leaves to you: what `verifyIdentity` leaves; and to branch on `accepted` and `error.code`, never on `detail`.
 *
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import {
 *   explainIdentity,
 *   type IdentityTrustAnchor,
 *   noAttestingAuthority,
 * } from 'managed-device-attestation/identity';
 *
 * export async function explain(chain: Uint8Array[], trustAnchors: IdentityTrustAnchor[]): Promise<string[]> {
 *   const options = { at: new Date(), trustAnchors, attestingAuthorities: noAttestingAuthority } as const;
 *   const { checks } = await explainIdentity(chain, options);
 *   return checks.map(({ name, outcome, detail }) => `${name}: ${outcome}, ${detail}`);
 * }
 * ```
 * @see docs/identity.md
 */
export async function explainIdentity(
  certificates: readonly Uint8Array[],
  options: VerifyIdentityOptions,
): Promise<IdentityExplanation> {
  const question = readOptions(options);
  let records: readonly IdentityRecord[];
  try {
    records = readIdentityChain(certificates);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const rest = IDENTITY_CHECKS.map((check) => report(check, 'not run', 'an earlier check failed'));
    return { accepted: false, checks: [report(PARSING, 'failed', error.message, error), ...rest], error };
  }
  const context = contextOf(records, question);
  const { reports, error } = await reportChecks(IDENTITY_CHECKS, context);
  const checks = [report<IdentityCheckName>(PARSING, 'passed', 'holds'), ...reports];
  return error === undefined
    ? { accepted: true, checks, identity: verifiedIdentity(context) }
    : { accepted: false, checks, error };
}

/** Describes what was verified when somebody looks, anew each time. Its private field is the brand. */
class Identity {
  readonly #context: IdentityContext;
  #judged: AttestedFacts | undefined;

  static {
    // Nobody makes another one by way of an instance.
    this.prototype.constructor = Object;
  }

  constructor(context: IdentityContext) {
    this.#context = context;
    Object.freeze(this);
  }

  /** Judged at the first look, and the same at every other. */
  get #facts(): AttestedFacts {
    const { contents, certificates, attestingAuthorities, at } = this.#context;
    return (this.#judged ??= judgeAttestedFacts(contents, certificates[1]!, attestingAuthorities, at));
  }

  get identifiers(): readonly IdentityIdentifier[] {
    return readIdentifiers(this.#context.path[0], this.#facts.unattested === undefined);
  }

  get names(): readonly SubjectAlternativeName[] {
    const [leaf] = this.#context.path;
    return readNamesOf(leaf.der, leaf);
  }

  get properties(): AttestedProperties {
    return believedProperties(this.#context.path[0], this.#facts.unattested === undefined);
  }

  get unattested(): Unattested | undefined {
    const { unattested } = this.#facts;
    return unattested && { reason: unattested.reason, oids: [...unattested.oids] };
  }

  get evidence(): AttestationEvidence | undefined {
    const { evidence } = this.#facts;
    return (
      evidence && {
        ...evidence,
        attestedAt: new Date(evidence.attestedAt),
        verifiedAt: new Date(evidence.verifiedAt),
        notAfter: new Date(evidence.notAfter),
        certificateHash: new Uint8Array(evidence.certificateHash),
        publicKeyHash: new Uint8Array(evidence.publicKeyHash),
      }
    );
  }

  get attestedAt(): Date | undefined {
    return this.evidence?.attestedAt;
  }

  get attestationCertificate(): string | undefined {
    const { evidence } = this.#facts;
    return evidence && toHex(evidence.certificateHash);
  }

  get publicKey(): IdentityPublicKey {
    return describeIdentityKey(this.#context.path[0].publicKey);
  }

  get certificates(): readonly IdentityCertificate[] {
    return this.#context.path.map(describeIdentityCertificate);
  }

  get trustAnchor(): IdentityCertificate {
    return describeIdentityCertificate(this.#context.certificates.at(-1)!);
  }

  get at(): Date {
    return new Date(this.#context.at);
  }

  get notAfter(): Date {
    return new Date(this.#context.path[0].notAfter);
  }

  get validUntil(): Date {
    const attested = this.#facts.evidence?.notAfter.getTime() ?? Infinity;
    return new Date(Math.min(attested, ...this.#context.certificates.map(({ notAfter }) => notAfter)));
  }

  get certificateSerialNumber(): string {
    return toHex(this.#context.path[0].serialNumber);
  }

  get fingerprint(): string {
    return this.#context.contents.fingerprint();
  }

  static isInstance(value: unknown): boolean {
    return #context in Object(value);
  }

  static recordsOf(this: void, value: unknown): readonly IdentityRecord[] {
    const identity = Object(value) as object;
    if (!(#context in identity)) throw new TypeError('identity must come from verifyIdentity');
    return identity.#context.certificates;
  }

  static contentsOf(this: void, value: unknown): IdentityContents {
    const identity = Object(value) as object;
    if (!(#context in identity)) throw new TypeError('identity must come from verifyIdentity');
    return { ...identity.#context.contents, facts: identity.#facts };
  }
}

/** What the leaf says, and what of that is attested. */
export interface IdentityContents extends LeafContents {
  readonly facts: AttestedFacts;
}

/** The path of an identity that this library verified, with its anchor at the end. */
export const recordsOfIdentity = Identity.recordsOf;

/** What is in it, for this library alone, since nothing of it is a copy. */
export const contentsOfIdentity = Identity.contentsOf;

function verifiedIdentity(context: IdentityContext): VerifiedIdentity {
  rememberIdentityIssuers(context);
  return new Identity(context) as Omit<VerifiedIdentity, typeof verified> as VerifiedIdentity;
}

/**
 * Whether a value is an identity that this library verified, and not one that looks like it.
 *
 * Checks: that `verifyIdentity` or `explainIdentity` of this copy of the package made it.
 * Leaves to you: how long ago (`at`), and whether anything counts as attested (`unattested`).
 *
 * @example
 * ```ts
 * import { isVerifiedIdentity } from 'managed-device-attestation/identity';
 *
 * console.log(isVerifiedIdentity({ unattested: undefined })); // false
 * ```
 */
export function isVerifiedIdentity(value: unknown): value is VerifiedIdentity {
  return Identity.isInstance(value);
}
