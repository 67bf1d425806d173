import { type PlistDictionary, writePlist } from '../mdm/index.ts';
import type { MdmMessageContext, MdmTamper } from './mdm-client-options.ts';
import type { MdmConnect, MdmFetch, MdmIdentity } from './mdm-fetch.ts';
import type { MdmFailure } from './mdm-outcome.ts';

/** What came back. */
export type ChannelAnswer = { readonly status: 'answered'; readonly body: string } | MdmFailure;

/** Requests over one identity. */
export type Channel = (url: string, message: PlistDictionary, context: MdmMessageContext) => Promise<ChannelAnswer>;

export function createChannel(connect: MdmConnect, identity: MdmIdentity, tamper: MdmTamper): Channel {
  let connected: MdmFetch | undefined;
  return async (url, message, context) => {
    const changed = (await tamper.message?.(message, context)) ?? message;
    const xml = writePlist(changed);
    const body = (await tamper.body?.(xml, context)) ?? xml;
    // Apple, "Implementing device management": one type for each of the two protocols.
    const protocol = context.type === 'command' ? 'mdm' : 'mdm-checkin';
    const headers = { 'content-type': `application/x-apple-aspen-${protocol}` };
    try {
      connected ??= await connect(identity);
      const response = await connected(url, { method: 'PUT', headers, body });
      const text = await response.text();
      return response.status === 200
        ? { status: 'answered', body: text }
        : { status: 'refused', httpStatus: response.status, body: text };
    } catch (error) {
      return { status: 'unreachable', error };
    }
  };
}
