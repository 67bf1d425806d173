import type { EnrollmentIdentifiers } from '../../../src/mdm/index.ts';
import type { ClientIdentity } from './client-identity.ts';
import type { Context } from './context.ts';
import type { Database } from './database.ts';
import {
  addEnrollment,
  changeEnrollment,
  type Enrollment,
  findByDevice,
  findByKey,
  findBySerialNumber,
  findEnrollment,
} from './enrollment.ts';
import { cancelAll, openCommands, settle } from './queue.ts';
import { findInvitation, type Invitation, isInvited, useInvitation } from './invitation.ts';
import { Refusal } from './refusal.ts';
import { askDevice, UPGRADE } from './ask-device.ts';

/** The enrollment that the key of the connection stands for. The device must say that it is that one. */
export async function enrollmentOf(
  context: Context,
  identity: ClientIdentity,
  identifiers: EnrollmentIdentifiers,
): Promise<Enrollment> {
  const known = findByKey(context.database, identity.keyFingerprint);
  const enrollment = known ?? (await takeUpgrade(context, identity, identifiers));
  if (enrollment === undefined || enrollment.state === 'checked-out')
    throw new Refusal(401, 'the client certificate is not one of an enrollment');
  requireOwn(enrollment, identifiers);
  return enrollment;
}

function requireOwn({ mode, deviceId }: Enrollment, { udid, enrollmentId }: EnrollmentIdentifiers): void {
  const [own, others] = mode === 'user' ? [enrollmentId, udid] : [udid, enrollmentId];
  if (own !== deviceId || others !== undefined) throw new Refusal(403, 'the message is of another enrollment');
}

/** An upgrade: the attested key takes the place of the one that was not. From now on that one is nobody's. */
async function takeUpgrade(
  context: Context,
  identity: ClientIdentity,
  identifiers: EnrollmentIdentifiers,
): Promise<Enrollment | undefined> {
  const { database } = context;
  const invitation = await invitationOf(context, identity);
  const enrollment = invitation?.upgrades === undefined ? undefined : findEnrollment(database, invitation.upgrades);
  if (invitation === undefined || enrollment === undefined || enrollment.state === 'checked-out') return undefined;
  requireOwn(enrollment, identifiers);
  const isTaken = database.atomically(() => {
    if (!useInvitation(database, invitation, enrollment.id)) return false;
    const { keyFingerprint } = identity;
    const serialNumber = enrollment.mode === 'user' ? undefined : identity.serialNumber;
    changeEnrollment(database, enrollment.id, {
      identity: 'attested',
      keyFingerprint,
      serialNumber,
      profile: invitation.profile,
    });
    endOthers(database, serialNumber, enrollment.id);
    // It has come with it: whether its answer was lost does not matter.
    for (const { uuid, item } of openCommands(database, enrollment.id))
      if (item === UPGRADE) settle(database, uuid, 'acknowledged');
    return true;
  });
  if (!isTaken) return undefined;
  const upgraded = findEnrollment(database, enrollment.id)!;
  if (upgraded.state === 'enrolled') askDevice(context, upgraded);
  return upgraded;
}

/** The invitation in a certificate, if it is for the device that the certificate names. */
async function invitationOf(context: Context, identity: ClientIdentity): Promise<Invitation | undefined> {
  if (identity.clientIdentifier === undefined) return undefined;
  const invitation = await findInvitation({ ...context, at: context.clock() }, identity.clientIdentifier);
  return invitation && isInvited(context.database, invitation, identity.serialNumber) ? invitation : undefined;
}

/**
 * Begins an enrollment: the first message over a new identity. What the ACME server attested stands in the certificate, and
 * is judged here, whether or not the ACME server has asked before.
 */
export async function beginEnrollment(
  context: Context,
  identity: ClientIdentity,
  identifiers: EnrollmentIdentifiers,
): Promise<Enrollment> {
  const { database } = context;
  const known = findByKey(database, identity.keyFingerprint);
  if (known !== undefined) return beginAgain(context, known, identifiers);
  const invitation = await invitationOf(context, identity);
  if (invitation === undefined || invitation.upgrades !== undefined)
    throw new Refusal(401, 'the device is not known, nor was a user authenticated');
  const { mode, userName } = invitation;
  const { udid, enrollmentId } = identifiers;
  const [deviceId, others] = mode === 'user' ? [enrollmentId, udid] : [udid, enrollmentId];
  if (deviceId === undefined || others !== undefined)
    throw new Refusal(403, 'the message is not of the enrollment that was offered');
  const id = crypto.randomUUID();
  // In a User Enrollment nothing of the device is kept, even if it was named.
  const serialNumber = mode === 'user' ? undefined : identity.serialNumber;
  database.atomically(() => {
    leaveBefore(context, deviceId, serialNumber);
    const { keyFingerprint } = identity;
    addEnrollment(database, {
      id,
      state: 'authenticated',
      mode,
      identity: 'attested',
      keyFingerprint,
      serialNumber,
      userName,
      deviceId,
      profile: invitation.profile,
    });
    if (!useInvitation(database, invitation, id)) throw new Refusal(401, 'the client identifier was used before');
  });
  return findEnrollment(database, id)!;
}

/** The device is not in two enrollments: those of before end, whatever it called itself in them. */
function leaveBefore({ database }: Context, deviceId: string, serialNumber: string | undefined): void {
  // Its UDID is what a device says of itself: with that of another one it ends nobody's enrollment.
  const named = findByDevice(database, deviceId);
  if (named !== undefined && (serialNumber === undefined || named.serialNumber !== serialNumber))
    throw new Refusal(403, 'the message is of another enrollment');
  endOthers(database, serialNumber);
}

/** Its serial number is attested. */
function endOthers(database: Database, serialNumber: string | undefined, own?: string): void {
  if (serialNumber === undefined) return;
  for (const { id } of findBySerialNumber(database, serialNumber)) {
    if (id === own) continue;
    changeEnrollment(database, id, { state: 'checked-out' });
    cancelAll(database, id);
  }
}

/** The same key authenticates again: what it showed before has to be shown again; what it holds is not forgotten. */
function beginAgain({ database }: Context, known: Enrollment, identifiers: EnrollmentIdentifiers): Enrollment {
  if (known.state === 'checked-out') throw new Refusal(401, 'the client certificate is not one of an enrollment');
  requireOwn(known, identifiers);
  changeEnrollment(database, known.id, {
    state: 'authenticated',
    attested: undefined,
    reported: undefined,
    security: undefined,
    history: undefined,
    decision: undefined,
  });
  return findEnrollment(database, known.id)!;
}
