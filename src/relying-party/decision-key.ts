import { sha256 } from '../acme/sha256.ts';
import { toHex } from '../core/bytes.ts';
import type { Policy } from '../policy/policy.ts';
import type { Settings } from './authorizer-options.ts';
import { type PolicyTimes, timesOfPolicy } from './policy-times.ts';

/** What is worked out of a policy once. */
export interface PolicyDigest {
  /** Another one for every policy, and for everything else that a decision depends on but the device and the time. */
  readonly scope: string;
  readonly times: PolicyTimes;
}

/** Works out the digests of policies for one authorizer. */
export function createPolicyDigests({
  trust: { trustAnchors, attestingAuthorities },
  dynamic,
  revocation,
}: Settings): (policy: Policy) => PolicyDigest {
  const hash = (data: string | Uint8Array): string =>
    toHex(sha256(typeof data === 'string' ? new TextEncoder().encode(data) : data));
  const hashes = (certificates: readonly { readonly der: Uint8Array }[]) => certificates.map(({ der }) => hash(der));
  const authorizer = [
    hashes(trustAnchors),
    hashes(attestingAuthorities),
    dynamic !== undefined,
    revocation?.onUnknown ?? null,
  ];
  const digests = new WeakMap<Policy, PolicyDigest>();
  return (policy) => {
    let digest = digests.get(policy);
    if (digest === undefined) {
      digest = { scope: hash(JSON.stringify([authorizer, policy])), times: timesOfPolicy(policy) };
      digests.set(policy, digest);
    }
    return digest;
  };
}

/** By who signed what in the certificate, for the signature can be mirrored. The parts before the resource have a fixed length, so no two decisions have one key. */
export function decisionKey(scope: string, signed: string, resource: string | undefined): string {
  return `authorization:${scope}:${signed}:${resource ?? ''}`;
}
