import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AttestedProperties, parseAttestationChain, verifyAttestation } from '../../src/index.ts';
import {
  createAttestationAuthority,
  createSimulatedDevice,
  exportPrivateKeyPem,
  type SimulatedAnswer,
  type SimulatedDeviceOptions,
} from '../../src/testing/index.ts';

const START = new Date('2026-06-01T12:00:00Z');
const DAY = 86_400_000;
const authority = await createAttestationAuthority({ seed: 'device', at: START });
const nonce = (byte: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(byte);

/** A device and the hands of its clock. */
function start(options: Partial<SimulatedDeviceOptions> = {}) {
  let now = START.getTime();
  const clock = (): Date => new Date(now);
  const device = createSimulatedDevice(authority, { clock, seed: 'device', ...options });
  return { device, wait: (milliseconds: number) => (now += milliseconds), clock };
}

function x5cOf(answer: SimulatedAnswer): readonly Uint8Array[] {
  if (answer.status !== 'attested') throw new Error('refused');
  return answer.x5c;
}

async function verified(answer: SimulatedAnswer, code: Uint8Array, at = START) {
  const { trustAnchors } = authority;
  return verifyAttestation(parseAttestationChain(x5cOf(answer)), { at, expectedFreshnessCode: code, trustAnchors });
}

async function propertiesOf(options: Partial<SimulatedDeviceOptions>): Promise<AttestedProperties> {
  const { device } = start(options);
  const key = await device.createKey({ curve: 'P-256' });
  return (await verified(await device.attest({ key, freshnessCode: nonce(1) }), nonce(1))).properties;
}

const statuses = (properties: AttestedProperties): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) =>
      Array.isArray(value) ? [] : [[name, (value as { readonly status: string }).status]],
    ),
  );

