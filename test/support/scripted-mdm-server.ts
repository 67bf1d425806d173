import { parsePlist, type PlistDictionary } from '../../src/mdm/index.ts';
import type { MdmConnect, MdmIdentity, MdmRequest } from '../../src/testing/index.ts';

/**
 * An MDM service in a function: hands out the commands of a queue, and says no where a test wants it to. The reference
 * service is in `test/harness/mdm-server`.
 */

export interface ReceivedMessage {
  readonly identity: MdmIdentity;
  readonly url: string;
  readonly request: MdmRequest;
  readonly message: PlistDictionary;
}

/** An answer in the place of the service's: a status and a body, or an error for a connection that fails. */
export type ScriptedAnswer = { readonly status: number; readonly body: string } | Error;

export function scriptedMdmServer(
  interrupt: (received: ReceivedMessage, count: number) => ScriptedAnswer | undefined = () => undefined,
) {
  const received: ReceivedMessage[] = [];
  const identities: MdmIdentity[] = [];
  /** Bodies of commands that were not sent yet. */
  const queue: string[] = [];

  const serve = (url: string): ScriptedAnswer => ({
    status: 200,
    body: url.endsWith('/checkin') ? '' : (queue.shift() ?? ''),
  });

  const connect: MdmConnect = (identity) => {
    identities.push(identity);
    return async (url, request) => {
      const message = parsePlist(new TextEncoder().encode(request.body)) as PlistDictionary;
      const one = { identity, url, request, message };
      received.push(one);
      const answer = interrupt(one, received.length) ?? serve(url);
      if (answer instanceof Error) throw answer;
      return Promise.resolve({ status: answer.status, text: () => Promise.resolve(answer.body) });
    };
  };

  return {
    connect,
    received,
    queue,
    /** One for each time that the device connected. */
    identities,
    /** What came, by its kind: a message of the check-in, or the status of an answer. */
    kinds: () => received.map(({ message }) => message.get('MessageType') ?? message.get('Status')),
  };
}
