import {
  type Account,
  findAccountOfKey,
  requireActive,
  writeContact,
  writeDeactivation,
  writeNewAccount,
} from './account.ts';
import type { Context } from './context.ts';
import { readExternalAccount } from './external-account.ts';
import type { JsonObject } from './json.ts';
import { listOrders } from './order.ts';
import { refusal } from './problem.ts';
import { json, type Reply } from './reply.ts';
import { type AccountRequest, requirePayload, requirePostAsGet, type SignedRequest } from './signed-request.ts';

/** RFC 8555, 7.3. */
export async function createAccount(context: Context, request: SignedRequest): Promise<Reply> {
  const payload = requirePayload(request);
  const known = await findUsable(context, request);
  if (known !== undefined) return accountReply(context, known, 200);
  if (payload['onlyReturnExisting'] === true) throw refusal('accountDoesNotExist', 'there is no account of this key');
  const externalAccount = await readExternalAccount(context, request, payload['externalAccountBinding']);
  const { jwk, thumbprint } = request.key;
  const isNew = await writeNewAccount(context.store, {
    id: thumbprint,
    jwk,
    contact: readContact(payload) ?? [],
    ...(externalAccount === undefined ? {} : { externalAccount }),
  });
  // As it stands: another request of the same key may have been quicker.
  const account = await findUsable(context, request);
  if (account === undefined) throw refusal('badPublicKey', 'the key was given to another account');
  return accountReply(context, account, isNew ? 201 : 200);
}

/** The account of the key of a request, if there is one. */
async function findUsable({ store }: Context, { key }: SignedRequest): Promise<Account | undefined> {
  const known = await findAccountOfKey(store, key);
  if (known === undefined) return undefined;
  requireActive(known.account);
  if (!known.current) throw refusal('badPublicKey', 'the account of this key has another key by now');
  return known.account;
}

/** RFC 8555, 7.3.2 and 7.3.6: read it, change its contacts, or deactivate it. */
export async function answerAccount(context: Context, request: AccountRequest, id: string): Promise<Reply> {
  const account = requireOwn(request, id);
  const { payload = {} } = request;
  if (payload['status'] === 'deactivated') {
    await writeDeactivation(context.store, account);
    return accountReply(context, { ...account, status: 'deactivated' }, 200);
  }
  const contact = readContact(payload);
  if (contact === undefined) return accountReply(context, account, 200);
  await writeContact(context.store, account, contact);
  return accountReply(context, { ...account, contact }, 200);
}

/** RFC 8555, 7.1.2.1. */
export async function answerOrders(context: Context, request: AccountRequest, id: string): Promise<Reply> {
  requirePostAsGet(request);
  const orders = await listOrders(context.store, requireOwn(request, id).id);
  return json(200, { orders: orders.map(context.urls.order) });
}

function requireOwn({ account }: AccountRequest, id: string): Account {
  if (account.id !== id) throw refusal('unauthorized', 'the account is another one');
  return account;
}

export function accountReply({ urls }: Context, account: Account, status: 200 | 201): Reply {
  const { id, contact, status: state } = account;
  return json(status, { status: state, contact, orders: urls.orders(id) }, { Location: urls.account(id) });
}

const MAX_CONTACTS = 8;
const MAX_CONTACT_CHARACTERS = 256;

/** Kept and shown: this server writes to nobody. */
function readContact({ contact }: JsonObject): readonly string[] | undefined {
  if (contact === undefined) return undefined;
  const isContact = (value: unknown): value is string =>
    typeof value === 'string' && value.length <= MAX_CONTACT_CHARACTERS && /^[a-z]+:./.test(value);
  if (!Array.isArray(contact) || contact.length > MAX_CONTACTS || !contact.every(isContact))
    throw refusal('malformed', 'contact must be an array of a few URLs');
  return contact;
}
