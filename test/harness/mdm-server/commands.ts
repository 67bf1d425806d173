import { installProfileCommand, type PlistValue, writePlist } from '../../../src/mdm/index.ts';
import type { WithheldItem } from './options.ts';
import type { RequestType } from './queue.ts';

export interface WrittenCommand {
  readonly requestType: RequestType;
  readonly body: string;
}

/** What gives an item to a device. */
export function installCommand(commandUUID: string, item: WithheldItem): WrittenCommand {
  if (item.kind === 'app') return write(commandUUID, 'InstallApplication', [['ManifestURL', item.manifestUrl]]);
  return { requestType: 'InstallProfile', body: installProfileCommand({ commandUUID, profile: item.profile }) };
}

/** What takes it away. */
export function removeCommand(commandUUID: string, item: WithheldItem): WrittenCommand {
  return item.kind === 'app'
    ? write(commandUUID, 'RemoveApplication', [['Identifier', item.bundleIdentifier]])
    : write(commandUUID, 'RemoveProfile', [['Identifier', item.profileIdentifier]]);
}

function write(
  commandUUID: string,
  requestType: RequestType,
  keys: readonly (readonly [string, PlistValue])[],
): WrittenCommand {
  const command = new Map<string, PlistValue>([['RequestType', requestType], ...keys]);
  const body = writePlist(
    new Map<string, PlistValue>([
      ['Command', command],
      ['CommandUUID', commandUUID],
    ]),
  );
  return { requestType, body };
}
