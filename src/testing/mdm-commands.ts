import { type Bytes, isBytes } from '../core/bytes.ts';
import { MAX_FRESHNESS_CODE_BYTES } from '../core/freshness.ts';
import { parsePlist, type PlistDictionary, type PlistValue } from '../mdm/index.ts';
import { isArray, isDictionary } from '../mdm/plist-value.ts';
import { deviceError, errorChain, type MdmDeviceError } from './mdm-device-error.ts';
import type { MdmExchange, MdmInstalledProfile, MdmInstallOutcome } from './mdm-outcome.ts';
import { type MdmReported, queryResponses, securityInfo } from './mdm-report.ts';

/** A command, as it came. */
export interface ReceivedCommand {
  readonly commandUUID: string;
  /** Undefined where there is none. */
  readonly requestType: string | undefined;
  readonly command: PlistDictionary;
}

/** Reads the body of an answer that is not empty. */
export function readCommand(body: string): ReceivedCommand | { readonly field: 'body' | 'CommandUUID' } {
  const message = parse(body);
  if (!isDictionary(message)) return { field: 'body' };
  const commandUUID = message.get('CommandUUID');
  if (typeof commandUUID !== 'string') return { field: 'CommandUUID' };
  const command = message.get('Command');
  if (!isDictionary(command)) return { commandUUID, requestType: undefined, command: new Map() };
  const requestType = command.get('RequestType');
  return { commandUUID, requestType: typeof requestType === 'string' ? requestType : undefined, command };
}

function parse(body: string): PlistValue | undefined {
  try {
    return parsePlist(new TextEncoder().encode(body));
  } catch {
    return undefined;
  }
}

/** What commands can do to the device, and learn of it. */
export interface CommandTarget {
  readonly report: () => MdmReported;
  /** The certificates of an attestation, or undefined where there is none. */
  readonly attest: (nonce: Uint8Array | undefined) => Promise<readonly Bytes[] | undefined>;
  readonly install: (profile: Uint8Array) => Promise<MdmInstallOutcome>;
  /** False if there is no such profile. */
  readonly remove: (identifier: string) => boolean;
  readonly profiles: () => readonly MdmInstalledProfile[];
}

/** What a command led to: the status, and the keys of the answer that go with it. */
export interface CommandResult {
  readonly status: MdmExchange['status'];
  readonly entries: readonly (readonly [string, PlistValue])[];
  readonly install?: MdmInstallOutcome;
}

type Carry = (command: PlistDictionary, target: CommandTarget) => CommandResult | Promise<CommandResult>;

const acknowledged = (...entries: CommandResult['entries']): CommandResult => ({ status: 'Acknowledged', entries });

const failed = (error: MdmDeviceError, status: 'Error' | 'CommandFormatError' = 'Error'): CommandResult => ({
  status,
  entries: [['ErrorChain', errorChain(error)]],
});

const malformed = (key: string): CommandResult =>
  failed(deviceError('the command is not valid', key), 'CommandFormatError');

const COMMANDS: ReadonlyMap<string, Carry> = new Map<string, Carry>([
  ['DeviceInformation', deviceInformation],
  ['SecurityInfo', (_, { report }) => acknowledged(['SecurityInfo', securityInfo(report())])],
  ['InstallProfile', installProfile],
  ['RemoveProfile', removeProfile],
  ['ProfileList', (_, { profiles }) => acknowledged(['ProfileList', profiles().map(listed)])],
]);

/** Carries a command out. */
export async function carryOut(
  { requestType, command }: ReceivedCommand,
  target: CommandTarget,
): Promise<CommandResult> {
  if (requestType === undefined) return malformed('RequestType');
  const carry = COMMANDS.get(requestType);
  return carry === undefined ? failed(deviceError('the request type is not known')) : carry(command, target);
}

async function deviceInformation(command: PlistDictionary, target: CommandTarget): Promise<CommandResult> {
  const queries = command.get('Queries');
  const nonce = command.get('DeviceAttestationNonce');
  if (!isArray(queries)) return malformed('Queries');
  // Apple, "DeviceInformationCommand": at most 32 bytes.
  const isNonce = isBytes(nonce) && nonce.length > 0 && nonce.length <= MAX_FRESHNESS_CODE_BYTES;
  if (nonce !== undefined && !isNonce) return malformed('DeviceAttestationNonce');
  const answers = queryResponses(target.report(), queries);
  if (queries.includes('DevicePropertiesAttestation')) {
    const x5c = await target.attest(nonce);
    if (x5c !== undefined) answers.set('DevicePropertiesAttestation', x5c);
  }
  return acknowledged(['QueryResponses', answers]);
}

async function installProfile(command: PlistDictionary, target: CommandTarget): Promise<CommandResult> {
  const payload = command.get('Payload');
  if (!isBytes(payload)) return malformed('Payload');
  const install = await target.install(payload);
  if (install.status === 'installed') return { ...acknowledged(), install };
  // A check-in is no part of it: the device is enrolled.
  const error = install.status === 'invalid' ? install.error : deviceError('the device got no certificate');
  return { ...failed(error), install };
}

function removeProfile(command: PlistDictionary, target: CommandTarget): CommandResult {
  const identifier = command.get('Identifier');
  if (typeof identifier !== 'string') return malformed('Identifier');
  return target.remove(identifier) ? acknowledged() : failed(deviceError('there is no such profile'));
}

/** An item of a `ProfileList`. */
function listed({ content, isManaged }: MdmInstalledProfile): PlistDictionary {
  return new Map<string, PlistValue>([
    ...[...content].filter(([key]) => /^Payload(?:Identifier|UUID|Version|DisplayName|Organization)$/.test(key)),
    ['IsEncrypted', false],
    ['IsManaged', isManaged],
  ]);
}
