import type { Store } from '../../../src/acme/index.ts';
import { fromBase64, toBase64 } from '../../../src/index.ts';
import type { IssuedCertificate } from './ca.ts';
import type { Context } from './context.ts';
import { readOwnOrder } from './order.ts';
import { refusal } from './problem.ts';
import type { Reply } from './reply.ts';
import { type AccountRequest, requirePostAsGet } from './signed-request.ts';

/** RFC 8555, 7.4.2: the chain, leaf first. */
export async function answerCertificate(context: Context, request: AccountRequest, id: string): Promise<Reply> {
  requirePostAsGet(request);
  const { certificate } = await readOwnOrder(context, request.account.id, id);
  if (certificate === undefined) throw refusal('malformed', 'there is no such certificate', { status: 404 });
  return { status: 200, headers: { 'Content-Type': 'application/pem-certificate-chain' }, body: certificate };
}

/** What is known of a certificate by its serial number, for as long as it is valid. */
export interface KnownCertificate {
  readonly accountId: string;
  readonly der: Uint8Array;
  readonly notAfter: Date;
}

const key = (serialNumber: string): string => `issued:${serialNumber}`;

/** Written before the order is `valid`: no certificate is handed out that cannot be revoked. */
export async function rememberCertificate(
  { store, clock }: Context,
  { serialNumber, der, notAfter }: IssuedCertificate,
  accountId: string,
): Promise<void> {
  const known = { accountId, der: toBase64(der), notAfter: notAfter.toISOString() };
  await store.set(key(serialNumber), JSON.stringify(known), Math.max(1, notAfter.getTime() - clock().getTime()));
}

export async function findCertificate(store: Store, serialNumber: string): Promise<KnownCertificate | undefined> {
  const text = await store.get(key(serialNumber));
  if (!text) return undefined;
  const { accountId, der, notAfter } = JSON.parse(text) as Record<keyof KnownCertificate, string>;
  return { accountId, der: fromBase64(der), notAfter: new Date(notAfter) };
}
