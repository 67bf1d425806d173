import type { JWK } from 'jose';
import type { Store } from '../../../src/acme/index.ts';
import type { AccountKey } from './account-key.ts';
import { refusal } from './problem.ts';

/** An account (RFC 8555, 7.1.2) as it is stored. */
export interface Account {
  /** The thumbprint of its first key: two requests of the same key at the same time make the same account. */
  readonly id: string;
  readonly jwk: JWK;
  readonly thumbprint: string;
  readonly status: 'valid' | 'deactivated';
  readonly contact: readonly string[];
  /** The `kid` that it was bound by. */
  readonly externalAccount?: string;
}

const accountKey = (id: string): string => `account:${id}`;
const deactivatedKey = (id: string): string => `account-deactivated:${id}`;
/** From a key that came by a change of keys to the account. */
const laterKey = (thumbprint: string): string => `account-of-key:${thumbprint}`;

export async function findAccount(store: Store, id: string): Promise<Account | undefined> {
  const [text, deactivated] = await Promise.all([store.get(accountKey(id)), store.get(deactivatedKey(id))]);
  if (!text) return undefined;
  const account = JSON.parse(text) as Account;
  // A fact of its own, so that no other change can undo it.
  return deactivated ? { ...account, status: 'deactivated' } : account;
}

/** The account that a key belongs to, or did once: `current` tells. */
export async function findAccountOfKey(
  store: Store,
  { thumbprint }: AccountKey,
): Promise<{ readonly account: Account; readonly current: boolean } | undefined> {
  const account = (await findAccount(store, thumbprint)) ?? (await findLater(store, thumbprint));
  return account && { account, current: account.thumbprint === thumbprint };
}

async function findLater(store: Store, thumbprint: string): Promise<Account | undefined> {
  const id = await store.get(laterKey(thumbprint));
  return id ? findAccount(store, id) : undefined;
}

export async function writeAccount(store: Store, account: Account): Promise<void> {
  await store.set(accountKey(account.id), JSON.stringify(account));
}

export async function writeDeactivation(store: Store, { id }: Account): Promise<void> {
  await store.set(deactivatedKey(id), '1');
}

/** The new key leads to the account before the account knows the new key: a crash between loses nothing. */
export async function writeNewKey(store: Store, account: Account, { jwk, thumbprint }: AccountKey): Promise<Account> {
  const changed = { ...account, jwk, thumbprint };
  await store.set(laterKey(thumbprint), account.id);
  await writeAccount(store, changed);
  return changed;
}

/** RFC 8555, 7.3.6: 401 and not the status of any other `unauthorized`. */
export function requireActive({ status }: Account): void {
  if (status !== 'valid') throw refusal('unauthorized', 'the account is deactivated', { status: 401 });
}
