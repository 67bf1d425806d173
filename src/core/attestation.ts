import { constantTimeEqual } from './bytes.ts';
import { type Certificate, type CertificateRecord, describeCertificate, MAX_CERTIFICATE_BYTES } from './certificate.ts';
import { type AttestationChain, readChain, recordsOf } from './chain.ts';
import { type Check, type CheckReport, report, reportChecks, runChecks } from './checks.ts';
import { AttestationError } from './errors.ts';
import { MAX_FRESHNESS_CODE_BYTES } from './freshness.ts';
import { requireBytes, requireOptions, requireTime, requireTrustAnchors } from './options.ts';
import { linkFailure, PATH_CHECKS, pathContext, type PathContext, rememberIssuers } from './path.ts';
import { type AttestedProperties, readFreshness, readProperties } from './properties.ts';
import { describePublicKey, type PublicKey } from './public-key.ts';

/**
 * Says, where the caller's code is read, that freshness is not checked: the attestation may be years old
 * or somebody else's answer. For an attestation that was asked for without a nonce, and for forensics.
 *
 * @see verifyAttestation
 */
export const skipFreshnessCheck: unique symbol = /* @__PURE__ */ Symbol('skipFreshnessCheck');

/** What an attestation is judged by. */
export interface VerifyAttestationOptions {
  /** The time to judge at: now, or the time of the evidence for an audit. */
  readonly at: Date;
  /** 1 to 32 bytes from `freshnessCodeForToken` or `freshnessCodeForNonce`, or `skipFreshnessCheck`. */
  readonly expectedFreshnessCode: Uint8Array | typeof skipFreshnessCheck;
  /** SubjectPublicKeyInfo, DER, of the key that must be the attested one: that of a CSR, or of an earlier attestation. */
  readonly expectedPublicKey?: Uint8Array;
  /** From `parseCertificate`; Apple's root unless given. */
  readonly trustAnchors?: readonly Certificate[];
}

declare const verified: unique symbol;

/** An attestation that was verified. Only `verifyAttestation` and `explainAttestation` make one. */
export interface VerifiedAttestation {
  /** What Apple attests of the device; decoded anew at every access, so keep it where you read it often. */
  readonly properties: AttestedProperties;
  /** The attested key: its private half is in the Secure Enclave of the device. Store its `spki`. */
  readonly publicKey: PublicKey;
  /** The chain as supplied, leaf first, without the trust anchor. */
  readonly certificates: readonly Certificate[];
  /** The anchor that the chain ended at. */
  readonly trustAnchor: Certificate;
  /** The time that the verdict is about. */
  readonly at: Date;
  /** Whether the freshness code was compared, or the caller left the comparison out. */
  readonly freshness: 'matched' | 'not checked';
  readonly [verified]: true;
}

/** Every check with its outcome, and the verdict. */
export type Explanation =
  | { readonly accepted: true; readonly checks: readonly CheckReport[]; readonly attestation: VerifiedAttestation }
  | {
      readonly accepted: false;
      readonly checks: readonly CheckReport[];
      /** What `verifyAttestation`, or `parseAttestationChain` before it, throws for this evidence. */
      readonly error: AttestationError;
    };

interface AttestationContext extends PathContext {
  /** Undefined: the caller asked to skip the check. */
  readonly expectedFreshnessCode: Uint8Array | undefined;
  /** Undefined: the caller did not ask for the check. */
  readonly expectedPublicKey: Uint8Array | undefined;
}

const PARSING = { name: 'certificates', reference: 'RFC 5280, 4.1; X.690, 10 and 11' } as const;

const ATTESTATION_CHECKS: readonly Check<AttestationContext>[] = [
  ...PATH_CHECKS,
  {
    name: 'freshness',
    reference: 'Apple, Validating a Managed Device Attestation',
    run: checkFreshness,
    isAsked: ({ expectedFreshnessCode }) => expectedFreshnessCode !== undefined,
  },
  {
    name: 'public-key',
    reference: 'Apple, Validating a Managed Device Attestation',
    run: checkPublicKey,
    isAsked: ({ expectedPublicKey }) => expectedPublicKey !== undefined,
  },
];

