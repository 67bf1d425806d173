import { AttestationError } from '../core/errors.ts';
import { requireOptions, requireTime } from '../core/options.ts';
import type { LeafContents } from '../identity/leaf-contents.ts';
import { isVerifiedIdentity, type VerifiedIdentity, verifyMeanwhile } from '../identity/verify-identity.ts';
import type { Authorization, RefusalCode, Refused } from './authorization.ts';
import { type AuthorizerOptions, readAuthorizerOptions } from './authorizer-options.ts';
import type { CachedDecision } from './cached-decision.ts';
import { createDecisionMemory } from './decision-memory.ts';
import { createPolicyDigests, decisionKey } from './decision-key.ts';
import { deviceOf } from './device-of.ts';
import { createIdentityMemory, type KnownIdentity, type LastDecision } from './identity-memory.ts';
import { type Case, judgeIdentity, type Verdict } from './judge-identity.ts';
import { createSingleFlight } from './single-flight.ts';
import { readStanding, type Standing, writeStanding } from './standing.ts';

/** What a device asks for. */
export interface AuthorizationRequest {
  /** The DER bytes of the certificates, leaf first, from a connection in which the device has shown that it has the key. */
  readonly chain: readonly Uint8Array[];
  /** Now. */
  readonly at: Date;
  /** What it wants: 1 to 256 characters, or nothing where one policy is for everything. */
  readonly resource?: string | undefined;
}

/** Decides which devices may. */
export interface Authorizer {
  /** Decides. It rejects only for a mistake of the caller's, with a `TypeError`. */
  readonly authorize: (request: AuthorizationRequest) => Promise<Authorization>;
  /**
   * Refuses a device from now on, in every process that shares the store, whatever is cached: an identity, which stands for
   * what `deviceOf` says of it, or a name of that form. Every name in a certificate counts, and its key. Resolves when that is written and read back, and rejects with what the store throws otherwise.
   */
  readonly deauthorize: (device: VerifiedIdentity | string) => Promise<void>;
  /** Ends that, for this one name. What was decided before does not count again. */
  readonly reauthorize: (device: VerifiedIdentity | string) => Promise<void>;
}

/** The longest name of a resource. */
const MAX_RESOURCE_CHARACTERS = 256;

