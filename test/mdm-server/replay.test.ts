import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlistDictionary, PlistValue } from '../../src/mdm/index.ts';
import type { MdmClientOptions } from '../../src/testing/index.ts';
import { PROFILE_IDENTIFIER } from '../harness/mdm-server/profiles.ts';
import { encodePlist } from '../support/mdm.ts';
import { MAIL, WIFI } from './policy.ts';
import { createWorld, DAY, type Managed, type World } from './world.ts';

/** A Mac whose owner keeps its attestations from before he disabled SIP, and sends them again. */

type Tamper = NonNullable<NonNullable<MdmClientOptions['tamper']>['message']>;

let world: World;
let managed: Managed;
/** Every attestation that the Mac has made. */
let kept: PlistValue[];
/** What it sends in the place of the next ones. */
let replayed: PlistValue | undefined;

const NAME = 'DevicePropertiesAttestation';

const tamper: Tamper = (message, { requestType }) => {
  const answers = message.get('QueryResponses') as PlistDictionary | undefined;
  const attestation = answers?.get(NAME);
  if (requestType !== 'DeviceInformation' || attestation === undefined) return message;
  kept.push(attestation);
  if (replayed === undefined) return message;
  return new Map([...message, ['QueryResponses', new Map([...answers!, [NAME, replayed]])]]);
};

const held = (): readonly string[] =>
  managed.client
    .profiles()
    .map(({ identifier }) => identifier)
    .filter((identifier) => identifier !== PROFILE_IDENTIFIER);

beforeEach(async () => {
  kept = [];
  replayed = undefined;
  world = await createWorld();
  managed = world.device({ client: { tamper: { message: tamper } } });
  await managed.client.installProfile(await world.profileForDevice());
  await managed.client.poll();
  expect(held()).toEqual([WIFI, MAIL]);
  managed.device.update({ systemIntegrityProtection: 'disabled' });
  managed.client.lie({ systemIntegrityProtection: 'enabled' });
  world.wait(7 * DAY);
  await managed.client.poll();
  expect(held()).toEqual([]);
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

describe('an attestation from better days', () => {
  it('does not take the place of the newer one', async () => {
    const { attested } = world.enrollment();
    [replayed] = kept;
    world.wait(7 * DAY);
    await managed.client.poll();
    expect(world.enrollment()).toMatchObject({
      verdict: { status: 'attested', freshness: 'cached', isSuperseded: true },
      attested: { systemIntegrityProtection: { value: 'disabled' } },
    });
    expect(world.enrollment().attested).toEqual(attested);
    expect(held()).toEqual([]);
  });

  it('does not count after one that was refused, either', async () => {
    replayed = [Uint8Array.of(0x30, 0)];
    world.wait(7 * DAY);
    await managed.client.poll();
    expect(world.enrollment()).toMatchObject({ verdict: { status: 'refused' }, attested: undefined });
    [replayed] = kept;
    world.wait(DAY);
    await managed.client.poll();
    expect(world.enrollment()).toMatchObject({ verdict: { isSuperseded: true }, attested: undefined });
    expect(held()).toEqual([]);
  });

  it('does not count after the device has authenticated again', async () => {
    [replayed] = kept;
    const { identity, identifiers } = managed.client.enrollment()!;
    const UDID = (identifiers as { udid: string }).udid;
    const headers = { 'Content-Type': 'application/x-apple-aspen-mdm-checkin' };
    for (const message of [
      { MessageType: 'Authenticate', UDID },
      { MessageType: 'TokenUpdate', UDID, Token: Uint8Array.of(1), PushMagic: 'x' },
    ])
      await world.fetchAs(identity, '/checkin', { method: 'PUT', headers, body: encodePlist(message) });
    expect(world.enrollment()).toMatchObject({ state: 'enrolled', attested: undefined });
    await managed.client.poll();
    expect(world.enrollment()).toMatchObject({ verdict: { isSuperseded: true }, attested: undefined });
    expect(held()).toEqual([]);
  });

  it('does not count in the next enrollment of the device', async () => {
    await managed.client.checkOut();
    [replayed] = kept;
    expect((await managed.client.installProfile(await world.profileForDevice())).status).toBe('installed');
    await managed.client.poll();
    const [, enrollment] = world.mdm.enrollments();
    expect(enrollment).toMatchObject({
      verdict: { freshness: 'unknown-nonce', key: 'first' },
      decision: { allowed: false },
    });
    expect(held()).toEqual([]);
  });
});

it('the last attestation, sent on after a new one was due, is seen as overdue, until it is too old for the policy', async () => {
  replayed = kept[1];
  world.wait(7 * DAY);
  await managed.client.poll();
  expect(world.enrollment()).toMatchObject({
    verdict: { freshness: 'cached', isOverdue: false, isSuperseded: false },
    decision: { reasons: [{ code: 'contradicted' }] },
  });
  world.wait(DAY);
  await managed.client.poll();
  expect(world.enrollment()).toMatchObject({ verdict: { freshness: 'cached', isOverdue: true, isSuperseded: false } });
  world.wait(7 * DAY);
  await managed.client.poll();
  expect(world.enrollment().decision!.reasons.map(({ code }) => code)).toEqual(['too-old', 'contradicted']);
});
