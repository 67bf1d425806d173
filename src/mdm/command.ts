import { MAX_FRESHNESS_CODE_BYTES } from '../core/freshness.ts';
import { requireBytes, requireOptions } from '../core/options.ts';
import type { PlistDictionary, PlistValue } from './plist-value.ts';
import { isXmlText, writePlist } from './plist-writer.ts';

/** Queries of the DeviceInformation command that this library reads; any other of Apple's may be asked, too. */
export type DeviceInformationQuery =
  | 'UDID'
  | 'ProvisioningUDID'
  | 'SerialNumber'
  | 'OSVersion'
  | 'SupplementalOSVersionExtra'
  | 'BuildVersion'
  | 'SupplementalBuildVersion'
  | 'SoftwareUpdateDeviceID'
  | 'ProductName'
  | 'Model'
  | 'ModelName'
  | 'ModelNumber'
  | 'IsAppleSilicon'
  | 'IsSupervised'
  | 'DevicePropertiesAttestation';

const ATTESTATION_QUERY: DeviceInformationQuery = 'DevicePropertiesAttestation';

/** What a query may look like: a mistake in one makes a device refuse the command as a whole. */
const QUERY = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

/**
 * Writes a DeviceInformation command, as the body of the answer to a device that asks for one.
 *
 * With a nonce, `DevicePropertiesAttestation` is among the queries whether it is named or not. A device makes a
 * new attestation at most every seven days, and only for a nonce that it has not seen last; see `nextAttestation`.
 *
 * Leaves to you: to remember the nonce with the command, and to make it of at least 16 random bytes.
 *
 * @param options.commandUUID any text of yours; it comes back in the answer
 * @param options.queries what to ask, at least one unless there is a nonce, none twice
 * @param options.nonce 1 to 32 bytes: the freshness code of the attestation
 * @returns a property list in XML
 * @throws TypeError if an option is missing, unknown or of another type, or the nonce is too long
 * @example
 * ```ts
 * import { deviceInformationCommand } from 'managed-device-attestation/mdm';
 *
 * const nonce = crypto.getRandomValues(new Uint8Array(32));
 * const body = deviceInformationCommand({
 *   commandUUID: crypto.randomUUID(),
 *   queries: ['SerialNumber', 'ProvisioningUDID', 'OSVersion', 'ProductName'],
 *   nonce,
 * });
 * ```
 * @see Apple, "DeviceInformationCommand"
 */
export function deviceInformationCommand(options: {
  readonly commandUUID: string;
  readonly queries: readonly (DeviceInformationQuery | (string & {}))[];
  readonly nonce?: Uint8Array;
}): string {
  requireOptions(options, ['commandUUID', 'queries', 'nonce']);
  const { commandUUID, queries } = options;
  // Present but undefined is a nonce that was not made, not a wish to go without one.
  const nonce = 'nonce' in options ? requireBytes(options.nonce, 'nonce', MAX_FRESHNESS_CODE_BYTES) : undefined;
  if (!Array.isArray(queries) || !queries.every((query) => typeof query === 'string' && QUERY.test(query)))
    throw new TypeError('queries must be an array of names of queries');
  const asked = new Set<string>(queries);
  if (asked.size !== queries.length) throw new TypeError('queries must not name one twice');
  if (nonce !== undefined) asked.add(ATTESTATION_QUERY);
  if (asked.size === 0) throw new TypeError('queries must not be empty');
  const payload = new Map<string, PlistValue>([['Queries', [...asked]]]);
  if (nonce !== undefined) payload.set('DeviceAttestationNonce', nonce);
  return writeCommand(commandUUID, 'DeviceInformation', payload);
}

/**
 * Writes a SecurityInfo command: it asks for FileVault, System Integrity Protection, secure boot and the like,
 * as the device reports them. Apple attests none of the answer.
 *
 * @param options.commandUUID any text of yours; it comes back in the answer
 * @returns a property list in XML
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { securityInfoCommand } from 'managed-device-attestation/mdm';
 *
 * const body = securityInfoCommand({ commandUUID: crypto.randomUUID() });
 * ```
 * @see Apple, "SecurityInfoCommand"
 */
export function securityInfoCommand(options: { readonly commandUUID: string }): string {
  requireOptions(options, ['commandUUID']);
  return writeCommand(options.commandUUID, 'SecurityInfo', new Map());
}

/**
 * Writes an InstallProfile command, such as one with the result of `upgradeProfile`.
 *
 * @param options.commandUUID any text of yours; it comes back in the answer
 * @param options.profile the profile, in XML or signed
 * @returns a property list in XML
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { installProfileCommand } from 'managed-device-attestation/mdm';
 *
 * export function install(profile: string): string {
 *   return installProfileCommand({ commandUUID: crypto.randomUUID(), profile });
 * }
 * ```
 * @see Apple, "InstallProfileCommand"
 */
export function installProfileCommand(options: {
  readonly commandUUID: string;
  readonly profile: string | Uint8Array;
}): string {
  requireOptions(options, ['commandUUID', 'profile']);
  const { commandUUID, profile } = options;
  const bytes = typeof profile === 'string' ? new TextEncoder().encode(profile) : profile;
  const payload = new Map([['Payload', requireBytes(bytes, 'profile', Infinity)]]);
  return writeCommand(commandUUID, 'InstallProfile', payload);
}

function writeCommand(commandUUID: string, requestType: string, payload: PlistDictionary): string {
  if (typeof commandUUID !== 'string' || commandUUID === '' || !isXmlText(commandUUID))
    throw new TypeError('commandUUID must be a text that is not empty');
  const command = new Map<string, PlistValue>([['RequestType', requestType], ...payload]);
  return writePlist(
    new Map<string, PlistValue>([
      ['Command', command],
      ['CommandUUID', commandUUID],
    ]),
  );
}
