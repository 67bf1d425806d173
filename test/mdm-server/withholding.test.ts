import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listHoldings } from '../harness/mdm-server/holdings.ts';
import { PROFILE_IDENTIFIER } from '../harness/mdm-server/profiles.ts';
import { listCommands } from '../harness/mdm-server/queue.ts';
import { removeUser, unregisterDevice } from '../harness/mdm-server/inventory.ts';
import { MAIL, policyWith, WIFI } from './policy.ts';
import { createWorld, DAY, type Managed, type World } from './world.ts';

/** Deployment model 1, from then on: what a device gets, loses and gets back. */

let world: World;
let managed: Managed;

async function begin(options: Parameters<World['device']>[0] = {}): Promise<void> {
  managed = world.device(options);
  expect((await managed.client.installProfile(await world.profileForDevice())).status).toBe('installed');
}

beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

const held = (): readonly string[] =>
  managed.client
    .profiles()
    .map(({ identifier }) => identifier)
    .filter((identifier) => identifier !== PROFILE_IDENTIFIER);

/** What the device was asked, in this order. */
async function poll(): Promise<readonly string[]> {
  const { status, exchanges } = await managed.client.poll();
  expect(status).toBe('idle');
  return exchanges.map((exchange) => `${exchange.requestType ?? ''} ${exchange.status}`);
}

const reasons = (): readonly string[] =>
  world.enrollment().decision!.reasons.map(({ rule, code }) => `${rule} ${code}`);

describe('a device gets what is withheld', () => {
  it('not before an attestation shows that it complies, and then', async () => {
    await begin();
    expect(held()).toEqual([]);
    expect(await poll()).toEqual([
      'SecurityInfo Acknowledged',
      'DeviceInformation Acknowledged',
      'InstallProfile Acknowledged',
      'InstallProfile Acknowledged',
    ]);
    expect(held()).toEqual([WIFI, MAIL]);
    expect(world.enrollment()).toMatchObject({
      verdict: { status: 'attested', freshness: 'fresh', key: 'first', contradictions: [] },
      decision: { allowed: true, outcome: 'met', reasons: [] },
    });
    expect(await poll()).toEqual([]);
  });

  it.each([
    ['the OS is too old', { osVersion: '26.3.2' }, 'os-version below-minimum'],
    ['SIP is disabled', { systemIntegrityProtection: 'disabled' }, 'system-integrity-protection disabled'],
    ['secure boot is reduced', { secureBoot: 'Reduced Security' }, 'secure-boot below-minimum'],
    [
      'kernel extensions are allowed',
      { thirdPartyKernelExtensions: 'allowed' },
      'kernel-extensions kernel-extensions-allowed',
    ],
    ['Apple cannot tell the version', { blank: ['osVersion'] }, 'os-version blank'],
    ['Apple leaves SIP out', { absent: ['systemIntegrityProtection'] }, 'system-integrity-protection absent'],
  ] as const)('not if %s', async (_, state, reason) => {
    await begin(state);
    await poll();
    expect(held()).toEqual([]);
    expect(reasons()).toEqual([reason]);
  });

  it('not if FileVault is off; and once it is on', async () => {
    await begin({ client: { facts: { fileVault: false } } });
    await poll();
    expect(held()).toEqual([]);
    expect(reasons()).toEqual(['file-vault disabled']);
    managed.client.update({ fileVault: true });
    world.wait(DAY);
    expect(await poll()).toContain('SecurityInfo Acknowledged');
    expect(held()).toEqual([WIFI, MAIL]);
  });

  it('once the system is updated, and a new attestation shows it', async () => {
    await begin({ osVersion: '26.3.2' });
    await poll();
    managed.device.update({ osVersion: '26.4.1' });
    world.wait(DAY);
    await poll();
    // It says so; that is not enough.
    expect(held()).toEqual([]);
    expect(reasons()).toEqual(['os-version contradicted']);
    world.wait(6 * DAY);
    await poll();
    expect(world.enrollment().verdict).toMatchObject({ freshness: 'fresh', key: 'same' });
    expect(held()).toEqual([WIFI, MAIL]);
  });

  it('not while it puts everything off, and without being asked anew for it', async () => {
    await begin();
    managed.client.postpone('all');
    expect(await poll()).toEqual(['SecurityInfo NotNow', 'DeviceInformation NotNow']);
    expect(await poll()).toEqual(['SecurityInfo NotNow', 'DeviceInformation NotNow']);
    expect(held()).toEqual([]);
    expect(world.enrollment().verdict).toMatchObject({ status: 'not-now' });
    managed.client.postpone('none');
    await poll();
    expect(held()).toEqual([WIFI, MAIL]);
    expect(listCommands(world.database, world.enrollment().id)).toHaveLength(4);
  });

  it('not without an attestation; it is asked again the next day', async () => {
    await begin();
    managed.device.update({ attestation: 'refused' });
    await poll();
    expect(world.enrollment().verdict).toMatchObject({ status: 'not-attested' });
    expect(reasons()).toContain('os-version no-attestation');
    expect(held()).toEqual([]);
    expect(await poll()).toEqual([]);
    managed.device.update({ attestation: 'available' });
    world.wait(DAY);
    await poll();
    expect(held()).toEqual([WIFI, MAIL]);
  });
});