function checkFreshness({ path: [leaf], expectedFreshnessCode }: AttestationContext): void {
  const freshnessCode = readFreshness(leaf);
  if (freshnessCode.status === 'malformed') refuseLeaf('ERR_MDA_FRESHNESS_MALFORMED');
  if (freshnessCode.status !== 'attested') refuseLeaf('ERR_MDA_FRESHNESS_MISSING');
  if (!constantTimeEqual(freshnessCode.value, expectedFreshnessCode!)) refuseLeaf('ERR_MDA_FRESHNESS_MISMATCH');
}

function checkPublicKey({ path: [leaf], expectedPublicKey }: AttestationContext): void {
  if (!constantTimeEqual(leaf.publicKey.spki, expectedPublicKey!)) refuseLeaf('ERR_MDA_ATTESTATION_PUBLIC_KEY');
}

function refuseLeaf(code: AttestationError['code']): never {
  throw new AttestationError(code, { certificate: 0 });
}

const OPTIONS = ['at', 'expectedFreshnessCode', 'expectedPublicKey', 'trustAnchors'];

/** Reads and judges the caller's options, before anything of the evidence is looked at. */
function readOptions(options: VerifyAttestationOptions) {
  requireOptions(options, OPTIONS);
  const { expectedFreshnessCode, expectedPublicKey } = options;
  return {
    at: requireTime(options.at),
    trustAnchors: requireTrustAnchors(options),
    expectedFreshnessCode:
      expectedFreshnessCode === skipFreshnessCheck
        ? undefined
        : requireBytes(expectedFreshnessCode, 'expectedFreshnessCode', MAX_FRESHNESS_CODE_BYTES),
    // Present but undefined is a lookup that found nothing, not a wish to skip the check.
    expectedPublicKey:
      'expectedPublicKey' in options
        ? requireBytes(expectedPublicKey, 'expectedPublicKey', MAX_CERTIFICATE_BYTES)
        : undefined,
  };
}

function contextOf(records: readonly CertificateRecord[], options: ReturnType<typeof readOptions>): AttestationContext {
  return Object.assign(pathContext(records, options.trustAnchors, options.at, linkFailure), options);
}

/**
 * Verifies an attestation: the chain to Apple's root, the freshness code, and the key if one is expected.
 *
 * Checks, in this order: all of `verifyChain`; the freshness code, in constant time; the attested key
 * against `expectedPublicKey`, in constant time, type and size included.
 * Leaves to you: whether the device is one of yours and in a state that you accept (`properties`), whether
 * the key was seen before for another device, and to remember which codes you issued.
 *
 * @throws AttestationError `ERR_MDA_CHAIN_*`, `ERR_MDA_FRESHNESS_*`, `ERR_MDA_ATTESTATION_PUBLIC_KEY`: that of
 * the first check that fails
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { fromPem, freshnessCodeForToken, parseAttestationChain, verifyAttestation } from 'managed-device-attestation';
 * import { readFileSync } from 'node:fs';
 *
 * const chain = parseAttestationChain(fromPem(readFileSync('chain.pem', 'utf8')));
 * const attestation = await verifyAttestation(chain, {
 *   at: new Date(),
 *   expectedFreshnessCode: await freshnessCodeForToken('LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0'),
 * });
 * console.log(attestation.properties.serialNumber, attestation.publicKey.jwk);
 * ```
 * @see Apple, "Validating a Managed Device Attestation"
 */
export async function verifyAttestation(
  chain: AttestationChain,
  options: VerifyAttestationOptions,
): Promise<VerifiedAttestation> {
  const context = contextOf(recordsOf(chain), readOptions(options));
  const running = runChecks(ATTESTATION_CHECKS, context);
  // Decoded, which never fails, while the platform verifies the signatures.
  const properties = readProperties(context.path[0]);
  await running;
  return verifiedAttestation(context, properties);
}

