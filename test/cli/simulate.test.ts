import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPem, parseCertificate } from '../../src/index.ts';
import { createMemoryStore, identifierIsSerialNumber } from '../../src/acme/index.ts';
import { createCertificateAuthority } from '../harness/acme-server/ca.ts';
import { type AcmeServer, startAcmeServer } from '../harness/acme-server/server.ts';
import { createTlsIdentity } from '../harness/acme-server/tls.ts';
import { mda, temporaryFolder } from '../support/mda.ts';

/** The command against the reference server, in processes of their own. */

const HMAC_KEY = Buffer.alloc(32, 5);

const folder = temporaryFolder();
const clock = () => new Date();
let server: AcmeServer;
let bound: AcmeServer;
let authority: string;
let ca: string;

async function startServer(options: { readonly externalAccounts?: ReadonlyMap<string, Uint8Array> } = {}) {
  return startAcmeServer({
    trustAnchors: fromPem(readFileSync(folder.path('authority/root.pem'), 'utf8')).map(parseCertificate),
    ca: await createCertificateAuthority({ seed: 'simulate', at: new Date() }),
    store: createMemoryStore({ clock }),
    identify: identifierIsSerialNumber,
    ...options,
  });
}

beforeAll(async () => {
  const { code, stderr } = await mda(['authority', 'new', '--out', folder.path('authority')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  authority = folder.path('authority/authority.json');
  server = await startServer();
  bound = await startServer({ externalAccounts: new Map([['kid-1', HMAC_KEY]]) });
  ca = folder.write('ca.pem', server.caCertificatePem);
});
afterAll(async () => {
  await server.stop();
  await bound.stop();
  folder.remove();
});

const simulate = (args: readonly string[], directory = server.directoryUrl) =>
  mda([
    'simulate',
    'acme',
    ...['--directory', directory, '--authority', authority, '--ca', ca, '--identifier', 'SIMULATED1'],
    ...args,
  ]);

interface SimulateJson {
  readonly outcome: string;
  readonly step: string | null;
  readonly reason: string | null;
  readonly problem: { readonly type: string } | null;
  readonly certificates: readonly string[] | null;
  readonly events: readonly { readonly event: string; readonly step: string | null }[];
  readonly [member: string]: unknown;
}

async function simulateJson(args: readonly string[], directory?: string) {
  const { code, stdout, stderr } = await simulate([...args, '--json'], directory);
  return { code, stderr, json: JSON.parse(stdout) as SimulateJson };
}

describe('an enrollment', () => {
  it('is told step by step, and ends with 0 and a certificate', async () => {
    const { code, stdout, stderr } = await simulate(['--out', folder.path('out')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const step of ['directory', 'newNonce', 'newAccount', 'newOrder', 'authorization', 'challenge', 'finalize'])
      expect(stdout).toMatch(new RegExp(`^ +${step} +HTTP 20[01] +https://127\\.0\\.0\\.1:\\d+/`, 'm'));
    expect(stdout).toMatch(/^ISSUED$/m);
    expect(stdout).toMatch(/^ +subject +.*CN=SIMULATED1/m);
    expect(stdout).toMatch(/^ +names +permanentIdentifier SIMULATED1, hardwareModuleName /m);
    expect(stdout).toMatch(/^ +key +P-384, the attested one$/m);
    expect(stdout).toMatch(/^ +order +valid$/m);
    const [leaf] = fromPem(readFileSync(folder.path('out/certificate.pem'), 'utf8'));
    expect(new X509Certificate(leaf!).subject).toContain('SIMULATED1');
    expect(readFileSync(folder.path('out/csr.pem'), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
  });

  it('leaves an attestation that mda verify accepts', async () => {
    const { json } = await simulateJson(['--out', folder.path('verify')]);
    const { code } = await mda([
      'verify',
      folder.path('verify/attestation.json'),
      ...['--token', json['token'] as string, '--trust-anchor', folder.path('authority/root.pem')],
    ]);
    expect(code).toBe(0);
  });

  it('is told to programs, every field always', async () => {
    const { code, json } = await simulateJson(['--key-type', 'P-256', '--short-signatures', 'always']);
    expect(code).toBe(0);
    expect(Object.keys(json)).toEqual([
      'outcome',
      'step',
      'reason',
      'problem',
      'identifier',
      'fault',
      'orderUrl',
      'states',
      'publicKey',
      'token',
      'attObj',
      'csr',
      'certificates',
      'isForKey',
      'events',
    ]);
    expect(json).toMatchObject({
      outcome: 'issued',
      step: null,
      problem: null,
      identifier: 'SIMULATED1',
      states: { order: 'valid', authorization: 'valid', challenge: 'valid' },
      publicKey: { curve: 'P-256' },
      isForKey: true,
    });
    expect(json.certificates).toHaveLength(2);
    for (const event of json.events)
      expect(Object.keys(event).sort()).toEqual([
        'error',
        'event',
        'httpStatus',
        'milliseconds',
        'problem',
        'step',
        'url',
      ]);
  });

  it('has the same key again with the same seed', async () => {
    const runs = await Promise.all([1, 2].map(() => simulateJson(['--seed', 'device'])));
    expect(runs[0]!.json['publicKey']).toEqual(runs[1]!.json['publicKey']);
  });

  it('is of the device that was asked for', async () => {
    const args = ['--platform', 'iphone', '--serial-number', 'IPHONE1', '--udid', '00008140-000000000000ABCD'];
    const more = ['--os-version', '26.5', '--sep-os-version', '26.5', '--llb-version', '26.5', '--blank', 'llbVersion'];
    const { stdout } = await simulate([...args, ...more, '--software-update-device-id', 'D1', '--json']);
    const { attObj } = JSON.parse(stdout) as { attObj: string };
    const inspected = await mda(['inspect', '-', '--json'], { stdin: JSON.stringify({ attObj }) });
    expect((JSON.parse(inspected.stdout) as { properties: object }).properties).toMatchObject({
      serialNumber: { value: 'IPHONE1' },
      udid: { value: '00008140-000000000000ABCD' },
      softwareUpdateDeviceId: { value: 'D1' },
      osVersion: { value: '26.5' },
      llbVersion: { status: 'blank' },
      secureBoot: { status: 'absent' },
    });
    const mac = ['--udid', '00006030-ABCD', '--sip', 'disabled', '--secure-boot', 'permissive'];
    const run = await simulateJson([...mac, '--kernel-extensions', 'allowed', '--absent', 'osVersion']);
    const second = await mda(['inspect', '-', '--json'], { stdin: JSON.stringify({ attObj: run.json['attObj'] }) });
    expect((JSON.parse(second.stdout) as { properties: object }).properties).toMatchObject({
      udid: { value: '00006030-ABCD' },
      osVersion: { status: 'absent' },
      systemIntegrityProtection: { value: 'disabled' },
      secureBoot: { value: 'Permissive Security' },
      thirdPartyKernelExtensions: { value: 'allowed' },
    });
  });

  it('binds an external account', async () => {
    const eab = ['--eab-key-id', 'kid-1', '--eab-hmac-key', HMAC_KEY.toString('base64url')];
    expect((await simulateJson(eab, bound.directoryUrl)).code).toBe(0);
    const { code, json } = await simulateJson([], bound.directoryUrl);
    expect([code, json.outcome, json.step]).toEqual([1, 'refused', 'newAccount']);
    expect(json.problem?.type).toBe('urn:ietf:params:acme:error:externalAccountRequired');
  });
});

describe('a refusal', () => {
  it('ends with 1, and says what was refused and where the order stands', async () => {
    const { code, stdout, stderr } = await simulate(['--serial-number', 'OTHER', '--out', folder.path('refused')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^REFUSED$/m);
    expect(stdout).toMatch(/^ +at +challenge$/m);
    expect(stdout).toMatch(/^ +problem +urn:ietf:params:acme:error:badAttestationStatement$/m);
    expect(stdout).toMatch(/^ +order +invalid$/m);
    expect(existsSync(folder.path('refused/attestation.json'))).toBe(true);
    expect(existsSync(folder.path('refused/certificate.pem'))).toBe(false);
  });

  it.each([
    [['--no-attest'], 'badAttestationStatement'],
    [['--attestation-refused'], 'badAttestationStatement'],
    [['--enrollment', 'user'], 'badAttestationStatement'],
    [['--fault', 'leaf-changed'], 'badAttestationStatement'],
    [['--fault', 'object-tagged'], 'badAttestationStatement'],
    [['--fault', 'token-key-authorization'], 'badAttestationStatement'],
    [['--fault', 'csr-other-key'], 'badCSR'],
  ])('of %j: %s', async (args, problem) => {
    const { code, json } = await simulateJson(args);
    expect([code, json.outcome, json.problem?.type]).toEqual([1, 'refused', `urn:ietf:params:acme:error:${problem}`]);
    expect(json['fault']).toBe(args[0] === '--fault' ? args[1] : null);
  });
});

describe('no verdict', () => {
  let broken: Server;
  let url: string;
  beforeAll(async () => {
    const { keyPem, certificatePem } = await createTlsIdentity('acme server', new Date());
    broken = createServer({ key: keyPem, cert: certificatePem }, (request, response) => {
      if (request.url === '/large') response.end('x'.repeat(2_000_000));
      else if (request.url === '/elsewhere')
        response.end(JSON.stringify({ newNonce: 'https://[', newAccount: 'https://[', newOrder: 'https://[' }));
      else response.writeHead(request.url === '/failing' ? 503 : 200, { 'retry-after': '0' }).end('\u001b[2J');
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(broken.address() as AddressInfo).port}`;
  });
  afterAll(() => broken.close());

  it('comes of a server that fails, or speaks something else', async () => {
    const [failing, other] = await Promise.all([simulate([], `${url}/failing`), simulateJson([], `${url}/other`)]);
    expect(failing.code).toBe(2);
    expect(failing.stdout).toMatch(/^NO VERDICT$/m);
    expect(failing.stdout).toMatch(/^ +directory +HTTP 503/m);
    expect(failing.stderr).toBe('mda: directory: HTTP 503; going on in 0 ms\n'.repeat(3));
    expect([other.code, other.json.reason, other.stderr]).toEqual([2, 'unexpected-answer', '']);
  });

  it('comes of a server that cannot be reached, or not trusted', async () => {
    const { port } = broken.address() as AddressInfo;
    const runs = await Promise.all([
      simulate([], `${url}/large`),
      simulate([], `${url}/elsewhere`),
      simulate([], 'https://127.0.0.1:1/directory'),
      simulate([], `https://localhost.invalid:${port}/directory`),
      mda(['simulate', 'acme', '--directory', url, '--authority', authority, '--identifier', 'x']),
    ]);
    const words = ['more than 1048576 bytes', 'not https', 'nobody listens', 'cannot reach', '--ca'];
    for (const [index, { code, stdout, stderr }] of runs.entries()) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr.trimEnd().split('\n').at(-1)).toContain(words[index]);
      expect(stderr).not.toContain('internal');
    }
  });
});

describe('a usage error', () => {
  it.each([
    [['simulate']],
    [['simulate', 'mdm']],
    [['simulate', 'acme']],
    [['simulate', 'acme', '--directory', 'https://127.0.0.1:1']],
    [['simulate', 'acme', '--directory', 'https://127.0.0.1:1', '--identifier', 'x']],
  ])('%j', async (args) => {
    const { code, stdout, stderr } = await mda(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mda: [^\n]+\n$/);
    expect(stderr).not.toContain('internal');
  });

  it('is found before anything is sent', async () => {
    const there = folder.path('there');
    await mda(['authority', 'new', '--out', there]);
    folder.write('there/csr.pem', '');
    const changed = JSON.parse(readFileSync(authority, 'utf8')) as object;
    const write = (name: string, value: unknown) => folder.write(name, JSON.stringify(value));
    const cases: readonly (readonly string[])[] = [
      ['x'],
      ['--directory', 'http://127.0.0.1:1'],
      ['--directory', 'https://['],
      ['--key-type', 'P-521'],
      ['--key-type', 'toString'],
      ['--platform', 'watch'],
      ['--absent', 'colour'],
      ['--fault', 'none'],
      ['--eab-key-id', 'kid-1'],
      ['--eab-hmac-key', 'AQID'],
      ['--eab-key-id', 'kid-1', '--eab-hmac-key', 'not base64url'],
      ['--out', there],
      ['--ca', '-'],
      ['--ca', folder.path('missing.pem')],
      ['--ca', authority],
      ['--authority', '-'],
      ['--authority', folder.path('missing.json')],
      ['--authority', ca],
      ['--authority', write('null.json', null)],
      ['--authority', write('format.json', { ...changed, format: 'another' })],
      ['--authority', write('seed.json', { ...changed, seed: 1 })],
      ['--authority', write('at.json', { ...changed, at: 'tomorrow' })],
      ['--authority', write('changed.json', { ...changed, seed: 'another' })],
    ];
    const given = { '--directory': 'https://127.0.0.1:1', '--identifier': 'x', '--authority': authority };
    const runs = await Promise.all(
      cases.map((args) => {
        const rest = Object.entries(given).filter(([name]) => !args.includes(name));
        return mda(['simulate', 'acme', ...args, ...rest.flat()]);
      }),
    );
    for (const [index, { code, stdout, stderr }] of runs.entries()) {
      expect({ args: cases[index], code, stdout }).toEqual({ args: cases[index], code: 2, stdout: '' });
      expect(stderr).toMatch(/^mda: [^\n]+\n$/);
      expect(stderr).not.toMatch(/internal|cannot reach/);
    }
  });
});
