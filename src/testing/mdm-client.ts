import { isBytes } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';
import type { SimulatedDevice } from './device.ts';
import { type MdmClientOptions, readClientOptions } from './mdm-client-options.ts';
import { install } from './mdm-install.ts';
import { leaveService } from './mdm-leave.ts';
import type { Managed } from './mdm-managed.ts';
import type {
  MdmCheckOutOutcome,
  MdmEnrollment,
  MdmInstalledProfile,
  MdmInstallOutcome,
  MdmPollOutcome,
} from './mdm-outcome.ts';
import { poll } from './mdm-poll.ts';
import { FACT_NAMES, factsOf, type MdmFacts, type MdmReported, REPORTED_NAMES } from './mdm-report.ts';

/** The part of a simulated device that is managed. It does one thing at a time: wait for what was asked before. */
export interface MdmClient {
  /**
   * Installs a profile, as a user does: gets the identities in it (ACME payloads by `enrollByAcme`), and if it has an MDM
   * payload, enrolls: Authenticate and TokenUpdate over the identity. A profile with the identifier of the enrollment
   * profile replaces it and its identity, without a new check-in.
   *
   * @param profile XML, without a signature around it
   * @throws TypeError if the profile is neither text nor bytes
   */
  readonly installProfile: (profile: string | Uint8Array) => Promise<MdmInstallOutcome>;
  /** Asks for commands and answers each until there is none, at most 100. */
  readonly poll: () => Promise<MdmPollOutcome>;
  /** Leaves the service: CheckOut, if the profile wants it, and then nothing of the enrollment is left on the device. */
  readonly checkOut: () => Promise<MdmCheckOutOutcome>;
  /** How it is managed now; undefined unless it is enrolled. */
  readonly enrollment: () => MdmEnrollment | undefined;
  /** The profiles on the device, in the order in which they came. */
  readonly profiles: () => readonly MdmInstalledProfile[];
  /** Changes what is true of the device; what is attested, too, is changed by `device.update`. */
  readonly update: (facts: Partial<MdmFacts>) => void;
  /** From now on these values are reported instead of the true ones, and no others; `{}` is the truth. Undefined leaves one out. */
  readonly lie: (values: Partial<MdmReported>) => void;
  /** Commands that it answers with NotNow: those of these request types, all, or none. */
  readonly postpone: (requestTypes: readonly string[] | 'all' | 'none') => void;
}

/**
 * Makes a simulated device one that can be managed: it installs profiles, enrolls, asks for commands and answers them, with
 * attestations of its authority.
 *
 * It answers DeviceInformation, SecurityInfo, InstallProfile, RemoveProfile and ProfileList; what is asked besides, with an
 * error. What it reports is the state of the device and `facts`, but for the `lies`. A service that refuses, a connection that
 * fails and a profile that cannot be installed are outcomes and no exceptions.
 *
 * Leaves to you: TLS with the client certificate, and its limits of time and size, in `connect`; to wake the device, which is
 * a call of `poll`.
 *
 * @param options.connect makes what reaches the service over an identity
 * @throws TypeError if an option is missing, unknown or of another type
 * @throws what a hook of `tamper`, `acme` or `issueIdentity` throws, later
 * @example
 * ```ts
 * import { createAttestationAuthority, createMdmClient, createSimulatedDevice, type MdmConnect } from 'managed-device-attestation/testing';
 *
 * export async function enroll(profile: string, connect: MdmConnect) {
 *   const clock = () => new Date();
 *   const authority = await createAttestationAuthority({ seed: 'my tests', at: new Date('2026-06-01T12:00:00Z') });
 *   const device = createSimulatedDevice(authority, { clock, serialNumber: 'SIMULATED1', exportableKeys: true });
 *   const client = createMdmClient(device, { connect, acmeFetch: fetch, clock });
 *   const outcome = await client.installProfile(profile);
 *   if (outcome.status !== 'installed') return outcome.status;
 *   client.lie({ osVersion: '26.9' });
 *   const { exchanges } = await client.poll();
 *   return exchanges.map(({ requestType, status }) => `${String(requestType)} ${status}`).join();
 * }
 * ```
 * @see Apple, "Implementing device management"
 */
export function createMdmClient(device: SimulatedDevice, options: MdmClientOptions): MdmClient {
  const read = readClientOptions(options);
  const managed: Managed = {
    device,
    options: read,
    profiles: new Map(),
    facts: { ...factsOf(device.state()), ...read.facts },
    lies: { ...read.lies },
    postponed: [],
    current: undefined,
  };
  return {
    async installProfile(profile) {
      const bytes = typeof profile === 'string' ? new TextEncoder().encode(profile) : profile;
      if (!isBytes(bytes)) throw new TypeError('profile must be a string or a Uint8Array');
      return install(managed, new Uint8Array(bytes), false);
    },
    poll: () => poll(managed),
    checkOut: () => leaveService(managed),
    enrollment: () => managed.current?.enrollment,
    profiles: () => [...managed.profiles.values()],
    update(facts) {
      requireOptions(facts, FACT_NAMES);
      managed.facts = { ...managed.facts, ...facts };
    },
    lie(values) {
      requireOptions(values, REPORTED_NAMES);
      managed.lies = { ...values };
    },
    postpone(requestTypes) {
      if (requestTypes !== 'all' && requestTypes !== 'none' && !Array.isArray(requestTypes))
        throw new TypeError('requestTypes must be all, none or an array');
      managed.postponed = requestTypes === 'none' ? [] : requestTypes;
    },
  };
}
