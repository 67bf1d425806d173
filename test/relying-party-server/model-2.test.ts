import { afterEach, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../src/policy/index.ts';
import type { MdmClientOptions, SimulatedDeviceOptions } from '../../src/testing/index.ts';
import { createDeployment, type Deployment, type DeploymentOptions } from '../harness/deployment.ts';
import type { Managed } from '../mdm-server/world.ts';

/** Deployment model 2: the ACME server decides. A test for each sentence on it. */

const HOUR = 3_600_000;
const POLICY: PolicyDocument = {
  format: 1,
  rules: [
    { rule: 'known-device' },
    { rule: 'os-version', minimum: '26.4' },
    { rule: 'file-vault', accept: 'reported' },
  ],
};

let deployment: Deployment;
afterEach(async () => {
  expect(deployment.errors).toEqual([]);
  expect(deployment.world.errors).toEqual([]);
  await deployment.stop();
});

type DeviceOptions = Partial<SimulatedDeviceOptions> & { readonly client?: Partial<MdmClientOptions> };

/** A deployment, and a device that is under management. */
async function begin(device: DeviceOptions = {}, options: DeploymentOptions = {}): Promise<Managed> {
  deployment = await createDeployment({ acmePolicy: POLICY, ...options });
  const managed = deployment.world.device(device);
  await deployment.manage(managed);
  return managed;
}

const refused = {
  status: 'refused',
  step: 'challenge',
  problem: { type: 'urn:ietf:params:acme:error:unauthorized' },
};

describe('the ACME server asks the MDM service, judges, and issues or refuses', () => {
  it('issues to a device that is enrolled and meets the policy', async () => {
    const { device } = await begin();
    expect(await deployment.enroll(device)).toMatchObject({ status: 'issued' });
  });

  it('refuses a device that is not enrolled', async () => {
    deployment = await createDeployment({ acmePolicy: POLICY });
    const { device } = deployment.world.device();
    expect(await deployment.enroll(device)).toMatchObject(refused);
  });

  it('refuses a device that left the management', async () => {
    const { device, client } = await begin();
    await client.checkOut();
    expect(await deployment.enroll(device)).toMatchObject(refused);
  });

  it.each([
    ['the attestation shows an OS that is too old', { osVersion: '26.3.2' }],
    ['the MDM service knows that FileVault is off', { client: { facts: { fileVault: false } } }],
  ])('refuses where %s', async (_, options) => {
    const { device } = await begin(options);
    expect(await deployment.enroll(device)).toMatchObject(refused);
  });

  it('refuses a device that says it is another one', async () => {
    await begin();
    const other = deployment.world.device({ serialNumber: 'STRANGER01' });
    expect(await deployment.enroll(other.device, 'SIMULATED1')).toMatchObject({ status: 'refused' });
  });

  it('issues nothing while the MDM service is away, and does when it is back', async () => {
    const { device } = await begin();
    await deployment.world.stopMdm();
    expect(await deployment.enroll(device)).toMatchObject({ status: 'undecided', reason: 'server-error' });
    expect(deployment.errors.splice(0)).not.toEqual([]);
    await deployment.world.startMdm();
    expect(await deployment.enroll(device)).toMatchObject({ status: 'issued' });
  });
});

describe('relying parties only validate the certificate', () => {
  it('let in whoever has one, and nobody else', async () => {
    const { device } = await begin();
    const party = await deployment.validator();
    const identity = await deployment.identityOf(device);
    expect(await deployment.visit(identity, party, '/wiki')).toEqual({
      status: 200,
      body: {
        resource: 'wiki',
        // Nothing counts as attested here: it is the authority that says so.
        device: expect.stringMatching(/^named:[0-9a-f]{64}::SIMULATED1$/) as string,
        cached: false,
        stale: false,
      },
    });
    expect(await deployment.visit(undefined, party, '/wiki')).toMatchObject({
      status: 401,
      body: { code: 'identity-refused' },
    });
  });

  it('are not interested in what changes at the device or at the MDM service', async () => {
    const { device, client } = await begin();
    const party = await deployment.validator();
    const identity = await deployment.identityOf(device);
    client.update({ fileVault: false });
    deployment.world.wait(HOUR);
    await client.poll();
    await deployment.world.stopMdm();
    expect((await deployment.visit(identity, party)).status).toBe(200);
  });
});

describe('what a device that lost its authorization still holds is bounded', () => {
  it('by the lifetime of the certificate, and it gets no other', async () => {
    const { device, client } = await begin();
    const party = await deployment.validator();
    const identity = await deployment.identityOf(device);
    await client.checkOut();
    deployment.world.wait(24 * HOUR);
    expect((await deployment.visit(identity, party)).status).toBe(200);
    deployment.world.wait(1000);
    expect(await deployment.visit(identity, party)).toMatchObject({ status: 401, body: { code: 'identity-refused' } });
    expect(deployment.log.at(-1)?.passage).toMatchObject({ error: { code: 'ERR_MDA_CHAIN_EXPIRED' } });
    expect(await deployment.enroll(device)).toMatchObject(refused);
  });

  it.each([
    // A list is fetched again after a minute.
    ['lists', 60_000],
    ['OCSP', 0],
  ] as const)('by revocation, with %s', async (by, delay) => {
    const { device } = await begin();
    const party = await deployment.validator(deployment.revocation(by));
    const identity = await deployment.identityOf(device);
    expect((await deployment.visit(identity, party)).status).toBe(200);
    expect(await deployment.revoke(identity)).toBe(true);
    deployment.world.wait(delay);
    expect(await deployment.visit(identity, party)).toMatchObject({ status: 403, body: { code: 'revoked' } });
    // Another one, that it would get if it may, is none of this.
    const renewed = await deployment.identityOf(device);
    expect((await deployment.visit(renewed, party)).status).toBe(200);
  });

  it.each(['lists', 'OCSP'] as const)('and where nobody can say, with %s, by what the party chose', async (by) => {
    const { device } = await begin();
    const strict = await deployment.validator(deployment.revocation(by));
    const lenient = await deployment.validator(deployment.revocation(by, 'accept'));
    const identity = await deployment.identityOf(device);
    await deployment.acme.stop();
    expect(await deployment.visit(identity, strict)).toMatchObject({
      status: 503,
      body: { code: 'revocation-unknown' },
    });
    expect((await deployment.visit(identity, lenient)).status).toBe(200);
  });

  it('by a list that was fetched before, for as long as it is current', async () => {
    const { device } = await begin();
    const party = await deployment.validator(deployment.revocation('lists'));
    const identity = await deployment.identityOf(device);
    expect((await deployment.visit(identity, party)).status).toBe(200);
    await deployment.acme.stop();
    deployment.world.wait(HOUR);
    expect((await deployment.visit(identity, party)).status).toBe(200);
    deployment.world.wait(1000);
    expect(await deployment.visit(identity, party)).toMatchObject({ status: 503 });
  });
});
