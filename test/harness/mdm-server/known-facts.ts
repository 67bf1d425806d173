import type { IncomingMessage } from 'node:http';
import { isObject, readJsonObject } from '../acme-server/json.ts';
import { json, type Reply } from '../acme-server/reply.ts';
import { requireSecret } from './ask.ts';
import type { Context } from './context.ts';
import { knownFactsOf } from './decide.ts';
import { Refusal } from './refusal.ts';
import { readBody } from './request.ts';

const MAX_QUESTION_BYTES = 1024;
const MAX_SERIAL_NUMBER_CHARACTERS = 64;

/** Deployment models 2 and 3: what is known of a device, to those who decide by themselves. */
export async function answerFacts(context: Context, request: IncomingMessage): Promise<Reply> {
  requireSecret(request, context.factsSecret);
  const question = readJsonObject(await readBody(request, 'application/json', MAX_QUESTION_BYTES));
  const serialNumber = isObject(question) ? question['serialNumber'] : undefined;
  if (typeof serialNumber !== 'string' || serialNumber === '' || serialNumber.length > MAX_SERIAL_NUMBER_CHARACTERS)
    throw new Refusal(400, 'serialNumber must be a text');
  return json(200, await knownFactsOf(context, serialNumber));
}
