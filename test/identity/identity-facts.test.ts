import { describe, expect, it } from 'vitest';
import {
  factsFromIdentity,
  identityTrustAnchor,
  noAttestingAuthority,
  verifyIdentity,
} from '../../src/identity/index.ts';
import { evaluatePolicy, parsePolicy } from '../../src/policy/index.ts';
import {
  AT,
  type Changes,
  DEVICE,
  deviceCertificate,
  ecSigner,
  evidenceFor,
  PLAIN_EXTENSIONS,
  PROPERTIES,
  rootAuthority,
  SERIAL_NUMBER,
} from '../support/organisation.ts';

const root = await rootAuthority('Facts', ecSigner('facts'));
const trustAnchors = [identityTrustAnchor(root.der)];
const verified = async (changes: Changes = {}, attests = true) =>
  verifyIdentity([await deviceCertificate(root, changes)], {
    at: AT,
    trustAnchors,
    attestingAuthorities: attests ? trustAnchors : noAttestingAuthority,
  });

describe('facts of an identity', () => {
  it('are attested, by the certificate of the attestation', async () => {
    const { attested, reported, inventory } = factsFromIdentity(await verified());
    const source = { source: 'attested', attestedAt: new Date('2026-05-01T00:00:00Z'), certificate: '07'.repeat(32) };
    expect(attested?.serialNumber).toEqual({ status: 'known', value: SERIAL_NUMBER, ...source });
    expect(attested?.osVersion).toEqual({ status: 'known', value: '26.4.1', ...source });
    expect(attested?.udid).toEqual({ status: 'absent' });
    expect(attested).toMatchObject({ freshness: 'fresh', certificate: '07'.repeat(32) });
    const fingerprint = Buffer.from(await crypto.subtle.digest('SHA-256', DEVICE.spki)).toString('hex');
    expect(attested?.publicKey).toEqual({ keyType: 'EC', curve: 'P-256', fingerprint });
    expect([reported, inventory]).toEqual([{}, {}]);
  });

  it('count until the attestation or the certificate ends', async () => {
    expect(factsFromIdentity(await verified()).attested?.notAfter).toEqual(new Date('2026-06-15T00:00:00Z'));
    const long = await verified({ notAfter: new Date('2027-01-01T00:00:00Z') });
    expect(factsFromIdentity(long).attested?.notAfter).toEqual(new Date('2026-07-31T00:00:00Z'));
  });

  it('say where the authority did not ask for freshness', async () => {
    const evidence = evidenceFor(DEVICE.spki, { freshness: 'not checked' });
    const identity = await verified({ extensions: [...PLAIN_EXTENSIONS, ...PROPERTIES, evidence] });
    expect(factsFromIdentity(identity).attested?.freshness).toBe('not-requested');
  });

  it('hold no attestation where nothing counts as attested', async () => {
    expect(factsFromIdentity(await verified({}, false)).attested).toBeUndefined();
  });

  it('are what a policy decides by', async () => {
    const policy = parsePolicy({
      format: 1,
      rules: [{ rule: 'os-version', minimum: '26.4', platforms: ['macos'] }],
    });
    const at = AT;
    const sources = { inventory: { serialNumber: SERIAL_NUMBER, platform: 'macos' } } as const;
    expect(evaluatePolicy(policy, factsFromIdentity(await verified(), sources), { at }).allowed).toBe(true);
    expect(evaluatePolicy(policy, factsFromIdentity(await verified({}, false), sources), { at }).allowed).toBe(false);
    const reported = { serialNumber: { status: 'known', value: 'OTHER', source: 'reported' } } as const;
    const facts = factsFromIdentity(await verified(), { ...sources, reported });
    expect(evaluatePolicy(policy, facts, { at }).allowed).toBe(false);
  });

  it('come from a verified identity', async () => {
    const identity = await verified();
    expect(() => factsFromIdentity({ ...identity })).toThrow(/identity/);
    expect(() => factsFromIdentity(identity, { records: {} } as never)).toThrow(/records/);
  });
});
