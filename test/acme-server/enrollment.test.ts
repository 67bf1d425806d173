import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPem, parseCertificate } from '../../src/index.ts';
import { parseSubjectAlternativeNames } from '../../src/acme/index.ts';
import { attestFor, type Client, createClient, csrOf, readAnswer, readyOrder, statesOf } from './client.ts';
import { createWorld, START, type World } from './world.ts';

let world: World;
let client: Client;

beforeAll(async () => {
  world = await createWorld();
  client = await createClient(world);
});
afterAll(() => world.stop());

describe('an enrollment', () => {
  it.each(['P-256', 'P-384'] as const)('ends with a certificate for the attested key (%s)', async (curve) => {
    const device = world.device();
    const placed = await client.order('SIMULATED1');
    expect(await statesOf(client, placed)).toBe('pending pending pending');
    const key = await device.createKey({ curve });
    const challenge = await client.post(placed.challengeUrl, await attestFor(device, key, placed));
    expect(challenge).toMatchObject({ status: 200, body: { status: 'valid', validated: START.toISOString() } });
    expect(challenge.headers.get('link')).toContain(`<${placed.authorizationUrl}>;rel="up"`);
    expect(await statesOf(client, placed)).toBe('ready valid valid');
    const order = await client.post(placed.finalizeUrl, await csrOf(key));
    expect(order).toMatchObject({ status: 200, body: { status: 'valid' } });
    expect(order.headers.get('location')).toBe(placed.url);
    expect(await statesOf(client, placed)).toBe('valid valid valid');

    const answer = await client.post(order.body['certificate'] as string);
    expect(answer.headers.get('content-type')).toBe('application/pem-certificate-chain');
    const chain = fromPem(answer.text);
    expect(chain).toHaveLength(2);
    const leaf = parseCertificate(chain[0]!);
    expect(leaf.publicKey.spki).toEqual(key.publicKey);
    expect(leaf.subject.text).toBe('O=Example Organisation,CN=SIMULATED1');
    const [node, issuing, root] = [...chain, world.ca.root].map((der) => new X509Certificate(der));
    expect(node!.verify(issuing!.publicKey) && issuing!.verify(root!.publicKey)).toBe(true);
    expect(node!.checkIssued(issuing!) && issuing!.checkIssued(root!)).toBe(true);
  });

  it('puts what was ordered and what is attested into the certificate, and nothing of the request', async () => {
    const device = world.device({ serialNumber: 'SERIAL7' });
    const { key, finalizeUrl } = await readyOrder(client, device);
    await client.post(
      finalizeUrl,
      await csrOf(key, { subject: [[['CN', 'root']]], subjectAltName: { dNSName: 'boss.example.com' } }),
    );
    const { der } = world.issued.at(-1)!;
    const leaf = parseCertificate(der);
    const names = leaf.extensions.find(({ oid }) => oid === '2.5.29.17')!;
    expect(parseSubjectAlternativeNames(names.value)).toEqual([
      { kind: 'permanentIdentifier', identifierValue: 'SERIAL7' },
      {
        kind: 'hardwareModuleName',
        type: '1.3.6.1.4.1.32473.1',
        serialNumber: new Uint8Array(new TextEncoder().encode('SERIAL7')),
      },
    ]);
    expect(leaf.subject.text).toBe('O=Example Organisation,CN=SERIAL7');
    expect(leaf.extensions.map(({ oid }) => oid)).toEqual([
      '2.5.29.19',
      '2.5.29.15',
      '2.5.29.37',
      '2.5.29.14',
      '2.5.29.35',
      '2.5.29.17',
    ]);
  });

  it('issues the same bytes for the same facts, whoever does it and when', async () => {
    const { key, finalizeUrl } = await readyOrder(client, world.device({ serialNumber: 'SERIAL8' }));
    const csr = await csrOf(key);
    const before = world.issued.length;
    const answers = await Promise.all([1, 2, 3].map(() => client.post(finalizeUrl, csr)));
    expect(answers.map(({ body }) => body['status'])).toContain('valid');
    const made = world.issued.slice(before).map(({ chain }) => chain);
    expect(new Set(made).size).toBe(1);
  });
});

describe('what can be read', () => {
  it('is the directory, with and without a signature', async () => {
    const answer = await readAnswer(await world.fetch(world.server.directoryUrl));
    expect(Object.keys(answer.body)).toEqual(['newNonce', 'newAccount', 'newOrder', 'keyChange', 'revokeCert', 'meta']);
    expect((await client.post(world.server.directoryUrl)).body).toEqual(answer.body);
    expect(answer.headers.get('replay-nonce')).toBeNull();
  });

  it.each([
    ['GET', 204],
    ['HEAD', 200],
  ])('is a nonce, by %s', async (method, status) => {
    const response = await world.fetch(client.directory['newNonce']!, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('replay-nonce')).toMatch(/^[\w-]{22,}$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('link')).toBe(`<${world.server.directoryUrl}>;rel="index"`);
  });

  it('are the orders of an account', async () => {
    const own = await createClient(world);
    const placed = [await own.order('SIMULATED1'), await own.order('SIMULATED2')];
    const { body } = await own.post(own.accountUrl);
    expect(body).toMatchObject({ status: 'valid', contact: [] });
    const orders = await own.post(body['orders'] as string);
    expect(orders.body).toEqual({ orders: placed.map(({ url }) => url) });
  });

  it('is an order, with when to look again', async () => {
    const placed = await client.order('SIMULATED1');
    const { body, headers } = await client.post(placed.url);
    expect(body).toEqual({
      status: 'pending',
      expires: new Date(START.getTime() + 3_600_000).toISOString(),
      identifiers: [{ type: 'permanent-identifier', value: 'SIMULATED1' }],
      authorizations: [placed.authorizationUrl],
      finalize: placed.finalizeUrl,
    });
    expect(headers.get('retry-after')).toBe('1');
    expect((await client.post(placed.authorizationUrl)).headers.get('retry-after')).toBe('1');
  });
});

describe('an order that is not finished', () => {
  it('expires', async () => {
    const own = await createWorld();
    const stranger = await createClient(own);
    const [pending, ready] = [await stranger.order('SIMULATED1'), await readyOrder(stranger, own.device())];
    own.wait(3_600_000);
    expect(await statesOf(stranger, pending)).toBe('invalid invalid invalid');
    expect(await statesOf(stranger, ready)).toBe('invalid expired valid');
    const late = await stranger.post(ready.finalizeUrl, await csrOf(ready.key));
    expect(late).toMatchObject({ status: 403, problem: 'orderNotReady' });
    const device = own.device();
    const answer = await attestFor(device, await device.createKey({ curve: 'P-256' }), pending);
    expect((await stranger.post(pending.challengeUrl, answer)).body['status']).toBe('invalid');
    expect(own.issued).toEqual([]);
    await own.stop();
  });

  it('is given up with its authorization', async () => {
    const placed = await readyOrder(client, world.device());
    const answer = await client.post(placed.authorizationUrl, { status: 'deactivated' });
    expect(answer).toMatchObject({ status: 200, body: { status: 'deactivated' } });
    expect(await statesOf(client, placed)).toBe('invalid deactivated valid');
    const late = await client.post(placed.finalizeUrl, await csrOf(placed.key));
    expect(late).toMatchObject({ status: 403, problem: 'orderNotReady' });
    expect((await client.post(placed.authorizationUrl, { status: 'deactivated' })).body['status']).toBe('deactivated');
    expect((await client.post(placed.authorizationUrl, { status: 'valid' })).problem).toBe('malformed');
  });
});