/**
 * Creates what decides, on every request, whether a device may: by its certificate, by facts that you look up, by a policy
 * for each resource, and by decisions that were made before.
 *
 * Checks, in this order: the certificate as `verifyIdentity` does, its validity at every call; that the device is not
 * deauthorized, at every call, before a new decision and after it; revocation and the lookup, side by side, each within its
 * time; the policy. One device that asks many times at once is looked up once.
 * Leaves to you: that the device has the key of the certificate, which TLS proves or your proxy; to find out what was
 * looked up; a store that keeps what it was given.
 *
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { createMemoryStore } from 'managed-device-attestation/acme';
 * import { attestingAuthority, identityTrustAnchor } from 'managed-device-attestation/identity';
 * import { parsePolicy } from 'managed-device-attestation/policy';
 * import { createAuthorizer } from 'managed-device-attestation/relying-party';
 *
 * export const authorizerFor = (root: Uint8Array, issuingAuthority: Uint8Array) =>
 *   createAuthorizer({
 *     trustAnchors: [identityTrustAnchor(root)],
 *     attestingAuthorities: [attestingAuthority(issuingAuthority)],
 *     policy: { wiki: parsePolicy({ format: 1, rules: [{ rule: 'os-version', minimum: '26.4' }] }) },
 *     cache: { store: createMemoryStore({ clock: () => new Date() }), seconds: 300 },
 *   });
 * ```
 * @see docs/relying-party.md; Apple, "Deploy Managed Device Attestation"
 */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const settings = readAuthorizerOptions(options);
  const { trust, policyOf, marks } = settings;
  const digestOf = createPolicyDigests(settings);
  const identities = createIdentityMemory(settings.maxIdentities);
  const decisions = createDecisionMemory(settings.cache);
  const once = createSingleFlight<Judged>(settings.decisionMilliseconds, settings.maxIdentities);

  const identify = async (chain: readonly Uint8Array[], at: number): Promise<KnownIdentity> => {
    const question = { ...trust, at, expectedPublicKey: undefined };
    return identities.remember(await verifyMeanwhile(chain, question, readAhead));
  };

  /** Judges, looks once more whether the device is deauthorized, which may have happened meanwhile, and keeps the decision. */
  const decide = async (key: string, subject: Case): Promise<Judged> => {
    const verdict = await judgeIdentity(settings, subject);
    let standing: Standing;
    try {
      standing = await readStanding(marks, subject.known.marks);
    } catch (error) {
      return { refusal: { code: 'store-failed', error }, generation: undefined };
    }
    const { deauthorized, generation } = standing;
    if (deauthorized) return { refusal: { code: 'deauthorized', error: undefined }, generation };
    const { decision } = verdict;
    if (decision?.generation === generation) await decisions.keep(key, decision);
    return { ...verdict, generation };
  };

  const authorize = async (request: AuthorizationRequest): Promise<Authorization> => {
    requireOptions(request, ['chain', 'at', 'resource']);
    const { chain, resource } = request;
    const at = requireTime(request.at);
    if (!Array.isArray(chain)) throw new TypeError('chain must be an array of Uint8Array');
    const policy = isResource(resource) ? policyOf(resource) : undefined;
    if (policy === undefined) return refused('unknown-resource', {});

    let known: KnownIdentity;
    try {
      known = identities.recall(chain, at) ?? (await identify(chain, at));
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      return refused('identity-refused', { error });
    }
    const { scope, times } = digestOf(policy);
    const place = placeOf(known, scope, resource);
    const { key } = place;
    const recalling = decisions.recall(place);
    let standing: Standing;
    try {
      standing = await readStanding(marks, known.marks);
    } catch (error) {
      return refused('store-failed', { known, error });
    }
    if (standing.deauthorized) return refused('deauthorized', { known });

    const earlier = await recalling;
    const isUsable = (decision: CachedDecision, isStale: boolean): boolean =>
      decision.generation === standing.generation &&
      isWithin(decision, at) &&
      Math.abs(at - decision.decidedAt) <= decisions.millisecondsOf(decision, isStale);
    const answer = (decision: CachedDecision, cached: boolean, stale: boolean): Authorization => {
      if (!decision.allowed) return refused('policy', { known, reasons: [...decision.reasons], cached });
      const kept = decision.decidedAt + decisions.millisecondsOf(decision, stale);
      const validUntil = new Date(Math.min(kept, decision.validUntil, known.notAfter));
      return { allowed: true, identity: known.identity, device: known.device, reasons: [], cached, stale, validUntil };
    };
    if (earlier !== undefined && isUsable(earlier, false)) return answer(earlier, true, false);

    const subject = { known, policy, times, resource, at, generation: standing.generation };
    // Whoever comes after a deauthorization and its end joins nothing that began before.
    const verdict = await once(`${standing.generation}:${key}`, () => decide(key, subject));
    // Somebody who joined the decision of another moment has to be answered about this one.
    const isOfAnother = verdict.decision !== undefined && !isWithin(verdict.decision, at);
    const { decision, refusal, generation } = isOfAnother ? await decide(key, subject) : verdict;
    if (decision !== undefined) return answer(decision, false, false);
    const isOut = refusal.code === 'dynamic-timeout' || refusal.code === 'dynamic-failed';
    const isSameGeneration = generation === standing.generation;
    if (isOut && isSameGeneration && earlier?.allowed === true && isUsable(earlier, true))
      return answer(earlier, true, true);
    return refused(refusal.code, { known, error: refusal.error });
  };

  const mark = async (device: VerifiedIdentity | string, deauthorized: boolean): Promise<void> => {
    const name = requireDevice(device);
    if (marks === undefined) throw new TypeError('deauthorizations must be a store, or cache have one');
    await writeStanding(marks, name, deauthorized);
  };

  return {
    authorize,
    deauthorize: (device) => mark(device, true),
    reauthorize: (device) => mark(device, false),
  };
}

/** What every decision needs, unless the certificate is refused after all. */
function readAhead({ properties, evidence, publicKeyHash, tbsHash }: LeafContents): void {
  properties();
  evidence();
  publicKeyHash();
  tbsHash();
}

/** A verdict, and of which generation the device is when it is made. */
type Judged = Verdict & { readonly generation: string | undefined };

interface About extends Partial<Pick<Refused, 'reasons' | 'cached' | 'error'>> {
  readonly known?: KnownIdentity;
}

function refused(code: RefusalCode, { known, reasons = [], cached = false, error }: About): Refused {
  return { allowed: false, code, reasons, identity: known?.identity, device: known?.device, cached, error };
}

/** Where the decision is kept; the same as at the last request, mostly. */
function placeOf(known: KnownIdentity, scope: string, resource: string | undefined): LastDecision {
  const { last, signed } = known;
  if (last?.scope === scope && last.resource === resource) return last;
  const key = decisionKey(scope, signed, resource);
  return (known.last = { scope, resource, key, text: undefined, decision: undefined });
}

function isWithin({ validFrom, validUntil }: CachedDecision, at: number): boolean {
  return validFrom <= at && at <= validUntil;
}

function isResource(resource: unknown): boolean {
  if (resource === undefined) return true;
  if (typeof resource !== 'string') throw new TypeError('resource must be a text');
  return resource.length > 0 && resource.length <= MAX_RESOURCE_CHARACTERS;
}

function requireDevice(device: unknown): string {
  if (isVerifiedIdentity(device)) return deviceOf(device);
  if (typeof device !== 'string' || !/^(?:device:[^]+|named:[0-9a-f]{64}:[0-9.]*:[^]+|key:[0-9a-f]{64})$/.test(device))
    throw new TypeError('device must be a verified identity, or a name as deviceOf makes it');
  return device;
}