describe('a device loses what it got', () => {
  beforeEach(async () => {
    await begin();
    await poll();
    expect(held()).toEqual([WIFI, MAIL]);
  });

  it('as soon as it says that SIP is disabled, and gets it back when that is over', async () => {
    managed.device.update({ systemIntegrityProtection: 'disabled' });
    world.wait(DAY);
    expect(await poll()).toEqual([
      'SecurityInfo Acknowledged',
      'DeviceInformation Acknowledged',
      'RemoveProfile Acknowledged',
      'RemoveProfile Acknowledged',
    ]);
    expect(held()).toEqual([]);
    expect(reasons()).toEqual(['system-integrity-protection contradicted']);
    // The attestation follows when the device can make a new one.
    world.wait(6 * DAY);
    await poll();
    expect(reasons()).toEqual(['system-integrity-protection disabled']);
    managed.device.update({ systemIntegrityProtection: 'enabled' });
    world.wait(7 * DAY);
    await poll();
    expect(reasons()).toEqual([]);
    expect(held()).toEqual([WIFI, MAIL]);
  });

  it('with the next attestation, if it hides that SIP is disabled', async () => {
    managed.device.update({ systemIntegrityProtection: 'disabled' });
    managed.client.lie({ systemIntegrityProtection: 'enabled' });
    world.wait(DAY);
    await poll();
    expect(held()).toEqual([WIFI, MAIL]);
    world.wait(6 * DAY);
    await poll();
    expect(held()).toEqual([]);
    expect(world.enrollment().verdict).toMatchObject({ contradictions: ['systemIntegrityProtection'] });
  });

  it('when the OS falls behind the policy, and gets it back with the update', async () => {
    await world.mdm.changePolicy(policyWith('26.5'));
    expect(await poll()).toEqual(['RemoveProfile Acknowledged', 'RemoveProfile Acknowledged']);
    expect(held()).toEqual([]);
    expect(reasons()).toEqual(['os-version below-minimum']);
    managed.device.update({ osVersion: '26.5' });
    world.wait(7 * DAY);
    await poll();
    expect(held()).toEqual([WIFI, MAIL]);
  });

  it('when the attestation has become old, whatever the device says meanwhile', async () => {
    managed.device.update({ attestation: 'refused' });
    for (let day = 1; day <= 14; day++) {
      world.wait(DAY);
      await poll();
      expect(held()).toEqual([WIFI, MAIL]);
    }
    world.wait(DAY);
    await poll();
    expect(held()).toEqual([]);
    expect(reasons()).toContain('attestation-age too-old');
  });

  it('not by an update of the system; it is asked for a new attestation because of it', async () => {
    managed.device.update({ osVersion: '26.5' });
    world.wait(DAY);
    await poll();
    expect(held()).toEqual([WIFI, MAIL]);
    world.wait(6 * DAY);
    const [security, information] = await poll();
    expect([security, information]).toEqual(['SecurityInfo Acknowledged', 'DeviceInformation Acknowledged']);
    expect(world.enrollment().attested).toMatchObject({ osVersion: { value: '26.5' } });
  });

  it('if what it reports of itself contradicts what is attested', async () => {
    managed.client.lie({ serialNumber: 'ANOTHER001' });
    world.wait(7 * DAY);
    await poll();
    expect(world.enrollment().verdict).toMatchObject({ status: 'attested', contradictions: ['serialNumber'] });
    expect(new Set(reasons().map((reason) => reason.split(' ')[1]))).toEqual(new Set(['other-device']));
    expect(held()).toEqual([]);
  });

  it('and what was ordered but not yet removed stays, if it complies again in time', async () => {
    await world.mdm.changePolicy(policyWith('26.5'));
    await world.mdm.changePolicy(policyWith('26.4'));
    expect(await poll()).toEqual([]);
    expect(held()).toEqual([WIFI, MAIL]);
  });

  it('when it is struck off the inventory', async () => {
    unregisterDevice(world.database, 'SIMULATED1');
    await poll();
    expect(held()).toEqual([]);
    expect(reasons()).toEqual(['known-device not-known', 'user-authenticated not-user-authenticated']);
  });

  it('even if it puts the removal off for a while', async () => {
    await world.mdm.changePolicy(policyWith('26.5'));
    managed.client.postpone(['RemoveProfile']);
    expect(await poll()).toEqual(['RemoveProfile NotNow', 'RemoveProfile NotNow']);
    expect(held()).toEqual([WIFI, MAIL]);
    managed.client.postpone('none');
    await poll();
    expect(held()).toEqual([]);
  });
});

