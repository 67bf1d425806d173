import { toHex } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';
import { attestationFactsOf } from '../policy/attested-facts.ts';
import type { AttestationFacts, Facts, InventoryFacts, ReportedFacts } from '../policy/facts.ts';
import { contentsOfIdentity, type IdentityContents, type VerifiedIdentity } from './verify-identity.ts';

/** What else is known of the device; what is left out or undefined is not known. */
export interface IdentityFactSources {
  /** What the device reports of itself, for instance from the `reported` of the facts that `./mdm` gathers. */
  readonly reported?: ReportedFacts | undefined;
  /** What your own records say. */
  readonly inventory?: InventoryFacts | undefined;
}

/**
 * Gathers what a verified identity says of its device into a record for `evaluatePolicy`.
 *
 * What is attested counts until the attestation or the certificate ends, whichever is earlier. It is `fresh` if the
 * authority compared the freshness code, for then the attestation was made for the certificate; how long ago that was is
 * in `attestedAt`, and a policy limits it. Where nothing counts as attested there is no attestation.
 *
 * Checks: that the identity comes from a verification of this library.
 * Leaves to you: to give the reports and the records of the same device; revocation.
 *
 * @throws TypeError if an option is unknown, or the identity was not verified
 * @example
 * ```ts
 * import { factsFromIdentity, type VerifiedIdentity } from 'managed-device-attestation/identity';
 * import { evaluatePolicy, type Policy } from 'managed-device-attestation/policy';
 *
 * export function isAllowed(identity: VerifiedIdentity, policy: Policy, at: Date): boolean {
 *   return evaluatePolicy(policy, factsFromIdentity(identity), { at }).allowed;
 * }
 * ```
 * @see docs/identity.md, docs/policy.md
 */
export function factsFromIdentity(identity: VerifiedIdentity, sources: IdentityFactSources = {}): Facts {
  const contents = contentsOfIdentity(identity);
  requireOptions(sources, ['reported', 'inventory']);
  const { reported = {}, inventory = {} } = sources;
  return { attested: attestationFacts(contents), reported, inventory };
}

function attestationFacts(contents: IdentityContents): AttestationFacts | undefined {
  const { evidence } = contents.facts;
  const { publicKey, notAfter } = contents.leaf;
  // The attested key is an EC key, and it is that of the certificate, or nothing would count.
  if (evidence === undefined || publicKey.keyType !== 'EC') return undefined;
  const said = {
    certificate: toHex(evidence.certificateHash),
    attestedAt: new Date(evidence.attestedAt),
    notAfter: new Date(Math.min(evidence.notAfter.getTime(), notAfter)),
    freshness: evidence.freshness === 'matched' ? 'fresh' : 'not-requested',
    publicKey: { keyType: 'EC', curve: publicKey.curve.name, fingerprint: toHex(evidence.publicKeyHash) },
  } as const;
  return attestationFactsOf(said, contents.properties());
}
