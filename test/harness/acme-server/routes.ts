import type { IncomingMessage } from 'node:http';
import { answerAccount, answerOrders, createAccount } from './account-resources.ts';
import { answerCertificate } from './certificate.ts';
import { answerChallenge } from './challenge.ts';
import type { Context } from './context.ts';
import { answerNewNonce, readDirectory } from './directory.ts';
import { finalizeOrder } from './finalize.ts';
import { changeKey } from './key-change.ts';
import { answerAuthorization, answerOrder, createOrder } from './order-resources.ts';
import { refusal } from './problem.ts';
import type { Reply } from './reply.ts';
import { revokeCertificate } from './revocation.ts';
import { answerOcsp, answerRevocationList } from './revocations.ts';
import {
  type AccountRequest,
  readAccountRequest,
  readEitherRequest,
  readKeyRequest,
  requirePostAsGet,
  type SignedRequest,
} from './signed-request.ts';
import { splitPath } from './urls.ts';

type Post = (context: Context, request: IncomingMessage, id: string) => Promise<Reply>;

interface Resource {
  /** What anybody may read, without a signature. */
  readonly get?: (context: Context, method: string, id: string) => Promise<Reply> | Reply;
  readonly post?: Post;
}

const byAccount =
  (answer: (context: Context, request: AccountRequest, id: string) => Promise<Reply> | Reply): Post =>
  async (context, request, id) =>
    answer(context, await readAccountRequest(context, request), id);

const byKey =
  (answer: (context: Context, request: SignedRequest) => Promise<Reply>): Post =>
  async (context, request) =>
    answer(context, await readKeyRequest(context, request));

const byEither =
  (answer: (context: Context, request: SignedRequest | AccountRequest) => Promise<Reply>): Post =>
  async (context, request) =>
    answer(context, await readEitherRequest(context, request));

/** RFC 8555, 6.3: what may be read without a signature may be read with one, too. */
const readable = (get: NonNullable<Resource['get']>): Resource => ({
  get,
  post: byAccount((context, request) => {
    requirePostAsGet(request);
    return get(context, 'GET', '');
  }),
});

/** By the pattern of their path (RFC 8555, 7.1). */
const RESOURCES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['directory', readable(readDirectory)],
  ['new-nonce', readable((_, method) => answerNewNonce(method))],
  ['new-account', { post: byKey(createAccount) }],
  ['account/:id', { post: byAccount(answerAccount) }],
  ['account/:id/orders', { post: byAccount(answerOrders) }],
  ['key-change', { post: byAccount(changeKey) }],
  ['new-order', { post: byAccount(createOrder) }],
  ['order/:id', { post: byAccount(answerOrder) }],
  ['order/:id/finalize', { post: byAccount(finalizeOrder) }],
  ['authorization/:id', { post: byAccount(answerAuthorization) }],
  ['challenge/:id', { post: byAccount(answerChallenge) }],
  ['certificate/:id', { post: byAccount(answerCertificate) }],
  ['revoke-cert', { post: byEither(revokeCertificate) }],
  // Not of ACME: what relying parties read.
  ['crl/:id', { get: (context, _, id) => answerRevocationList(context, id) }],
  ['ocsp', { post: answerOcsp }],
]);

/** Finds the resource and has it answer. Whatever is wrong is thrown. */
export async function answer(context: Context, request: IncomingMessage): Promise<Reply> {
  const { method = '', url = '' } = request;
  const { pattern, id } = splitPath(url);
  const resource = RESOURCES.get(pattern);
  if (resource === undefined) throw refusal('malformed', 'there is no such resource', { status: 404 });
  if (method === 'POST' && resource.post !== undefined) return resource.post(context, request, id);
  if (resource.get !== undefined && (method === 'GET' || method === 'HEAD')) return resource.get(context, method, id);
  throw refusal('malformed', 'the resource does not know the method', {
    status: 405,
    headers: { Allow: [...(resource.get ? ['GET', 'HEAD'] : []), ...(resource.post ? ['POST'] : [])].join(', ') },
  });
}
