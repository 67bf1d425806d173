import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/acme/index.ts';
import type { PolicyDocument, RuleDocument } from '../../src/policy/index.ts';
import { createDeployment, type Deployment, type DeviceIdentity } from '../harness/deployment.ts';
import { DAY, type Managed } from '../mdm-server/world.ts';

/** Deployment model 3: every relying party decides. A test for each sentence on it. */

const policyOf = (...rules: readonly RuleDocument[]): PolicyDocument => ({ format: 1, rules });
const CACHE_SECONDS = 60;
const WIKI = policyOf({ rule: 'os-version', minimum: '26.4' });
const PAYROLL = policyOf({ rule: 'os-version', minimum: '26.4' }, { rule: 'file-vault', accept: 'reported' });
const FUTURE = policyOf({ rule: 'os-version', minimum: '27.0' });

let deployment: Deployment;
let managed: Managed;
let identity: DeviceIdentity;
beforeEach(async () => {
  deployment = await createDeployment({ maximumSeconds: 7 * 86_400 });
  managed = deployment.world.device();
  await deployment.manage(managed);
  identity = await deployment.identityOf(managed.device);
});
afterEach(async () => {
  expect(deployment.errors).toEqual([]);
  expect(deployment.world.errors).toEqual([]);
  await deployment.stop();
});

type Party = Awaited<ReturnType<Deployment['decider']>>;

/** `yes`, `yes, cached`, or the code of the refusal. */
async function ask(party: Party, path: string, who = identity): Promise<string> {
  const { status, body } = await deployment.visit(who, party, path);
  if (status !== 200) return String(body['code']);
  return body['stale'] === true ? 'yes, stale' : body['cached'] === true ? 'yes, cached' : 'yes';
}

const lastReasons = (): readonly string[] => {
  const { passage } = deployment.log.at(-1)!;
  return passage.allowed ? [] : passage.reasons.map(({ rule, code }) => `${rule} ${code}`);
};

/** The device says something else of itself, and the MDM service hears it the next day. */
async function change(facts: Parameters<Managed['client']['update']>[0]): Promise<void> {
  managed.client.update(facts);
  deployment.world.wait(DAY);
  await managed.client.poll();
}

const cacheOf = (seconds: number) => ({
  cache: { store: createMemoryStore({ clock: deployment.world.clock }), seconds },
});

describe('the ACME server only authenticates', () => {
  it('issues to any device that proves which one it is, and puts what is attested into the certificate', async () => {
    const { device } = deployment.world.device({ serialNumber: 'STRANGER01', osVersion: '18.0' });
    const stranger = await deployment.identityOf(device, 'STRANGER01');
    const wiki = await deployment.decider({ wiki: WIKI });
    expect(await ask(wiki, '/wiki', stranger)).toBe('policy');
    expect(lastReasons()).toEqual(['os-version below-minimum']);
  });
});

describe('every relying party applies its own rules', () => {
  it('two decide differently on the same certificate', async () => {
    const [lenient, strict] = await Promise.all([
      deployment.decider({ home: WIKI }),
      deployment.decider({ home: FUTURE }),
    ]);
    expect(await ask(lenient, '/home')).toBe('yes');
    expect(await ask(strict, '/home')).toBe('policy');
    expect(lastReasons()).toEqual(['os-version below-minimum']);
  });

  it('one has another rule for each of its resources, and none for what is not there', async () => {
    const party = await deployment.decider({ wiki: WIKI, future: FUTURE });
    expect(await ask(party, '/wiki')).toBe('yes');
    expect(await ask(party, '/future')).toBe('policy');
    expect(await ask(party, '/nothing')).toBe('unknown-resource');
  });
});

