import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toPem } from '../../src/index.ts';
import { issueClientIdentifier } from '../../src/acme/index.ts';
import {
  type AcmeEvent,
  type AcmeOutcome,
  type AttestationAuthority,
  createAttestationAuthority,
  createSimulatedDevice,
  enrollByAcme,
} from '../../src/testing/index.ts';
import type { Configuration } from '../harness/acme-server/configuration.ts';
import { connectRedis, type RedisStore } from '../harness/acme-server/redis-store.ts';
import { createHttpsFetch, type HttpsFetch } from '../support/https-fetch.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';
import { type AcmeProcess, type Balancer, type IssuedEvent, startBalancer, startProcess } from './processes.ts';

/** Many devices at once, and two processes that share nothing but Redis. */

const DEVICES = 400;
/** And while a process is killed: half of them before, half of them after. */
const DEVICES_OF_A_KILL = 400;
const SECRET = { id: 'load', key: crypto.getRandomValues(new Uint8Array(32)) };
const at = new Date();
const clock = (): Date => new Date();

describe.skipIf(!hasRedis())('two processes of the server', () => {
  let authority: AttestationAuthority;
  let redis: RedisServer;
  let connection: RedisStore;
  let balancer: Balancer;
  let processes: AcmeProcess[];
  let https: HttpsFetch;
  const ports: number[] = [];
  let issued: IssuedEvent[] = [];
  let complaints: string[] = [];
  let onIssued = (): void => undefined;

  const start = (port?: number): Promise<AcmeProcess> => {
    const configuration: Configuration = {
      trustAnchors: toPem(authority.root),
      ca: { seed: 'load', at: at.toISOString() },
      redis: redis.path,
      identifiers: ['ticket'],
      secrets: [{ id: SECRET.id, key: Buffer.from(SECRET.key).toString('base64') }],
      origin: balancer.origin,
      ...(port === undefined ? {} : { port }),
    };
    return startProcess(configuration, {
      issued: (event) => {
        issued.push(event);
        onIssued();
      },
      error: (text) => complaints.push(text),
    });
  };

  beforeAll(async () => {
    [authority, redis, balancer] = await Promise.all([
      createAttestationAuthority({ seed: 'load', at }),
      startRedis(),
      startBalancer(() => ports),
    ]);
    connection = await connectRedis({ path: redis.path });
    processes = await Promise.all([start(), start()]);
    ports.push(...processes.map(({ port }) => port));
    https = createHttpsFetch({ ca: processes[0]!.caCertificatePem, maxSockets: 32 });
  });
  afterAll(async () => {
    https.close();
    await balancer.stop();
    await Promise.all(processes.map(({ stop }) => stop()));
    await connection.close();
    await redis.stop();
  });
  beforeEach(() => {
    issued = [];
    complaints = [];
  });

  const ticketFor = (serialNumber: string): Promise<string> =>
    issueClientIdentifier({
      secret: SECRET,
      store: connection.store,
      device: { serialNumber },
      at,
      expiresAt: new Date(at.getTime() + 3_600_000),
    });

  const enroll = (
    serialNumber: string,
    clientIdentifier: string,
    observe: (event: AcmeEvent) => void = () => undefined,
  ): Promise<AcmeOutcome> =>
    enrollByAcme(createSimulatedDevice(authority, { clock, serialNumber }), {
      directoryUrl: `${balancer.origin}/directory`,
      clientIdentifier,
      keyType: 'P-256',
      fetch: https.fetch,
      clock,
      retry: { firstDelayMilliseconds: 100, attempts: 10 },
      observe,
    });

  const enrollAll = (name: string, count: number, observe?: (event: AcmeEvent) => void): Promise<AcmeOutcome[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const serialNumber = `${name}${i}`;
        return enroll(serialNumber, await ticketFor(serialNumber), observe);
      }),
    );

  /** Every device has one certificate, for its key, and there is no other: neither told of nor stored. */
  async function expectOneEach(outcomes: readonly AcmeOutcome[]): Promise<void> {
    expect(outcomes.filter((outcome) => outcome.status !== 'issued' || !outcome.isForKey)).toEqual([]);
    const held = outcomes.map((outcome) => (outcome.status === 'issued' ? outcome.certificateChainPem : ''));
    expect(new Set(held).size).toBe(outcomes.length);
    expect(new Set(issued.map(({ serialNumber }) => serialNumber)).size).toBe(outcomes.length);
    const orders = new Set(issued.map(({ orderId }) => orderId));
    expect(orders).toEqual(new Set(outcomes.map(({ orderUrl }) => orderUrl!.split('/').at(-1)!)));
    const stored = await Promise.all([...orders].map(async (id) => connection.store.get(`certificate:${id}`)));
    expect(stored.sort()).toEqual(held.sort());
  }

  it(`enroll ${DEVICES} devices at once, without an error`, async () => {
    const events: AcmeEvent[] = [];
    const outcomes = await enrollAll('A', DEVICES, (event) => events.push(event));
    await expectOneEach(outcomes);
    expect(issued).toHaveLength(DEVICES);
    expect(events.filter((event) => event.event !== 'answer' || event.problem !== undefined)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it(`enroll ${DEVICES_OF_A_KILL} devices, though one is killed half-way and comes back`, async () => {
    const half = DEVICES_OF_A_KILL / 2;
    const [victim] = processes;
    let failures = 0;
    const count = ({ event }: AcmeEvent): void => void (failures += event === 'no answer' ? 1 : 0);
    const halfway = new Promise<void>((resolve) => {
      onIssued = () => issued.length >= half / 2 && resolve();
    });
    const first = enrollAll('B', half, count);
    await halfway;
    // Others have not even begun, so that somebody is waiting for the victim, and waits in vain.
    const felt = balancer.holdAnswers(victim!.port);
    const second = enrollAll('C', half, count);
    await felt;
    await victim!.kill();
    processes[0] = await start(victim!.port);
    await expectOneEach([...(await first), ...(await second)]);
    expect(failures).toBeGreaterThan(0);
  });

  it('give a ticket to one of two orders that race', async () => {
    const races = Array.from({ length: 20 }, async (_, i) => {
      const serialNumber = `D${i}`;
      const ticket = await ticketFor(serialNumber);
      return Promise.all([enroll(serialNumber, ticket), enroll(serialNumber, ticket)]);
    });
    for (const race of await Promise.all(races)) {
      expect(race.map(({ status }) => status).sort()).toEqual(['issued', 'refused']);
      const [refused] = race.filter(({ status }) => status === 'refused');
      expect(refused).toMatchObject({
        states: { order: 'invalid' },
        problem: { type: 'urn:ietf:params:acme:error:rejectedIdentifier' },
      });
    }
    expect(issued).toHaveLength(20);
  });
});
