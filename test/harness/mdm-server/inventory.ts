import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { Platform } from '../../../src/policy/index.ts';
import type { Database } from './database.ts';

/** A device that the organisation owns: known before it enrolls. */
export interface RegisteredDevice {
  readonly serialNumber: string;
  /** As it is attested: on a Mac the provisioning UDID. */
  readonly udid: string | undefined;
  readonly platform: Platform | undefined;
  readonly model: string | undefined;
  readonly supervised: boolean | undefined;
}

interface DeviceRow {
  readonly serial_number: string;
  readonly udid: string | null;
  readonly platform: Platform | null;
  readonly model: string | null;
  readonly supervised: number | null;
}

export function registerDevice(
  database: Database,
  { serialNumber, udid, platform, model, supervised }: Partial<RegisteredDevice> & { readonly serialNumber: string },
): void {
  database.run(
    'INSERT OR REPLACE INTO devices VALUES (?, ?, ?, ?, ?)',
    serialNumber,
    udid ?? null,
    platform ?? null,
    model ?? null,
    supervised === undefined ? null : Number(supervised),
  );
}

export function unregisterDevice(database: Database, serialNumber: string): void {
  database.run('DELETE FROM devices WHERE serial_number = ?', serialNumber);
}

export function findDevice(database: Database, serialNumber: string): RegisteredDevice | undefined {
  const row = database.get('SELECT * FROM devices WHERE serial_number = ?', serialNumber) as DeviceRow | undefined;
  return (
    row && {
      serialNumber: row.serial_number,
      udid: row.udid ?? undefined,
      platform: row.platform ?? undefined,
      model: row.model ?? undefined,
      supervised: row.supervised === null ? undefined : row.supervised === 1,
    }
  );
}

const hashOf = (password: string, salt: string): Buffer => scryptSync(password.normalize('NFC'), salt, 32);

/** What is kept of a password: salt and hash, in hexadecimal. */
export interface PasswordHash {
  readonly salt: string;
  readonly hash: string;
}

/** Takes a while, as it has to. */
export function hashPassword(password: string): PasswordHash {
  const salt = randomBytes(16).toString('hex');
  return { salt, hash: hashOf(password, salt).toString('hex') };
}

export function addUser(database: Database, name: string, { salt, hash }: PasswordHash): void {
  database.run('INSERT OR REPLACE INTO users VALUES (?, ?, ?)', name, salt, hash);
}

export function removeUser(database: Database, name: string): void {
  database.run('DELETE FROM users WHERE name = ?', name);
}

export function isUser(database: Database, name: string): boolean {
  return database.get('SELECT name FROM users WHERE name = ?', name) !== undefined;
}

/** As long for a name that is not there as for a wrong password. */
export function isPassword(database: Database, name: string, password: string): boolean {
  const row = database.get('SELECT salt, hash FROM users WHERE name = ?', name) as PasswordHash | undefined;
  const hash = hashOf(password, row?.salt ?? '');
  return row !== undefined && timingSafeEqual(hash, Buffer.from(row.hash, 'hex'));
}
