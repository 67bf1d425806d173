import { toBase64Url } from '../core/base64.ts';
import { type AcmeOrder, type AcmeProblem, readAuthorization, readOrder } from './acme-messages.ts';
import type { AcmeOutcome } from './acme-outcome.ts';
import type { Patience } from './acme-patience.ts';
import { answerChallenge, endedBy, recordOf, refused, requestCertificate, type Run, undecided } from './acme-run.ts';
import type { Session } from './acme-session.ts';
import { type AcmeAnswer, type Attempt, isFailure, retryAfterOf, succeeded } from './acme-transport.ts';
import { readIssuedChain } from './issued-chain.ts';

/** What one look at an order led to. */
type Progress =
  | { readonly kind: 'ended'; readonly outcome: AcmeOutcome }
  /** Something was sent and taken. */
  | { readonly kind: 'moved'; readonly answer: AcmeAnswer }
  | { readonly kind: 'waiting' }
  /** No answer, or a fault of the server's: it may have happened all the same. */
  | { readonly kind: 'failed'; readonly attempt: Attempt }
  | { readonly kind: 'refused'; readonly answer: AcmeAnswer };

export interface OrderTools {
  readonly session: Session;
  readonly patience: Patience;
  /** Of the account key. */
  readonly thumbprint: string;
}

const AUTHORIZED = ['ready', 'processing', 'valid'];

/** The order in an answer that succeeded. */
export const orderIn = (answer: AcmeAnswer): AcmeOrder | undefined =>
  succeeded(answer) && answer.json !== undefined ? readOrder(answer.json) : undefined;

/**
 * Brings an order to its end (RFC 8555, 7.4). Each round looks where it stands and does what comes next, so that it
 * does not matter whether the answer to the last request was lost, or the server has been started anew since.
 */
export async function driveOrder(run: Run, ordered: AcmeAnswer, url: string, tools: OrderTools): Promise<AcmeOutcome> {
  const { session, patience } = tools;
  const answered = new Set<string>();
  let [failures, looks] = [0, 0];
  let last = ordered;
  for (let before: Progress | undefined, status = ''; ;) {
    const order = orderIn(last);
    if (order === undefined) return endedBy(run, last);
    run.states.order = order.status;
    const hasMoved = order.status !== status && order.status !== 'invalid';
    // What was sent a second time, because the answer to the first was lost, may be refused and yet done.
    if (before?.kind === 'refused' && !hasMoved) {
      await readStates(run, order, session);
      return endedBy(run, before.answer);
    }
    if (hasMoved) failures = looks = 0;
    // RFC 8555, 7.1.6: past pending, every authorization is valid.
    if (AUTHORIZED.includes(order.status)) run.states.authorization = run.states.challenge = 'valid';
    status = order.status;

    const progress = await advance(run, order, last, answered, tools);
    if (progress.kind === 'ended') return progress.outcome;
    if (progress.kind === 'failed' && !(await patience.retry(++failures, retryAfterOf(progress.attempt))))
      return failedFor(run, progress.attempt);
    if (progress.kind === 'waiting' && !(await patience.poll(++looks, last.retryAfterMilliseconds)))
      return undecided(run, last, 'not-ready');
    const holdsOrder = progress.kind === 'moved' && orderIn(progress.answer) !== undefined;
    last = holdsOrder ? progress.answer : await session.post('order', url);
    before = progress;
  }
}

async function advance(
  run: Run,
  order: AcmeOrder,
  last: AcmeAnswer,
  answered: Set<string>,
  tools: OrderTools,
): Promise<Progress> {
  switch (order.status) {
    case 'pending':
      return answerChallenges(run, order, answered, tools);
    case 'ready':
      return finalize(run, order, tools.session);
    case 'valid':
      return download(run, order, last, tools.session);
    case 'invalid': {
      const problem = await readStates(run, order, tools.session);
      return ended(refused(run, problem === undefined ? 'order' : 'challenge', problem ?? order.error));
    }
    default:
      return { kind: 'waiting' };
  }
}

const ended = (outcome: AcmeOutcome): Progress => ({ kind: 'ended', outcome });

/** No answer at all is for the caller to hear of as it is. */
function failedFor(run: Run, attempt: Attempt): AcmeOutcome {
  if ('error' in attempt) throw attempt.error as Error;
  return endedBy(run, attempt);
}

async function answerChallenges(
  run: Run,
  order: AcmeOrder,
  answered: Set<string>,
  { session, thumbprint }: OrderTools,
): Promise<Progress> {
  let progress: Progress = { kind: 'waiting' };
  for (const url of order.authorizations) {
    const answer = await session.post('authorization', url);
    const authorization = readAuthorizationIn(answer, run);
    if (authorization === undefined) return ended(endedBy(run, answer));
    const { status, challenge } = authorization;
    if (status === 'valid') continue;
    if (status !== 'pending') return ended(refused(run, 'authorization', challenge?.error));
    if (challenge === undefined) return ended(undecided(run, answer, 'no-challenge'));
    // RFC 8555, 7.1.6: the authorization should be invalid with it, and in some servers is not.
    if (challenge.status === 'invalid') return ended(refused(run, 'challenge', challenge.error));
    // RFC 8555, 7.1.6: it is answered once, and processing until it is valid or invalid.
    if (challenge.status !== 'pending' || answered.has(challenge.url)) continue;
    const payload = await answerChallenge(run, challenge, thumbprint);
    const result = judge(await session.postOnce('challenge', challenge.url, payload));
    if (result.kind !== 'moved') return result;
    answered.add(challenge.url);
    progress = result;
  }
  return progress;
}

function readAuthorizationIn(answer: AcmeAnswer, run: Run) {
  const authorization = succeeded(answer) && answer.json !== undefined ? readAuthorization(answer.json) : undefined;
  if (authorization !== undefined) {
    run.states.authorization = authorization.status;
    run.states.challenge = authorization.challenge?.status;
  }
  return authorization;
}

function judge(attempt: Attempt): Progress {
  if ('error' in attempt || isFailure(attempt)) return { kind: 'failed', attempt };
  return { kind: succeeded(attempt) ? 'moved' : 'refused', answer: attempt };
}

async function finalize(run: Run, order: AcmeOrder, session: Session): Promise<Progress> {
  const csr = toBase64Url(await requestCertificate(run));
  const result = judge(await session.postOnce('finalize', order.finalize, { csr }));
  // RFC 8555, 7.4: taken, it is processing or valid; a server that leaves it ready is asked again, in a while.
  const isStuck = result.kind === 'moved' && orderIn(result.answer)?.status === 'ready';
  return isStuck ? { kind: 'waiting' } : result;
}

async function download(run: Run, order: AcmeOrder, last: AcmeAnswer, session: Session): Promise<Progress> {
  if (order.certificate === undefined) return ended(undecided(run, last, 'unexpected-answer'));
  const answer = await session.post('certificate', order.certificate);
  if (!succeeded(answer)) return ended(endedBy(run, answer));
  const issued = readIssuedChain(answer.body, run.key.publicKey);
  if (issued === undefined) return ended(undecided(run, answer, 'unexpected-answer'));
  return ended({ status: 'issued', ...issued, ...recordOf(run) });
}

/** Looks once more where the first authorization stands; returns what is wrong with its challenge. */
async function readStates(run: Run, order: AcmeOrder, session: Session): Promise<AcmeProblem | undefined> {
  const [url] = order.authorizations;
  if (url === undefined) return undefined;
  const attempt = await session.postOnce('authorization', url, undefined);
  return 'error' in attempt ? undefined : readAuthorizationIn(attempt, run)?.challenge?.error;
}
