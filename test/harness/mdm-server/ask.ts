import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isObject, readJsonObject } from '../acme-server/json.ts';
import { json, type Reply } from '../acme-server/reply.ts';
import type { Context } from './context.ts';
import { claimInvitation, findInvitation, isInvited } from './invitation.ts';
import { Refusal } from './refusal.ts';
import { readBody } from './request.ts';

/** What an external ACME server says of the device that it has attested. */
export interface Question {
  readonly clientIdentifier: string;
  /** Left out in a User Enrollment. */
  readonly serialNumber?: string;
  /** The token of the challenge. */
  readonly claimant: string;
  /** Whether the client identifier is to be taken, and not only looked at. */
  readonly claim: boolean;
}

/** Whether the device may have an identity: it is known beforehand, or of an enrollment that a user authenticated. */
export type AskedAnswer =
  { readonly known: true; readonly device?: string; readonly user?: string } | { readonly known: false };

const MAX_QUESTION_BYTES = 4096;
const MAX_TEXT_CHARACTERS = 200;

export async function answerAsk(context: Context, request: IncomingMessage): Promise<Reply> {
  requireSecret(request, context.askSecret);
  const question = readQuestion(await readBody(request, 'application/json', MAX_QUESTION_BYTES));
  return json(200, await answerQuestion(context, question));
}

/** @param secret undefined: nobody has it */
export function requireSecret({ headers }: IncomingMessage, secret: string | undefined): void {
  const given = Buffer.from(headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${secret}`);
  if (secret === undefined || given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Refusal(401, 'the secret is required', { 'WWW-Authenticate': 'Bearer' });
}

function readQuestion(body: Uint8Array): Question {
  const question = readJsonObject(body);
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_CHARACTERS;
  if (!isObject(question)) throw new Refusal(400, 'the question must be an object');
  const { clientIdentifier, serialNumber, claimant, claim } = question;
  if (!isText(clientIdentifier)) throw new Refusal(400, 'clientIdentifier must be a text');
  if (serialNumber !== undefined && !isText(serialNumber)) throw new Refusal(400, 'serialNumber must be a text');
  if (!isText(claimant)) throw new Refusal(400, 'claimant must be a text');
  if (typeof claim !== 'boolean') throw new Refusal(400, 'claim must be true or false');
  return { clientIdentifier, ...(serialNumber === undefined ? {} : { serialNumber }), claimant, claim };
}

async function answerQuestion(context: Context, question: Question): Promise<AskedAnswer> {
  const { database } = context;
  const { clientIdentifier, serialNumber, claimant, claim } = question;
  const invitation = await findInvitation({ ...context, at: context.clock() }, clientIdentifier);
  if (invitation === undefined || !isInvited(database, invitation, serialNumber)) return { known: false };
  if (claim && !claimInvitation(database, invitation, claimant)) return { known: false };
  const { userName } = invitation;
  return {
    known: true,
    ...(serialNumber === undefined ? {} : { device: serialNumber }),
    ...(userName === undefined ? {} : { user: userName }),
  };
}
