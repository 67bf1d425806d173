import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBase64 } from '../../src/index.ts';
import type { PlistDictionary, PlistValue } from '../../src/mdm/index.ts';
import type { SimulatedDevice } from '../../src/testing/index.ts';
import { createWorld, DAY, type Managed, type World } from './world.ts';

/** A User Enrollment of a phone that does not comply, and answers with the attestation of one that does. */

let world: World;
let bad: Managed;
let lender: SimulatedDevice | undefined;

const iphone = { platform: 'iphone', serialNumber: 'USERS00001' } as const;
const NAME = 'DevicePropertiesAttestation';

/** Made for the nonce that the service has sent to the bad one. */
async function borrowed(): Promise<PlistValue> {
  const sent = 'SELECT nonce FROM commands WHERE nonce IS NOT NULL ORDER BY position DESC';
  const { nonce } = world.database.get(sent) as { nonce: string };
  const answer = await lender!.attestDeviceInformation({ nonce: fromBase64(nonce) });
  if (answer.status !== 'attested') throw new Error('refused');
  return answer.x5c;
}

const last = () => world.mdm.enrollments().at(-1);

beforeEach(async () => {
  lender = undefined;
  world = await createWorld();
  bad = world.device({
    ...iphone,
    osVersion: '18.0',
    client: {
      lies: { osVersion: '26.4.1' },
      tamper: {
        message: async (message, { requestType }) => {
          if (requestType !== 'DeviceInformation' || lender === undefined) return message;
          const answers = message.get('QueryResponses') as PlistDictionary;
          return new Map([...message, ['QueryResponses', new Map([...answers, [NAME, await borrowed()]])]]);
        },
      },
    },
  });
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

describe('does not count in a User Enrollment: the attestation of', () => {
  it('a device that is named, and so in no User Enrollment', async () => {
    lender = world.device({ ...iphone, serialNumber: 'OTHERS0001' }).device;
    await bad.client.installProfile(await world.profileForUser('user'));
    await bad.client.poll();
    expect(last()).toMatchObject({
      verdict: { status: 'refused', code: 'ERR_MDA_ATTESTATION_DEVICE' },
      attested: undefined,
      decision: { allowed: false },
    });
  });

  it('a device whose key another enrollment has shown', async () => {
    const good = world.device({ ...iphone, serialNumber: 'OTHERS0001' });
    await good.client.installProfile(await world.profileForUser('user'));
    await good.client.poll();
    expect(world.enrollment().decision).toMatchObject({ allowed: true });
    world.wait(7 * DAY);
    lender = good.device;
    await bad.client.installProfile(await world.profileForUser('user'));
    await bad.client.poll();
    expect(last()).toMatchObject({
      verdict: { status: 'refused', code: 'ERR_MDA_ATTESTATION_DEVICE' },
      attested: undefined,
      decision: { allowed: false },
    });
    expect(world.mdm.enrollments()[0]).toMatchObject({ decision: { allowed: true } });
  });
});
