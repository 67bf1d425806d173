import type { DeviceState, SimulatedDevice } from './device.ts';
import type { Channel } from './mdm-channel.ts';
import type { MdmClientOptions } from './mdm-client-options.ts';
import type { MdmEnrollment, MdmInstalledProfile } from './mdm-outcome.ts';
import type { MdmPayload } from './mdm-profile.ts';
import { type MdmFacts, type MdmReported, reportOf } from './mdm-report.ts';

/** An enrollment, and what it takes to go on with it and to end it. */
export interface CurrentEnrollment {
  readonly enrollment: MdmEnrollment;
  readonly payload: MdmPayload;
  readonly channel: Channel;
  /** What the device was before. */
  readonly before: DeviceState['enrollment'];
}

/** All that changes of a managed device. */
export interface Managed {
  readonly device: SimulatedDevice;
  readonly options: MdmClientOptions;
  /** By identifier, in the order in which they came. */
  readonly profiles: Map<string, MdmInstalledProfile>;
  facts: MdmFacts;
  lies: Partial<MdmReported>;
  postponed: readonly string[] | 'all';
  current: CurrentEnrollment | undefined;
}

/** What the device says of itself now. */
export function reportNow({ device, facts, lies }: Managed): MdmReported {
  const state = device.state();
  return reportOf(state, facts, state.enrollment === 'user', lies);
}
