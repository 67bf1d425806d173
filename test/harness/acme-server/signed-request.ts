import type { IncomingMessage } from 'node:http';
import { type Account, findAccount, requireActive } from './account.ts';
import { type AccountKey, readAccountKey } from './account-key.ts';
import { readBody } from '../http.ts';
import type { Context } from './context.ts';
import { type JsonObject, readJsonObject } from './json.ts';
import { type Jws, parseJws, readPayload, requireAlgorithm, verifyJws } from './jws.ts';
import { refusal, tooLarge } from './problem.ts';
import { accountIdIn } from './urls.ts';

/** What a client has signed, once everything of RFC 8555, 6.2 to 6.5, is checked. */
export interface SignedRequest {
  readonly url: string;
  readonly key: AccountKey;
  /** Undefined is POST-as-GET (6.3). */
  readonly payload: JsonObject | undefined;
}

export interface AccountRequest extends SignedRequest {
  readonly account: Account;
}

/** Reads a request that is signed by an account that exists (`kid`). */
export async function readAccountRequest(context: Context, request: IncomingMessage): Promise<AccountRequest> {
  const jws = await readJws(context, request);
  if (!('kid' in jws.header)) throw refusal('malformed', 'the request must be signed by an account: kid is missing');
  return fromAccount(context, request, jws);
}

/** Reads a request that brings its key along (`jwk`). */
export async function readKeyRequest(context: Context, request: IncomingMessage): Promise<SignedRequest> {
  const jws = await readJws(context, request);
  if (!('jwk' in jws.header)) throw refusal('malformed', 'the request must bring its key: jwk is missing');
  return fromKey(context, request, jws);
}

/** Reads one or the other: a revocation (7.6). */
export async function readEitherRequest(
  context: Context,
  request: IncomingMessage,
): Promise<SignedRequest | AccountRequest> {
  const jws = await readJws(context, request);
  return 'kid' in jws.header ? fromAccount(context, request, jws) : fromKey(context, request, jws);
}

async function readJws({ limits }: Context, request: IncomingMessage): Promise<Jws> {
  // RFC 8555, 6.2: exactly this type.
  if (request.headers['content-type'] !== 'application/jose+json')
    throw refusal('malformed', 'Content-Type must be application/jose+json', { status: 415 });
  const value = readJsonObject(await readBody(request, limits.bodyBytes, tooLarge));
  const jws = parseJws(value);
  requireAlgorithm(jws);
  if ('kid' in jws.header === 'jwk' in jws.header) throw refusal('malformed', 'the JWS must have either kid or jwk');
  return jws;
}

async function fromAccount(context: Context, request: IncomingMessage, jws: Jws): Promise<AccountRequest> {
  const { kid } = jws.header;
  const id = typeof kid === 'string' ? accountIdIn(kid, context.origin) : undefined;
  const account = id === undefined ? undefined : await findAccount(context.store, id);
  if (account === undefined) throw refusal('accountDoesNotExist', 'there is no such account');
  const key = await readAccountKey(account.jwk);
  const signed = await verify(context, request, jws, key);
  requireActive(account);
  return { ...signed, account };
}

async function fromKey(context: Context, request: IncomingMessage, jws: Jws): Promise<SignedRequest> {
  return verify(context, request, jws, await readAccountKey(jws.header['jwk']));
}

async function verify(context: Context, request: IncomingMessage, jws: Jws, key: AccountKey): Promise<SignedRequest> {
  await verifyJws(jws, key);
  const url = context.origin + (request.url ?? '');
  // RFC 8555, 6.4: so that nobody can carry a request to another resource.
  if (jws.header['url'] !== url) throw refusal('unauthorized', 'the request was signed for another URL');
  // Last, for the nonce is gone by it: only who holds the key can use one up.
  await context.nonces.use(jws.header['nonce']);
  return { url, key, payload: readPayload(jws) };
}

/** The payload of a resource that is not read by POST-as-GET. */
export function requirePayload({ payload }: SignedRequest): JsonObject {
  if (payload === undefined) throw refusal('malformed', 'the payload is missing');
  return payload;
}

/** RFC 8555, 6.3: what is only read takes an empty payload. */
export function requirePostAsGet({ payload }: SignedRequest): void {
  if (payload !== undefined) throw refusal('malformed', 'the resource is read with an empty payload');
}
