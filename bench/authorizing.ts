import { createMemoryStore } from 'managed-device-attestation/acme';
import {
  attestingAuthority,
  identityTrustAnchor,
  type VerifiedIdentity,
  verifyIdentity,
} from 'managed-device-attestation/identity';
import { parsePolicy } from 'managed-device-attestation/policy';
import { type AuthorizerOptions, createAuthorizer } from 'managed-device-attestation/relying-party';

/** How a relying party judges the identities of an organisation; nothing in this file is Node's. */

type Der = Uint8Array<ArrayBuffer>;

/** A leaf and its issuer. */
export type IdentityChain = readonly [leaf: Der, issuer: Der];

export interface Authorizing {
  readonly verify: (chain: IdentityChain) => Promise<VerifiedIdentity>;
  /** A decision that finds neither the identity nor a decision, if at least `FORGETTING_TURNS` others come between. */
  readonly decideFirst: (chain: IdentityChain) => Promise<void>;
  /** One that is found; the first of them makes it. */
  readonly decideAgain: (chain: IdentityChain) => Promise<void>;
  /** Decides by an authorizer whose store in memory may hold as much as this. */
  readonly deciding: (
    maxEntries: number,
    options?: Partial<AuthorizerOptions>,
  ) => (chain: IdentityChain, cached: boolean, resource?: string) => Promise<void>;
}

const REMEMBERED_IDENTITIES = 16;
/** More than are remembered, so that a rotation through as many never meets one again. */
export const FORGETTING_TURNS = 40;

export const THREE_RULES = parsePolicy({
  format: 1,
  rules: [
    { rule: 'os-version', minimum: '26.4' },
    { rule: 'secure-boot', minimum: 'Full Security' },
    { rule: 'attestation-age', maximumSeconds: 90 * 86_400 },
  ],
});

export function prepareAuthorizing(root: Der, issuers: readonly Der[], at: Date): Authorizing {
  const trustAnchors = [identityTrustAnchor(root)];
  const attestingAuthorities = issuers.map((der) => attestingAuthority(der));
  const deciding: Authorizing['deciding'] = (maxEntries, options) => {
    const cache = { store: createMemoryStore({ clock: () => at, maxEntries }), seconds: 300 };
    const policy = THREE_RULES;
    const { authorize } = createAuthorizer({ trustAnchors, attestingAuthorities, policy, cache, ...options });
    return async (chain, cached, resource) => {
      const authorization = await authorize({ chain, at, resource });
      // A figure for a wrong decision is worth nothing.
      if (!authorization.allowed || authorization.cached !== cached) throw new Error('decided wrongly');
    };
  };
  const first = deciding(1, { maxIdentities: REMEMBERED_IDENTITIES });
  const again = deciding(1);
  let known: IdentityChain | undefined;
  return {
    verify: (chain) => verifyIdentity(chain, { at, trustAnchors, attestingAuthorities }),
    decideFirst: (chain) => first(chain, false),
    decideAgain: async (chain) => {
      const cached = known === chain;
      known = chain;
      await again(chain, cached);
    },
    deciding,
  };
}

export function inTurn<Item>(items: readonly Item[]): () => Item {
  let next = 0;
  return () => items[next++ % items.length]!;
}
