import type { DraftFolder } from '../draft.ts';
import { devices } from './devices.ts';
import { refused } from './refused.ts';
import { states } from './states.ts';

/** Attestations in answers to a DeviceInformation command. */
export const DEVICE_INFORMATION: DraftFolder = async () => [
  ...(await states()),
  ...(await devices()),
  ...(await refused()),
];
