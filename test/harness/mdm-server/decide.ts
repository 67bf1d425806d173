import { factsFrom } from '../../../src/mdm/index.ts';
import { type Decision, evaluatePolicy, type Facts, type InventoryFacts } from '../../../src/policy/index.ts';
import { fromBase64 } from '../../../src/index.ts';
import type { DynamicFacts } from '../../../src/relying-party/index.ts';
import { toHex } from '../../../src/core/bytes.ts';
import type { Context } from './context.ts';
import { type Enrollment, listEnrollments } from './enrollment.ts';
import { findDevice, isUser } from './inventory.ts';

/** Judges an enrollment by the policy and the clock of now, from what is kept of it. */
export async function decide(context: Context, enrollment: Enrollment): Promise<Decision> {
  return evaluatePolicy(context.policy(), await factsOf(context, enrollment), { at: context.clock() });
}

/** What the service knows of a device at the moment, for those who decide by themselves. */
export interface KnownFacts extends Required<DynamicFacts> {
  /** Whether it is under management. */
  readonly enrolled: boolean;
}

/** Without what was attested to the service: a relying party has that from the certificate, and under its own key. */
export async function knownFactsOf(context: Context, serialNumber: string): Promise<KnownFacts> {
  const enrollment = listEnrollments(context.database).findLast(
    (each) => each.state === 'enrolled' && each.serialNumber === serialNumber,
  );
  if (enrollment === undefined) return { enrolled: false, reported: {}, inventory: { known: false, serialNumber } };
  const { reported, inventory } = await factsOf(context, enrollment);
  // The key that the service knows is that of another attestation.
  return { enrolled: true, reported, inventory: { ...inventory, keyFingerprint: undefined } };
}

async function factsOf(context: Context, enrollment: Enrollment): Promise<Facts> {
  const { attested, reported, reportedAt, security, securityAt } = enrollment;
  const times = [reportedAt, securityAt].filter((time) => time !== undefined).map((time) => time.getTime());
  const facts = await factsFrom({
    reported,
    security,
    ...(times.length === 0 ? {} : { reportedAt: new Date(Math.min(...times)) }),
    inventory: await inventoryOf(context, enrollment),
  });
  return { ...facts, attested };
}

/** The record of the device that the key of the connection stands for, whatever the device says of itself. */
async function inventoryOf({ database }: Context, enrollment: Enrollment): Promise<InventoryFacts> {
  const { serialNumber, userName, attestedKey } = enrollment;
  const device = serialNumber === undefined ? undefined : findDevice(database, serialNumber);
  return {
    known: device !== undefined,
    serialNumber,
    udid: device?.udid,
    keyFingerprint: attestedKey === undefined ? undefined : await fingerprintOf(fromBase64(attestedKey)),
    platform: device?.platform,
    model: device?.model,
    supervised: device?.supervised,
    // Who has been struck off since vouches for nobody.
    userAuthenticated: userName !== undefined && isUser(database, userName),
  };
}

async function fingerprintOf(spki: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', spki)));
}
