import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/index.ts';
import type { ReportedSecurity } from '../../src/mdm/index.ts';
import type { PolicyDocument } from '../../src/policy/index.ts';
import { exportPrivateKeyPem } from '../../src/testing/index.ts';
import { addEnrollment, changeEnrollment } from '../harness/mdm-server/enrollment.ts';
import { registerDevice } from '../harness/mdm-server/inventory.ts';
import { createDeployment, type Deployment, FACTS_SECRET } from '../harness/deployment.ts';
import { createHttpsFetch, type HttpsFetch } from '../support/https-fetch.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';
import { type PartyProcess, startPartyProcess } from './processes.ts';

/** Many requests at once, two processes that share nothing but Redis, and an MDM service that goes and comes back. */

const DEVICES = 16;
const REQUESTS = 2000;
const CONNECTIONS_EACH = 4;
const CACHE_SECONDS = 1;
const PAYROLL: PolicyDocument = {
  format: 1,
  rules: [
    { rule: 'os-version', minimum: '26.4' },
    { rule: 'file-vault', accept: 'reported' },
  ],
};

const securityWith = (fileVault: boolean): ReportedSecurity => ({
  fileVault,
  systemIntegrityProtection: 'enabled',
  secureBoot: 'Full Security',
  isUserEnrollment: false,
  isUserApproved: true,
  isEnrolledAutomatically: true,
  hasPasscode: true,
  isPasscodeCompliant: true,
});

describe.skipIf(!hasRedis())('two processes of a relying party', () => {
  let deployment: Deployment;
  let redis: RedisServer;
  let parties: readonly PartyProcess[];
  const complaints: string[] = [];
  /** A device, whether it may, and its connections to both. */
  const devices: { readonly serialNumber: string; readonly may: boolean; readonly doors: readonly HttpsFetch[] }[] = [];

  beforeAll(async () => {
    [deployment, redis] = await Promise.all([createDeployment({ start: new Date() }), startRedis()]);
    const { ca, world } = deployment;
    const mdm = { url: world.mdm.urls.facts, secret: FACTS_SECRET, caCertificatePem: world.mdm.caCertificatePem };
    const configuration = {
      root: toBase64(ca.root),
      issuing: toBase64(ca.issuing),
      policies: { payroll: PAYROLL },
      redis: redis.path,
      cacheSeconds: CACHE_SECONDS,
      mdm,
    };
    const start = () => startPartyProcess(configuration, (text) => complaints.push(text));
    parties = await Promise.all([start(), start()]);
    for (let i = 0; i < DEVICES; i++) {
      const serialNumber = `LOAD${String(i).padStart(6, '0')}`;
      const may = i % 2 === 0;
      manage(serialNumber, may);
      const { key, certificateChainPem } = await deployment.identityOf(
        world.device({ serialNumber }).device,
        serialNumber,
      );
      const client = { cert: certificateChainPem, key: await exportPrivateKeyPem(key), maxSockets: CONNECTIONS_EACH };
      const doors = parties.map(({ caCertificatePem }) => createHttpsFetch({ ca: caCertificatePem, ...client }));
      devices.push({ serialNumber, may, doors });
    }
  });
  afterAll(async () => {
    for (const { doors } of devices) for (const { close } of doors) close();
    await Promise.all(parties.map(({ stop }) => stop()));
    await deployment.stop();
    await redis.stop();
  });

  /** As the service has it of a device that is enrolled and has answered. */
  function manage(serialNumber: string, fileVault: boolean): void {
    const { database, clock } = deployment.world;
    registerDevice(database, { serialNumber, platform: 'macos' });
    addEnrollment(database, {
      id: serialNumber,
      state: 'enrolled',
      mode: 'device',
      identity: 'attested',
      keyFingerprint: serialNumber,
      deviceId: serialNumber,
      profile: '',
      serialNumber,
    });
    changeEnrollment(database, serialNumber, { security: securityWith(fileVault), securityAt: clock() });
  }

  /** Of one request, by the index: the devices take turns, and each asks both. */
  async function ask(index: number): Promise<{ readonly may: boolean; readonly said: string }> {
    const { may, doors } = devices[index % DEVICES]!;
    const which = Math.floor(index / DEVICES) % doors.length;
    const answer = await doors[which]!.fetch(`${parties[which]!.origin}/payroll`);
    const body = JSON.parse(await answer.text()) as { readonly code?: string };
    return { may, said: answer.status === 200 ? 'yes' : body.code! };
  }

  const askAll = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
  const right = ({ may, said }: Awaited<ReturnType<typeof ask>>): boolean => said === (may ? 'yes' : 'policy');
  const AWAY = ['dynamic-failed', 'dynamic-timeout'];

  it('decide rightly on all of many requests at once', async () => {
    expect((await askAll(REQUESTS)).filter((answer) => !right(answer))).toEqual([]);
  });

  it('let nobody in wrongly while the MDM service goes and comes back, and recover by themselves', async () => {
    const { world } = deployment;
    // All at once first, which takes longer than decisions are cached, and then less of it.
    const wave = 200;
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    const state = { isOver: false };
    const load = (async () => {
      for (let size = REQUESTS; !state.isOver; size = wave) {
        answers.push(...(await askAll(size)));
        await sleep(100);
      }
    })();
    await sleep(200);
    await world.stopMdm();
    await sleep(1000 * CACHE_SECONDS + 500);
    const whileAway = await askAll(DEVICES * 4);
    await world.startMdm();
    await expect.poll(async () => (await askAll(DEVICES * 2)).every(right), { timeout: 10_000 }).toBe(true);
    state.isOver = true;
    await load;
    expect(answers.length).toBeGreaterThanOrEqual(REQUESTS);
    // What is not right is that nobody could say: no device that may not was let in, none that may was taken for another.
    expect(answers.filter((answer) => !right(answer) && !AWAY.includes(answer.said))).toEqual([]);
    expect(whileAway.map(({ said }) => said).filter((said) => !AWAY.includes(said))).toEqual([]);
    expect((await askAll(wave)).every(right)).toBe(true);
    expect(complaints).toEqual([]);
  });
});
