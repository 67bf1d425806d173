import { findAccountOfKey, writeNewKey } from './account.ts';
import { readAccountKey, thumbprintOf } from './account-key.ts';
import { accountReply } from './account-resources.ts';
import type { Context } from './context.ts';
import { parseJws, readPayload, verifyJws } from './jws.ts';
import { refusal } from './problem.ts';
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
  const owner = await findAccountOfKey(context.store, newKey);
  // A key that the account has left behind, or was about to take when a server crashed, is its own.
  if (owner !== undefined && (owner.current || owner.account.id !== account.id))
    throw refusal('malformed', 'the new key has an account', {
      status: 409,
      headers: { Location: context.urls.account(owner.account.id) },
    });
  return accountReply(context, await writeNewKey(context.store, account, newKey), 200);
}
