import { AttestationError } from '../../../src/index.ts';
import { type ClientIdentifierSecret, issueClientIdentifier, readClientIdentifier } from '../../../src/acme/index.ts';
import type { Context } from './context.ts';
import type { Database } from './database.ts';
import { findEnrollment } from './enrollment.ts';
import { findDevice, isUser } from './inventory.ts';

/** Who may enroll, and how: what stands behind the client identifier of one profile. */
export interface Invitation {
  /** That of the client identifier. */
  readonly id: string;
  /** `user`: a User Enrollment, in which the device does not name itself. */
  readonly mode: 'device' | 'user';
  /** The device that it is for; undefined: whichever the user has. */
  readonly serialNumber: string | undefined;
  /** Who authenticated; undefined: nobody, for the device is known. */
  readonly userName: string | undefined;
  /** The enrollment that gets another identity by it. */
  readonly upgrades: string | undefined;
  /** The profile that it stands in. */
  readonly profile: string;
  readonly enrollmentId: string | undefined;
}

interface InvitationRow {
  readonly id: string;
  readonly mode: Invitation['mode'];
  readonly serial_number: string | null;
  readonly user_name: string | null;
  readonly upgrades: string | null;
  readonly profile: string;
  readonly enrollment_id: string | null;
}

const VALID_DAYS = 7;
const DAY_MILLISECONDS = 86_400_000;

export type Invited = Pick<Invitation, 'mode' | 'serialNumber' | 'userName' | 'upgrades'>;

/** Issues a client identifier, and keeps with it for whom, and the profile that is written for it. */
export async function invite(
  context: Context,
  invited: Invited,
  write: (clientIdentifier: string) => Promise<string>,
): Promise<string> {
  const { database, secrets, store, clock } = context;
  const at = clock();
  const expiresAt = new Date(at.getTime() + VALID_DAYS * DAY_MILLISECONDS);
  const { mode, serialNumber, userName, upgrades } = invited;
  const clientIdentifier = await issueClientIdentifier({
    secret: secrets[0],
    store,
    ...(serialNumber === undefined ? {} : { device: { serialNumber } }),
    // Without a device it belongs to somebody: the user, or the enrollment that is to be upgraded.
    ...(serialNumber === undefined
      ? { user: userName ?? upgrades ?? '' }
      : userName === undefined
        ? {}
        : { user: userName }),
    at,
    expiresAt,
  });
  const profile = await write(clientIdentifier);
  const { id } = await readClientIdentifier(clientIdentifier, { secrets, at });
  database.run(
    'INSERT INTO invitations (id, mode, serial_number, user_name, upgrades, profile, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    id,
    mode,
    serialNumber ?? null,
    userName ?? null,
    upgrades ?? null,
    profile,
    expiresAt.toISOString(),
  );
  return profile;
}

/**
 * The invitation that a client identifier stands for.
 *
 * @returns undefined for one that is forged, foreign, malformed or expired
 */
export async function findInvitation(
  options: {
    readonly database: Database;
    readonly secrets: readonly ClientIdentifierSecret[];
    readonly at: Date;
  },
  clientIdentifier: string,
): Promise<Invitation | undefined> {
  const { database, secrets, at } = options;
  try {
    const { id } = await readClientIdentifier(clientIdentifier, { secrets, at });
    const row = database.get('SELECT * FROM invitations WHERE id = ?', id) as InvitationRow | undefined;
    return row && invitationOf(row);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function invitationOf(row: InvitationRow): Invitation {
  return {
    id: row.id,
    mode: row.mode,
    serialNumber: row.serial_number ?? undefined,
    userName: row.user_name ?? undefined,
    upgrades: row.upgrades ?? undefined,
    profile: row.profile,
    enrollmentId: row.enrollment_id ?? undefined,
  };
}

/** Whether whom it was made for may enroll still, and whether the attested device is the one. */
export function isInvited(database: Database, invitation: Invitation, serialNumber: string | undefined): boolean {
  const { mode, userName, upgrades } = invitation;
  if (invitation.serialNumber !== undefined && invitation.serialNumber !== serialNumber) return false;
  // Outside of a User Enrollment a device is one that can be named.
  if (mode === 'device' && serialNumber === undefined) return false;
  // One upgrade is enough: who has an earlier offer still, gets nothing for it.
  if (upgrades !== undefined) return findEnrollment(database, upgrades)?.identity === 'plain';
  return userName === undefined ? findDevice(database, serialNumber ?? '') !== undefined : isUser(database, userName);
}

/** Takes the invitation for a challenge of an ACME server: once, and for the same one again. */
export function claimInvitation(database: Database, { id }: Invitation, claimant: string): boolean {
  const changed = database.run(
    'UPDATE invitations SET claimed_by = ? WHERE id = ? AND (claimed_by IS NULL OR claimed_by = ?)',
    claimant,
    id,
    claimant,
  );
  return changed === 1;
}

/** Takes it for an enrollment: a second key with the same client identifier enrolls nothing. */
export function useInvitation(database: Database, { id }: Invitation, enrollmentId: string): boolean {
  const changed = database.run(
    'UPDATE invitations SET enrollment_id = ? WHERE id = ? AND enrollment_id IS NULL',
    enrollmentId,
    id,
  );
  return changed === 1;
}
