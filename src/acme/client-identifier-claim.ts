import { equalText } from './identifier.ts';
import type { Store } from './store.ts';

/**
 * Where a client identifier stands in the store, under its name:
 *
 *     client-identifier:NAME         written when it is issued: it may be claimed
 *     client-identifier-owner:NAME   written when it is claimed: by whom
 */

/** A client identifier that a claimant may take, or has. */
export interface Claim {
  readonly claimant: string;
  /** As it was given when it was issued. */
  readonly user: string | undefined;
  /** Taken by the same claimant before: a retry. */
  readonly isTaken: boolean;
}

interface Owner {
  readonly claimant: string;
  readonly user?: string;
}

const issuedKey = (name: string): string => `client-identifier:${name}`;
const ownerKey = (name: string): string => `client-identifier-owner:${name}`;

export async function recordIssue(
  store: Store,
  name: string,
  user: string | undefined,
  ttlMilliseconds: number,
): Promise<void> {
  await store.set(issuedKey(name), JSON.stringify({ user }), ttlMilliseconds);
}

/** What is there for this claimant; undefined if somebody else has it, or the store does not know it. */
export async function findClaim(store: Store, name: string, claimant: string): Promise<Claim | undefined> {
  const owner = await readOwner(store, name);
  if (owner !== undefined)
    return equalText(owner.claimant, claimant) ? { claimant, user: owner.user, isTaken: true } : undefined;
  const issued = (await store.get(issuedKey(name))) ?? undefined;
  if (issued === undefined) return undefined;
  const { user } = JSON.parse(issued) as Partial<Owner>;
  return { claimant, user, isTaken: false };
}

/** Takes it. Of several claimants at once one hears true, and hears it again. */
export async function takeClaim(store: Store, name: string, claim: Claim, ttlMilliseconds: number): Promise<boolean> {
  if (claim.isTaken) return true;
  const { claimant, user } = claim;
  const owner = JSON.stringify({ claimant, user });
  if (store.setIfAbsent === undefined) {
    if (await store.delete(issuedKey(name))) {
      // A crash before this line costs the identifier: nobody can tell afterwards who took it.
      await store.set(ownerKey(name), owner, ttlMilliseconds);
      return true;
    }
  } else if (await store.setIfAbsent(ownerKey(name), owner, ttlMilliseconds)) return true;
  const winner = await readOwner(store, name);
  return winner !== undefined && equalText(winner.claimant, claimant);
}

async function readOwner(store: Store, name: string): Promise<Owner | undefined> {
  const text = (await store.get(ownerKey(name))) ?? undefined;
  return text === undefined ? undefined : (JSON.parse(text) as Owner);
}
