import type { Bytes } from '../core/bytes.ts';
import type { DeviceState } from './device.ts';
import { type Channel, createChannel } from './mdm-channel.ts';
import { authenticate, tokenUpdate } from './mdm-check-in.ts';
import { deviceError } from './mdm-device-error.ts';
import type { MdmIdentity } from './mdm-fetch.ts';
import { obtainIdentity } from './mdm-identity.ts';
import { type CurrentEnrollment, type Managed, reportNow } from './mdm-managed.ts';
import type { MdmEnrollment, MdmInstalledProfile, MdmInstallOutcome } from './mdm-outcome.ts';
import { forbiddenChange, type MdmPayload, type ReadProfile, readProfile } from './mdm-profile.ts';

/**
 * Installs a profile. Nothing of it stays if a step fails.
 *
 * @param isManaged whether it came over MDM
 */
export async function install(managed: Managed, bytes: Bytes, isManaged: boolean): Promise<MdmInstallOutcome> {
  const profile = readProfile(bytes);
  if ('error' in profile) return { status: 'invalid', error: profile.error };
  const problem = conflict(managed, profile);
  if (problem !== undefined) return { status: 'invalid', error: deviceError('the profile is not valid', problem) };

  const { device, current } = managed;
  const before = current?.before ?? device.state().enrollment;
  if (profile.mdm !== undefined) device.update({ enrollment: enrollmentOf(profile.mdm, device.state()) });
  const outcome = await installWith(managed, profile, before, isManaged);
  if (outcome.status !== 'installed' && current === undefined) device.update({ enrollment: before });
  return outcome;
}

/** Why the profile cannot stand beside what is installed. */
function conflict({ current, options }: Managed, { identifier, mdm, identities }: ReadProfile): string | undefined {
  if (options.issueIdentity === undefined && identities.some(({ acme }) => acme === undefined)) return 'PayloadType';
  if (current === undefined) return undefined;
  if (current.enrollment.profile.identifier === identifier) return forbiddenChange(current.payload, mdm);
  return mdm === undefined ? undefined : 'PayloadIdentifier';
}

/** Account-driven enrollments say what they are; of others the device knows. */
function enrollmentOf({ mode }: MdmPayload, state: DeviceState): DeviceState['enrollment'] {
  return mode === 'BYOD' ? 'user' : mode === 'ADDE' ? 'device' : state.enrollment;
}

async function installWith(
  managed: Managed,
  read: ReadProfile,
  before: DeviceState['enrollment'],
  isManaged: boolean,
): Promise<MdmInstallOutcome> {
  const { device, options, profiles, facts } = managed;
  const identities = new Map<string, MdmIdentity>();
  for (const payload of read.identities) {
    const outcome = await obtainIdentity(device, payload, facts, options);
    if (outcome.status !== 'identity') return outcome;
    identities.set(payload.uuid, outcome.identity);
  }
  const { bytes, content, identifier, uuid, mdm } = read;
  const profile = { identifier, uuid, bytes, content, identities, isManaged: isManaged || mdm !== undefined };
  if (mdm !== undefined) {
    const next = enrollmentWith(managed, profile, mdm, before);
    const failure = managed.current === undefined ? await checkIn(managed, next) : undefined;
    if (failure !== undefined) return failure;
    managed.current = next;
  }
  profiles.set(identifier, profile);
  return { status: 'installed', profile, enrollment: mdm && managed.current?.enrollment };
}

function enrollmentWith(
  { device, options, current }: Managed,
  profile: MdmInstalledProfile,
  payload: MdmPayload,
  before: DeviceState['enrollment'],
): CurrentEnrollment {
  const { udid, enrollment: kind } = device.state();
  const isUserEnrollment = kind === 'user';
  // That the payload names one of the identities was judged when it was read.
  const identity = profile.identities.get(payload.identityUuid)!;
  const identifiers: MdmEnrollment['identifiers'] = isUserEnrollment
    ? { udid: undefined, enrollmentId: crypto.randomUUID().toUpperCase() }
    : { udid, enrollmentId: undefined };
  const { serverUrl, checkInUrl, topic } = payload;
  const channel: Channel = createChannel(options.connect, identity, options.tamper ?? {});
  return {
    enrollment: {
      profile,
      identity,
      identifiers: current?.enrollment.identifiers ?? identifiers,
      isUserEnrollment,
      serverUrl,
      checkInUrl,
      topic,
    },
    payload,
    channel,
    before,
  };
}

/** Apple, "Check-in": Authenticate asks, TokenUpdate completes. */
async function checkIn(
  managed: Managed,
  { channel, enrollment }: CurrentEnrollment,
): Promise<MdmInstallOutcome | undefined> {
  const messages = [
    ['Authenticate', authenticate(enrollment, reportNow(managed))],
    ['TokenUpdate', tokenUpdate(enrollment, managed.device.state())],
  ] as const;
  for (const [step, message] of messages) {
    const answer = await channel(enrollment.checkInUrl, message, { type: step, requestType: undefined });
    if (answer.status !== 'answered') return { ...answer, step };
  }
  return undefined;
}
