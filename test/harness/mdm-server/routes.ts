import type { IncomingMessage } from 'node:http';
import type { Reply } from '../acme-server/reply.ts';
import { answerAsk } from './ask.ts';
import { answerCheckIn, CHECK_IN_TYPE, MAX_CHECK_IN_BYTES, readCheckIn } from './check-in.ts';
import { type ClientIdentity, readClientIdentity } from './client-identity.ts';
import { answerCommand, COMMAND_TYPE, MAX_ANSWER_BYTES, readAnswer } from './command.ts';
import type { Context } from './context.ts';
import { answerEnroll } from './enroll.ts';
import { answerFacts } from './known-facts.ts';
import { Refusal } from './refusal.ts';
import { readBody } from './request.ts';

interface Resource {
  readonly methods: readonly string[];
  readonly answer: (context: Context, request: IncomingMessage, query: URLSearchParams) => Promise<Reply>;
}

/** What only an enrolled device may do. Who connects is judged before a byte of the body is read. */
function byDevice<Message>(
  contentType: string,
  maxBytes: number,
  read: (body: Uint8Array) => Message,
  answer: (context: Context, identity: ClientIdentity, message: Message) => Promise<Reply>,
): Resource {
  return {
    methods: ['PUT'],
    answer: async (context, request) => {
      const identity = await readClientIdentity(context, request);
      const message = read(await readBody(request, contentType, maxBytes));
      return context.turns.take(() => answer(context, identity, message));
    },
  };
}

const RESOURCES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['/enroll', { methods: ['GET', 'POST'], answer: answerEnroll }],
  ['/checkin', byDevice(CHECK_IN_TYPE, MAX_CHECK_IN_BYTES, readCheckIn, answerCheckIn)],
  ['/command', byDevice(COMMAND_TYPE, MAX_ANSWER_BYTES, readAnswer, answerCommand)],
  ['/ask', { methods: ['POST'], answer: answerAsk }],
  ['/facts', { methods: ['POST'], answer: answerFacts }],
]);

/** Finds the resource and has it answer. Whatever is wrong is thrown. */
export async function answer(context: Context, request: IncomingMessage): Promise<Reply> {
  const { method = '', url = '' } = request;
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const resource = RESOURCES.get(path);
  if (resource === undefined) throw new Refusal(404, 'there is no such resource');
  if (!resource.methods.includes(method))
    throw new Refusal(405, 'the resource does not know the method', { Allow: resource.methods.join(', ') });
  return resource.answer(context, request, new URLSearchParams(mark === -1 ? '' : url.slice(mark)));
}