describe('a service that wants to know', () => {
  it('asks at once, and for an attestation as soon as the device can make one', async () => {
    await begin();
    await poll();
    expect(await poll()).toEqual([]);
    const { id, attested } = world.enrollment();
    await world.mdm.ask(id, 'the device was reported lost');
    expect(await poll()).toEqual(['SecurityInfo Acknowledged', 'DeviceInformation Acknowledged']);
    expect(world.enrollment().attested).toEqual(attested);
    world.wait(7 * DAY);
    await world.mdm.ask(id, 'the device was reported lost');
    await poll();
    expect(world.enrollment().attested?.attestedAt).toEqual(world.clock());
  });
});

describe('an attestation', () => {
  it('that the device made for an earlier nonce is seen as such, and counts as what it is', async () => {
    await begin();
    await poll();
    const { id } = world.enrollment();
    // Somebody was not sure and asked at once; the device has none for the new nonce.
    world.database.run('UPDATE enrollments SET history = NULL WHERE id = ?', id);
    world.wait(DAY);
    await poll();
    expect(world.enrollment()).toMatchObject({
      verdict: { status: 'attested', freshness: 'cached', key: 'same' },
      attested: { freshness: 'cached', attestedAt: new Date('2026-06-01T12:00:00Z') },
      decision: { allowed: true },
    });
    expect(held()).toEqual([WIFI, MAIL]);
  });

  it('for a nonce of somebody else counts for nothing', async () => {
    managed = world.device();
    await managed.device.attestDeviceInformation({ nonce: new Uint8Array(32).fill(7) });
    await managed.client.installProfile(await world.profileForDevice());
    await poll();
    expect(world.enrollment().verdict).toMatchObject({ status: 'attested', freshness: 'unknown-nonce' });
    expect(reasons()).toContain('attestation-age attestation-not-fresh');
    expect(held()).toEqual([]);
  });

  it('of another key than before counts for nothing', async () => {
    await begin();
    await poll();
    managed.device.forgetDeviceInformation();
    world.wait(7 * DAY);
    await poll();
    expect(world.enrollment().verdict).toMatchObject({ status: 'attested', key: 'changed' });
    expect(held()).toEqual([]);
  });
});

it('the device of a user who is struck off loses what it got', async () => {
  managed = world.device({ platform: 'iphone', serialNumber: 'USERS00001' });
  await managed.client.installProfile(await world.profileForUser());
  await poll();
  expect(held()).toEqual([WIFI, MAIL]);
  removeUser(world.database, 'alice');
  await poll();
  expect(held()).toEqual([]);
});

describe('what is not certain to be there, or gone', () => {
  /** What the device answers to commands of this type, once it has carried them out. */
  let garble: { readonly requestType: string; readonly status?: string } | undefined;

  beforeEach(async () => {
    garble = undefined;
    await begin({
      client: {
        tamper: {
          message: (message, { requestType }) =>
            garble === undefined || requestType !== garble.requestType
              ? message
              : new Map([...message, ['Status', garble.status ?? 'Well']]),
        },
      },
    });
  });
  const states = () => listHoldings(world.database, world.enrollment().id).map(({ state }) => state);

  it('because its removal failed is given again, once the device complies', async () => {
    await poll();
    await world.mdm.changePolicy(policyWith('26.5'));
    garble = { requestType: 'RemoveProfile', status: 'Error' };
    await poll();
    expect(held()).toEqual([]);
    expect(states()).toEqual(['removing', 'removing']);
    await world.mdm.changePolicy(policyWith('26.4'));
    await poll();
    expect(held()).toEqual([WIFI, MAIL]);
    expect(states()).toEqual(['installed', 'installed']);
  });

  it('because its removal failed is removed again, an hour later', async () => {
    await poll();
    await world.mdm.changePolicy(policyWith('26.5'));
    garble = { requestType: 'RemoveProfile', status: 'Error' };
    await poll();
    expect(await poll()).toEqual([]);
    world.wait(3_600_000);
    expect(await poll()).toEqual(['RemoveProfile Error', 'RemoveProfile Error']);
    expect(states()).toEqual(['removing', 'removing']);
  });

  it('because nobody could read whether it was installed is removed, once the device does not comply', async () => {
    garble = { requestType: 'InstallProfile' };
    for (let time = 0; time < 11; time++) await managed.client.poll();
    expect(held()).toEqual([WIFI, MAIL]);
    garble = undefined;
    await world.mdm.changePolicy(policyWith('26.5'));
    await poll();
    expect(held()).toEqual([]);
    expect(states()).toEqual(['absent', 'absent']);
  });

  it('because nobody could read whether it was installed is given again, an hour later', async () => {
    garble = { requestType: 'InstallProfile' };
    for (let time = 0; time < 11; time++) await managed.client.poll();
    garble = undefined;
    expect(await poll()).toEqual([]);
    world.wait(3_600_000);
    expect(await poll()).toEqual(['InstallProfile Acknowledged', 'InstallProfile Acknowledged']);
    expect(states()).toEqual(['installed', 'installed']);
  });
});
