import { thumbprintOf } from './account-key.ts';
import type { Context } from './context.ts';
import { parseJws, readPayload, verifies } from './jws.ts';
import { refusal } from './problem.ts';
import type { SignedRequest } from './signed-request.ts';

/**
 * External account binding (RFC 8555, 7.3.4): the key of the account, signed with a MAC key that the operator gave
 * out. Returns the id of that key, undefined where this server asks for none.
 */
export async function readExternalAccount(
  { externalAccounts }: Context,
  { url, key }: SignedRequest,
  binding: unknown,
): Promise<string | undefined> {
  if (externalAccounts === undefined) return undefined;
  if (binding === undefined) throw refusal('externalAccountRequired', 'the account must be bound to an external one');
  const jws = parseJws(binding);
  const { alg, kid, url: boundUrl } = jws.header;
  if (alg !== 'HS256' || typeof kid !== 'string' || 'nonce' in jws.header || 'jwk' in jws.header)
    throw refusal('malformed', 'the binding must have alg HS256, kid and url, and no nonce');
  if (boundUrl !== url) throw refusal('malformed', 'the binding must have the URL of the request');
  const macKey = externalAccounts.get(kid);
  if (macKey === undefined || !(await verifies(jws, macKey, 'HS256')))
    throw refusal('unauthorized', 'the key of the binding is unknown, or its MAC does not verify');
  if ((await thumbprintOf(readPayload(jws))) !== key.thumbprint)
    throw refusal('malformed', 'the binding must be of the key of the account');
  return kid;
}
