import { afterEach, describe, expect, it } from 'vitest';
import type { MdmClientOptions } from '../../src/testing/index.ts';
import { removeUser, unregisterDevice } from '../harness/mdm-server/inventory.ts';
import { PROFILE_IDENTIFIER } from '../harness/mdm-server/profiles.ts';
import { type AcmeVariant, createWorld, DAY, type Managed, type World } from './world.ts';
import { MAIL, WIFI } from './policy.ts';

type Tamper = NonNullable<NonNullable<MdmClientOptions['tamper']>['message']>;

/** Deployment model 1, the beginning: who gets an identity, and who is enrolled with it. */

let world: World;
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

/** What is on a device, besides the enrollment profile. */
const configurations = ({ client }: Managed): readonly string[] =>
  client
    .profiles()
    .map(({ identifier }) => identifier)
    .filter((identifier) => identifier !== PROFILE_IDENTIFIER);

const iphone = { platform: 'iphone', serialNumber: 'USERS00001' } as const;

describe.each<AcmeVariant>(['built-in', 'asks', 'judges'])('with an ACME server: %s', (acme) => {
  it('a device that is known gets its identity from ACME with an attestation, and is enrolled', async () => {
    world = await createWorld({ acme });
    const { client } = world.device();
    expect(await client.installProfile(await world.profileForDevice())).toMatchObject({ status: 'installed' });
    expect(world.issued).toHaveLength(1);
    expect(world.enrollment()).toMatchObject({
      state: 'enrolled',
      mode: 'device',
      identity: 'attested',
      serialNumber: 'SIMULATED1',
      userName: undefined,
      deviceId: '5A3C0001-0000-4000-8000-000000000001',
    });
  });

  it('a device that nobody knows is enrolled if its user authenticated', async () => {
    world = await createWorld({ acme });
    const managed = world.device(iphone);
    expect(await managed.client.installProfile(await world.profileForUser())).toMatchObject({ status: 'installed' });
    expect(world.enrollment()).toMatchObject({ mode: 'device', serialNumber: 'USERS00001', userName: 'alice' });
    expect(await managed.client.poll()).toMatchObject({ status: 'idle' });
    expect(world.enrollment().decision).toMatchObject({ allowed: true });
    expect(configurations(managed)).toEqual([WIFI, MAIL]);
  });

  it('in a User Enrollment the device is attested and does not name itself', async () => {
    world = await createWorld({ acme });
    const managed = world.device(iphone);
    const outcome = await managed.client.installProfile(await world.profileForUser('user'));
    expect(outcome).toMatchObject({ status: 'installed', enrollment: { isUserEnrollment: true } });
    const { enrollment } = outcome as { enrollment: { identifiers: { enrollmentId: string } } };
    expect(world.enrollment()).toMatchObject({
      mode: 'user',
      serialNumber: undefined,
      userName: 'alice',
      deviceId: enrollment.identifiers.enrollmentId,
    });
    expect(await managed.client.poll()).toMatchObject({ status: 'idle' });
    expect(world.enrollment()).toMatchObject({
      verdict: { status: 'attested', freshness: 'fresh', key: 'first' },
      attested: { serialNumber: { status: 'absent' }, udid: { status: 'absent' } },
      decision: { allowed: true },
    });
    expect(configurations(managed)).toEqual([WIFI, MAIL]);
  });

  it('a device that nobody knows is refused with the profile of a known one', async () => {
    world = await createWorld({ acme });
    const { client } = world.device({ serialNumber: 'STRANGER01' });
    const outcome = await client.installProfile(await world.profileForDevice());
    if (acme === 'judges') {
      // The ACME server knows nobody; what it attested is in the certificate, and the service reads it there.
      expect(outcome).toMatchObject({ status: 'refused', step: 'Authenticate', httpStatus: 401 });
      expect(world.issued).toHaveLength(1);
    } else {
      expect(outcome).toMatchObject({ status: 'no-identity', acme: { status: 'refused', step: 'challenge' } });
      expect(world.issued).toEqual([]);
    }
    expect(world.mdm.enrollments()).toEqual([]);
  });

  it('a device that was struck off after it got the profile is refused', async () => {
    world = await createWorld({ acme });
    const { client } = world.device();
    const profile = await world.profileForDevice();
    unregisterDevice(world.database, 'SIMULATED1');
    expect((await client.installProfile(profile)).status).toBe(acme === 'judges' ? 'refused' : 'no-identity');
    expect(world.mdm.enrollments()).toEqual([]);
  });

  it('a user who was struck off takes nobody along', async () => {
    world = await createWorld({ acme });
    const { client } = world.device(iphone);
    const profile = await world.profileForUser();
    removeUser(world.database, 'alice');
    expect((await client.installProfile(profile)).status).toBe(acme === 'judges' ? 'refused' : 'no-identity');
    expect(world.mdm.enrollments()).toEqual([]);
  });

  it('a profile enrolls one device, and not a second one', async () => {
    world = await createWorld({ acme });
    const profile = await world.profileForUser();
    expect((await world.device(iphone).client.installProfile(profile)).status).toBe('installed');
    const second = world.device({ ...iphone, serialNumber: 'USERS00002', udid: '00008140-0000000000000002' });
    expect((await second.client.installProfile(profile)).status).toBe(acme === 'judges' ? 'refused' : 'no-identity');
    expect(world.enrollment()).toMatchObject({ serialNumber: 'USERS00001', state: 'enrolled' });
  });

  it('a profile that lay about for a week enrolls nobody', async () => {
    world = await createWorld({ acme });
    const { client } = world.device();
    const profile = await world.profileForDevice();
    world.wait(7 * DAY);
    expect((await client.installProfile(profile)).status).toBe(acme === 'judges' ? 'refused' : 'no-identity');
    expect(world.mdm.enrollments()).toEqual([]);
  });

  it('a device that cannot attest, or is refused by Apple, is not enrolled', async () => {
    world = await createWorld({ acme });
    const old = world.device({ client: { facts: { productName: 'iPhone9,3' } }, platform: 'iphone' });
    expect((await old.client.installProfile(await world.profileForUser())).status).toBe('no-identity');
    const refused = world.device({ attestation: 'refused' });
    expect((await refused.client.installProfile(await world.profileForDevice())).status).toBe('no-identity');
    expect(world.mdm.enrollments()).toEqual([]);
  });

  it('a profile that the service did not write enrolls nobody', async () => {
    world = await createWorld({ acme });
    const { client } = world.device();
    const profile = await world.profileForDevice();
    const forged = profile.replace(/(<key>ClientIdentifier<\/key>\s*<string>)[^<]*/, '$1SIMULATED1');
    expect(forged).not.toBe(profile);
    expect((await client.installProfile(forged)).status).toBe(acme === 'judges' ? 'refused' : 'no-identity');
    expect(world.mdm.enrollments()).toEqual([]);
  });
});

