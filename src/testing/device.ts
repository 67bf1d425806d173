import { type Bytes, equalBytes } from '../core/bytes.ts';
import { MAX_FRESHNESS_CODE_BYTES } from '../core/freshness.ts';
import { requireBytes, requireOptions, requireTime } from '../core/options.ts';
import type { AttestationAuthority } from './authority.ts';
import { createEnclave, type EnclaveKey } from './enclave.ts';
import type { PropertyValues } from './leaf.ts';

/** What a simulated device is, and how Apple's servers see it. Whatever of it changes is seen by the next attestation. */
export interface DeviceState {
  readonly serialNumber: string;
  /** The one that MDM uses. */
  readonly udid: string;
  /** The one that is attested in its place on a Mac; undefined on every other device. */
  readonly provisioningUdid: string | undefined;
  readonly softwareUpdateDeviceId: string;
  readonly osVersion: string;
  readonly sepOsVersion: string;
  readonly llbVersion: string;
  /** This and the next two are attested of Macs alone: undefined on every other device. */
  readonly systemIntegrityProtection: 'enabled' | 'disabled' | undefined;
  readonly secureBoot: PropertyValues['secureBoot'];
  readonly thirdPartyKernelExtensions: 'allowed' | 'not allowed' | undefined;
  /** A User Enrollment leaves out what identifies the device. */
  readonly enrollment: 'device' | 'user';
  /** Whether Apple's servers attest at all: they refuse a device that they do not take for genuine. */
  readonly attestation: 'available' | 'refused';
  /** Properties that Apple's servers cannot determine, and leave out. */
  readonly absent: readonly Exclude<keyof PropertyValues, 'other'>[];
  /** Properties that Apple's servers cannot determine, and leave blank. */
  readonly blank: readonly Exclude<keyof PropertyValues, 'other'>[];
}

/** The outcome of a wish for an attestation. */
export type SimulatedAnswer =
  | { readonly status: 'attested'; readonly x5c: readonly Bytes[] }
  /** In ACME the device then answers `{}` or `{"error": …}`; in MDM it leaves the attestation out. */
  | { readonly status: 'refused' };

/** An Apple device without the hardware. */
export interface SimulatedDevice {
  /** What it is now. */
  readonly state: () => DeviceState;
  /** A new system, another setting, an attestation that is refused from now on. */
  readonly update: (changes: Partial<DeviceState>) => void;
  /** Makes a key in its Secure Enclave. */
  readonly createKey: (options: { readonly curve: EnclaveKey['curve'] }) => Promise<EnclaveKey>;
  /** Asks Apple's servers to attest one of its keys, as for ACME: anew each time. */
  readonly attest: (request: {
    readonly key: EnclaveKey;
    readonly freshnessCode: Uint8Array;
  }) => Promise<SimulatedAnswer>;
  /**
   * The `DevicePropertiesAttestation` of a DeviceInformation answer, of one P-384 key that stays. A new one is made
   * at most every seven days, and only for a nonce that the last one was not made for; otherwise the last comes back.
   */
  readonly attestDeviceInformation: (request?: { readonly nonce?: Uint8Array }) => Promise<SimulatedAnswer>;
  /** Forgets that key and the attestation of it, as when an enrollment ends. */
  readonly forgetDeviceInformation: () => void;
}

/** Apple, "DeviceInformationCommand": the shortest time between two attestations. */
const CACHE_MILLISECONDS = 7 * 86_400_000;

const MAC: DeviceState = {
  serialNumber: 'SIMULATED1',
  udid: '5A3C0001-0000-4000-8000-000000000001',
  provisioningUdid: '00006030-0000000000000001',
  softwareUpdateDeviceId: 'J999xAP',
  osVersion: '26.4.1',
  sepOsVersion: '26.4.1',
  llbVersion: '26.4.1',
  systemIntegrityProtection: 'enabled',
  secureBoot: 'Full Security',
  thirdPartyKernelExtensions: 'not allowed',
  enrollment: 'device',
  attestation: 'available',
  absent: [],
  blank: [],
};

const CURVES: readonly EnclaveKey['curve'][] = ['P-256', 'P-384'];

/** What is different on an iPhone; Apple documents it, and no leaf of one was at hand. */
const IPHONE: Partial<DeviceState> = {
  udid: '00008140-0000000000000001',
  provisioningUdid: undefined,
  softwareUpdateDeviceId: 'D999xAP',
  systemIntegrityProtection: undefined,
  secureBoot: undefined,
  thirdPartyKernelExtensions: undefined,
};

const PLATFORMS: Readonly<Record<'mac' | 'iphone', Partial<DeviceState>>> = { mac: {}, iphone: IPHONE };