/**
 * Runs the checks of `verifyAttestation` in the same order and reports every one, for people: a log, a
 * ticket, a command line. The verdict is the same.
 *
 * Evidence, however hostile, never makes it throw: bytes that do not parse fail the check `certificates`.
 *
 * Checks: the certificates as `parseAttestationChain` does, then all of `verifyAttestation`, each even where an
 * earlier one failed.
 * Leaves to you: what `verifyAttestation` leaves; and to branch on `accepted` and `error.code`, never on `detail`.
 *
 * @param evidence the DER bytes of the chain, leaf first, or a chain that was parsed before
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { explainAttestation, fromPem, skipFreshnessCheck } from 'managed-device-attestation';
 * import { readFileSync } from 'node:fs';
 *
 * const { accepted, checks } = await explainAttestation(fromPem(readFileSync('chain.pem', 'utf8')), {
 *   at: new Date(),
 *   expectedFreshnessCode: skipFreshnessCheck,
 * });
 * console.log(accepted);
 * for (const { name, outcome, detail, reference } of checks) console.log(name, outcome, detail, reference);
 * ```
 * @see Apple, "Validating a Managed Device Attestation"
 */
export async function explainAttestation(
  evidence: AttestationChain | readonly Uint8Array[],
  options: VerifyAttestationOptions,
): Promise<Explanation> {
  const judged = readOptions(options);
  let records: readonly CertificateRecord[];
  try {
    records = Array.isArray(evidence) ? readChain(evidence) : recordsOf(evidence);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const rest = ATTESTATION_CHECKS.map((check) => report(check, 'not run', 'an earlier check failed'));
    return { accepted: false, checks: [report(PARSING, 'failed', error.message, error), ...rest], error };
  }
  const context = contextOf(records, judged);
  const { reports, error } = await reportChecks(ATTESTATION_CHECKS, context);
  const checks = [report(PARSING, 'passed', 'holds'), ...reports];
  return error === undefined
    ? { accepted: true, checks, attestation: verifiedAttestation(context) }
    : { accepted: false, checks, error };
}

/** Describes what was verified when somebody looks, anew each time. Its private field is the brand. */
class Attestation {
  readonly #context: AttestationContext;
  /** Decoded ahead of the first access. */
  #properties: AttestedProperties | undefined;
  readonly freshness: VerifiedAttestation['freshness'];

  static {
    // Nobody makes another one by way of an instance.
    this.prototype.constructor = Object;
  }

  constructor(context: AttestationContext, properties?: AttestedProperties) {
    this.#context = context;
    this.#properties = properties;
    this.freshness = context.expectedFreshnessCode === undefined ? 'not checked' : 'matched';
    Object.freeze(this);
  }

  get properties(): AttestedProperties {
    const properties = this.#properties ?? readProperties(this.#context.path[0]);
    this.#properties = undefined;
    return properties;
  }

  get publicKey(): PublicKey {
    return describePublicKey(this.#context.path[0].publicKey);
  }

  get certificates(): readonly Certificate[] {
    return this.#context.path.map(describeCertificate);
  }

  get trustAnchor(): Certificate {
    return describeCertificate(this.#context.certificates.at(-1)!);
  }

  get at(): Date {
    return new Date(this.#context.at);
  }

  static isInstance(value: unknown): boolean {
    return #context in Object(value);
  }
}

function verifiedAttestation(context: AttestationContext, properties?: AttestedProperties): VerifiedAttestation {
  rememberIssuers(context);
  return new Attestation(context, properties) as Omit<VerifiedAttestation, typeof verified> as VerifiedAttestation;
}

/**
 * Whether a value is an attestation that this library verified, and not one that looks like it.
 *
 * Checks: that `verifyAttestation` or `explainAttestation` of this copy of the package made it.
 * Leaves to you: how long ago (`at`), and whether freshness was checked (`freshness`).
 *
 * @example
 * ```ts
 * import { isVerifiedAttestation } from 'managed-device-attestation';
 *
 * console.log(isVerifiedAttestation({ freshness: 'matched' })); // false
 * ```
 */
export function isVerifiedAttestation(value: unknown): value is VerifiedAttestation {
  return Attestation.isInstance(value);
}
