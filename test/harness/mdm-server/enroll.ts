import type { IncomingMessage } from 'node:http';
import { isDictionary, MAX_PLIST_BYTES } from '../../../src/mdm/plist-value.ts';
import { parsePlist } from '../../../src/mdm/index.ts';
import type { Reply } from '../acme-server/reply.ts';
import type { Context } from './context.ts';
import { findDevice, isPassword } from './inventory.ts';
import { invite, type Invited } from './invitation.ts';
import { writeEnrollmentProfile } from './profiles.ts';
import { Refusal } from './refusal.ts';
import { readBody, readEvidence } from './request.ts';

const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="enrollment", charset="UTF-8"' };

/**
 * Hands out an enrollment profile. GET is for a user, who authenticates, of a device that nobody has to know; with
 * `?mode=user` for a User Enrollment. POST is for a device that says its serial number, and is known.
 */
export async function answerEnroll(context: Context, request: IncomingMessage, query: URLSearchParams): Promise<Reply> {
  const invited = request.method === 'POST' ? await readDevice(context, request) : readUser(context, request, query);
  const profile = await invite(context, invited, (clientIdentifier) =>
    writeEnrollmentProfile(context, invited, clientIdentifier),
  );
  return { status: 200, headers: { 'Content-Type': 'application/x-apple-aspen-config' }, body: profile };
}

function readUser({ database }: Context, request: IncomingMessage, query: URLSearchParams): Invited {
  const credentials = readCredentials(request);
  if (credentials === undefined || !isPassword(database, credentials.name, credentials.password))
    throw new Refusal(401, 'the user is not authenticated', CHALLENGE);
  const mode = query.get('mode') ?? 'device';
  if (mode !== 'device' && mode !== 'user') throw new Refusal(400, 'mode must be device or user');
  return { mode, serialNumber: undefined, userName: credentials.name, upgrades: undefined };
}

/** RFC 7617. */
function readCredentials({ headers }: IncomingMessage): { name: string; password: string } | undefined {
  const [, encoded = ''] = /^Basic ([\w+/]+=*)$/i.exec(headers.authorization ?? '') ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * Apple's setup assistant signs what it sends; here it is the bare property list. Who lies about the serial number gets a
 * profile that is of no use: the identity in it is for the device that is attested to have this number.
 */
async function readDevice({ database }: Context, request: IncomingMessage): Promise<Invited> {
  const body = await readBody(request, 'application/x-apple-aspen-deviceinfo', MAX_PLIST_BYTES);
  const values = readEvidence(() => parsePlist(body));
  const serialNumber = isDictionary(values) ? values.get('SERIAL') : undefined;
  if (typeof serialNumber !== 'string') throw new Refusal(400, 'SERIAL must be a string');
  if (findDevice(database, serialNumber) === undefined) throw new Refusal(403, 'the device is not known');
  return { mode: 'device', serialNumber, userName: undefined, upgrades: undefined };
}