it('an ACME server that asks and hears nothing issues nothing, and the device tries again', async () => {
  world = await createWorld({ acme: 'asks', askSecret: 'another secret than the ACME server has' });
  const { client } = world.device({ client: { acme: { sleep: () => Promise.resolve(), retry: { attempts: 2 } } } });
  const outcome = await client.installProfile(await world.profileForDevice());
  expect(outcome).toMatchObject({ status: 'no-identity', acme: { status: 'undecided', reason: 'server-error' } });
  expect(world.issued).toEqual([]);
  expect(world.errors).not.toEqual([]);
  (world.errors as unknown[]).length = 0;
});

describe('an enrolled device', () => {
  it('that is erased and enrolls again has left the enrollment before', async () => {
    world = await createWorld();
    await world.device().client.installProfile(await world.profileForDevice());
    const again = world.device();
    expect(await again.client.installProfile(await world.profileForDevice())).toMatchObject({ status: 'installed' });
    expect(world.mdm.enrollments().map(({ state }) => state)).toEqual(['checked-out', 'enrolled']);
    expect(await again.client.poll()).toMatchObject({ status: 'idle' });
    expect(world.mdm.enrollments()[1]).toMatchObject({ decision: { allowed: true } });
  });

  it('that calls itself by another UDID when it enrolls again has left the enrollment before, too', async () => {
    world = await createWorld();
    const before = world.device();
    await before.client.installProfile(await world.profileForDevice());
    const message: Tamper = (sent) => (sent.has('UDID') ? new Map([...sent, ['UDID', 'another one']]) : sent);
    const again = world.device({ client: { tamper: { message } } });
    expect(await again.client.installProfile(await world.profileForDevice())).toMatchObject({ status: 'installed' });
    expect(world.mdm.enrollments().map(({ state, deviceId }) => [state, deviceId])).toEqual([
      ['checked-out', '5A3C0001-0000-4000-8000-000000000001'],
      ['enrolled', 'another one'],
    ]);
    expect(await before.client.poll()).toMatchObject({ status: 'refused', httpStatus: 401 });
  });

  it('that checks out is not let in any more', async () => {
    world = await createWorld();
    const { client } = world.device();
    await client.installProfile(await world.profileForDevice());
    await client.poll();
    const { identity } = client.enrollment()!;
    expect(await client.checkOut()).toEqual({ status: 'checked-out' });
    expect(world.enrollment().state).toBe('checked-out');
    const headers = { 'Content-Type': 'application/x-apple-aspen-mdm' };
    const body =
      '<plist version="1.0"><dict><key>Status</key><string>Idle</string><key>UDID</key><string>x</string></dict></plist>';
    expect((await world.fetchAs(identity, '/command', { method: 'PUT', headers, body })).status).toBe(401);
  });
});
