import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromPem } from '../../src/index.ts';
import {
  attestingAuthority,
  factsFromIdentity,
  identityTrustAnchor,
  verifyIdentity,
  type VerifiedIdentity,
} from '../../src/identity/index.ts';
import { parsePolicy } from '../../src/policy/index.ts';
import { enrollByAcme, type SimulatedDeviceOptions } from '../../src/testing/index.ts';
import type { AcmeServerOptions } from '../harness/acme-server/options.ts';
import { checkByLists, checkByOcsp } from '../harness/relying-party/revocation.ts';
import { createWorld, START, type World } from './world.ts';

/** What the server says for relying parties: in certificates, in revocation lists, by OCSP. */

const HOUR = 3_600_000;
const PROFILE = { include: 'all', privacy: 'identify', maximumSeconds: 86_400 } as const;

let world: World;
beforeEach(async () => {
  world = await createWorld({ identity: PROFILE });
});
afterEach(async () => {
  expect(world.errors).toEqual([]);
  await world.stop();
});

const enroll = (options: Partial<SimulatedDeviceOptions> = {}) =>
  enrollByAcme(world.device(options), {
    directoryUrl: world.server.directoryUrl,
    clientIdentifier: options.serialNumber ?? 'SIMULATED1',
    keyType: 'P-256',
    fetch: world.fetch,
    clock: world.clock,
  });

async function identityOf(outcome: Awaited<ReturnType<typeof enroll>>): Promise<VerifiedIdentity> {
  if (outcome.status !== 'issued') throw new Error(`not issued: ${outcome.status}`);
  return verifyIdentity(outcome.certificateChain, {
    at: world.clock(),
    trustAnchors: [identityTrustAnchor(world.ca.root)],
    attestingAuthorities: [attestingAuthority(world.ca.issuing)],
  });
}

async function withIdentity(identity: AcmeServerOptions['identity']): Promise<void> {
  await world.stop();
  world = await createWorld(identity === undefined ? {} : { identity });
}

describe('a certificate', () => {
  it('has what was attested, and what it names is attested', async () => {
    const identity = await identityOf(await enroll());
    expect(identity.unattested).toBeUndefined();
    expect(identity.identifiers).toMatchObject([
      { kind: 'permanentIdentifier', identifierValue: 'SIMULATED1', saidBy: 'attestation' },
      { kind: 'hardwareModuleName', saidBy: 'attestation' },
    ]);
    expect(factsFromIdentity(identity).attested).toMatchObject({
      osVersion: { status: 'known', value: '26.4.1', source: 'attested' },
      freshness: 'fresh',
    });
  });

  it('withholds who the device is if it is to', async () => {
    await withIdentity({ ...PROFILE, privacy: 'withhold-identifiers' });
    const outcome = await enroll();
    const identity = await identityOf(outcome);
    expect(identity.identifiers).toEqual([]);
    expect(identity.properties).toMatchObject({
      serialNumber: { status: 'absent' },
      osVersion: { status: 'attested', value: '26.4.1' },
    });
    expect(Buffer.from(world.issued[0]!.der).includes('SIMULATED1')).toBe(false);
  });

  it('is valid for as long as was planned, and not beyond what the policy says of ages', async () => {
    expect((await identityOf(await enroll())).notAfter).toEqual(new Date(START.getTime() + 24 * HOUR));
    const policy = parsePolicy({ format: 1, rules: [{ rule: 'attestation-age', maximumSeconds: 7200 }] });
    await withIdentity({ ...PROFILE, policy });
    const { notAfter, evidence } = await identityOf(await enroll());
    expect(notAfter).toEqual(new Date(evidence!.attestedAt.getTime() + 2 * HOUR));
  });

  it('is refused if not a second would be left of it', async () => {
    const policy = parsePolicy({ format: 1, rules: [{ rule: 'attestation-age', maximumSeconds: 5 }] });
    await withIdentity({ ...PROFILE, policy });
    const late = { clock: () => new Date(START.getTime() - 10_000) };
    expect(await enroll(late)).toMatchObject({
      status: 'refused',
      step: 'challenge',
      problem: { type: 'urn:ietf:params:acme:error:badAttestationStatement' },
    });
    expect(world.issued).toEqual([]);
  });
});

describe.each(['lists', 'OCSP'])('what was revoked, by %s', (by) => {
  const check = (identity: VerifiedIdentity, issuer = world.ca.issuing) => {
    const { lists, ocsp } = world.server.urls;
    const common = { fetch: world.fetch, onUnknown: 'refuse' } as const;
    const judge =
      by === 'lists'
        ? checkByLists({ ...common, urls: lists, refreshSeconds: 60 })
        : checkByOcsp({ ...common, url: ocsp, issuer, lists: [lists[1]] });
    return judge(identity, { at: world.clock() });
  };

  it('is known; nothing else is', async () => {
    const lost = await identityOf(await enroll());
    const kept = await identityOf(await enroll({ serialNumber: 'SIMULATED2' }));
    expect(await check(lost)).toMatchObject({ status: 'good', rejected: [] });
    expect(await world.server.revoke(lost.certificateSerialNumber)).toBe(true);
    expect(await world.server.revoke(lost.certificateSerialNumber)).toBe(false);
    expect(await check(lost)).toMatchObject({
      status: 'revoked',
      rejected: [],
      certificates: [{ status: 'revoked', reason: 'privilege-withdrawn' }, { status: 'good' }],
    });
    expect(await check(kept)).toMatchObject({ status: 'good', rejected: [] });
    expect(await world.server.revoke(kept.certificateSerialNumber, 0)).toBe(true);
    expect(await check(kept)).toMatchObject({ status: 'revoked', rejected: [] });
    expect(await world.server.revoke('40ff')).toBe(false);
  });

  it('leaves the list once it is expired', async () => {
    const lost = await identityOf(await enroll());
    await world.server.revoke(lost.certificateSerialNumber);
    const list = await (await world.fetch(world.server.urls.lists[0])).bytes();
    world.wait(25 * HOUR);
    expect((await (await world.fetch(world.server.urls.lists[0])).bytes()).length).toBeLessThan(list.length);
  });
});

it('answers what is no request, or about certificates of others, without lying', async () => {
  const { ocsp, lists } = world.server.urls;
  const answer = await world.fetch(ocsp, { method: 'POST', body: 'garbage' });
  // OCSPResponse ::= SEQUENCE { malformedRequest (1) }
  expect([answer.status, Buffer.from(await answer.bytes()).toString('hex')]).toEqual([200, '30030a0101']);
  expect((await world.fetch(ocsp, { method: 'POST', body: 'x'.repeat(5000) })).status).toBe(413);
  expect((await world.fetch(ocsp)).status).toBe(405);
  expect((await world.fetch(lists[0].replace('issuing', 'other'))).status).toBe(404);
  const identity = await identityOf(await enroll());
  const check = checkByOcsp({
    url: ocsp,
    issuer: world.ca.root,
    lists: [lists[1]],
    fetch: world.fetch,
    onUnknown: 'refuse',
  });
  expect(await check(identity, { at: world.clock() })).toMatchObject({ status: 'unknown', accepted: false });
  expect(fromPem(world.server.caCertificatePem)).toHaveLength(1);
});
