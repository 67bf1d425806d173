import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AttestationError, toBase64, toPem } from '../../src/index.ts';
import { createAuthorizer } from '../../src/relying-party/index.ts';
import { parsePolicy } from '../../src/policy/index.ts';
import { createCertificateAuthority } from '../harness/acme-server/ca.ts';
import { createTlsIdentity } from '../harness/acme-server/tls.ts';
import { createDeployment, type Deployment, type DeviceIdentity } from '../harness/deployment.ts';
import { gateByAuthorizer } from '../harness/relying-party/authorizing.ts';
import type { Passage } from '../harness/relying-party/gate.ts';
import { hasNginx, type Nginx, startNginx } from '../harness/relying-party/nginx.ts';
import { chainFromNginx } from '../harness/relying-party/proxied.ts';
import { startUpstream } from '../harness/relying-party/server.ts';

/** A relying party behind a real nginx, and what is sent past it and through it. */

const SECRET = crypto.randomUUID();
/** nginx judges certificates by the clock of the machine. */
const start = new Date();

describe.skipIf(!hasNginx()).each(['optional', 'optional_no_ca'] as const)('behind nginx, %s', (verify) => {
  let deployment: Deployment;
  let nginx: Nginx;
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let door: { readonly origin: string; readonly caCertificatePem: string };
  let identity: DeviceIdentity;
  let last: Passage | undefined;
  const errors: unknown[] = [];

  beforeAll(async () => {
    deployment = await createDeployment({ start });
    const { ca, trustAnchors, attestingAuthorities } = deployment;
    const tls = await createTlsIdentity('nginx', start);
    nginx = await startNginx({ tls, clientAuthorities: toPem([ca.root, ca.issuing]), secret: SECRET, verify });
    const authorizer = createAuthorizer({
      trustAnchors,
      attestingAuthorities,
      policy: { wiki: parsePolicy({ format: 1, rules: [{ rule: 'os-version', minimum: '26.4' }] }) },
    });
    upstream = await startUpstream({
      path: nginx.upstreamPath,
      gate: gateByAuthorizer({
        authorizer,
        clock: deployment.world.clock,
        chain: chainFromNginx({ secret: SECRET, issuers: [ca.issuing] }),
      }),
      onDecision: (_, passage) => (last = passage),
      onError: (error) => errors.push(error),
    });
    door = { origin: nginx.origin, caCertificatePem: tls.rootPem };
    identity = await deployment.identityOf(deployment.world.device().device);
  });
  afterAll(async () => {
    await deployment.stop();
    await upstream.stop();
    await nginx.stop();
  });
  afterEach(() => expect(errors).toEqual([]));

  const code = (): string | undefined =>
    last?.allowed === false && last.error instanceof AttestationError ? last.error.code : undefined;
  const escaped = (der: Uint8Array): string => encodeURIComponent(toPem(der));

  /** Past nginx, to the socket of the relying party. */
  const sneak = (headers: readonly (readonly [string, string])[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const flat = headers.flatMap(([name, value]) => [name, value]);
      const sent = httpRequest(
        { socketPath: nginx.upstreamPath, path: '/wiki', headers: ['Host', 'party', ...flat] as never },
        (response) => {
          response.resume();
          resolve(response.statusCode!);
        },
      );
      sent.on('error', reject).end();
    });

  it('a device is let in with its certificate, again on the same connection, and not without it', async () => {
    for (let i = 0; i < 2; i++)
      expect(await deployment.visit(identity, door, '/wiki')).toMatchObject({
        status: 200,
        body: { device: 'device:SIMULATED1' },
      });
    expect((await deployment.visit(undefined, door, '/wiki')).status).toBe(401);
  });

  it('forged headers of a client count for nothing', async () => {
    const headers = {
      'X-Client-Cert': escaped(identity.certificateChain[0]!),
      'X-Client-Verify': 'SUCCESS',
      'X-Proxy-Secret': 'a secret that was guessed',
      X_Client_Cert: escaped(identity.certificateChain[0]!),
    };
    expect((await deployment.visit(undefined, door, '/wiki', { headers })).status).toBe(401);
    const other = await deployment.identityOf(
      deployment.world.device({ serialNumber: 'OTHER00001' }).device,
      'OTHER00001',
    );
    // Somebody with a certificate stays who it is.
    expect(await deployment.visit(other, door, '/wiki', { headers })).toMatchObject({
      status: 200,
      body: { device: 'device:OTHER00001' },
    });
  });

  it('a certificate of another authority with the same name is refused', async () => {
    const forger = await createCertificateAuthority({ seed: 'forger', at: start });
    const key = await deployment.world.device().device.createKey({ curve: 'P-256' });
    const { chain, der } = await forger.issue({
      orderId: 'forged',
      identifier: 'SIMULATED1',
      at: start.toISOString(),
      spki: toBase64(key.publicKey),
      serialNumber: 'SIMULATED1',
    });
    last = undefined;
    const forged = { key, certificateChainPem: chain, certificateChain: [der] };
    const { status } = await deployment.visit(forged, door, '/wiki');
    // nginx refuses it by itself, or says what it thinks of it.
    if (verify === 'optional') expect([status, last]).toEqual([400, undefined]);
    else expect([status, code()]).toEqual([401, 'ERR_MDA_HEADER_NOT_VERIFIED']);
  });

  it('past nginx nobody is believed who has no secret, and nobody who says things twice', async () => {
    const cert = ['X-Client-Cert', escaped(identity.certificateChain[0]!)] as const;
    const verified = ['X-Client-Verify', 'SUCCESS'] as const;
    const secret = ['X-Proxy-Secret', SECRET] as const;
    expect(await sneak([cert, verified, secret])).toBe(200);
    const refused = async (...headers: (readonly [string, string])[]): Promise<unknown> => [
      await sneak(headers),
      code(),
    ];
    expect(await refused(cert, verified)).toEqual([401, 'ERR_MDA_HEADER_UNTRUSTED']);
    expect(await refused(cert, verified, ['X-Proxy-Secret', 'guessed'])).toEqual([401, 'ERR_MDA_HEADER_UNTRUSTED']);
    expect(await refused(cert, verified, secret, secret)).toEqual([401, 'ERR_MDA_HEADER_UNTRUSTED']);
    expect(await refused(cert, cert, verified, secret)).toEqual([401, 'ERR_MDA_HEADER_DOUBLED']);
    expect(await refused(cert, secret)).toEqual([401, 'ERR_MDA_HEADER_NOT_VERIFIED']);
    expect(await refused(cert, verified, verified, secret)).toEqual([401, 'ERR_MDA_HEADER_NOT_VERIFIED']);
    expect(await refused(verified, secret)).toEqual([401, 'ERR_MDA_HEADER_MISSING']);
    for (const garbage of ['%', 'x', escaped(identity.certificateChain[0]!).slice(0, 500), escaped(new Uint8Array(64))])
      expect(await sneak([['X-Client-Cert', garbage], verified, secret])).toBe(401);
  });
});
