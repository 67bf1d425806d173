import { requireAnswer } from './answer.ts';
import { equalText } from './identifier.ts';
import { readText, type Store } from './store.ts';

/**
 * Where a client identifier stands in the store, under its name:
 *
 *     client-identifier:NAME         written when it is issued: it may be claimed; gone when it was, or is revoked
 *     client-identifier-owner:NAME   written when it is claimed: by whom, and whether the claim is made
 *
 * With `setIfAbsent` a claim goes: owner, pending; the issued mark is still there; owner, claimed; the issued mark is
 * deleted. A claimant deletes the mark after the claim is made and never before, so an owner that is pending and has
 * no mark was revoked; any other goes on after a crash, wherever that was. (Were the claim the deletion itself, nobody
 * could tell after a crash who deleted.) A claim that is made stays made when either is lost.
 *
 * Without, the one who deletes the issued mark has it, and then writes the owner.
 */

/** A client identifier that a claimant may take, or has. */
export interface Claim {
  readonly claimant: string;
  /** As it was given when it was issued. */
  readonly user: string | undefined;
  /** Made by the same claimant before: a retry. */
  readonly isMade: boolean;
}

interface Owner {
  readonly claimant: string;
  readonly user?: string;
  readonly state: 'pending' | 'claimed';
}

const issuedKey = (name: string): string => `client-identifier:${name}`;
const ownerKey = (name: string): string => `client-identifier-owner:${name}`;

/** The owner is known for longer than the client identifier lives, for the clocks of servers and store differ. */
const DAY_MILLISECONDS = 86_400_000;

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
  if (owner !== undefined && !isOf(owner, claimant)) return undefined;
  if (owner?.state === 'claimed') return { claimant, user: owner.user, isMade: true };
  const issued = await readText(store, issuedKey(name));
  // It may have gone since the owner was read: to another request of the same claimant.
  if (issued === undefined) return findMade(store, name, claimant);
  const { user } = JSON.parse(issued) as Partial<Owner>;
  return { claimant, user, isMade: false };
}

/** Takes it. Of several claimants at once one hears true, and hears it again. */
export async function takeClaim(store: Store, name: string, claim: Claim, ttlMilliseconds: number): Promise<boolean> {
  const { claimant, user, isMade } = claim;
  const ownerMilliseconds = ttlMilliseconds + DAY_MILLISECONDS;
  const write = (state: Owner['state']): string => JSON.stringify({ claimant, user, state });

  if (store.setIfAbsent === undefined) {
    if (isMade) return true;
    if (!(await deleteIssued(store, name))) return (await findMade(store, name, claimant)) !== undefined;
    // A crash before this line costs the identifier: nobody can tell afterwards who took it.
    await store.set(ownerKey(name), write('claimed'), ownerMilliseconds);
    return true;
  }

  if (!isMade) {
    const isFirst = await store.setIfAbsent(ownerKey(name), write('pending'), ownerMilliseconds);
    if (!requireAnswer(isFirst, 'setIfAbsent of the store')) {
      const owner = await readOwner(store, name);
      if (owner === undefined || !isOf(owner, claimant)) return false;
    }
    // Looked at again, for it may be revoked up to here.
    if ((await readText(store, issuedKey(name))) === undefined)
      return (await findMade(store, name, claimant)) !== undefined;
    await store.set(ownerKey(name), write('claimed'), ownerMilliseconds);
  }
  // Again where it was made before, for a crash may have left the mark.
  await deleteIssued(store, name);
  return true;
}

/** What this claimant has; undefined if it is somebody else's, nobody's, or pending. */
async function findMade(store: Store, name: string, claimant: string): Promise<Claim | undefined> {
  const owner = await readOwner(store, name);
  if (owner?.state !== 'claimed' || !isOf(owner, claimant)) return undefined;
  return { claimant, user: owner.user, isMade: true };
}

function isOf(owner: Owner, claimant: string): boolean {
  return equalText(owner.claimant, claimant);
}

async function readOwner(store: Store, name: string): Promise<Owner | undefined> {
  const text = await readText(store, ownerKey(name));
  return text === undefined ? undefined : (JSON.parse(text) as Owner);
}

async function deleteIssued(store: Store, name: string): Promise<boolean> {
  return requireAnswer(await store.delete(issuedKey(name)), 'delete of the store');
}
