import { claimKey, MAX_KEY_CHANGES, writeNewKey } from './account.ts';
import { readAccountKey, thumbprintOf } from './account-key.ts';
import { accountReply } from './account-resources.ts';
import type { Context } from './context.ts';
import { parseJws, readPayload, verifyJws } from './jws.ts';
import { refusal, type Refusal } from './problem.ts';
import type { Reply } from './reply.ts';
import { type AccountRequest, requirePayload } from './signed-request.ts';

/** RFC 8555, 7.3.5: signed by the old key outside and by the new one inside. */
export async function changeKey(context: Context, request: AccountRequest): Promise<Reply> {
  const { account, url } = request;
  const inner = parseJws(requirePayload(request));
  const { jwk, url: innerUrl } = inner.header;
  if (jwk === undefined || 'kid' in inner.header || 'nonce' in inner.header || innerUrl !== url)
    throw refusal('malformed', 'the inner JWS must have jwk and the URL of the request, and no kid or nonce');
  const newKey = await readAccountKey(jwk);
  await verifyJws(inner, newKey);
  const { account: accountUrl, oldKey } = readPayload(inner) ?? {};
  if (accountUrl !== context.urls.account(account.id) || (await thumbprintOf(oldKey)) !== account.thumbprint)
    throw refusal('malformed', 'the inner payload must name the account and its key');
  if (account.keyChanges >= MAX_KEY_CHANGES)
    throw refusal('unauthorized', 'the account has changed its key too often; make another one');
  // A key that the account has left behind, or was about to take when a server crashed, is its own.
  const owner = await claimKey(context.store, newKey, account.id);
  if (owner !== account.id || newKey.thumbprint === account.thumbprint)
    throw conflict(context, owner, 'the new key has an account');
  const changed = await writeNewKey(context.store, account, newKey);
  if (changed === undefined) throw conflict(context, account.id, 'another change of the key was quicker');
  return accountReply(context, changed, 200);
}

const conflict = ({ urls }: Context, accountId: string, detail: string): Refusal =>
  refusal('malformed', detail, { status: 409, headers: { Location: urls.account(accountId) } });
