import type { AcmeIdentifier } from '../../../src/acme/index.ts';
import type { Context } from './context.ts';
import { isObject, type JsonObject } from './json.ts';
import { type OrderFacts, readOwnOrder, statesOf, writeOrder, writeRelinquishment } from './order.ts';
import { refusal } from './problem.ts';
import { randomId } from './random.ts';
import { json, type Reply } from './reply.ts';
import { type AccountRequest, requirePayload, requirePostAsGet } from './signed-request.ts';

/** RFC 8555, 7.4. */
export async function createOrder(context: Context, request: AccountRequest): Promise<Reply> {
  const identifier = readIdentifier(requirePayload(request));
  const at = context.clock();
  if (!(await context.acceptIdentifier(identifier, at)))
    throw refusal('rejectedIdentifier', 'the identifier is unknown, expired or used');
  const order = {
    id: randomId(),
    accountId: request.account.id,
    identifier,
    token: randomId(),
    expiresAt: new Date(at.getTime() + context.limits.orderSeconds * 1000).toISOString(),
  };
  await writeOrder(context, order);
  const facts = { order, judgement: undefined, relinquished: false, certificate: undefined };
  return orderReply(context, facts, 201);
}

const MAX_IDENTIFIER_CHARACTERS = 256;

/** draft-ietf-acme-device-attest: one permanent identifier, as Apple's client orders. */
function readIdentifier(payload: JsonObject): AcmeIdentifier {
  const { identifiers } = payload;
  if ('notBefore' in payload || 'notAfter' in payload)
    throw refusal('malformed', 'the server alone decides how long a certificate is valid');
  const [identifier, ...others] = Array.isArray(identifiers) ? (identifiers as unknown[]) : [];
  if (!isObject(identifier) || others.length > 0) throw refusal('malformed', 'an order must have one identifier');
  const { type, value } = identifier;
  if (typeof type !== 'string' || typeof value !== 'string')
    throw refusal('malformed', 'an identifier must have a type and a value');
  if (type !== 'permanent-identifier') throw refusal('unsupportedIdentifier', 'the type must be permanent-identifier');
  // Printable, for it will stand in a certificate.
  if (value.length > MAX_IDENTIFIER_CHARACTERS || !/^[\x21-\x7e]+$/.test(value))
    throw refusal('rejectedIdentifier', 'the value must be printable, without spaces and of usual length');
  return { type, value };
}

/** RFC 8555, 7.1.3. */
export async function answerOrder(context: Context, request: AccountRequest, id: string): Promise<Reply> {
  requirePostAsGet(request);
  return orderReply(context, await readOwnOrder(context, request.account.id, id), 200);
}

/** How long a client waits before it looks again at what is pending. */
const POLL_SECONDS = '1';

export function orderReply({ urls, clock }: Context, facts: OrderFacts, httpStatus: 200 | 201): Reply {
  const { order, judgement, certificate } = facts;
  const { id, identifier, expiresAt: expires } = order;
  const { order: status } = statesOf(facts, clock());
  const body = {
    status,
    expires,
    identifiers: [identifier],
    authorizations: [urls.authorization(id)],
    finalize: urls.finalize(id),
    ...(certificate === undefined ? {} : { certificate: urls.certificate(id) }),
    ...(judgement?.status === 'invalid' ? { error: judgement.problem } : {}),
  };
  return json(httpStatus, body, {
    Location: urls.order(id),
    ...(status === 'pending' ? { 'Retry-After': POLL_SECONDS } : {}),
  });
}

/** RFC 8555, 7.1.4 and 7.5.2: read it or give it up. */
export async function answerAuthorization(context: Context, request: AccountRequest, id: string): Promise<Reply> {
  const facts = await readOwnOrder(context, request.account.id, id);
  if (request.payload === undefined) return authorizationReply(context, facts);
  if (request.payload['status'] !== 'deactivated')
    throw refusal('malformed', 'the status can become deactivated alone');
  const { authorization } = statesOf(facts, context.clock());
  if (authorization === 'pending' || authorization === 'valid')
    return authorizationReply(context, await writeRelinquishment(context, facts));
  return authorizationReply(context, facts);
}

function authorizationReply({ urls, clock }: Context, facts: OrderFacts): Reply {
  const { identifier, expiresAt: expires, id } = facts.order;
  const { authorization: status } = statesOf(facts, clock());
  const challenges = [challengeObject({ urls, clock }, facts)];
  return json(
    200,
    { status, expires, identifier, challenges },
    { Location: urls.authorization(id), ...(status === 'pending' ? { 'Retry-After': POLL_SECONDS } : {}) },
  );
}

/** RFC 8555, 8, and draft-ietf-acme-device-attest, 5. */
export function challengeObject({ urls, clock }: Pick<Context, 'urls' | 'clock'>, facts: OrderFacts): object {
  const { order, judgement } = facts;
  return {
    type: 'device-attest-01',
    url: urls.challenge(order.id),
    status: statesOf(facts, clock()).challenge,
    token: order.token,
    ...(judgement?.status === 'valid' ? { validated: judgement.at } : {}),
    ...(judgement?.status === 'invalid' ? { error: judgement.problem } : {}),
  };
}
