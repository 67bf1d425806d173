import type { AttestationHistory, ReportedProperties, ReportedSecurity } from '../../../src/mdm/index.ts';
import type { AttestationFacts, Decision } from '../../../src/policy/index.ts';
import type { Database, SqlValue } from './database.ts';

/** A device under management, as the database has it. */
export interface Enrollment {
  readonly id: string;
  /** `authenticated`: it may not be asked anything before its TokenUpdate. */
  readonly state: 'authenticated' | 'enrolled' | 'checked-out';
  readonly mode: 'device' | 'user';
  /** Whether the key of the connection is attested. */
  readonly identity: 'attested' | 'plain';
  /** SHA-256 of the SubjectPublicKeyInfo: whoever has the key is the enrollment. */
  readonly keyFingerprint: string;
  /** As it was attested when the identity was issued; of a plain one, as it was imported. */
  readonly serialNumber: string | undefined;
  readonly userName: string | undefined;
  /** UDID, or EnrollmentID in a User Enrollment. */
  readonly deviceId: string;
  readonly profile: string;
  /** What the last attestation said; undefined if there is none that may be believed. */
  readonly attested: AttestationFacts | undefined;
  /** SubjectPublicKeyInfo, base64, of the first attestation of this enrollment. */
  readonly attestedKey: string | undefined;
  /** When the newest attestation of this enrollment was made, even if what it said may not be believed any more. */
  readonly attestedAt: Date | undefined;
  readonly reported: ReportedProperties | undefined;
  readonly reportedAt: Date | undefined;
  readonly security: ReportedSecurity | undefined;
  readonly securityAt: Date | undefined;
  readonly history: AttestationHistory | undefined;
  /** What came of the last attestation that was asked for. */
  readonly verdict: VerdictRecord | undefined;
  readonly decision: Decision | undefined;
}

/** For people to look at. */
export interface VerdictRecord {
  readonly at: string;
  readonly status: 'attested' | 'not-attested' | 'not-now' | 'error' | 'refused';
  /** Of an attestation that verified. */
  readonly freshness?: string;
  /** Whether the device could have made a new one. */
  readonly isOverdue?: boolean;
  readonly key?: string;
  readonly isSuperseded?: boolean;
  readonly contradictions?: readonly string[];
  /** Why it was refused. */
  readonly code?: string;
}

/** The columns by their members; JSON where the value is not a text. */
const COLUMNS = {
  id: 'id',
  state: 'state',
  mode: 'mode',
  identity: 'identity',
  keyFingerprint: 'key_fingerprint',
  serialNumber: 'serial_number',
  userName: 'user_name',
  deviceId: 'device_id',
  profile: 'profile',
  attested: 'attested',
  attestedKey: 'attested_key',
  attestedAt: 'attested_at',
  reported: 'reported',
  reportedAt: 'reported_at',
  security: 'security',
  securityAt: 'security_at',
  history: 'history',
  verdict: 'verdict',
  decision: 'decision',
} as const satisfies Record<keyof Enrollment, string>;

type Member = keyof typeof COLUMNS;
const MEMBERS = Object.keys(COLUMNS) as readonly Member[];
const JSON_MEMBERS: readonly Member[] = ['attested', 'reported', 'security', 'history', 'verdict', 'decision'];
const TIMES: readonly Member[] = ['attestedAt', 'reportedAt', 'securityAt'];

function toSql(member: Member, value: unknown): SqlValue {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' && !JSON_MEMBERS.includes(member) ? value : JSON.stringify(value);
}

function fromSql(member: Member, value: string | null): unknown {
  if (value === null) return undefined;
  if (TIMES.includes(member)) return new Date(value);
  return JSON_MEMBERS.includes(member) ? JSON.parse(value, reviveTime) : value;
}

/** The facts of an attestation have times in them. */
const FACT_TIMES = ['attestedAt', 'notAfter'];
const reviveTime = (key: string, value: unknown): unknown =>
  FACT_TIMES.includes(key) && typeof value === 'string' ? new Date(value) : value;

type Row = Readonly<Record<string, string | null>>;

const enrollmentOf = (row: Row): Enrollment =>
  Object.fromEntries(
    MEMBERS.map((member) => [member, fromSql(member, row[COLUMNS[member]] ?? null)]),
  ) as unknown as Enrollment;

const find = (database: Database, where: string, ...values: readonly SqlValue[]): Enrollment | undefined => {
  const row = database.get(`SELECT * FROM enrollments WHERE ${where}`, ...values) as Row | undefined;
  return row && enrollmentOf(row);
};

export const findEnrollment = (database: Database, id: string): Enrollment | undefined => find(database, 'id = ?', id);

export const findByKey = (database: Database, keyFingerprint: string): Enrollment | undefined =>
  find(database, 'key_fingerprint = ?', keyFingerprint);

export const findByDevice = (database: Database, deviceId: string): Enrollment | undefined =>
  find(database, "device_id = ? AND state <> 'checked-out'", deviceId);

const list = (database: Database, where: string, ...values: readonly SqlValue[]): readonly Enrollment[] =>
  (database.all(`SELECT * FROM enrollments WHERE ${where} ORDER BY rowid`, ...values) as readonly Row[]).map(
    enrollmentOf,
  );

export const listEnrollments = (database: Database): readonly Enrollment[] => list(database, 'TRUE');

export const findBySerialNumber = (database: Database, serialNumber: string): readonly Enrollment[] =>
  list(database, "serial_number = ? AND state <> 'checked-out'", serialNumber);

/** @param attestedKey base64 */
export const findByAttestedKey = (database: Database, attestedKey: string): readonly Enrollment[] =>
  list(database, "attested_key = ? AND state <> 'checked-out'", attestedKey);

type Required = 'id' | 'state' | 'mode' | 'identity' | 'keyFingerprint' | 'deviceId' | 'profile';

export function addEnrollment(
  database: Database,
  enrollment: Pick<Enrollment, Required> & Partial<Pick<Enrollment, 'serialNumber' | 'userName'>>,
): void {
  const members = Object.keys(enrollment) as readonly (keyof typeof enrollment)[];
  const columns = members.map((member) => COLUMNS[member]).join();
  const values = members.map((member) => toSql(member, enrollment[member]));
  database.run(`INSERT INTO enrollments (${columns}) VALUES (${values.map(() => '?').join()})`, ...values);
}

/** A member that is undefined is taken away. */
export type EnrollmentChange = { readonly [Name in Exclude<Member, 'id'>]?: Enrollment[Name] | undefined };

export function changeEnrollment(database: Database, id: string, change: EnrollmentChange): void {
  const members = Object.keys(change) as readonly (keyof EnrollmentChange)[];
  if (members.length === 0) return;
  const columns = members.map((member) => `${COLUMNS[member]} = ?`).join();
  const values = members.map((member) => toSql(member, change[member]));
  database.run(`UPDATE enrollments SET ${columns} WHERE id = ?`, ...values, id);
}
