import { isDictionary, MAX_PLIST_BYTES, type PlistDictionary } from '../../../src/mdm/plist-value.ts';
import { type EnrollmentIdentifiers, parsePlist } from '../../../src/mdm/index.ts';
import { toBase64 } from '../../../src/index.ts';
import { empty, type Reply } from '../acme-server/reply.ts';
import { askDevice } from './ask-device.ts';
import type { ClientIdentity } from './client-identity.ts';
import type { Context } from './context.ts';
import { changeEnrollment, findEnrollment } from './enrollment.ts';
import { beginEnrollment, enrollmentOf } from './enrollment-of.ts';
import { TOPIC } from './profiles.ts';
import { cancelAll } from './queue.ts';
import { Refusal } from './refusal.ts';
import { readEvidence } from './request.ts';

export const CHECK_IN_TYPE = 'application/x-apple-aspen-mdm-checkin';
export const MAX_CHECK_IN_BYTES = MAX_PLIST_BYTES;

/** A message of the check-in protocol: what the device has done, and no question. */
export interface CheckIn {
  readonly type: string;
  readonly identifiers: EnrollmentIdentifiers;
  readonly values: PlistDictionary;
}

export function readCheckIn(body: Uint8Array): CheckIn {
  const values = readEvidence(() => parsePlist(body));
  if (!isDictionary(values)) throw new Refusal(400, 'the message must be a dictionary');
  const text = (key: string): string | undefined => {
    const value = values.get(key);
    if (value !== undefined && typeof value !== 'string') throw new Refusal(400, `${key} must be a string`);
    return value === '' ? undefined : value;
  };
  const [type, udid, enrollmentId] = [text('MessageType'), text('UDID'), text('EnrollmentID')];
  if (type === undefined) throw new Refusal(400, 'MessageType is required');
  if (udid === undefined && enrollmentId === undefined) throw new Refusal(400, 'UDID or EnrollmentID is required');
  const topic = text('Topic');
  if (topic !== undefined && topic !== TOPIC) throw new Refusal(400, 'Topic is not that of this service');
  // Users of a Mac have a channel of their own; this service manages devices (Apple, "UserAuthenticate": 410 declines).
  const userId = text('UserID') ?? text('EnrollmentUserID');
  if (userId !== undefined || type === 'UserAuthenticate') throw new Refusal(410, 'users are not managed');
  return { type, identifiers: { udid, enrollmentId, user: undefined }, values };
}

export async function answerCheckIn(context: Context, identity: ClientIdentity, message: CheckIn): Promise<Reply> {
  const { type, identifiers } = message;
  switch (type) {
    case 'Authenticate':
      await beginEnrollment(context, identity, identifiers);
      return empty(200);
    case 'TokenUpdate':
      await noteToken(context, identity, message);
      return empty(200);
    case 'CheckOut': {
      const { id } = await enrollmentOf(context, identity, identifiers);
      changeEnrollment(context.database, id, { state: 'checked-out' });
      cancelAll(context.database, id);
      return empty(200);
    }
    default:
      throw new Refusal(400, 'MessageType is not known');
  }
}

/** From now on the device can be reached. So it is asked at once. */
async function noteToken(context: Context, identity: ClientIdentity, { identifiers, values }: CheckIn): Promise<void> {
  const [token, magic] = [values.get('Token'), values.get('PushMagic')];
  if (!(token instanceof Uint8Array)) throw new Refusal(400, 'Token must be data');
  if (typeof magic !== 'string') throw new Refusal(400, 'PushMagic must be a string');
  const { id } = await enrollmentOf(context, identity, identifiers);
  const push = JSON.stringify({ token: toBase64(new Uint8Array(token)), magic });
  context.database.run("UPDATE enrollments SET state = 'enrolled', push = ? WHERE id = ?", push, id);
  const enrollment = findEnrollment(context.database, id)!;
  if (enrollment.identity === 'attested') askDevice(context, enrollment);
}
