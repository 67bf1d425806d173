import { AttestationError, fromBase64Url, fromPem } from '../index.ts';
import { quote } from '../conformance/printable.ts';
import type {
  AcmeEnrollmentOptions,
  DeviceState,
  EnrollmentFault,
  Fault,
  PropertyValues,
  SimulatedDeviceOptions,
} from '../testing/index.ts';
import { type CommandLine, readArguments } from './arguments.ts';
import { OperatorError } from './operator-error.ts';
import { readInput } from './read-input.ts';

/** What the command line of `mda simulate acme` says. */
export interface SimulateArguments {
  /** The file of the authority. */
  readonly authority: string;
  /** PEM of the roots that the server's TLS certificate may end at. */
  readonly ca: string | undefined;
  readonly device: Partial<DeviceState> & Pick<SimulatedDeviceOptions, 'platform' | 'seed'>;
  readonly enrollment: Pick<
    AcmeEnrollmentOptions,
    'directoryUrl' | 'clientIdentifier' | 'keyType' | 'attest' | 'externalAccount' | 'shortSignatures'
  >;
  readonly fault: Fault | EnrollmentFault | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
}

/** Options whose value is one of a few, by name: what each of them stands for. */
const CHOICES = {
  'key-type': { 'P-256': 'P-256', 'P-384': 'P-384' },
  'short-signatures': { 'as-apple': 'as-apple', always: 'always', never: 'never' },
  platform: { mac: 'mac', iphone: 'iphone' },
  enrollment: { device: 'device', user: 'user' },
  sip: { enabled: 'enabled', disabled: 'disabled' },
  'secure-boot': { full: 'Full Security', reduced: 'Reduced Security', permissive: 'Permissive Security' },
  'kernel-extensions': { allowed: 'allowed', 'not-allowed': 'not allowed' },
} as const;

const SWITCHES = ['json', 'no-attest', 'attestation-refused'];
const TEXTS = ['serial-number', 'udid', 'software-update-device-id', 'os-version', 'sep-os-version', 'llb-version'];
const OPTIONS = ['directory', 'identifier', 'authority', 'ca', 'eab-key-id', 'eab-hmac-key', 'seed', 'fault', 'out'];
const LISTS = ['absent', 'blank'];

type Property = Exclude<keyof PropertyValues, 'other'>;
const PROPERTIES: readonly string[] = [
  'serialNumber',
  'udid',
  'softwareUpdateDeviceId',
  'osVersion',
  'sepOsVersion',
  'llbVersion',
  'systemIntegrityProtection',
  'secureBoot',
  'thirdPartyKernelExtensions',
] satisfies readonly Property[];

export async function readSimulateArguments(args: readonly string[]): Promise<SimulateArguments> {
  const line = readArguments(args, SWITCHES, [...OPTIONS, ...TEXTS, ...Object.keys(CHOICES), ...LISTS]);
  if (line.positionals.length > 0) throw new OperatorError('mda simulate acme takes options only');
  const clientIdentifier = requireText(line, 'identifier');
  const authority = requireText(line, 'authority');
  const ca = line.one('ca');
  return {
    authority,
    ca: ca === undefined ? undefined : await readCa(ca),
    device: readDevice(line),
    enrollment: {
      directoryUrl: readDirectoryUrl(line),
      clientIdentifier,
      attest: !line.has('no-attest'),
      ...known('keyType', choose(line, 'key-type')),
      ...known('shortSignatures', choose(line, 'short-signatures')),
      ...known('externalAccount', readExternalAccount(line)),
    },
    fault: await readFault(line.one('fault')),
    out: line.one('out'),
    json: line.has('json'),
  };
}

/** A member that is left out where its value is undefined. */
const known = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as Readonly<Partial<Record<Name, Value>>>;

function requireText(line: CommandLine, option: string): string {
  const text = line.one(option);
  if (text === undefined || text === '') throw new OperatorError(`--${option} is missing; see mda help simulate`);
  return text;
}

