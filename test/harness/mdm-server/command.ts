import { type CommandResponse, parseCommandResponse, recordAttestation } from '../../../src/mdm/index.ts';
import { MAX_PLIST_BYTES } from '../../../src/mdm/plist-value.ts';
import { empty, type Reply } from '../acme-server/reply.ts';
import { changeOf } from './answers.ts';
import { askDevice, offerUpgrade } from './ask-device.ts';
import type { ClientIdentity } from './client-identity.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';
import { changeEnrollment, type Enrollment, findEnrollment } from './enrollment.ts';
import { enrollmentOf } from './enrollment-of.ts';
import { enforce, noteAnswer } from './holdings.ts';
import { type Command, findCommand, markSent, nextCommand, resume, settle } from './queue.ts';
import { Refusal } from './refusal.ts';
import { readEvidence } from './request.ts';

export const COMMAND_TYPE = 'application/x-apple-aspen-mdm';
export const MAX_ANSWER_BYTES = MAX_PLIST_BYTES;

/** A command that was sent so often, and not answered so that it could be read, is given up: the others wait behind it. */
const MAX_TIMES_SENT = 5;

export function readAnswer(body: Uint8Array): CommandResponse {
  const response = readEvidence(() => parseCommandResponse(body));
  if (response.enrollment.user !== undefined) throw new Refusal(410, 'users are not managed');
  return response;
}

/** Takes in what the device answers, judges it anew, and gives it the next command. */
export async function answerCommand(
  context: Context,
  identity: ClientIdentity,
  response: CommandResponse,
): Promise<Reply> {
  const enrollment = await enrollmentOf(context, identity, response.enrollment);
  const { id, state } = enrollment;
  if (state !== 'enrolled') throw new Refusal(403, 'the device has not checked in');
  const { database } = context;
  if (response.status === 'Idle') {
    resume(database, id);
    await ask(context, enrollment);
  } else await takeIn(context, enrollment, response);
  await judge(context, findEnrollment(database, id)!);
  const command = next(context, id);
  if (command === undefined) return empty(200);
  return { status: 200, headers: { 'Content-Type': 'application/xml; charset=utf-8' }, body: command.body };
}

async function takeIn(
  context: Context,
  enrollment: Enrollment,
  response: Exclude<CommandResponse, { status: 'Idle' }>,
): Promise<void> {
  const { database } = context;
  // A device that did not understand a command may not know which one it was.
  if (response.commandUUID === undefined) return;
  const command = findCommand(database, enrollment.id, response.commandUUID);
  if (command === undefined) throw new Refusal(400, 'the command is not one of this enrollment');
  // The answer to an answer was lost, or the command was withdrawn: it goes on.
  if (command.state !== 'sent') return;
  const change = await changeOf(context, enrollment, command, response);
  database.atomically(() => {
    changeEnrollment(database, enrollment.id, change);
    if (response.status === 'NotNow') settle(database, command.uuid, 'not-now');
    else {
      const succeeded = response.status === 'Acknowledged';
      settle(database, command.uuid, succeeded ? 'acknowledged' : 'error');
      if (command.item !== undefined) noteAnswer(context, command, succeeded ? 'succeeded' : 'failed');
    }
  });
}

/** Before anything else an enrollment needs an identity that can be trusted. */
async function ask(context: Context, enrollment: Enrollment): Promise<void> {
  if (enrollment.identity === 'attested') askDevice(context, enrollment);
  else await offerUpgrade(context, enrollment);
}

/** By the clock of now: also what was attested becomes old. */
export async function judge(context: Context, enrollment: Enrollment): Promise<void> {
  const { database } = context;
  const decision = await decide(context, enrollment);
  database.atomically(() => {
    changeEnrollment(database, enrollment.id, { decision });
    enforce(context, enrollment.id, decision.allowed && enrollment.identity === 'attested');
  });
}

function next(context: Context, enrollmentId: string): Command | undefined {
  const { database, clock } = context;
  const at = clock();
  return database.atomically(() => {
    for (;;) {
      const command = nextCommand(database, enrollmentId);
      if (command === undefined) return undefined;
      if (command.state === 'sent' && command.timesSent >= MAX_TIMES_SENT) {
        giveUp(context, command);
        continue;
      }
      if (command.nonce !== undefined) noteAsked(context, command, at);
      markSent(database, command.uuid, at);
      return command;
    }
  });
}

function giveUp(context: Context, command: Command): void {
  const { database, clock } = context;
  settle(database, command.uuid, 'lost');
  if (command.item !== undefined) noteAnswer(context, command, 'lost');
  if (command.nonce === undefined) return;
  const { id, history } = findEnrollment(database, command.enrollmentId)!;
  changeEnrollment(database, id, { history: recordAttestation(history, { type: 'failed', at: clock() }) });
}

function noteAsked({ database }: Context, command: Command, at: Date): void {
  const { id, history } = findEnrollment(database, command.enrollmentId)!;
  changeEnrollment(database, id, { history: recordAttestation(history, { type: 'asked', at }) });
}
