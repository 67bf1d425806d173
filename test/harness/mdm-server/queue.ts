import type { Database } from './database.ts';

export type RequestType =
  | 'DeviceInformation'
  | 'SecurityInfo'
  | 'InstallProfile'
  | 'RemoveProfile'
  | 'InstallApplication'
  | 'RemoveApplication';

/** A command to one device. */
export interface Command {
  readonly uuid: string;
  readonly enrollmentId: string;
  readonly requestType: RequestType;
  /** The property list. */
  readonly body: string;
  /** What it gives to the device or takes from it, by its id. */
  readonly item: string | undefined;
  /** Base64. */
  readonly nonce: string | undefined;
  /** `lost`: sent again and again, and never answered so that it could be read. */
  readonly state: 'queued' | 'sent' | 'not-now' | 'acknowledged' | 'error' | 'cancelled' | 'lost';
  readonly timesSent: number;
  readonly sentAt: Date | undefined;
}

interface CommandRow {
  readonly uuid: string;
  readonly enrollment_id: string;
  readonly request_type: RequestType;
  readonly body: string;
  readonly item: string | null;
  readonly nonce: string | null;
  readonly state: Command['state'];
  readonly times_sent: number;
  readonly sent_at: string | null;
}

const commandOf = (row: CommandRow): Command => ({
  uuid: row.uuid,
  enrollmentId: row.enrollment_id,
  requestType: row.request_type,
  body: row.body,
  item: row.item ?? undefined,
  nonce: row.nonce ?? undefined,
  state: row.state,
  timesSent: row.times_sent,
  sentAt: row.sent_at === null ? undefined : new Date(row.sent_at),
});

export type NewCommand = Pick<Command, 'uuid' | 'enrollmentId' | 'requestType' | 'body'> &
  Partial<Pick<Command, 'item' | 'nonce'>>;

export function enqueue(database: Database, { uuid, enrollmentId, requestType, body, item, nonce }: NewCommand): void {
  database.run(
    "INSERT INTO commands (uuid, enrollment_id, request_type, body, item, nonce, state) VALUES (?, ?, ?, ?, ?, ?, 'queued')",
    uuid,
    enrollmentId,
    requestType,
    body,
    item ?? null,
    nonce ?? null,
  );
}

/** A command is looked up with the enrollment that answers it: that of another one does not exist for it. */
export function findCommand(database: Database, enrollmentId: string, uuid: string): Command | undefined {
  const row = database.get('SELECT * FROM commands WHERE enrollment_id = ? AND uuid = ?', enrollmentId, uuid) as
    CommandRow | undefined;
  return row && commandOf(row);
}

/** A device that is idle may be ready for what it put off. */
export function resume(database: Database, enrollmentId: string): void {
  database.run(
    "UPDATE commands SET state = 'queued', times_sent = 0 WHERE enrollment_id = ? AND state = 'not-now'",
    enrollmentId,
  );
}

/** The next command to send; one that was sent and not answered has been lost. What was put off waits until the device is idle. */
export function nextCommand(database: Database, enrollmentId: string): Command | undefined {
  const row = database.get(
    "SELECT * FROM commands WHERE enrollment_id = ? AND state IN ('queued', 'sent') ORDER BY position LIMIT 1",
    enrollmentId,
  ) as CommandRow | undefined;
  return row && commandOf(row);
}

/** Commands that may still be carried out. */
export function openCommands(database: Database, enrollmentId: string): readonly Command[] {
  return (
    database.all(
      "SELECT * FROM commands WHERE enrollment_id = ? AND state IN ('queued', 'sent', 'not-now') ORDER BY position",
      enrollmentId,
    ) as readonly CommandRow[]
  ).map(commandOf);
}

export function listCommands(database: Database, enrollmentId: string): readonly Command[] {
  return (
    database.all(
      'SELECT * FROM commands WHERE enrollment_id = ? ORDER BY position',
      enrollmentId,
    ) as readonly CommandRow[]
  ).map(commandOf);
}

export function markSent(database: Database, uuid: string, at: Date): void {
  database.run(
    "UPDATE commands SET state = 'sent', times_sent = times_sent + 1, sent_at = coalesce(sent_at, ?) WHERE uuid = ?",
    at.toISOString(),
    uuid,
  );
}

export function settle(database: Database, uuid: string, state: Command['state']): void {
  database.run('UPDATE commands SET state = ? WHERE uuid = ?', state, uuid);
}

/** Takes back what the device has not seen, or has put off. */
export function cancel(database: Database, uuid: string): boolean {
  const sql = "UPDATE commands SET state = 'cancelled' WHERE uuid = ? AND state IN ('queued', 'not-now')";
  return database.run(sql, uuid) === 1;
}

/** Does not send again what the device may have carried out already. */
export function withdraw(database: Database, uuid: string): void {
  database.run("UPDATE commands SET state = 'cancelled' WHERE uuid = ? AND state = 'sent'", uuid);
}

export function cancelAll(database: Database, enrollmentId: string): void {
  database.run(
    "UPDATE commands SET state = 'cancelled' WHERE enrollment_id = ? AND state IN ('queued', 'sent', 'not-now')",
    enrollmentId,
  );
}

/** The last command about an item that has gone out. */
export function lastSent(database: Database, enrollmentId: string, item: string): Command | undefined {
  const row = database.get(
    'SELECT * FROM commands WHERE enrollment_id = ? AND item = ? AND sent_at IS NOT NULL ORDER BY position DESC',
    enrollmentId,
    item,
  ) as CommandRow | undefined;
  return row && commandOf(row);
}

/** When the device was last asked for something of this type and failed. */
export function lastFailure(database: Database, enrollmentId: string, requestType: RequestType): Date | undefined {
  const row = database.get(
    "SELECT max(sent_at) AS at FROM commands WHERE enrollment_id = ? AND request_type = ? AND state IN ('error', 'lost')",
    enrollmentId,
    requestType,
  ) as { at: string | null };
  return row.at === null ? undefined : new Date(row.at);
}

/**
 * Nonces that were sent in an enrollment. Those of an enrollment before do not count: a device that comes back has another key
 * and makes a new attestation, or it sends one from better days.
 */
export function sentNonces(
  database: Database,
  enrollmentId: string,
  since: Date,
): readonly { readonly nonce: string; readonly sentAt: Date }[] {
  return (
    database.all(
      'SELECT nonce, sent_at FROM commands WHERE enrollment_id = ? AND nonce IS NOT NULL AND sent_at >= ?',
      enrollmentId,
      since.toISOString(),
    ) as readonly { nonce: string; sent_at: string }[]
  ).map(({ nonce, sent_at }) => ({ nonce, sentAt: new Date(sent_at) }));
}