function readDirectoryUrl(line: CommandLine): string {
  const url = requireText(line, 'directory');
  if (!url.startsWith('https://') || !URL.canParse(url)) throw new OperatorError('--directory must be an https URL');
  return url;
}

function choose<Option extends keyof typeof CHOICES>(line: CommandLine, option: Option) {
  const choices: Readonly<Record<string, string>> = CHOICES[option];
  const text = line.one(option);
  if (text !== undefined && !Object.hasOwn(choices, text))
    throw new OperatorError(`--${option} must be one of ${Object.keys(choices).join(', ')}`);
  type Choices = (typeof CHOICES)[Option];
  return (text === undefined ? undefined : choices[text]) as Choices[keyof Choices] | undefined;
}

function readDevice(line: CommandLine): SimulateArguments['device'] {
  const platform = choose(line, 'platform');
  // On a Mac another identifier is attested than the UDID of MDM; what is asked for is what is attested.
  const udid = platform === 'iphone' ? 'udid' : 'provisioningUdid';
  return {
    ...known('platform', platform),
    ...known('seed', line.one('seed')),
    ...known('serialNumber', line.one('serial-number')),
    ...known(udid, line.one('udid')),
    ...known('softwareUpdateDeviceId', line.one('software-update-device-id')),
    ...known('osVersion', line.one('os-version')),
    ...known('sepOsVersion', line.one('sep-os-version')),
    ...known('llbVersion', line.one('llb-version')),
    ...known('enrollment', choose(line, 'enrollment')),
    ...known('systemIntegrityProtection', choose(line, 'sip')),
    ...known('secureBoot', choose(line, 'secure-boot')),
    ...known('thirdPartyKernelExtensions', choose(line, 'kernel-extensions')),
    ...known('attestation', line.has('attestation-refused') ? ('refused' as const) : undefined),
    absent: readProperties(line, 'absent'),
    blank: readProperties(line, 'blank'),
  };
}

function readProperties(line: CommandLine, option: string): readonly Property[] {
  const names = line.all(option);
  if (!names.every((name) => PROPERTIES.includes(name)))
    throw new OperatorError(`--${option} must be one of ${PROPERTIES.join(', ')}`);
  return names as readonly Property[];
}

function readExternalAccount(line: CommandLine) {
  const [keyId, text] = [line.one('eab-key-id'), line.one('eab-hmac-key')];
  if (keyId === undefined && text === undefined) return undefined;
  if (keyId === undefined || keyId === '' || text === undefined || text === '')
    throw new OperatorError('--eab-key-id and --eab-hmac-key belong together');
  try {
    // Some servers hand it out with its padding.
    return { keyId, hmacKey: fromBase64Url(text.replace(/=+$/, '')) };
  } catch (error) {
    if (error instanceof AttestationError) throw new OperatorError('--eab-hmac-key must be base64url');
    throw error;
  }
}

async function readCa(file: string): Promise<string> {
  if (file === '-') throw new OperatorError('--ca must be a file, not standard input');
  const pem = new TextDecoder().decode(await readInput(file));
  try {
    fromPem(pem);
    return pem;
  } catch (error) {
    if (error instanceof AttestationError)
      throw new OperatorError(`--ca ${quote(file)} must hold certificates as PEM (${error.code})`);
    throw error;
  }
}

async function readFault(name: string | undefined): Promise<SimulateArguments['fault']> {
  if (name === undefined) return undefined;
  const { ENROLLMENT_FAULTS, FAULTS } = await import('../testing/index.ts');
  const faults = [...FAULTS, ...ENROLLMENT_FAULTS];
  const fault = faults.find((one) => one.name === name);
  if (fault === undefined)
    throw new OperatorError(`there is no fault ${quote(name)}; there are ${faults.map((one) => one.name).join(', ')}`);
  return fault;
}
