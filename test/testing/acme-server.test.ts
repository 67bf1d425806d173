import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/index.ts';
import {
  type AcmeEnrollmentOptions,
  type AcmeOutcome,
  createSimulatedDevice,
  encodeAttestationObject,
  ENROLLMENT_FAULTS,
  enrollByAcme,
  FAULTS,
  readAcmePayload,
  type SimulatedDevice,
} from '../../src/testing/index.ts';
import { createWorld, type World } from '../acme-server/world.ts';

/** The simulated device and the reference server. */

const hmacKey = new Uint8Array(32).fill(5);
let world: World;
let bound: World;
beforeAll(async () => {
  world = await createWorld();
  bound = await createWorld({ externalAccounts: new Map([['kid-1', hmacKey]]) });
});
afterAll(async () => {
  await world.stop();
  await bound.stop();
});

const enroll = (
  device: SimulatedDevice,
  options: Partial<AcmeEnrollmentOptions> = {},
  { server, fetch, clock } = world,
) =>
  enrollByAcme(device, {
    directoryUrl: server.directoryUrl,
    clientIdentifier: 'SIMULATED1',
    fetch,
    clock,
    sleep: () => Promise.resolve(),
    ...options,
  });

const problemOf = (outcome: AcmeOutcome): string | undefined =>
  outcome.status === 'refused' ? outcome.problem?.type.replace('urn:ietf:params:acme:error:', '') : outcome.status;

describe('a simulated device', () => {
  it.each([
    ['P-256', 'always'],
    ['P-256', 'never'],
    ['P-384', 'always'],
    ['P-384', 'as-apple'],
  ] as const)('gets a certificate for a key on %s, with short signatures %s', async (keyType, shortSignatures) => {
    const outcome = await enroll(world.device(), { keyType, shortSignatures });
    if (outcome.status !== 'issued') throw new Error(JSON.stringify(outcome));
    expect(outcome).toMatchObject({ isForKey: true, states: { order: 'valid' } });
    const [leaf, issuer] = outcome.certificateChain.map((der) => new X509Certificate(der));
    expect(leaf!.verify(issuer!.publicKey)).toBe(true);
    expect(outcome.certificateChainPem).toBe(world.issued.at(-1)!.chain);
    const again = await outcome.account!.post(outcome.finalizeUrl!, { csr: toBase64Url(outcome.sent.csr!) });
    expect(again.body).not.toContain('processing');
  });

  it('does what a payload says', async () => {
    const payload = readAcmePayload({
      DirectoryURL: world.server.directoryUrl,
      ClientIdentifier: 'SIMULATED2',
      KeyType: 'ECSECPrimeRandom',
      KeySize: 256,
      HardwareBound: true,
      Attest: true,
      Subject: [[['CN', 'anything']]],
      SubjectAltName: { rfc822Name: 'a@example.com' },
      ExtendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
      UsageFlags: 5,
    });
    const outcome = await enroll(world.device({ serialNumber: 'SIMULATED2' }), payload);
    expect([outcome.status, outcome.key.curve]).toEqual(['issued', 'P-256']);
  });

  it('needs an external account where the server asks for one', async () => {
    expect(problemOf(await enroll(bound.device(), {}, bound))).toBe('externalAccountRequired');
    const externalAccount = { keyId: 'kid-1', hmacKey };
    expect((await enroll(bound.device(), { externalAccount }, bound)).status).toBe('issued');
    const wrong = { keyId: 'kid-1', hmacKey: new Uint8Array(32) };
    expect((await enroll(bound.device(), { externalAccount: wrong }, bound)).status).toBe('refused');
  });

  it('is refused if it is another, has nothing attested, or orders for another', async () => {
    const outcomes = await Promise.all([
      enroll(world.device({ serialNumber: 'OTHER' })),
      enroll(world.device(), { attest: false }),
      enroll(world.device({ attestation: 'refused' })),
      enroll(world.device({ enrollment: 'user' })),
      enroll(world.device(), { clientIdentifier: 'OTHER' }),
    ]);
    expect(new Set(outcomes.map(problemOf))).toEqual(new Set(['badAttestationStatement']));
    for (const { states } of outcomes)
      expect(states).toEqual({ order: 'invalid', authorization: 'invalid', challenge: 'invalid' });
  });
});

/** Faults that show elsewhere than in the attestation: with the certificate request, and at the limit of a body. */
const EXCEPTIONS: Readonly<Partial<Record<string, string>>> = {
  'key-other': 'badCSR',
  'object-too-large': 'malformed',
};

describe('what no honest device sends', () => {
  it.each(ENROLLMENT_FAULTS)('$title: $problem at $step', async ({ step, problem, tamper }) => {
    const device = world.device();
    const before = world.issued.length;
    const outcome = await enroll(device, { tamper: tamper(device) });
    expect(outcome).toMatchObject({ status: 'refused', step });
    expect(problemOf(outcome)).toBe(problem);
    if (step === 'challenge') expect(outcome.states.order).toBe('invalid');
    // RFC 8555, 7.4: another request may still be right.
    if (step === 'finalize') expect(outcome.states.order).toBe('ready');
    expect(world.issued).toHaveLength(before);
  });

  it('is there for keys on either curve', async () => {
    const { tamper } = ENROLLMENT_FAULTS.find(({ name }) => name === 'csr-other-curve')!;
    const device = world.device();
    expect(problemOf(await enroll(device, { keyType: 'P-256', tamper: tamper(device) }))).toBe('badCSR');
  });

  it.each(FAULTS)('$title: refused', async (fault) => {
    const { authority, clock } = world;
    const device = createSimulatedDevice(fault.of === 'chain' ? authority.withFault(fault.name) : authority, { clock });
    const before = world.issued.length;
    const outcome = await enroll(
      device,
      fault.of === 'object'
        ? { tamper: { attestationObject: (_, { x5c }) => encodeAttestationObject(x5c, { fault: fault.name }) } }
        : {},
    );
    expect(problemOf(outcome)).toBe(EXCEPTIONS[fault.name] ?? 'badAttestationStatement');
    expect(world.issued).toHaveLength(before);
  });
});