describe('dynamic properties are asked of the MDM service', () => {
  it('when one changes, the decision follows', async () => {
    const party = await deployment.decider({ payroll: PAYROLL });
    expect(await ask(party, '/payroll')).toBe('yes');
    await change({ fileVault: false });
    expect(await ask(party, '/payroll')).toBe('policy');
    expect(lastReasons()).toEqual(['file-vault disabled']);
    await change({ fileVault: true });
    expect(await ask(party, '/payroll')).toBe('yes');
  });

  it('a device that leaves the management is not known any more', async () => {
    const party = await deployment.decider({ wiki: policyOf({ rule: 'known-device' }) });
    expect(await ask(party, '/wiki')).toBe('yes');
    await managed.client.checkOut();
    expect(await ask(party, '/wiki')).toBe('policy');
  });

  it('while the service is away nobody gets in, and when it is back they do', async () => {
    const party = await deployment.decider({ payroll: PAYROLL });
    await deployment.world.stopMdm();
    expect(await ask(party, '/payroll')).toBe('dynamic-failed');
    await deployment.world.startMdm();
    expect(await ask(party, '/payroll')).toBe('yes');
  });

  it('the service tells only those who have its secret', async () => {
    const { world } = deployment;
    const question = (headers: Readonly<Record<string, string>>, body = '{"serialNumber":"SIMULATED1"}') =>
      world.fetch('/facts', { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
    expect((await question({})).status).toBe(401);
    expect((await question({ Authorization: 'Bearer wrong' })).status).toBe(401);
    const right = { Authorization: 'Bearer between relying parties and the MDM service' };
    expect((await question(right)).status).toBe(200);
    for (const body of [
      '',
      '[]',
      '{}',
      '{"serialNumber":7}',
      '{"serialNumber":""}',
      `{"serialNumber":"${'x'.repeat(65)}"}`,
    ])
      expect((await question(right, body)).status).toBe(400);
  });
});

describe('a decision is cached for a set time', () => {
  it('and is served within it, and not after', async () => {
    const party = await deployment.decider({ payroll: PAYROLL }, cacheOf(CACHE_SECONDS));
    expect(await ask(party, '/payroll')).toBe('yes');
    await deployment.world.stopMdm();
    deployment.world.wait(1000 * CACHE_SECONDS);
    expect(await ask(party, '/payroll')).toBe('yes, cached');
    deployment.world.wait(1);
    expect(await ask(party, '/payroll')).toBe('dynamic-failed');
    await deployment.world.startMdm();
    expect(await ask(party, '/payroll')).toBe('yes');
  });

  it('for the resource and the device that it was made for', async () => {
    const party = await deployment.decider({ wiki: WIKI, payroll: PAYROLL }, cacheOf(CACHE_SECONDS));
    expect(await ask(party, '/wiki')).toBe('yes');
    expect(await ask(party, '/payroll')).toBe('yes');
    const stranger = await deployment.identityOf(
      deployment.world.device({ serialNumber: 'STRANGER01' }).device,
      'STRANGER01',
    );
    expect(await ask(party, '/payroll', stranger)).toBe('policy');
    expect(await ask(party, '/payroll')).toBe('yes, cached');
  });

  it('but never past the certificate', async () => {
    const party = await deployment.decider({ wiki: WIKI }, cacheOf(30 * 86_400));
    expect(await ask(party, '/wiki')).toBe('yes');
    deployment.world.wait(7 * DAY);
    expect(await ask(party, '/wiki')).toBe('yes, cached');
    deployment.world.wait(1000);
    expect(await ask(party, '/wiki')).toBe('identity-refused');
  });

  it('and an old one serves while the MDM service is away, for as long as was asked for', async () => {
    const store = createMemoryStore({ clock: deployment.world.clock });
    const cache = { store, seconds: CACHE_SECONDS, staleWhileErrorSeconds: 600 };
    const party = await deployment.decider({ payroll: PAYROLL }, { cache });
    expect(await ask(party, '/payroll')).toBe('yes');
    await deployment.world.stopMdm();
    deployment.world.wait(600_000);
    expect(await ask(party, '/payroll')).toBe('yes, stale');
    deployment.world.wait(1000 * CACHE_SECONDS + 1);
    expect(await ask(party, '/payroll')).toBe('dynamic-failed');
  });
});

describe('authorization is lost and regained', () => {
  it('a device that is deauthorized is refused at once, whatever is cached, and let in again once that ends', async () => {
    const party = await deployment.decider({ wiki: WIKI }, cacheOf(CACHE_SECONDS));
    expect(await ask(party, '/wiki')).toBe('yes');
    await party.authorizer.deauthorize('device:SIMULATED1');
    expect(await ask(party, '/wiki')).toBe('deauthorized');
    // A renewed certificate is the same device.
    expect(await ask(party, '/wiki', await deployment.identityOf(managed.device))).toBe('deauthorized');
    await party.authorizer.reauthorize('device:SIMULATED1');
    expect(await ask(party, '/wiki')).toBe('yes');
    expect(await ask(party, '/wiki')).toBe('yes, cached');
  });

  it('a device whose certificate is revoked is refused, and let in with a new one', async () => {
    const check = deployment.revocation('OCSP');
    const party = await deployment.decider(
      { wiki: WIKI },
      {
        revocation: {
          check: async (verified, context) => (await check(verified, context)).status,
          onUnknown: 'refuse',
          timeoutMilliseconds: 2000,
        },
      },
    );
    expect(await ask(party, '/wiki')).toBe('yes');
    await deployment.revoke(identity);
    expect(await ask(party, '/wiki')).toBe('revoked');
    expect(await ask(party, '/wiki', await deployment.identityOf(managed.device))).toBe('yes');
  });

  it('a device that met the rules no more meets them again after an update, with a new certificate', async () => {
    managed.device.update({ osVersion: '26.3.2' });
    const old = await deployment.identityOf(managed.device);
    const party = await deployment.decider({ wiki: WIKI });
    expect(await ask(party, '/wiki', old)).toBe('policy');
    managed.device.update({ osVersion: '26.4.1' });
    expect(await ask(party, '/wiki', old)).toBe('policy');
    expect(await ask(party, '/wiki', await deployment.identityOf(managed.device))).toBe('yes');
  });
});
