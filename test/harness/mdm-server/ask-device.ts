import { randomBytes } from 'node:crypto';
import { toBase64 } from '../../../src/index.ts';
import {
  type DeviceInformationQuery,
  deviceInformationCommand,
  installProfileCommand,
  nextAttestation,
  securityInfoCommand,
} from '../../../src/mdm/index.ts';
import type { Context } from './context.ts';
import type { Enrollment } from './enrollment.ts';
import { invite } from './invitation.ts';
import { writeUpgradeProfile } from './profiles.ts';
import { enqueue, lastFailure, openCommands, type RequestType } from './queue.ts';

const QUERIES: readonly DeviceInformationQuery[] = [
  'UDID',
  'ProvisioningUDID',
  'SerialNumber',
  'OSVersion',
  'SupplementalOSVersionExtra',
  'BuildVersion',
  'SoftwareUpdateDeviceID',
  'ProductName',
  'IsAppleSilicon',
  'IsSupervised',
];

const NONCE_BYTES = 32;

/** A device that failed to report is not asked again at once. */
const RETRY_MILLISECONDS = 3_600_000;

/**
 * Queues what the service wants to know of a device now: an attestation where `nextAttestation` says so, reports where the
 * last ones have become old. Nothing is asked twice at the same time.
 */
export function askDevice(context: Context, enrollment: Enrollment, reason?: string): void {
  const { database, clock, refreshAfterSeconds, reportSeconds } = context;
  const open = openCommands(database, enrollment.id);
  const isOpen = (type: RequestType): boolean => open.some(({ requestType }) => requestType === type);
  const isDue = (type: RequestType, last: Date | undefined): boolean => {
    if (reason !== undefined) return true;
    const failure = lastFailure(database, enrollment.id, type);
    if (failure !== undefined && clock().getTime() - failure.getTime() < RETRY_MILLISECONDS) return false;
    return last === undefined || clock().getTime() - last.getTime() >= reportSeconds * 1000;
  };
  // Before the attestation, which is held against the report.
  const next = nextAttestation(enrollment.history, {
    at: clock(),
    refreshAfterSeconds,
    ...(reason === undefined ? {} : { reason }),
  });
  const wantsAttestation = next.ask === 'now' && !open.some(({ nonce }) => nonce !== undefined);
  if (!isOpen('SecurityInfo') && (wantsAttestation || isDue('SecurityInfo', enrollment.securityAt))) {
    const uuid = newUuid();
    const body = securityInfoCommand({ commandUUID: uuid });
    enqueue(database, { uuid, enrollmentId: enrollment.id, requestType: 'SecurityInfo', body });
  }
  if (wantsAttestation) {
    const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
    const uuid = newUuid();
    const body = deviceInformationCommand({ commandUUID: uuid, queries: QUERIES, nonce });
    const command = { uuid, enrollmentId: enrollment.id, requestType: 'DeviceInformation', body } as const;
    enqueue(database, { ...command, nonce: toBase64(nonce) });
  } else if (!isOpen('DeviceInformation') && isDue('DeviceInformation', enrollment.reportedAt)) {
    const uuid = newUuid();
    const body = deviceInformationCommand({ commandUUID: uuid, queries: QUERIES });
    enqueue(database, { uuid, enrollmentId: enrollment.id, requestType: 'DeviceInformation', body });
  }
}

/** The item of the command that gives an enrollment its attested identity. */
export const UPGRADE = 'enrollment profile';

/** How long a device has for the upgrade before it is offered again. */
const UPGRADE_MILLISECONDS = 86_400_000;

/** Queues the profile that gives an enrollment an attested identity. The client identifier in it is for this device. */
export async function offerUpgrade(context: Context, enrollment: Enrollment): Promise<void> {
  const { database, clock } = context;
  const { id, mode, serialNumber, userName } = enrollment;
  if (openCommands(database, id).some(({ item }) => item === UPGRADE)) return;
  const last = database.get(
    'SELECT sent_at FROM commands WHERE enrollment_id = ? AND item = ? ORDER BY position DESC',
    id,
    UPGRADE,
  ) as { sent_at: string | null } | undefined;
  if (last?.sent_at && clock().getTime() - Date.parse(last.sent_at) < UPGRADE_MILLISECONDS) return;
  const profile = await invite(context, { mode, serialNumber, userName, upgrades: id }, (clientIdentifier) =>
    writeUpgradeProfile(context, enrollment, clientIdentifier),
  );
  const uuid = newUuid();
  const body = installProfileCommand({ commandUUID: uuid, profile });
  enqueue(database, { uuid, enrollmentId: id, requestType: 'InstallProfile', body, item: UPGRADE });
}

const newUuid = (): string => crypto.randomUUID().toUpperCase();