describe('a simulated device', () => {
  it('has its keys attested, of either size, and what it is', async () => {
    const { device } = start();
    for (const curve of ['P-256', 'P-384'] as const) {
      const key = await device.createKey({ curve });
      const attestation = await verified(await device.attest({ key, freshnessCode: nonce(1) }), nonce(1));
      expect(attestation.publicKey.spki).toEqual(key.publicKey);
      expect(attestation.publicKey.curve).toBe(curve);
      expect(statuses(attestation.properties)).toEqual(
        Object.fromEntries(Object.keys(statuses(attestation.properties)).map((name) => [name, 'attested'])),
      );
      expect(attestation.properties.udid).toEqual({ status: 'attested', value: device.state().provisioningUdid });
    }
  });

  it('signs with keys that cannot be taken out, and that are the attested ones', async () => {
    const { device } = start();
    const { publicKey, privateKey } = await device.createKey({ curve: 'P-384' });
    expect(privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow();
    const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
    const signature = await crypto.subtle.sign(algorithm, privateKey, nonce(3));
    const verifier = await crypto.subtle.importKey('spki', publicKey, algorithm, false, ['verify']);
    expect(await crypto.subtle.verify(algorithm, verifier, signature, nonce(3))).toBe(true);
  });

  it('gives its keys away if it was made to, as PEM', async () => {
    const { device } = start({ exportableKeys: true });
    for (const curve of ['P-256', 'P-384'] as const) {
      const key = await device.createKey({ curve });
      const pem = await exportPrivateKeyPem(key);
      expect(pem.split('\n').every((line) => line.length <= 64)).toBe(true);
      expect(createPublicKey(pem).export({ type: 'spki', format: 'der' })).toEqual(Buffer.from(key.publicKey));
    }
    const kept = await start().device.createKey({ curve: 'P-384' });
    await expect(exportPrivateKeyPem(kept)).rejects.toThrow(TypeError);
  });

  it('has the same keys again with the same seed, and others without', async () => {
    const keyOf = async (seed?: string) => {
      const device = createSimulatedDevice(authority, { clock: () => START, ...(seed === undefined ? {} : { seed }) });
      return (await device.createKey({ curve: 'P-384' })).publicKey;
    };
    expect(await keyOf('a')).toEqual(await keyOf('a'));
    expect(await keyOf('a')).not.toEqual(await keyOf('b'));
    expect(await keyOf()).not.toEqual(await keyOf());
    const { device } = start();
    const [first, second] = [await device.createKey({ curve: 'P-384' }), await device.createKey({ curve: 'P-384' })];
    expect(first.publicKey).not.toEqual(second.publicKey);
  });

  it('attests its own keys alone', async () => {
    const [one, other] = [start().device, start().device];
    const key = await one.createKey({ curve: 'P-384' });
    expect(() => other.attest({ key, freshnessCode: nonce(1) })).toThrow(TypeError);
  });

  it('that is an iPhone has none of the properties of a Mac', async () => {
    expect(statuses(await propertiesOf({ platform: 'iphone' }))).toMatchObject({
      serialNumber: 'attested',
      udid: 'attested',
      systemIntegrityProtection: 'absent',
      secureBoot: 'absent',
      thirdPartyKernelExtensions: 'absent',
    });
    const { udid } = await propertiesOf({ platform: 'iphone', udid: '00008140-000000000000ABCD' });
    expect(udid).toEqual({ status: 'attested', value: '00008140-000000000000ABCD' });
  });

  it('in a User Enrollment leaves out who it is', async () => {
    expect(statuses(await propertiesOf({ enrollment: 'user' }))).toMatchObject({
      serialNumber: 'absent',
      udid: 'absent',
      osVersion: 'attested',
    });
  });

  it('has properties left out or blank that Apple cannot determine', async () => {
    const properties = await propertiesOf({
      absent: ['osVersion', 'secureBoot'],
      blank: ['sepOsVersion', 'systemIntegrityProtection', 'thirdPartyKernelExtensions', 'serialNumber'],
    });
    expect(statuses(properties)).toMatchObject({
      osVersion: 'absent',
      secureBoot: 'absent',
      sepOsVersion: 'blank',
      systemIntegrityProtection: 'blank',
      thirdPartyKernelExtensions: 'blank',
      serialNumber: 'blank',
      llbVersion: 'attested',
    });
  });

  it('shows what has changed in the next attestation', async () => {
    const { device } = start();
    device.update({ osVersion: '26.5', systemIntegrityProtection: 'disabled', thirdPartyKernelExtensions: 'allowed' });
    const key = await device.createKey({ curve: 'P-384' });
    const { properties } = await verified(await device.attest({ key, freshnessCode: nonce(1) }), nonce(1));
    expect(properties).toMatchObject({
      osVersion: { value: '26.5' },
      systemIntegrityProtection: { value: 'disabled' },
      thirdPartyKernelExtensions: { value: 'allowed' },
    });
    expect(device.state().osVersion).toBe('26.5');
  });

  it('may be refused', async () => {
    const { device } = start({ attestation: 'refused' });
    const key = await device.createKey({ curve: 'P-384' });
    expect(await device.attest({ key, freshnessCode: nonce(1) })).toEqual({ status: 'refused' });
    expect(await device.attestDeviceInformation({ nonce: nonce(1) })).toEqual({ status: 'refused' });
    device.update({ attestation: 'available' });
    expect((await device.attestDeviceInformation({ nonce: nonce(1) })).status).toBe('attested');
  });
});

describe('the attestation of DeviceInformation', () => {
  it('is made anew for a new nonce after seven days, and comes back from the cache before', async () => {
    const { device, wait, clock } = start();
    const first = await device.attestDeviceInformation({ nonce: nonce(1) });
    await verified(first, nonce(1));
    wait(7 * DAY - 1);
    device.update({ osVersion: '26.5' });
    expect(await device.attestDeviceInformation({ nonce: nonce(2) })).toEqual(first);
    wait(1);
    const second = await device.attestDeviceInformation({ nonce: nonce(2) });
    const { properties, publicKey } = await verified(second, nonce(2), clock());
    expect(properties.osVersion).toEqual({ status: 'attested', value: '26.5' });
    expect(publicKey.spki).toEqual((await verified(first, nonce(1))).publicKey.spki);
  });

  it('comes back from the cache for the same nonce and for none, however old', async () => {
    const { device, wait } = start();
    const first = await device.attestDeviceInformation({ nonce: nonce(1) });
    wait(30 * DAY);
    expect(await device.attestDeviceInformation({ nonce: nonce(1) })).toEqual(first);
    expect(await device.attestDeviceInformation()).toEqual(first);
  });

  it('without a nonce at first has no freshness code, and gives way to one that has', async () => {
    const { device, wait } = start();
    const first = x5cOf(await device.attestDeviceInformation());
    expect(first).toHaveLength(2);
    wait(8 * DAY);
    await verified(
      await device.attestDeviceInformation({ nonce: nonce(2) }),
      nonce(2),
      new Date('2026-06-10T00:00:00Z'),
    );
  });

  it('is of another key, and made anew, once the last was forgotten', async () => {
    const { device } = start();
    const first = await verified(await device.attestDeviceInformation({ nonce: nonce(1) }), nonce(1));
    device.forgetDeviceInformation();
    const second = await verified(await device.attestDeviceInformation({ nonce: nonce(2) }), nonce(2));
    expect(second.publicKey.spki).not.toEqual(first.publicKey.spki);
  });

  it('has a nonce of 1 to 32 bytes', async () => {
    const { device } = start();
    await expect(device.attestDeviceInformation({ nonce: new Uint8Array() })).rejects.toThrow(TypeError);
    await expect(device.attestDeviceInformation({ nonce: new Uint8Array(33) })).rejects.toThrow(TypeError);
    await verified(await device.attestDeviceInformation({ nonce: Uint8Array.of(9) }), Uint8Array.of(9));
  });
});

describe('a mistake', () => {
  it.each<[string, unknown]>([
    ['no options', undefined],
    ['no clock', {}],
    ['an unknown option', { clock: () => START, osversion: '26' }],
    ['a switch that is none', { clock: () => START, exportableKeys: 1 }],
    ['an unknown platform', { clock: () => START, platform: 'watch' }],
    ['a platform that every object has', { clock: () => START, platform: 'toString' }],
  ])('%s is a TypeError', (_, options) => {
    expect(() => createSimulatedDevice(authority, options as never)).toThrow(TypeError);
  });

  it('in what follows is a TypeError, too', async () => {
    const { device } = start();
    expect(() => device.createKey({ curve: 'P-521' as never })).toThrow(TypeError);
    expect(() => device.update({ osversion: '26' } as never)).toThrow(TypeError);
    const key = await device.createKey({ curve: 'P-384' });
    expect(() => device.attest({ key, freshnessCode: new Uint8Array() })).toThrow(TypeError);
    const broken = createSimulatedDevice(authority, { clock: () => new Date(Number.NaN) });
    await expect(
      broken.attest({ key: await broken.createKey({ curve: 'P-384' }), freshnessCode: nonce(1) }),
    ).rejects.toThrow(TypeError);
  });
});
