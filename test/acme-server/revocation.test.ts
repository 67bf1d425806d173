import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/index.ts';
import { createCertificateAuthority } from '../harness/acme-server/ca.ts';
import { type Answer, type Client, createClient, csrOf, readyOrder, type SigningKey } from './client.ts';
import { createWorld, START, type World } from './world.ts';

/** RFC 8555, 7.6. */

let world: World;
let client: Client;
beforeAll(async () => {
  world = await createWorld();
  client = await createClient(world);
});
afterAll(() => world.stop());
afterEach(() => expect(world.errors).toEqual([]));

const resultOf = ({ status, problem }: Answer) => [status, problem];
const revoke = (payload: object, who = client): Promise<Answer> => who.post(client.directory['revokeCert']!, payload);

/** A new certificate, and its key as one that signs requests. */
async function enroll() {
  const { key, finalizeUrl } = await readyOrder(client, world.device(), 'P-256');
  await client.post(finalizeUrl, await csrOf(key));
  const publicKey = await crypto.subtle.importKey('spki', key.publicKey, { name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'verify',
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  const signingKey: SigningKey = {
    alg: 'ES256',
    jwk: { kty: kty!, crv: crv!, x: x!, y: y! },
    privateKey: key.privateKey,
  };
  return { certificate: toBase64Url(world.issued.at(-1)!.der), signingKey };
}

describe('a certificate', () => {
  it('is revoked by its account, once', async () => {
    const { certificate } = await enroll();
    expect(resultOf(await revoke({ certificate, reason: 4 }))).toEqual([200, undefined]);
    expect(resultOf(await revoke({ certificate }))).toEqual([400, 'alreadyRevoked']);
  });

  it('is revoked with its own key', async () => {
    const { certificate, signingKey } = await enroll();
    const answer = await client.postWithKey(
      client.directory['revokeCert']!,
      { certificate, reason: 1 },
      { key: signingKey },
    );
    expect(resultOf(answer)).toEqual([200, undefined]);
  });

  it('is not revoked by anybody else', async () => {
    const { certificate } = await enroll();
    const other = await createClient(world);
    expect(resultOf(await revoke({ certificate }, other))).toEqual([403, 'unauthorized']);
    const answer = await other.postWithKey(client.directory['revokeCert']!, { certificate });
    expect(resultOf(answer)).toEqual([403, 'unauthorized']);
    expect((await revoke({ certificate })).status).toBe(200);
  });

  it('is not revoked for a reason that is none, or not the subscriber’s', async () => {
    const { certificate } = await enroll();
    for (const reason of [2, 6, 7, 8, 9, 10, 11, -1, 1.5, '1', null])
      expect(resultOf(await revoke({ certificate, reason }))).toEqual([400, 'badRevocationReason']);
    expect((await revoke({ certificate })).status).toBe(200);
  });

  it('that is not one, or of another authority, is refused', async () => {
    for (const certificate of [undefined, null, 7, '', 'AAAA', '+', toBase64Url(new Uint8Array(20_000))])
      expect(resultOf(await revoke({ certificate }))).toEqual([400, 'malformed']);
    const foreign = await createCertificateAuthority({ seed: 'foreign', at: START });
    expect(resultOf(await revoke({ certificate: toBase64Url(foreign.root) }))).toEqual([404, 'malformed']);
  });

  it('that is forged under a number that was issued is refused', async () => {
    const device = world.device();
    const ready = await readyOrder(client, device, 'P-256');
    await client.post(ready.finalizeUrl, await csrOf(ready.key));
    const { orderId } = world.issued.at(-1)!;
    const forger = await createCertificateAuthority({ seed: 'foreign', at: START });
    const forged = await forger.issue({
      orderId,
      identifier: 'SIMULATED1',
      at: START.toISOString(),
      spki: Buffer.from(ready.key.publicKey).toString('base64'),
    });
    expect(forged.serialNumber).toBe(world.issued.at(-1)!.serialNumber);
    expect(resultOf(await revoke({ certificate: toBase64Url(forged.der) }))).toEqual([404, 'malformed']);
  });
});
