import type { PlistDictionary, PlistValue } from '../mdm/index.ts';
import type { DeviceState } from './device.ts';
import type { MdmCheckIn, MdmIdentifiers } from './mdm-outcome.ts';
import { isMac, type MdmReported, queryResponses, withoutUndefined } from './mdm-report.ts';

/** The key by which every message says whose it is. */
export function identifierEntries({ udid, enrollmentId }: MdmIdentifiers): readonly [string, string][] {
  return udid === undefined ? [['EnrollmentID', enrollmentId]] : [['UDID', udid]];
}

/** Who checks in where. */
interface Sender {
  readonly topic: string;
  readonly identifiers: MdmIdentifiers;
}

const message = (type: MdmCheckIn, { topic, identifiers }: Sender, rest: Iterable<[string, PlistValue]>) =>
  new Map<string, PlistValue>([['MessageType', type], ['Topic', topic], ...identifierEntries(identifiers), ...rest]);

const ABOUT_THE_DEVICE = [
  'SerialNumber',
  'DeviceName',
  'OSVersion',
  'BuildVersion',
  'ProductName',
  'Model',
  'ModelName',
];

/** Apple, "AuthenticateRequest": who would like to enroll. */
export function authenticate(sender: Sender, report: MdmReported): PlistDictionary {
  return message('Authenticate', sender, queryResponses(report, ABOUT_THE_DEVICE));
}

/** Apple, "TokenUpdateRequest": how the device is to be woken up. */
export function tokenUpdate(sender: Sender, state: DeviceState): PlistDictionary {
  const rest = withoutUndefined([
    ['PushMagic', crypto.randomUUID().toUpperCase()],
    ['Token', crypto.getRandomValues(new Uint8Array(32))],
    ['AwaitingConfiguration', false],
    ['NotOnConsole', isMac(state) ? false : undefined],
  ]);
  return message('TokenUpdate', sender, rest);
}

/** Apple, "CheckOutRequest". */
export function checkOut(sender: Sender): PlistDictionary {
  return message('CheckOut', sender, []);
}
