import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toPem } from '../../src/index.ts';
import { enrollmentProfile } from '../../src/mdm/index.ts';
import { createMdmClient, exportPrivateKeyPem, type MdmConnect, type MdmIdentity } from '../../src/testing/index.ts';
import { createWorld, type World } from '../acme-server/world.ts';
import { createTlsIdentity } from '../harness/acme-server/tls.ts';
import { createHttpsFetch, type HttpsFetch } from '../support/https-fetch.ts';

/** The identity that the simulated device got, in a handshake of Node's TLS: the attested key signs it. */

let world: World;
let server: Server;
let root: string;
const open: HttpsFetch[] = [];
/** Fingerprints of the client certificates of the connections. */
const seen: string[] = [];
let requests = 0;

beforeAll(async () => {
  world = await createWorld();
  const tls = await createTlsIdentity('mdm client', new Date());
  root = tls.rootPem;
  const options = { key: tls.keyPem, cert: tls.certificatePem, requestCert: true, ca: toPem(world.ca.root) };
  server = createServer({ ...options, rejectUnauthorized: true }, (_, response) => {
    requests++;
    response.end();
  });
  server.on('secureConnection', (socket) => seen.push(socket.getPeerX509Certificate()!.fingerprint256));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(async () => {
  for (const { close } of open) close();
  server.close();
  await world.stop();
});

const originOf = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

const connectWith = (keyOf: (identity: MdmIdentity) => Promise<string>): MdmConnect => {
  return async (identity) => {
    const https = createHttpsFetch({ ca: root, cert: identity.certificateChainPem, key: await keyOf(identity) });
    open.push(https);
    return https.fetch;
  };
};

async function start(connect: MdmConnect, { exportableKeys = true } = {}) {
  const device = world.device({ exportableKeys });
  const client = createMdmClient(device, { connect, acmeFetch: world.fetch, clock: world.clock });
  const profile = await enrollmentProfile({
    identifier: 'com.example.enrollment',
    uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
    displayName: 'Example',
    mdm: { serverUrl: `${originOf()}/connect`, topic: 'com.apple.mgmt.External.0c5e9e5b' },
    acme: {
      directoryUrl: world.server.directoryUrl,
      clientIdentifier: device.state().serialNumber,
      subject: [['CN', 'A device']],
    },
    trustAnchors: [],
  });
  return { client, outcome: await client.installProfile(profile) };
}

it('enrolls and polls over TLS with the certificate of its attested key', async () => {
  const { client, outcome } = await start(connectWith(({ key }) => exportPrivateKeyPem(key)));
  expect(outcome.status).toBe('installed');
  expect(await client.poll()).toEqual({ status: 'idle', exchanges: [] });
  const { fingerprint256 } = new X509Certificate(client.enrollment()!.identity.certificateChain[0]!);
  expect([seen, requests]).toEqual([[fingerprint256], 3]);
});

it('is not let in with the certificate and another key', async () => {
  const before = requests;
  const other = await world.device({ exportableKeys: true }).createKey({ curve: 'P-384' });
  const { d } = createPrivateKey(await exportPrivateKeyPem(other)).export({ format: 'jwk' });
  const { outcome } = await start(
    connectWith(({ key }) => {
      // The public half of the certificate's key: otherwise the handshake ends before it is sent.
      const half = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' }).export({
        format: 'jwk',
      });
      const forged = createPrivateKey({ key: { ...half, d: d! }, format: 'jwk' });
      return Promise.resolve(forged.export({ format: 'pem', type: 'pkcs8' }).toString());
    }),
  );
  expect(outcome).toMatchObject({ status: 'unreachable', step: 'Authenticate' });
  expect(requests).toBe(before);
});

it('keeps its key, unless the device was made to give it away', async () => {
  const { outcome } = await start(
    connectWith(({ key }) => exportPrivateKeyPem(key)),
    { exportableKeys: false },
  );
  expect(outcome).toMatchObject({ status: 'unreachable', step: 'Authenticate', error: expect.any(TypeError) as Error });
});
