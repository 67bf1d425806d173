import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AttestationError, toBase64, toPem } from '../../src/index.ts';
import { parsePolicy, type PolicyDocument } from '../../src/policy/index.ts';
import { chainFromHeaders, chainFromTlsSocket, createAuthorizer } from '../../src/relying-party/index.ts';
import { createCertificateAuthority } from '../harness/acme-server/ca.ts';
import { createTlsIdentity } from '../harness/acme-server/tls.ts';
import { createDeployment, type Deployment, type DeviceIdentity } from '../harness/deployment.ts';
import { askFactsOf, lookUpByAsking } from '../harness/mdm-server/asking-facts.ts';
import { gateByAuthorizer } from '../harness/relying-party/authorizing.ts';
import { checkByLists } from '../harness/relying-party/revocation.ts';
import type { RelyingParty } from '../harness/relying-party/server.ts';
import { createHttpsFetch } from '../support/https-fetch.ts';

/** What relying parties, and those they ask, are sent by nobody who is honest. Past nginx: `nginx.test.ts`. */

const FILE_VAULT = { rule: 'file-vault', accept: 'reported' } as const;
const WIKI: PolicyDocument = { format: 1, rules: [{ rule: 'os-version', minimum: '26.4' }] };

let deployment: Deployment;
let identity: DeviceIdentity;
beforeAll(async () => {
  deployment = await createDeployment();
  const managed = deployment.world.device();
  await deployment.manage(managed);
  identity = await deployment.identityOf(managed.device);
});
afterAll(() => deployment.stop());
afterEach(() => {
  expect(deployment.errors).toEqual([]);
  expect(deployment.world.errors).toEqual([]);
});

/** The status and code of an answer, and the code of the error behind it. */
async function visit(
  party: RelyingParty,
  who: DeviceIdentity | undefined = identity,
  headers = {},
): Promise<unknown[]> {
  const { status, body } = await deployment.visit(who, party, '/wiki', { headers });
  const { passage } = deployment.log.at(-1)!;
  const error = !passage.allowed && passage.error instanceof AttestationError ? passage.error.code : undefined;
  return [status, body['code'], error];
}

const NEVER = 'no answer at all';

