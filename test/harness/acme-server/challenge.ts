import { toBase64 } from '../../../src/index.ts';
import { acmeProblem, type ChallengeOutcome } from '../../../src/acme/index.ts';
import type { Context } from './context.ts';
import { identityContentOf } from './identity.ts';
import { type Judgement, type OrderFacts, readOwnOrder, statesOf, writeJudgement } from './order.ts';
import { challengeObject } from './order-resources.ts';
import { json, type Reply } from './reply.ts';
import type { AccountRequest } from './signed-request.ts';

/**
 * RFC 8555, 7.5.1, with the challenge of draft-ietf-acme-device-attest. The answer is judged here and now; what fails
 * on the way, because somebody who was asked did not answer, leaves the challenge pending.
 */
export async function answerChallenge(context: Context, request: AccountRequest, id: string): Promise<Reply> {
  const facts = await readOwnOrder(context, request.account.id, id);
  const { authorization } = statesOf(facts, context.clock());
  if (request.payload === undefined || authorization !== 'pending') return challengeReply(context, facts);
  const { identifier, token } = facts.order;
  const at = context.clock();
  const outcome = await context.validate({ token, payload: request.payload, identifier, at });
  return challengeReply(context, await writeJudgement(context, facts, await judgementOf(context, outcome, at)));
}

/** What has to be remembered of it: no more than the certificate is made of. */
async function judgementOf(
  { identity: profile, ca }: Context,
  outcome: ChallengeOutcome,
  at: Date,
): Promise<Judgement> {
  if (outcome.status === 'invalid') return { status: 'invalid', at: at.toISOString(), problem: outcome.problem };
  const { serialNumber } = outcome.attestation.properties;
  const identity = profile && (await identityContentOf(profile, outcome.attestation, { at, ...ca }));
  if (profile !== undefined && identity === undefined) {
    const problem = acmeProblem('badAttestationStatement', 'the attestation is too old for a certificate');
    return { status: 'invalid', at: at.toISOString(), problem };
  }
  return {
    status: 'valid',
    at: at.toISOString(),
    spki: toBase64(outcome.attestedKey.spki),
    ...(serialNumber.status === 'attested' ? { serialNumber: serialNumber.value } : {}),
    ...(identity === undefined ? {} : { identity }),
  };
}

function challengeReply(context: Context, facts: OrderFacts): Reply {
  const { urls } = context;
  return json(200, challengeObject(context, facts), {
    Link: `<${urls.authorization(facts.order.id)}>;rel="up"`,
    ...(facts.judgement === undefined ? { 'Retry-After': '1' } : {}),
  });
}
