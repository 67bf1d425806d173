import { checkOut } from './mdm-check-in.ts';
import type { CurrentEnrollment, Managed } from './mdm-managed.ts';
import type { MdmCheckOutOutcome } from './mdm-outcome.ts';

/** Ends the enrollment, and says so to the service if the profile wants it. */
export async function leaveService(managed: Managed): Promise<MdmCheckOutOutcome> {
  const { current } = managed;
  if (current === undefined) return { status: 'not-enrolled' };
  forget(managed, current);
  const { enrollment, payload, channel } = current;
  if (!payload.checkOutWhenRemoved) return { status: 'left' };
  const context = { type: 'CheckOut', requestType: undefined } as const;
  const answer = await channel(enrollment.checkInUrl, checkOut(enrollment), context);
  return answer.status === 'answered' ? { status: 'checked-out' } : answer;
}

/** Takes away what came with the enrollment. */
function forget(managed: Managed, { before }: CurrentEnrollment): void {
  managed.current = undefined;
  for (const [identifier, { isManaged }] of managed.profiles) if (isManaged) managed.profiles.delete(identifier);
  managed.device.forgetDeviceInformation();
  managed.device.update({ enrollment: before });
}
