import { afterEach, beforeEach, expect, it } from 'vitest';
import { type MdmIdentity } from '../../src/testing/index.ts';
import { parsePlist, type PlistDictionary } from '../../src/mdm/index.ts';
import { listHoldings } from '../harness/mdm-server/holdings.ts';
import type { WithheldItem } from '../harness/mdm-server/options.ts';
import { encodePlist, type Members } from '../support/mdm.ts';
import { policyWith } from './policy.ts';
import { createWorld, type Managed, type World } from './world.ts';

/** Apps, which the simulated device's client does not install: here it is asked and answered by hand. */

const LEDGER: WithheldItem = {
  id: 'ledger',
  kind: 'app',
  bundleIdentifier: 'com.example.ledger',
  manifestUrl: 'https://apps.example.com/ledger.plist',
};

let world: World;
let managed: Managed;
let identity: MdmIdentity;

beforeEach(async () => {
  world = await createWorld({ withheld: [LEDGER] });
  managed = world.device();
  await managed.client.installProfile(await world.profileForDevice());
  identity = managed.client.enrollment()!.identity;
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

/** The next command, if there is one. */
async function say(members: Members): Promise<PlistDictionary | undefined> {
  const { udid: UDID } = managed.device.state();
  const answer = await world.fetchAs(identity, '/command', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/x-apple-aspen-mdm' },
    body: encodePlist({ UDID, ...members }),
  });
  expect(answer.status).toBe(200);
  const body = await answer.text();
  return body === '' ? undefined : (parsePlist(new TextEncoder().encode(body)) as PlistDictionary);
}

const states = () => listHoldings(world.database, world.enrollment().id).map(({ state }) => state);
const uuidOf = (command: PlistDictionary | undefined): string => command?.get('CommandUUID') as string;

it('an app is released after compliance, tried again later if it fails, and removed when compliance is lost', async () => {
  // The client answers all but the last, which it does not know.
  const { exchanges } = await managed.client.poll();
  expect(exchanges.at(-1)).toMatchObject({ requestType: 'InstallApplication', status: 'Error' });
  expect(states()).toEqual(['absent']);
  expect(await say({ Status: 'Idle' })).toBeUndefined();

  world.wait(3_600_000);
  const install = await say({ Status: 'Idle' });
  expect(install?.get('Command')).toEqual(
    new Map([
      ['RequestType', 'InstallApplication'],
      ['ManifestURL', LEDGER.manifestUrl],
    ]),
  );
  expect(states()).toEqual(['installing']);
  expect(await say({ Status: 'Acknowledged', CommandUUID: uuidOf(install) })).toBeUndefined();
  expect(states()).toEqual(['installed']);

  await world.mdm.changePolicy(policyWith('26.5'));
  const remove = await say({ Status: 'Idle' });
  expect(remove?.get('Command')).toEqual(
    new Map([
      ['RequestType', 'RemoveApplication'],
      ['Identifier', LEDGER.bundleIdentifier],
    ]),
  );
  // What could not be removed is not taken for removed.
  expect(await say({ Status: 'Error', CommandUUID: uuidOf(remove), ErrorChain: [] })).toBeUndefined();
  expect(states()).toEqual(['removing']);
  world.wait(3_600_000);
  expect(await say({ Status: 'Acknowledged', CommandUUID: uuidOf(await say({ Status: 'Idle' })) })).toBeUndefined();
  expect(states()).toEqual(['absent']);
});

it('what was sent and not answered is not sent again once compliance is lost, but removed', async () => {
  await managed.client.poll();
  world.wait(3_600_000);
  const install = await say({ Status: 'Idle' });
  await world.mdm.changePolicy(policyWith('26.5'));
  const next = await say({ Status: 'Idle' });
  expect((next?.get('Command') as PlistDictionary).get('RequestType')).toBe('RemoveApplication');
  // The answer to the first comes late, and gives nothing back.
  await say({ Status: 'Acknowledged', CommandUUID: uuidOf(install) });
  expect(states()).toEqual(['removing']);
  await say({ Status: 'Acknowledged', CommandUUID: uuidOf(next) });
  expect(states()).toEqual(['absent']);
});

it('what was sent and not answered is sent again, if compliance was lost and came back meanwhile', async () => {
  await managed.client.poll();
  world.wait(3_600_000);
  const install = await say({ Status: 'Idle' });
  await world.mdm.changePolicy(policyWith('26.5'));
  await world.mdm.changePolicy(policyWith('26.4'));
  const next = await say({ Status: 'Idle' });
  expect(next?.get('Command')).toEqual(install?.get('Command'));
  await say({ Status: 'Acknowledged', CommandUUID: uuidOf(next) });
  expect(states()).toEqual(['installed']);
});
