import { connect as connectTcp } from 'node:net';
import { type TLSSocket, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/index.ts';
import { identifierIsSerialNumber } from '../../src/acme/index.ts';
import { startAcmeServer } from '../harness/acme-server/server.ts';
import { attestFor, type Client, createClient, sendBody } from './client.ts';
import { expectProblem } from './expectations.ts';
import { createWorld, type World } from './world.ts';

/** The server as one of HTTP: what is too large, too much, or breaks off. */

let world: World;
let client: Client;

beforeAll(async () => {
  world = await createWorld();
  client = await createClient(world);
});
afterAll(() => world.stop());

const MEBIBYTE = 1024 * 1024;
const isWell = async (): Promise<void> => {
  expect((await client.post(client.accountUrl)).status).toBe(200);
  expect(world.errors).toEqual([]);
};

/** A connection of which a test writes every byte. */
function open(headers: string): TLSSocket {
  const { hostname, port, pathname } = new URL(client.directory['newOrder']!);
  const ca = world.server.caCertificatePem;
  const socket = connect({ host: hostname, port: Number(port), ca, servername: 'localhost' });
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/jose+json\r\n${headers}\r\n`,
  );
  return socket;
}

describe('a body', () => {
  it('of 10 MiB is refused', async () => {
    const answer = await sendBody(world, client.directory['newOrder']!, new Uint8Array(10 * MEBIBYTE).fill(0x20));
    expectProblem(answer, 413, 'malformed');
    await isWell();
  });

  it('of 10 MiB that does not say so is refused', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = open('Transfer-Encoding: chunked\r\n');
      let received = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        received += chunk;
        if (received.includes('}')) socket.destroy();
      });
      socket.on('close', () => resolve(received)).on('error', reject);
      const chunk = ' '.repeat(65_536);
      for (let i = 0; i < 160; i++) socket.write(`10000\r\n${chunk}\r\n`);
      socket.write('0\r\n\r\n');
    });
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('urn:ietf:params:acme:error:malformed');
    await isWell();
  });

  it('that never ends is not read for ever', async () => {
    const socket = open(`Content-Length: ${1024 * MEBIBYTE}\r\n`);
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()).on('error', () => resolve()));
    const chunk = new Uint8Array(MEBIBYTE);
    const write = (): void => {
      if (socket.writable) socket.write(chunk, write);
    };
    write();
    await closed;
    expect(socket.bytesWritten).toBeLessThan(64 * MEBIBYTE);
    await isWell();
  });

  it('of the largest attestation object there can be is taken', async () => {
    const placed = await client.order('SIMULATED1');
    const answer = await client.post(placed.challengeUrl, { attObj: toBase64Url(new Uint8Array(82_176)) });
    expect(answer).toMatchObject({ status: 200, body: { status: 'invalid', error: { status: 400 } } });
  });

  it('that nobody asked for is taken in, and the answer is heard', async () => {
    const { origin } = new URL(client.accountUrl);
    const large = new Uint8Array(5 * MEBIBYTE);
    expectProblem(await sendBody(world, `${origin}/nowhere`, large), 404, 'malformed');
    expectProblem(await sendBody(world, client.accountUrl, large, 'text/plain'), 415, 'malformed');
    await isWell();
  });

  it('that does not come is not waited for', async () => {
    const own = await createWorld({ limits: { requestSeconds: 0.2 } });
    const { hostname, port } = new URL(own.server.directoryUrl);
    const address = { host: hostname, port: Number(port) };
    const head = `POST /new-order HTTP/1.1\r\nHost: ${hostname}\r\n`;
    const sockets = [
      ...[`${head}Content-Length: 100\r\n\r\n{`, head, 'POST', ''].map((text) => {
        const socket = connect({ ...address, ca: own.server.caCertificatePem, servername: 'localhost' });
        socket.write(text);
        return socket.resume();
      }),
      // One that does not even say hello.
      connectTcp(address).resume(),
    ];
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve).on('error', resolve))),
    );
    expect((await own.fetch(own.server.directoryUrl)).status).toBe(200);
    expect(own.errors).toEqual([]);
    await own.stop();
  }, 10_000);

  it('that breaks off leaves the server as it was', async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = open('Content-Length: 100\r\n');
      socket.on('error', reject).on('close', () => resolve());
      socket.write('{', () => socket.destroy());
    });
    await isWell();
  });

  it('with HTTP headers beyond all measure is refused by HTTP', async () => {
    const headers = { 'X-Long': 'x'.repeat(16_384) };
    expect((await world.fetch(client.accountUrl, { method: 'POST', headers })).status).toBe(431);
  });
});

describe('a server', () => {
  it('that is busy asks to come back, and then answers', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const own = await createWorld({
      limits: { requests: 1 },
      identify: async (claim) => {
        await released;
        return identifierIsSerialNumber(claim);
      },
    });
    const stranger = await createClient(own);
    const placed = await stranger.order('SIMULATED1');
    const device = own.device();
    const [payload, nonce] = [
      await attestFor(device, await device.createKey({ curve: 'P-256' }), placed),
      await stranger.nonce(),
    ];
    const first = stranger.post(placed.challengeUrl, payload);
    await expect
      .poll(async () => (await own.fetch(own.server.directoryUrl)).status, { timeout: 5000, interval: 5 })
      .toBe(503);
    const busy = await stranger.post(stranger.accountUrl, undefined, { header: { nonce } });
    expectProblem(busy, 503, 'rateLimited');
    expect(busy.headers.get('retry-after')).toBe('1');
    release();
    expect((await first).body['status']).toBe('valid');
    // The nonce was not used up by a request that nobody read.
    expect((await stranger.post(stranger.accountUrl, undefined, { header: { nonce } })).status).toBe(200);
    await own.stop();
  });

  it('that stops answers what it has begun', async () => {
    let release = (): void => undefined;
    let entered = (): void => undefined;
    const [released, inside] = [
      new Promise<void>((resolve) => (release = resolve)),
      new Promise<void>((resolve) => (entered = resolve)),
    ];
    const own = await createWorld({
      identify: async (claim) => {
        entered();
        await released;
        return identifierIsSerialNumber(claim);
      },
    });
    const stranger = await createClient(own);
    const placed = await stranger.order('SIMULATED1');
    const device = own.device();
    const answer = stranger.post(
      placed.challengeUrl,
      await attestFor(device, await device.createKey({ curve: 'P-256' }), placed),
    );
    await inside;
    const stopped = own.server.stop();
    release();
    expect((await answer).body['status']).toBe('valid');
    await stopped;
    await expect(own.fetch(own.server.directoryUrl)).rejects.toThrow();
    await own.stop();
  });

  it('comes back under its old address, with all it knew', async () => {
    const own = await createWorld();
    const stranger = await createClient(own);
    const placed = await stranger.order('SIMULATED1');
    await own.server.stop();
    const again = await startAcmeServer({
      trustAnchors: own.authority.trustAnchors,
      ca: own.ca,
      store: own.store,
      identify: identifierIsSerialNumber,
      clock: own.clock,
      port: own.server.port,
    });
    expect(again.directoryUrl).toBe(own.server.directoryUrl);
    // The first may still be sent over a connection that the old one has closed.
    const read = () => stranger.post(placed.url);
    expect((await read().catch(read)).body['status']).toBe('pending');
    await again.stop();
    await own.stop();
  });

  it('does not start where another one is', async () => {
    const { trustAnchors, ca, store } = { ...world, trustAnchors: world.authority.trustAnchors };
    const started = startAcmeServer({
      trustAnchors,
      ca,
      store,
      identify: identifierIsSerialNumber,
      port: world.server.port,
    });
    await expect(started).rejects.toThrow('EADDRINUSE');
  });
});
