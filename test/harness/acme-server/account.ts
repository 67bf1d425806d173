import type { JWK } from 'jose';
import type { Store } from '../../../src/acme/index.ts';
import type { AccountKey } from './account-key.ts';
import { allowOnce, writeFirst, writeOnce } from './once.ts';
import { refusal } from './problem.ts';

/**
 * An account (RFC 8555, 7.1.2), as facts: that it was made, each change of its key, its contacts, that it was
 * deactivated. What one request writes never holds what another may have changed since it was read.
 */
export interface Account {
  /** The thumbprint of its first key: two requests of the same key at the same time make the same account. */
  readonly id: string;
  /** The key that it has now. */
  readonly jwk: JWK;
  readonly thumbprint: string;
  /** How often it was changed. */
  readonly keyChanges: number;
  readonly status: 'valid' | 'deactivated';
  readonly contact: readonly string[];
  /** The `kid` that it was bound by. */
  readonly externalAccount?: string;
}

/** What is written when it is made, and never again. */
type NewAccount = Pick<Account, 'id' | 'jwk' | 'contact' | 'externalAccount'>;
type CurrentKey = Pick<Account, 'jwk' | 'thumbprint' | 'keyChanges'>;

/** Named limit: whoever looks for the key of an account goes through all that it had. */
export const MAX_KEY_CHANGES = 32;

const keys = (id: string) => ({
  account: `account:${id}`,
  contact: `account-contact:${id}`,
  deactivated: `account-deactivated:${id}`,
  /** The key of the account after so many changes. */
  change: (count: number): string => `account-key:${id}:${count}`,
});
/** The account that a key belongs to, for ever. */
const ownerKey = (thumbprint: string): string => `account-of-key:${thumbprint}`;

export async function findAccount(store: Store, id: string): Promise<Account | undefined> {
  const key = keys(id);
  const [text, contact, deactivated, firstChange] = await Promise.all([
    store.get(key.account),
    store.get(key.contact),
    store.get(key.deactivated),
    store.get(key.change(1)),
  ]);
  if (!text) return undefined;
  const made = JSON.parse(text) as NewAccount;
  const current = firstChange ? await followChanges(store, id, firstChange) : { thumbprint: id, keyChanges: 0 };
  return {
    ...made,
    ...current,
    contact: contact ? (JSON.parse(contact) as string[]) : made.contact,
    status: deactivated ? 'deactivated' : 'valid',
  };
}

async function followChanges(store: Store, id: string, firstChange: string): Promise<CurrentKey> {
  let text = firstChange;
  for (let keyChanges = 1; ; keyChanges++) {
    const next = await store.get(keys(id).change(keyChanges + 1));
    if (!next) return { ...(JSON.parse(text) as Omit<CurrentKey, 'keyChanges'>), keyChanges };
    text = next;
  }
}

/** The account that a key belongs to, or did once: `current` tells. */
export async function findAccountOfKey(
  store: Store,
  { thumbprint }: AccountKey,
): Promise<{ readonly account: Account; readonly current: boolean } | undefined> {
  const id = await store.get(ownerKey(thumbprint));
  const account = id ? await findAccount(store, id) : undefined;
  return account && { account, current: account.thumbprint === thumbprint };
}

/** Gives a key that nobody has to an account; returns the id of the account that has it. */
export const claimKey = (store: Store, { thumbprint }: Pick<AccountKey, 'thumbprint'>, id: string): Promise<string> =>
  writeFirst(store, ownerKey(thumbprint), id);

/** Makes the account of a key, unless there is one by now; returns whether it did. */
export async function writeNewAccount(store: Store, account: NewAccount): Promise<boolean> {
  const { id } = account;
  if ((await claimKey(store, { thumbprint: id }, id)) !== id) return false;
  await allowOnce(store, keys(id).change(1));
  const text = JSON.stringify(account);
  return (await writeFirst(store, keys(id).account, text)) === text;
}

export async function writeContact(store: Store, { id }: Account, contact: readonly string[]): Promise<void> {
  await store.set(keys(id).contact, JSON.stringify(contact));
}

export async function writeDeactivation(store: Store, { id }: Account): Promise<void> {
  await store.set(keys(id).deactivated, '1');
}

/**
 * Changes the key that the account had when it was read; undefined if another change was quicker. The new key leads
 * to the account already (`claimKey`): a crash between loses nothing.
 */
export async function writeNewKey(
  store: Store,
  account: Account,
  { jwk, thumbprint }: AccountKey,
): Promise<Account | undefined> {
  const { change } = keys(account.id);
  const keyChanges = account.keyChanges + 1;
  const text = JSON.stringify({ jwk, thumbprint });
  if ((await writeOnce(store, change(keyChanges), text)) !== text) return undefined;
  await allowOnce(store, change(keyChanges + 1));
  return { ...account, jwk, thumbprint, keyChanges };
}

/** RFC 8555, 7.3.6: 401 and not the status of any other `unauthorized`. */
export function requireActive({ status }: Account): void {
  if (status !== 'valid') throw refusal('unauthorized', 'the account is deactivated', { status: 401 });
}
