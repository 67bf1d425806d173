import { beforeAll, describe, expect, it } from 'vitest';
import { parseAttestationObject } from '../../src/acme/index.ts';
import { explainAttestation, parseAttestationChain, verifyAttestation } from '../../src/index.ts';
import {
  type AttestationAuthority,
  createAttestationAuthority,
  createSimulatedDevice,
  encodeAttestationObject,
  type EnclaveKey,
  FAULTS,
  type SimulatedDevice,
} from '../../src/testing/index.ts';
import { rejectionOf } from '../support/refusal.ts';

const AT = new Date('2026-06-01T12:00:00Z');
const FRESHNESS_CODE = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);

let authority: AttestationAuthority;
let device: SimulatedDevice;
let key: EnclaveKey;

beforeAll(async () => {
  authority = await createAttestationAuthority({ seed: 'faults', at: AT });
  device = createSimulatedDevice(authority, { clock: () => AT, seed: 'faults' });
  key = await device.createKey({ curve: 'P-384' });
});

function verify(x5c: readonly Uint8Array[]) {
  return verifyAttestation(parseAttestationChain(x5c), options());
}

function options() {
  const { trustAnchors } = authority;
  return { at: AT, trustAnchors, expectedFreshnessCode: FRESHNESS_CODE, expectedPublicKey: key.publicKey };
}

const attest = (from: AttestationAuthority) =>
  from.attest({ publicKey: key.publicKey, freshnessCode: FRESHNESS_CODE, properties: { serialNumber: 'X' } });

describe('a fault of a chain', () => {
  it('is the only thing wrong: without it the chain is accepted', async () => {
    await expect(verify(await attest(authority))).resolves.toHaveProperty('freshness', 'matched');
  });

  it.each(FAULTS.filter(({ of }) => of === 'chain'))('$name is refused with $code', async ({ name, code }) => {
    const x5c = await attest(authority.withFault(name as never));
    expect(await rejectionOf((async () => verify(x5c))())).toHaveProperty('code', code);
    const { checks } = await explainAttestation(x5c, options());
    expect(checks.filter(({ outcome }) => outcome === 'failed').map(({ code: found }) => found)).toContain(code);
  });

  it('reaches whoever asks a device of that authority', async () => {
    const faulty = createSimulatedDevice(authority.withFault('freshness-other'), { clock: () => AT });
    const answer = await faulty.attest({
      key: await faulty.createKey({ curve: 'P-256' }),
      freshnessCode: FRESHNESS_CODE,
    });
    if (answer.status !== 'attested') throw new Error('refused');
    expect(await rejectionOf(verify(answer.x5c))).toHaveProperty('code', 'ERR_MDA_FRESHNESS_MISMATCH');
  });

  it('is in every shape of request: without a freshness code, with one of a byte', async () => {
    for (const freshnessCode of [undefined, Uint8Array.of(7)])
      for (const name of ['freshness-prefix', 'freshness-wrapped', 'freshness-too-long'] as const) {
        const x5c = await authority.withFault(name).attest({ publicKey: key.publicKey, freshnessCode });
        const expectedFreshnessCode = freshnessCode ?? FRESHNESS_CODE;
        const judged = verifyAttestation(parseAttestationChain(x5c), { ...options(), expectedFreshnessCode });
        expect((await rejectionOf(judged)).code).toMatch(/^ERR_MDA_FRESHNESS_/);
      }
  });

  it('that nobody knows is a TypeError', () => {
    expect(() => authority.withFault('no-such-fault' as never)).toThrow(/freshness-missing/);
    expect(() => authority.withFault('constructor' as never)).toThrow(TypeError);
  });
});

describe('a fault of an attestation object', () => {
  it.each(FAULTS.filter(({ of }) => of === 'object'))('$name is refused with $code', async ({ name, code }) => {
    const object = encodeAttestationObject(await attest(authority), { fault: name as never });
    const parsing = (async () => Promise.resolve(parseAttestationObject(object)))();
    expect(await rejectionOf(parsing)).toHaveProperty('code', code);
  });

  it('does not depend on the certificates', () => {
    for (const fault of FAULTS)
      if (fault.of === 'object')
        expect(() => parseAttestationObject(encodeAttestationObject([], { fault: fault.name }))).toThrow();
  });

  it('that nobody knows is a TypeError', () => {
    expect(() => encodeAttestationObject([], { fault: 'leaf-expired' as never })).toThrow(TypeError);
  });
});

it('every fault has a name and a title of its own', () => {
  expect(FAULTS.length).toBeGreaterThan(70);
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  expect(new Set(FAULTS.map(({ title }) => title)).size).toBe(FAULTS.length);
});
