import type { Context } from './context.ts';
import { empty, json, type Reply } from './reply.ts';

/** RFC 8555, 7.1.1. */
export function readDirectory({ urls, externalAccounts }: Context): Reply {
  const { newNonce, newAccount, newOrder, keyChange, revokeCert } = urls;
  return json(200, {
    newNonce,
    newAccount,
    newOrder,
    keyChange,
    revokeCert,
    meta: { externalAccountRequired: externalAccounts !== undefined },
  });
}

/** RFC 8555, 7.2: the nonce itself is in a header, which the server puts on every answer that needs one. */
export const answerNewNonce = (method: string): Reply => empty(method === 'GET' ? 204 : 200);
