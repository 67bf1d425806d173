import { createServer as createPlainServer, connect as connectPlain, type AddressInfo } from 'node:net';
import { connect, createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AttestationError, toBase64, toPem } from '../../src/index.ts';
import { createAttestationAuthority, createSimulatedDevice, exportPrivateKeyPem } from '../../src/testing/index.ts';
import { chainFromTlsSocket, type ServerSocket } from '../../src/relying-party/index.ts';
import { createTlsIdentity } from '../harness/acme-server/tls.ts';
import { AT } from '../support/mint.ts';
import { refusalOf } from '../support/refusal.ts';

let server: Server;
let client: { readonly cert: string; readonly key: string };
let chain: readonly Uint8Array[];
/** What the server read from its sockets, or the code that it was refused with. */
const seen: unknown[] = [];

const look = (read: () => readonly Uint8Array[]): unknown => {
  try {
    return read().map((der) => toBase64(der));
  } catch (error) {
    return error instanceof AttestationError ? error.code : error;
  }
};

beforeAll(async () => {
  const authority = await createAttestationAuthority({ seed: 'relying party', at: AT });
  const device = createSimulatedDevice(authority, { clock: () => AT, exportableKeys: true });
  const key = await device.createKey({ curve: 'P-384' });
  const answer = await device.attest({ key, freshnessCode: new Uint8Array(32) });
  if (answer.status !== 'attested') throw new Error(answer.status);
  chain = answer.x5c;
  client = { cert: toPem(chain), key: await exportPrivateKeyPem(key) };
  const tls = await createTlsIdentity('relying party', new Date());
  const options = { key: tls.keyPem, cert: tls.certificatePem, requestCert: true, rejectUnauthorized: false };
  server = createServer(options, (socket) => {
    const issuers = chain.slice(1);
    seen.push([
      socket.isSessionReused(),
      look(() => chainFromTlsSocket(socket)),
      look(() => chainFromTlsSocket(socket, { issuers })),
      // Of the next request on the same connection.
      look(() => chainFromTlsSocket(socket)),
    ]);
    socket.once('close', () => {
      seen.push(look(() => chainFromTlsSocket(socket)));
    });
    socket.end('x');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(() => {
  server.close();
});

/** Connects once and gives what the server saw, and the session to resume. */
async function visit(identity: object, session?: Buffer): Promise<{ readonly saw: unknown; readonly session: Buffer }> {
  seen.length = 0;
  let next: Buffer | undefined;
  await new Promise<void>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const socket = connect({
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      ...identity,
      ...(session && { session }),
    });
    socket.on('session', (ticket) => {
      next = ticket;
    });
    socket
      .on('error', reject)
      .on('close', () => resolve())
      .resume();
  });
  await expect.poll(() => seen.length).toBe(2);
  return { saw: seen[0], session: next! };
}

it('reads what the client sent, leaf first, and in a resumed session the leaf', async () => {
  const all = chain.map((der) => toBase64(der));
  const first = await visit(client);
  expect(first.saw).toEqual([false, all, all, all]);
  const second = await visit(client, first.session);
  expect(second.saw).toEqual([true, all.slice(0, 1), all, all.slice(0, 1)]);
});

it('refuses a client without a certificate, and a connection that is gone', async () => {
  const { saw } = await visit({});
  const none = 'ERR_MDA_CONNECTION_NO_CERTIFICATE';
  expect(saw).toEqual([false, none, none, none]);
  expect(seen[1]).toBe(none);
});

it('refuses a connection that is not TLS', async () => {
  const plain = createPlainServer();
  const saw = new Promise((resolve) => {
    plain.on('connection', (socket) => {
      resolve(look(() => chainFromTlsSocket(socket)));
      socket.end();
    });
  });
  await new Promise<void>((resolve) => {
    plain.listen(0, '127.0.0.1', resolve);
  });
  connectPlain((plain.address() as AddressInfo).port, '127.0.0.1').resume();
  expect(await saw).toBe('ERR_MDA_CONNECTION_NOT_TLS');
  plain.close();
  expect(refusalOf(() => chainFromTlsSocket({ encrypted: true })).code).toBe('ERR_MDA_CONNECTION_NOT_TLS');
});

it('ends where a chain does not', () => {
  const endless = { raw: chain[0]!, issuerCertificate: undefined as unknown };
  endless.issuerCertificate = endless;
  const socket = { encrypted: true, getPeerX509Certificate: () => endless } as unknown as ServerSocket;
  expect(refusalOf(() => chainFromTlsSocket(socket)).code).toBe('ERR_MDA_CONNECTION_CERTIFICATE_COUNT');
});

it('refuses what the caller got wrong', () => {
  const socket = { encrypted: true, getPeerX509Certificate: () => ({ raw: chain[0]! }) };
  expect(() => chainFromTlsSocket(socket, { misspelt: true } as never)).toThrow(TypeError);
  expect(() => chainFromTlsSocket(socket, { issuers: [] })).toThrow(TypeError);
  expect(() => chainFromTlsSocket(undefined as never)).toThrow(TypeError);
});

it('does not give one leaf what followed another, and gives no caller what another one wrote into', () => {
  const [leaf, issuer] = chain as [Uint8Array, Uint8Array];
  let peer: object = { raw: leaf, issuerCertificate: { raw: issuer } };
  const socket = { encrypted: true, getPeerX509Certificate: () => peer } as unknown as ServerSocket;
  expect(chainFromTlsSocket(socket)).toEqual([leaf, issuer]);
  peer = { raw: leaf };
  chainFromTlsSocket(socket)[1]!.fill(0);
  expect(chainFromTlsSocket(socket)).toEqual([leaf, issuer]);
  peer = { raw: issuer };
  expect(chainFromTlsSocket(socket)).toEqual([issuer]);
});