/** How a simulated device is made; every member of its state may be given, too. */
export interface SimulatedDeviceOptions extends Partial<DeviceState> {
  /** What the device takes for now: it decides when an attestation is made and whether the last is still kept. */
  readonly clock: () => Date;
  /** `mac` unless given. */
  readonly platform?: 'mac' | 'iphone';
  /** Any text: the same keys again. Random unless given. */
  readonly seed?: string;
  /**
   * Whether the keys can be taken out, as those of no Secure Enclave can; false unless given. For TLS implementations that
   * want a client's private key itself and cannot be told to sign with one, such as Node's.
   */
  readonly exportableKeys?: boolean;
}

/**
 * Creates a simulated device that has its keys attested by a simulated authority.
 *
 * Leaves to you: what it does over the network; it opens no connection.
 *
 * @param authority who attests; one with a fault (`withFault`) makes the device present that fault
 * @throws TypeError if an option is unknown or of another type
 * @example
 * ```ts
 * import { createAttestationAuthority, createSimulatedDevice } from 'managed-device-attestation/testing';
 *
 * let now = new Date('2026-06-01T12:00:00Z');
 * const authority = await createAttestationAuthority({ seed: 'my tests', at: now });
 * const device = createSimulatedDevice(authority, { clock: () => now, osVersion: '26.4' });
 * const first = await device.attestDeviceInformation({ nonce: new Uint8Array(32).fill(1) });
 * device.update({ osVersion: '26.5', systemIntegrityProtection: 'disabled' });
 * now = new Date('2026-06-09T12:00:00Z');
 * const second = await device.attestDeviceInformation({ nonce: new Uint8Array(32).fill(2) });
 * console.log(first.status, second.status); // attested attested
 * ```
 */
export function createSimulatedDevice(
  authority: AttestationAuthority,
  options: SimulatedDeviceOptions,
): SimulatedDevice {
  requireOptions(options, ['clock', 'platform', 'seed', 'exportableKeys', ...Object.keys(MAC)]);
  const { clock, platform = 'mac', seed, exportableKeys = false, ...given } = options;
  if (typeof clock !== 'function') throw new TypeError('clock must be a function');
  if (!Object.hasOwn(PLATFORMS, platform)) throw new TypeError('platform must be mac or iphone');
  if (typeof exportableKeys !== 'boolean') throw new TypeError('exportableKeys must be a boolean');
  let state: DeviceState = { ...MAC, ...PLATFORMS[platform], ...given };
  const enclave = createEnclave(seed, exportableKeys);
  const now = (): Date => new Date(requireTime(clock()));

  const ask = async (key: EnclaveKey, freshnessCode: Uint8Array | undefined): Promise<SimulatedAnswer> => {
    if (state.attestation === 'refused') return { status: 'refused' };
    const request = { publicKey: key.publicKey, freshnessCode, properties: propertiesOf(state), at: now() };
    return { status: 'attested', x5c: await authority.attest(request) };
  };

  let mdmKey: Promise<EnclaveKey> | undefined;
  let last:
    { readonly answer: SimulatedAnswer; readonly nonce: Uint8Array | undefined; readonly at: number } | undefined;

  return {
    state: () => state,
    update(changes) {
      requireOptions(changes, Object.keys(MAC));
      state = { ...state, ...changes };
    },
    createKey({ curve }) {
      if (!CURVES.includes(curve)) throw new TypeError('curve must be P-256 or P-384');
      return enclave.createKey(curve);
    },
    attest({ key, freshnessCode }) {
      if (!enclave.holds(key)) throw new TypeError('key must come from createKey of this device');
      return ask(key, requireBytes(freshnessCode, 'freshnessCode', MAX_FRESHNESS_CODE_BYTES));
    },
    async attestDeviceInformation({ nonce } = {}) {
      const code = nonce === undefined ? undefined : requireBytes(nonce, 'nonce', MAX_FRESHNESS_CODE_BYTES);
      if (last !== undefined) {
        const isNew = code !== undefined && (last.nonce === undefined || !equalBytes(code, last.nonce));
        if (!isNew || now().getTime() - last.at < CACHE_MILLISECONDS) return last.answer;
      }
      const answer = await ask(await (mdmKey ??= enclave.createKey('P-384')), code);
      if (answer.status === 'attested') last = { answer, nonce: code, at: now().getTime() };
      return answer;
    },
    forgetDeviceInformation() {
      mdmKey = last = undefined;
    },
  };
}

/** What Apple's servers say of the device, in the state that it is in. */
function propertiesOf(state: DeviceState): PropertyValues {
  const { serialNumber, udid, provisioningUdid, enrollment, absent, blank, ...rest } = state;
  const identity = enrollment === 'user' ? {} : { serialNumber, udid: provisioningUdid ?? udid };
  const values: Record<string, unknown> = { ...rest, ...identity };
  for (const property of blank) values[property] = '';
  for (const property of absent) values[property] = undefined;
  return values;
}
