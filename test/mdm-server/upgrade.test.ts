import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MdmClientOptions, MdmIdentity } from '../../src/testing/index.ts';
import { PROFILE_IDENTIFIER } from '../harness/mdm-server/profiles.ts';
import { plainIdentity, plainProfile } from './plain.ts';
import { MAIL, WIFI } from './policy.ts';
import { type AcmeVariant, createWorld, DAY, type Managed, type World } from './world.ts';

/** Deployment model 1: the identity of an enrollment that has none that is attested. */

type Tamper = NonNullable<NonNullable<MdmClientOptions['tamper']>['message']>;

const UDID = '5A3C0001-0000-4000-8000-000000000001';
const IDLE = {
  method: 'PUT',
  headers: { 'Content-Type': 'application/x-apple-aspen-mdm' },
  body: `<plist version="1.0"><dict><key>Status</key><string>Idle</string><key>UDID</key><string>${UDID}</string></dict></plist>`,
};

let world: World;
let managed: Managed;

/** A Mac that has been enrolled for long, and complies in all but its identity. */
async function enrollPlainly(
  acme: AcmeVariant = 'built-in',
  options: Parameters<World['device']>[0] = {},
): Promise<void> {
  world = await createWorld({ acme });
  const profile = plainProfile(await world.profileForDevice());
  const identity = plainIdentity(world, { profile, deviceId: UDID, serialNumber: 'SIMULATED1' });
  managed = world.device({ ...options, client: { ...identity, ...options.client } });
  expect(await managed.client.installProfile(profile)).toMatchObject({ status: 'installed' });
  expect(world.enrollment()).toMatchObject({ state: 'enrolled', identity: 'plain' });
}

const held = (): readonly string[] =>
  managed.client
    .profiles()
    .map(({ identifier }) => identifier)
    .filter((identifier) => identifier !== PROFILE_IDENTIFIER);

afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

describe.each<AcmeVariant>(['built-in', 'asks', 'judges'])('with an ACME server: %s', (acme) => {
  it('an enrollment without an attested identity gets one, and what is withheld after that', async () => {
    await enrollPlainly(acme);
    const { identity: plain } = managed.client.enrollment()!;
    expect(held()).toEqual([]);
    const first = await managed.client.poll();
    expect(first.exchanges[0]).toMatchObject({
      requestType: 'InstallProfile',
      status: 'Acknowledged',
      install: { status: 'installed' },
    });
    expect(world.enrollment()).toMatchObject({ identity: 'attested', serialNumber: 'SIMULATED1', state: 'enrolled' });
    expect(world.issued).toHaveLength(1);
    await managed.client.poll();
    expect(held()).toEqual([WIFI, MAIL]);
    // Who has the identity from before has nothing any more.
    expect((await world.fetchAs(plain, '/command', IDLE)).status).toBe(401);
    expect((await world.fetchAs(managed.client.enrollment()!.identity, '/command', IDLE)).status).toBe(200);
  });
});

describe('an upgrade', () => {
  it('is not for another device that has taken over the identity of before', async () => {
    // What Apple attests of it is another serial number than that of the enrollment.
    await enrollPlainly('built-in', { serialNumber: 'STRANGER01' });
    const { exchanges } = await managed.client.poll();
    expect(exchanges[0]).toMatchObject({ requestType: 'InstallProfile', install: { status: 'no-identity' } });
    expect(world.enrollment()).toMatchObject({ identity: 'plain', serialNumber: 'SIMULATED1' });
    expect(held()).toEqual([]);
  });

  it('ends the other enrollments of the device that it attests', async () => {
    await enrollPlainly('judges');
    // Nobody has kept which device it is, so its enrollment by another UDID has not ended this one.
    world.database.run('UPDATE enrollments SET serial_number = NULL');
    const message: Tamper = (sent) => (sent.has('UDID') ? new Map([...sent, ['UDID', 'another one']]) : sent);
    const other = world.device({ client: { tamper: { message } } });
    expect(await other.client.installProfile(await world.profileForDevice())).toMatchObject({ status: 'installed' });
    const states = () => world.mdm.enrollments().map(({ state, deviceId }) => [state, deviceId]);
    expect(states()).toEqual([
      ['enrolled', UDID],
      ['enrolled', 'another one'],
    ]);
    expect((await managed.client.poll()).exchanges[0]).toMatchObject({ status: 'Acknowledged' });
    expect(states()).toEqual([
      ['enrolled', UDID],
      ['checked-out', 'another one'],
    ]);
  });

  it('that failed is offered again the next day, and the enrollment works on until then', async () => {
    await enrollPlainly('built-in', { attestation: 'refused' });
    expect(await managed.client.poll()).toMatchObject({ status: 'idle', exchanges: [{ status: 'Error' }] });
    expect(await managed.client.poll()).toMatchObject({ status: 'idle', exchanges: [] });
    managed.device.update({ attestation: 'available' });
    world.wait(DAY);
    expect((await managed.client.poll()).exchanges[0]).toMatchObject({ status: 'Acknowledged' });
    expect(world.enrollment().identity).toBe('attested');
  });

  it('that is over is not to be had once more with the profile of an earlier offer', async () => {
    await enrollPlainly('judges', { attestation: 'refused' });
    // Of many an enrollment from before nobody has kept which device it is.
    world.database.run('UPDATE enrollments SET serial_number = NULL');
    await managed.client.poll();
    const { profile } = world.database.get('SELECT profile FROM invitations WHERE upgrades IS NOT NULL') as {
      profile: string;
    };
    managed.device.update({ attestation: 'available' });
    world.wait(DAY);
    await managed.client.poll();
    expect(world.enrollment()).toMatchObject({ identity: 'attested', serialNumber: 'SIMULATED1' });

    const identities: MdmIdentity[] = [];
    const connect = (identity: MdmIdentity): Promise<never> => {
      identities.push(identity);
      return Promise.reject(new Error('not yet'));
    };
    const thief = world.device({ serialNumber: 'STRANGER01', client: { connect } });
    await thief.client.installProfile(profile);
    expect((await world.fetchAs(identities[0]!, '/command', IDLE)).status).toBe(401);
    expect(world.enrollment()).toMatchObject({ serialNumber: 'SIMULATED1' });
    expect(await managed.client.poll()).toMatchObject({ status: 'idle' });
  });

  it('that is put off waits', async () => {
    await enrollPlainly();
    managed.client.postpone('all');
    expect(await managed.client.poll()).toMatchObject({ status: 'idle', exchanges: [{ status: 'NotNow' }] });
    world.wait(2 * DAY);
    managed.client.postpone('none');
    expect((await managed.client.poll()).exchanges).toMatchObject([{ status: 'Acknowledged' }, {}, {}, {}, {}]);
    expect(held()).toEqual([WIFI, MAIL]);
  });
});

describe('an enrollment without an attested identity', () => {
  beforeEach(() => enrollPlainly('built-in', { attestation: 'refused' }));

  it('gets nothing, and is asked for nothing', async () => {
    const { exchanges } = await managed.client.poll();
    expect(exchanges.map(({ requestType }) => requestType)).toEqual(['InstallProfile']);
    expect(held()).toEqual([]);
  });
});