/** Of whatever comes at a connection that is TLS: a server that answers with this, always. */
async function startLiar(answer: Uint8Array | string) {
  const tls = await createTlsIdentity('liar', new Date());
  const server = createServer({ key: tls.keyPem, cert: tls.certificatePem }, (request, response) => {
    request.resume();
    if (answer !== NEVER) response.end(answer);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { fetch, close } = createHttpsFetch({ ca: tls.rootPem });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    fetch,
    stop: () => {
      close();
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a certificate of another authority with the same name', () => {
  it('is refused, with the issuer of the right one sent along, too', async () => {
    const forger = await createCertificateAuthority({ seed: 'forger', at: deployment.world.clock() });
    const forged = await forger.issue({
      orderId: 'forged',
      identifier: 'SIMULATED1',
      at: deployment.world.clock().toISOString(),
      spki: toBase64(identity.key.publicKey),
      serialNumber: 'SIMULATED1',
    });
    const [party, plain] = await Promise.all([deployment.decider({ wiki: WIKI }), deployment.validator()]);
    for (const certificateChainPem of [forged.chain, toPem([forged.der, deployment.ca.issuing])])
      for (const door of [party, plain]) {
        const [status, code, error] = await visit(door, { ...identity, certificateChainPem });
        expect([status, code]).toEqual([401, 'identity-refused']);
        expect(error).toMatch(/^ERR_MDA_CHAIN_/);
      }
  });
});

describe('headers with a certificate', () => {
  it('are of no interest to a service that has the connection itself', async () => {
    const party = await deployment.decider({ wiki: WIKI });
    const headers = {
      'client-cert': `:${toBase64(identity.certificateChain[0]!)}:`,
      'x-client-cert': encodeURIComponent(toPem(identity.certificateChain[0]!)),
      'x-client-verify': 'SUCCESS',
    };
    expect((await deployment.visit(undefined, party, '/wiki', { headers })).status).toBe(401);
  });

  it('with a chain that is not that of the TLS peer are refused', async () => {
    const { trustAnchors, attestingAuthorities, world } = deployment;
    const authorizer = createAuthorizer({ trustAnchors, attestingAuthorities, policy: parsePolicy(WIKI) });
    const party = await deployment.party(
      gateByAuthorizer({
        authorizer,
        clock: world.clock,
        chain: ({ headers, socket }) =>
          chainFromHeaders(headers, {
            forwarded: { form: 'rfc9440' },
            proxy: { authenticated: true },
            connectionChain: chainFromTlsSocket(socket),
            issuers: [deployment.ca.issuing],
          }),
      }),
    );
    const other = await deployment.identityOf(world.device({ serialNumber: 'OTHER00001' }).device, 'OTHER00001');
    const headerOf = ({ certificateChain }: DeviceIdentity) => ({
      'client-cert': `:${toBase64(certificateChain[0]!)}:`,
    });
    expect(await visit(party, identity, headerOf(identity))).toEqual([200, undefined, undefined]);
    expect(await visit(party, other, headerOf(identity))).toEqual([401, 'identity-refused', 'ERR_MDA_HEADER_MISMATCH']);
  });
});

describe('an MDM service that is not one', () => {
  const partyThatAsks = async (liar: Awaited<ReturnType<typeof startLiar>>) => {
    const ask = askFactsOf({ url: () => liar.url, secret: 'anything', fetch: liar.fetch });
    return deployment.decider(
      { wiki: { format: 1, rules: [...WIKI.rules, FILE_VAULT] } },
      { dynamic: { lookup: lookUpByAsking(ask), timeoutMilliseconds: 200 } },
    );
  };

  it.each([
    ['that hangs', NEVER, 'dynamic-timeout'],
    ['that answers garbage', '\u0000garbage', 'dynamic-failed'],
    ['that answers with a text', '{"reported":"all is well","inventory":{}}', 'dynamic-invalid'],
    [
      'that attests',
      '{"reported":{"osVersion":{"status":"known","value":"99","source":"attested"}}}',
      'dynamic-invalid',
    ],
    [
      'that lies in its types',
      '{"reported":{"fileVault":{"status":"known","value":"yes","source":"reported"}}}',
      'policy',
    ],
    ['that nests', `{"inventory":${'{"known":'.repeat(500)}1${'}'.repeat(500)}}`, 'dynamic-invalid'],
  ])('%s lets nobody in', async (_, answer, code) => {
    const liar = await startLiar(answer);
    const party = await partyThatAsks(liar);
    expect((await visit(party)).slice(0, 2)).toEqual([code === 'policy' ? 403 : 503, code]);
    liar.stop();
  });
});

describe('revocation lists', () => {
  it.each([
    ['that are garbage', () => Promise.resolve(new Uint8Array(100).fill(0x30))],
    ['that are empty', () => Promise.resolve(new Uint8Array())],
    ['that are certificates', () => Promise.resolve(deployment.ca.issuing)],
    [
      'with a byte changed',
      async () => (await ownList()).map((byte, i, { length }) => (i === length - 9 ? byte ^ 1 : byte)),
    ],
    ['cut short', async () => (await ownList()).slice(0, -1)],
    ['of another authority with the same name', () => forgedList()],
    ['that are too large', () => Promise.resolve(new Uint8Array(4 * 1024 * 1024 + 1))],
  ])('%s say nothing: it is refused, or let in, as the party chose', async (_, write) => {
    const liar = await startLiar(await write());
    const partyWith = (onUnknown: 'refuse' | 'accept') =>
      deployment.validator(checkByLists({ urls: [liar.url], fetch: liar.fetch, refreshSeconds: 60, onUnknown }));
    expect((await visit(await partyWith('refuse'))).slice(0, 2)).toEqual([503, 'revocation-unknown']);
    expect((await visit(await partyWith('accept'))).slice(0, 1)).toEqual([200]);
    liar.stop();
  });

  const listOf = async (url: string, caCertificatePem: string): Promise<Uint8Array> => {
    const { fetch, close } = createHttpsFetch({ ca: caCertificatePem });
    const bytes = await (await fetch(url)).bytes();
    close();
    return bytes;
  };
  const ownList = () => listOf(deployment.acme.urls.lists[0], deployment.acme.caCertificatePem);
  const forgedList = async () => {
    const { writeRevocationList, periodFrom } = await import('../harness/acme-server/revocation-documents.ts');
    const at = deployment.world.clock();
    const { signers } = await createCertificateAuthority({ seed: 'forger', at });
    return writeRevocationList(signers.issuing, [], periodFrom(at, 3600));
  };
});
