import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createMemoryStore } from 'managed-device-attestation/acme';
import {
  attestingAuthority,
  identityTrustAnchor,
  type VerifiedIdentity,
  verifyIdentity,
} from 'managed-device-attestation/identity';
import { parsePolicy } from 'managed-device-attestation/policy';
import { type AuthorizerOptions, createAuthorizer } from 'managed-device-attestation/relying-party';
import {
  AT,
  type Authority,
  deviceCertificate,
  ecSigner,
  rootAuthority,
  subAuthority,
} from '../test/support/organisation.ts';
import { rawVerification } from './contenders/raw.ts';
import { type Lane, measureRatios, type Quartiles, sequential } from './measure.ts';

export const VERIFY_REMEMBERED = 'verifyIdentity, issuer remembered';
export const VERIFY_NEW = 'verifyIdentity, a new issuer each time';
export const FIRST_DECISION = 'a first decision, issuer remembered';
export const FIRST_OF_ISSUER = 'a first decision, a new issuer each time';
export const CACHED_DECISION = 'a decision that is cached';

/** More than are remembered, so that a rotation through them never meets one again. */
const DEVICES = 40;
const REMEMBERED_IDENTITIES = 16;
const ISSUERS = 24;

const p384 = (seed: string) => ecSigner(`bench ${seed}`, 'SHA-384', 'P-384');

/** Decisions kept in memory, and what they take. */
export interface CacheMemory {
  readonly decisions: number;
  readonly limit: number;
  /** When the store has become full, and after all decisions. */
  readonly bytes: readonly [full: number, end: number];
}

export interface RelyingPartyCosts {
  readonly ratios: ReadonlyMap<string, Quartiles>;
  readonly memory: CacheMemory;
}

/** What an identity and a decision cost a relying party, in raw verifications of the leaf's signature. */
export async function measureRelyingParty(effort: number, random: () => number): Promise<RelyingPartyCosts> {
  const root = await rootAuthority('Devices', p384('root'));
  const issuers = await Promise.all(
    Array.from({ length: ISSUERS }, (_, index) => subAuthority(`Devices ${index}`, p384(`issuer ${index}`), root)),
  );
  const chainOf = async (issuer: Authority, serialNumber: number): Promise<Uint8Array<ArrayBuffer>[]> => [
    await deviceCertificate(issuer, { serialNumber }),
    issuer.der,
  ];
  const [issuer] = issuers as [Authority];
  const ofOne = await Promise.all(Array.from({ length: DEVICES }, (_, index) => chainOf(issuer, 1 + index)));
  const ofMany = await Promise.all(issuers.map((each) => chainOf(each, 1 + DEVICES)));
  const [chain] = ofOne as [Uint8Array<ArrayBuffer>[]];

  const trustAnchors = [identityTrustAnchor(root.der)];
  const attestingAuthorities = issuers.map(({ der }) => attestingAuthority(der));
  const policy = parsePolicy({
    format: 1,
    rules: [
      { rule: 'os-version', minimum: '26.4' },
      { rule: 'secure-boot', minimum: 'Full Security' },
      { rule: 'attestation-age', maximumSeconds: 90 * 86_400 },
    ],
  });
  const authorizerWith = (maxEntries: number, options: Partial<AuthorizerOptions> = {}) => {
    const store = createMemoryStore({ clock: () => AT, maxEntries });
    return createAuthorizer({ trustAnchors, attestingAuthorities, policy, cache: { store, seconds: 300 }, ...options });
  };
  const verify = (of: readonly Uint8Array[]): Promise<VerifiedIdentity> =>
    verifyIdentity(of, { at: AT, trustAnchors, attestingAuthorities });
  /** A figure for a wrong decision is worth nothing. */
  const decide = async (
    { authorize }: ReturnType<typeof createAuthorizer>,
    of: readonly Uint8Array[],
    cached: boolean,
    resource?: string,
  ): Promise<void> => {
    const authorization = await authorize({ chain: of, at: AT, resource });
    if (!authorization.allowed || authorization.cached !== cached) throw new Error('decided wrongly');
  };
  // Neither the identity nor the decision is there when its turn comes again.
  const first = authorizerWith(1, { maxIdentities: REMEMBERED_IDENTITIES });
  const again = authorizerWith(1);
  await decide(again, chain, false);

  // One turn for all jobs: what one has just met is new to none.
  const nextOfOne = inTurn(ofOne);
  const nextOfMany = inTurn(ofMany);
  const raw = await rawVerification({ leaf: chain[0]!, subCa: issuer.der });
  const jobs: readonly (readonly [string, () => Promise<unknown>, number])[] = [
    ['the raw verification, once more', raw, 8],
    [VERIFY_REMEMBERED, () => verify(nextOfOne()), 8],
    [VERIFY_NEW, () => verify(nextOfMany()), 8],
    [FIRST_DECISION, () => decide(first, nextOfOne(), false), 8],
    [FIRST_OF_ISSUER, () => decide(first, nextOfMany(), false), 8],
    [CACHED_DECISION, () => decide(again, chain, true), 400],
  ];
  for (const [, job, count] of jobs) await sequential(job, Math.max(1000 * effort, 4 * count));
  const lanes = jobs.map(([name, job, count]): Lane => ({ name, job, count }));
  const unit: Lane = { name: 'raw', job: raw, count: 8 };
  const ratios = await measureRatios(unit, lanes, { rounds: 160 * effort, seconds: 20 }, sequential, random);

  const decisions = 1_000_000 * effort;
  const limit = decisions / 2;
  const full = authorizerWith(limit, { policy: () => policy });
  const before = heapBytes();
  const afterAll: number[] = [];
  for (let count = 0; count < decisions; count++) {
    await decide(full, chain, false, `resource ${count}`);
    if ((count + 1) % limit === 0) afterAll.push(heapBytes() - before);
  }
  // The latest is there, and so was all of it until now.
  await decide(full, chain, true, `resource ${decisions - 1}`);
  return { ratios, memory: { decisions, limit, bytes: afterAll as [number, number] } };
}

function inTurn<Item>(items: readonly Item[]): () => Item {
  let next = 0;
  return () => items[next++ % items.length]!;
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
