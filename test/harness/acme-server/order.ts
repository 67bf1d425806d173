import type { AcmeIdentifier, ProblemDocument, Store } from '../../../src/acme/index.ts';
import type { Context } from './context.ts';
import type { IdentityContent } from './identity.ts';
import { allowOnce, writeOnce } from './once.ts';
import { refusal } from './problem.ts';

/**
 * An order with its one authorization and its one challenge, as facts: what was ordered, how it was judged, what
 * was issued. A fact is written once and never changed; the states of RFC 8555, 7.1.6, follow from them. So nothing
 * can rest in `processing`, and no process can undo what another did.
 */
export interface Order {
  readonly id: string;
  readonly accountId: string;
  readonly identifier: AcmeIdentifier;
  /** Of the challenge. */
  readonly token: string;
  /** ISO 8601, as all times here. */
  readonly expiresAt: string;
}

/** How the answer to the challenge was judged. */
export type Judgement =
  | {
      readonly status: 'valid';
      readonly at: string;
      /** SubjectPublicKeyInfo of the attested key, base64. */
      readonly spki: string;
      /** As attested; left out in a User Enrollment. */
      readonly serialNumber?: string;
      readonly identity?: IdentityContent;
    }
  | { readonly status: 'invalid'; readonly at: string; readonly problem: ProblemDocument };

export interface OrderFacts {
  readonly order: Order;
  readonly judgement: Judgement | undefined;
  /** RFC 8555, 7.5.2: the client gave the authorization up. */
  readonly relinquished: boolean;
  /** PEM, leaf first. */
  readonly certificate: string | undefined;
}

export interface States {
  readonly order: 'pending' | 'ready' | 'valid' | 'invalid';
  readonly authorization: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired';
  readonly challenge: 'pending' | 'valid' | 'invalid';
}

export function statesOf({ order, judgement, relinquished, certificate }: OrderFacts, at: Date): States {
  const expired = at.getTime() >= Date.parse(order.expiresAt);
  const over = relinquished || expired;
  // What was not answered in time cannot be answered any more.
  const challenge = judgement?.status ?? (over ? 'invalid' : 'pending');
  const authorization = relinquished ? 'deactivated' : expired && challenge === 'valid' ? 'expired' : challenge;
  if (certificate !== undefined) return { order: 'valid', authorization, challenge };
  if (authorization === 'pending') return { order: 'pending', authorization, challenge };
  return { order: authorization === 'valid' ? 'ready' : 'invalid', authorization, challenge };
}

/** How long the facts of an order outlive it: time to fetch the certificate, and to see what went wrong. */
const RETENTION_MILLISECONDS = 7 * 86_400_000;

const keys = (id: string) => ({
  order: `order:${id}`,
  judgement: `judgement:${id}`,
  relinquished: `relinquished:${id}`,
  certificate: `certificate:${id}`,
});

const timeToLive = ({ limits }: Context): number => limits.orderSeconds * 1000 + RETENTION_MILLISECONDS;

export async function writeOrder(context: Context, order: Order): Promise<void> {
  await allowOnce(context.store, keys(order.id).judgement, timeToLive(context));
  await context.store.set(keys(order.id).order, JSON.stringify(order), timeToLive(context));
  await rememberOrder(context.store, order);
}

/** The first judgement stands: of two answers at the same time, the second hears what the first came to. */
export async function writeJudgement(context: Context, facts: OrderFacts, judgement: Judgement): Promise<OrderFacts> {
  const key = keys(facts.order.id).judgement;
  const standing = await writeOnce(context.store, key, JSON.stringify(judgement), timeToLive(context));
  return { ...facts, judgement: standing === undefined ? undefined : (JSON.parse(standing) as Judgement) };
}

export async function writeRelinquishment(context: Context, facts: OrderFacts): Promise<OrderFacts> {
  await context.store.set(keys(facts.order.id).relinquished, '1', timeToLive(context));
  return { ...facts, relinquished: true };
}

/** The certificate of an order is always the same (`ca.ts`): whoever writes it, writes what stands. */
export async function writeCertificate(context: Context, facts: OrderFacts, certificate: string): Promise<OrderFacts> {
  await context.store.set(keys(facts.order.id).certificate, certificate, timeToLive(context));
  return { ...facts, certificate };
}

/** What is known of an order, to the account that placed it. */
export async function readOwnOrder(context: Context, accountId: string, id: string): Promise<OrderFacts> {
  const { store } = context;
  const key = keys(id);
  const [order, judgement, relinquished, certificate] = await Promise.all([
    store.get(key.order),
    store.get(key.judgement),
    store.get(key.relinquished),
    store.get(key.certificate),
  ]);
  if (!order) throw refusal('malformed', 'there is no such order', { status: 404 });
  const facts: OrderFacts = {
    order: JSON.parse(order) as Order,
    judgement: judgement ? (JSON.parse(judgement) as Judgement) : undefined,
    relinquished: Boolean(relinquished),
    certificate: certificate ?? undefined,
  };
  if (facts.order.accountId !== accountId) throw refusal('unauthorized', 'the order is of another account');
  return facts;
}

const MAX_LISTED_ORDERS = 50;
const listKey = (accountId: string): string => `orders-of:${accountId}`;

export async function listOrders(store: Store, accountId: string): Promise<readonly string[]> {
  const text = await store.get(listKey(accountId));
  return text ? (JSON.parse(text) as string[]) : [];
}

/** The last ones. Two orders at the same instant may leave one of them out: the list is for people to look at. */
async function rememberOrder(store: Store, { accountId, id }: Order): Promise<void> {
  const ids = await listOrders(store, accountId);
  await store.set(listKey(accountId), JSON.stringify([...ids, id].slice(-MAX_LISTED_ORDERS)));
}
