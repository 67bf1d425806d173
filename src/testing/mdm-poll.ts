import type { PlistDictionary } from '../mdm/index.ts';
import { identifierEntries } from './mdm-check-in.ts';
import { carryOut, type CommandResult, type CommandTarget, readCommand, type ReceivedCommand } from './mdm-commands.ts';
import { canAttest } from './mdm-identity.ts';
import { install } from './mdm-install.ts';
import { leaveService } from './mdm-leave.ts';
import { type CurrentEnrollment, type Managed, reportNow } from './mdm-managed.ts';
import type { MdmExchange, MdmPollOutcome } from './mdm-outcome.ts';

/** A queue is shorter, and one that is not would never end. */
const COMMANDS_PER_POLL = 100;

/** Asks for commands and answers each until there is none. */
export async function poll(managed: Managed): Promise<MdmPollOutcome> {
  const exchanges: MdmExchange[] = [];
  let entries: Entries = [['Status', 'Idle']];
  let requestType: string | undefined;
  for (;;) {
    const { current } = managed;
    if (current === undefined) return { status: 'not-enrolled', exchanges };
    const message = messageOf(current, entries);
    const answer = await current.channel(current.enrollment.serverUrl, message, { type: 'command', requestType });
    if (isWithoutProfile(managed, current)) await leaveService(managed);
    else if (answer.status !== 'answered') return { ...answer, exchanges };
    else if (answer.body === '') return { status: 'idle', exchanges };
    else if (exchanges.length === COMMANDS_PER_POLL) return { status: 'too-many-commands', exchanges };
    else {
      const received = readCommand(answer.body);
      if ('field' in received) return { status: 'unexpected-answer', ...received, body: answer.body, exchanges };
      const result = await obey(managed, received);
      requestType = received.requestType;
      entries = [['Status', result.status], ['CommandUUID', received.commandUUID], ...result.entries];
      const { status, install: installed } = result;
      exchanges.push({ ...received, status, answer: messageOf(current, entries), install: installed });
    }
  }
}

type Entries = CommandResult['entries'];

function messageOf({ enrollment }: CurrentEnrollment, entries: Entries): PlistDictionary {
  return new Map([...identifierEntries(enrollment.identifiers), ...entries]);
}

/** A command removed the enrollment profile: it is answered, and that was the last answer. */
const isWithoutProfile = ({ profiles }: Managed, { enrollment }: CurrentEnrollment): boolean =>
  !profiles.has(enrollment.profile.identifier);

async function obey(managed: Managed, received: ReceivedCommand): Promise<CommandResult> {
  const { postponed } = managed;
  if (postponed === 'all' || (received.requestType !== undefined && postponed.includes(received.requestType)))
    return { status: 'NotNow', entries: [] };
  return carryOut(received, targetOf(managed));
}

function targetOf(managed: Managed): CommandTarget {
  const { device, profiles } = managed;
  return {
    report: () => reportNow(managed),
    async attest(nonce) {
      if (!canAttest(managed.facts)) return undefined;
      const answer = await device.attestDeviceInformation(nonce === undefined ? {} : { nonce });
      return answer.status === 'attested' ? answer.x5c : undefined;
    },
    install: (profile) => install(managed, new Uint8Array(profile), true),
    remove: (identifier) => profiles.delete(identifier),
    profiles: () => [...profiles.values()],
  };
}
