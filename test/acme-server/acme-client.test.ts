import { Agent } from 'node:https';
import * as acme from 'acme-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPem, parseCertificate } from '../../src/index.ts';
import { identifierIsSerialNumber } from '../../src/acme/index.ts';
import { createCertificateRequest } from '../../src/testing/certificate-request-writer.ts';
import { attestFor } from './client.ts';
import { createWorld, type World } from './world.ts';

/** The server, driven by a client that this project did not write: `acme-client` as it comes from npm. */

const MAC_KEY = crypto.getRandomValues(new Uint8Array(32));
let world: World;
let fails = 0;

beforeAll(async () => {
  world = await createWorld({
    externalAccounts: new Map([['kid-1', MAC_KEY]]),
    identify: (claim) => {
      if (fails-- > 0) throw new Error('the inventory is down');
      return identifierIsSerialNumber(claim);
    },
  });
  acme.axios.defaults.httpsAgent = new Agent({ ca: world.server.caCertificatePem, keepAlive: true });
});
afterAll(async () => {
  (acme.axios.defaults.httpsAgent as Agent).destroy();
  await world.stop();
});

/** It has no method for a challenge with a payload of its own; this is the one that its `completeChallenge` calls. */
interface WithApi {
  readonly api: { completeChallenge(url: string, payload: object): Promise<unknown> };
}

const createClient = (accountKey: Buffer): acme.Client =>
  new acme.Client({
    directoryUrl: world.server.directoryUrl,
    accountKey,
    externalAccountBinding: { kid: 'kid-1', hmacKey: Buffer.from(MAC_KEY).toString('base64url') },
    backoffMin: 10,
    backoffMax: 50,
  });

async function enroll(client: acme.Client) {
  const device = world.device();
  const key = await device.createKey({ curve: 'P-384' });
  const order = await client.createOrder({
    identifiers: [{ type: 'permanent-identifier', value: 'SIMULATED1' }],
  });
  const [authorization] = await client.getAuthorizations(order);
  const challenge = authorization!.challenges[0]!;
  await (client as unknown as WithApi).api.completeChallenge(challenge.url, await attestFor(device, key, challenge));
  await client.waitForValidStatus(challenge);
  const csr = await createCertificateRequest({ key, subject: [[['CN', 'device']]] });
  const finalized = await client.finalizeOrder(order, pemOf(csr));
  return { key, order, certificate: await client.getCertificate(finalized) };
}

const pemOf = (csr: Uint8Array): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(csr).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;

describe('acme-client', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['RSA', () => acme.crypto.createPrivateRsaKey()],
    ['P-256', () => acme.crypto.createPrivateEcdsaKey('P-256')],
    ['P-384', () => acme.crypto.createPrivateEcdsaKey('P-384')],
  ])('gets a certificate for an attested key (account %s)', async (_, createKey) => {
    const client = createClient(await createKey());
    await client.createAccount({ termsOfServiceAgreed: true, contact: ['mailto:it@example.com'] });
    const { key, certificate } = await enroll(client);
    const chain = fromPem(certificate);
    expect(chain).toHaveLength(2);
    expect(parseCertificate(chain[0]!).publicKey.spki).toEqual(key.publicKey);
    expect(chain[0]).toEqual(world.issued.at(-1)!.der);
  });

  it('tries again what failed', async () => {
    fails = 1;
    const client = createClient(await acme.crypto.createPrivateEcdsaKey());
    await client.createAccount();
    expect((await enroll(client)).certificate).toContain('BEGIN CERTIFICATE');
  });

  it('changes its key, gives up an authorization, revokes, and goes', async () => {
    const client = createClient(await acme.crypto.createPrivateEcdsaKey());
    await client.createAccount();
    const accountUrl = client.getAccountUrl();
    await client.updateAccountKey(await acme.crypto.createPrivateEcdsaKey('P-384'));
    const { order, certificate } = await enroll(client);
    expect(client.getAccountUrl()).toBe(accountUrl);
    expect((await client.getOrder(order)).status).toBe('valid');
    const [authorization] = await client.getAuthorizations(order);
    expect((await client.deactivateAuthorization(authorization!)).status).toBe('deactivated');
    await client.revokeCertificate(certificate);
    await expect(client.revokeCertificate(certificate)).rejects.toThrow('revoked already');
    expect((await client.updateAccount({ status: 'deactivated' })).status).toBe('deactivated');
    await expect(client.createOrder({ identifiers: [] })).rejects.toThrow('deactivated');
  });
});
