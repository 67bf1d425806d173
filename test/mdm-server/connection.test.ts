import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromPem, parseCertificate, toBase64 } from '../../src/index.ts';
import { exportPrivateKeyPem, type MdmIdentity } from '../../src/testing/index.ts';
import { explicit, integer, octetString, oid, bitString, sequence } from '../../src/testing/der-writer.ts';
import { createCertificateAuthority } from '../harness/acme-server/ca.ts';
import { createHttpsFetch, type HttpRequest, type HttpResponse } from '../support/https-fetch.ts';
import { encodePlist, type Members } from '../support/mdm.ts';
import { createWorld, DAY, type Managed, START, type World } from './world.ts';

/** Who connects: by which certificate, with which key, and whose messages it may send. */

let world: World;
let managed: Managed;
const DEVICE = '5A3C0001-0000-4000-8000-000000000001';

beforeEach(async () => {
  world = await createWorld();
  managed = world.device();
  await managed.client.installProfile(await world.profileForDevice());
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

const put = (kind: 'command' | 'checkin', members: Members): HttpRequest => ({
  method: 'PUT',
  headers: { 'Content-Type': `application/x-apple-aspen-mdm${kind === 'checkin' ? '-checkin' : ''}` },
  body: encodePlist(members),
});
const idle = (members: Members = {}): HttpRequest => put('command', { Status: 'Idle', UDID: DEVICE, ...members });
const identity = (): MdmIdentity => managed.client.enrollment()!.identity;

/** Over TLS with whatever certificate and key. */
async function over(cert: string, key: string, path = '/command', request = idle()): Promise<HttpResponse> {
  const { fetch, close } = createHttpsFetch({ ca: world.mdm.caCertificatePem, cert, key });
  try {
    return await fetch(`${new URL(world.mdm.urls.command).origin}${path}`, request);
  } finally {
    close();
  }
}

const pem = (der: Uint8Array): string => `-----BEGIN PRIVATE KEY-----\n${toBase64(der)}\n-----END PRIVATE KEY-----\n`;

/**
 * A private key of the thief's that says that it belongs to the public key of another: TLS implementations look no closer,
 * so the handshake begins. What it signs does not verify.
 */
function keyThatPretends(publicKey: ReturnType<typeof parseCertificate>['publicKey']): string {
  const point = new Uint8Array(publicKey.spki).slice(-97);
  const scalar = new Uint8Array(48).fill(7);
  const secret = sequence(integer(1), octetString(scalar), explicit(1, bitString(point)));
  const algorithm = sequence(oid('1.2.840.10045.2.1'), oid('1.3.132.0.34'));
  return pem(sequence(integer(0), algorithm, octetString(secret)));
}

describe('a connection', () => {
  it('with a stolen certificate but without the key does not come about', async () => {
    const { certificateChainPem, certificateChain } = identity();
    const { publicKey } = parseCertificate(certificateChain[0]!);
    await expect(over(certificateChainPem, keyThatPretends(publicKey))).rejects.toThrow();
    // It is the key: with its own, the same request is served.
    const { status } = await over(certificateChainPem, await exportPrivateKeyPem(identity().key));
    expect(status).toBe(200);
  });

  it.each(['/command', '/checkin'])('without a certificate is not let in to %s', async (path) => {
    const request = path === '/command' ? idle() : put('checkin', { MessageType: 'CheckOut', UDID: DEVICE });
    expect((await world.fetch(path, request)).status).toBe(401);
    expect(world.enrollment().state).toBe('enrolled');
  });

  it('with the same names from another authority is not let in', async () => {
    const { key } = identity();
    const other = await createCertificateAuthority({ seed: 'somebody else', at: START });
    const { chain } = await other.issue({
      orderId: 'stolen',
      identifier: 'SIMULATED1',
      serialNumber: 'SIMULATED1',
      at: START.toISOString(),
      spki: toBase64(key.publicKey),
    });
    expect((await over(chain, await exportPrivateKeyPem(key))).status).toBe(401);
  });

  it('with a certificate of the right authority that belongs to no enrollment is not let in', async () => {
    const key = await managed.device.createKey({ curve: 'P-384' });
    const { chain } = await world.ca.issue({
      orderId: 'for something else',
      identifier: 'SIMULATED1',
      serialNumber: 'SIMULATED1',
      at: START.toISOString(),
      spki: toBase64(key.publicKey),
    });
    const authenticate = put('checkin', { MessageType: 'Authenticate', UDID: DEVICE });
    expect((await over(chain, await exportPrivateKeyPem(key))).status).toBe(401);
    expect((await over(chain, await exportPrivateKeyPem(key), '/checkin', authenticate)).status).toBe(401);
    expect(world.enrollment().state).toBe('enrolled');
  });

  it('without the certificate of the issuing authority is not let in', async () => {
    const [leaf = ''] = identity().certificateChainPem.split(/(?<=-----END CERTIFICATE-----\n)/);
    expect(fromPem(leaf)).toHaveLength(1);
    expect((await over(leaf, await exportPrivateKeyPem(identity().key))).status).toBe(401);
  });

  it('with a certificate that has expired is not let in, on a connection that stands as little as on a new one', async () => {
    const { client } = managed;
    expect((await client.poll()).status).toBe('idle');
    world.wait(366 * DAY);
    expect(await client.poll()).toMatchObject({ status: 'refused', httpStatus: 401 });
    expect((await world.fetchAs(identity(), '/command', idle())).status).toBe(401);
  });
});

describe('an enrolled device', () => {
  const OTHER = '5A3C0001-0000-4000-8000-000000000002';
  let other: Managed;
  beforeEach(async () => {
    other = world.device({ serialNumber: 'USERS00001', udid: OTHER, provisioningUdid: '00006030-0000000000000002' });
    expect((await other.client.installProfile(await world.profileForUser())).status).toBe('installed');
  });
  const states = () => world.mdm.enrollments().map(({ state, deviceId }) => ({ state, deviceId }));
  const BOTH = [
    { state: 'enrolled', deviceId: DEVICE },
    { state: 'enrolled', deviceId: OTHER },
  ];

  it.each<[string, string, HttpRequest]>([
    ['asks for its commands', '/command', idle({ UDID: OTHER })],
    ['checks it out', '/checkin', put('checkin', { MessageType: 'CheckOut', UDID: OTHER })],
    [
      'turns its push messages to itself',
      '/checkin',
      put('checkin', { MessageType: 'TokenUpdate', UDID: OTHER, Token: Uint8Array.of(1), PushMagic: 'x' }),
    ],
    ['enrolls as it', '/checkin', put('checkin', { MessageType: 'Authenticate', UDID: OTHER })],
    ['says that it is a User Enrollment', '/command', idle({ EnrollmentID: OTHER })],
  ])('with the UDID of another %s, and is refused', async (_, path, request) => {
    const push = () => world.database.all('SELECT push FROM enrollments ORDER BY rowid');
    const before = push();
    expect((await world.fetchAs(identity(), path, request)).status).toBe(403);
    expect(states()).toEqual(BOTH);
    expect(push()).toEqual(before);
  });

  it('cannot answer a command of another', async () => {
    const { uuid } = world.database.get('SELECT uuid FROM commands ORDER BY position DESC') as { uuid: string };
    const answer = put('command', { Status: 'Acknowledged', UDID: DEVICE, CommandUUID: uuid });
    expect((await world.fetchAs(identity(), '/command', answer)).status).toBe(400);
    expect(await other.client.poll()).toMatchObject({ status: 'idle' });
    expect(world.mdm.enrollments()[1]).toMatchObject({ decision: { allowed: true } });
  });

  it('cannot enroll with the UDID of another, which goes on as before', async () => {
    const thief = world.device({
      serialNumber: 'USERS00002',
      udid: DEVICE,
      provisioningUdid: '00006030-0000000000000003',
    });
    const outcome = await thief.client.installProfile(await world.profileForUser());
    expect(outcome).toMatchObject({ status: 'refused', step: 'Authenticate', httpStatus: 403 });
    expect(states()).toEqual(BOTH);
    expect(await managed.client.poll()).toMatchObject({ status: 'idle' });
  });
});

it('a device that has not said how to reach it gets no command', async () => {
  const again = put('checkin', { MessageType: 'Authenticate', UDID: DEVICE });
  await managed.client.poll();
  expect((await world.fetchAs(identity(), '/checkin', again)).status).toBe(200);
  expect((await world.fetchAs(identity(), '/command', idle())).status).toBe(403);
  expect(world.enrollment()).toMatchObject({ state: 'authenticated', decision: undefined });
});

it('users of a Mac have no channel here', async () => {
  const message = put('checkin', { MessageType: 'UserAuthenticate', UDID: DEVICE, UserID: 'u' });
  expect((await world.fetchAs(identity(), '/checkin', message)).status).toBe(410);
  expect((await world.fetchAs(identity(), '/command', idle({ UserID: 'u' }))).status).toBe(410);
});
