import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  certificateFingerprint,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  verifyAttestation,
} from '../../src/index.ts';
import { keyFrom } from '../../src/testing/key.ts';
import { createAttestationAuthority } from '../../src/testing/index.ts';
import { hasShared, readShared } from '../foreign/shared.ts';

const AT = new Date('2026-06-01T12:00:00Z');
const { spki } = keyFrom('attested', 'P-384');
const PROPERTIES = {
  serialNumber: 'TMWFWWWP67',
  udid: '00006030-000651690A84001C',
  softwareUpdateDeviceId: 'J514sAP',
  osVersion: '15.5',
  sepOsVersion: '15.5',
  llbVersion: '15.5',
  systemIntegrityProtection: 'enabled',
  secureBoot: 'Full Security',
  thirdPartyKernelExtensions: 'not allowed',
} as const;
const authority = await createAttestationAuthority({ seed: 'authority', at: AT });
const request = { publicKey: spki, freshnessCode: new Uint8Array(32).fill(5), properties: PROPERTIES };

/** Tags and sizes of DER, and the content of what depends on nobody: the shape of a certificate without its values. */
function shapeOf(der: Uint8Array): unknown[] {
  const shapes: unknown[] = [];
  for (let offset = 0; offset < der.length;) {
    const tag = der[offset]!;
    let length = der[offset + 1]!;
    let start = offset + 2;
    if (length >= 0x80) {
      const width = length - 0x80;
      length = Number(`0x${Buffer.from(der.subarray(start, start + width)).toString('hex')}`);
      start += width;
    }
    const content = der.subarray(start, start + length);
    // An OID and a BOOLEAN are the same in every leaf; a text is as long as its value.
    const value =
      (tag & 0x20) !== 0
        ? shapeOf(content)
        : tag === 6 || tag === 1
          ? Buffer.from(content).toString('hex')
          : tag === 0x0c
            ? 'text'
            : length;
    shapes.push([tag, value]);
    offset = start + length;
  }
  return shapes;
}

describe('an authority', () => {
  it('with a seed makes the same again', async () => {
    const again = await createAttestationAuthority({ seed: 'authority', at: AT });
    expect(again.root).toEqual(authority.root);
    expect(again.subCa).toEqual(authority.subCa);
    expect(await again.attest(request)).toEqual(await authority.attest(request));
    expect(await again.withFault('leaf-changed').attest(request)).toEqual(
      await authority.withFault('leaf-changed').attest(request),
    );
  });

  it('with another seed, or none, makes others', async () => {
    const others = await Promise.all([
      createAttestationAuthority({ seed: 'other', at: AT }),
      createAttestationAuthority({ at: AT }),
      createAttestationAuthority({ at: AT }),
    ]);
    const roots = [authority, ...others].map(({ root }) => Buffer.from(root).toString('hex'));
    expect(new Set(roots).size).toBe(4);
  });

  it('has names that nobody takes for Apple’s', async () => {
    for (const der of [authority.root, ...(await authority.attest(request))]) {
      const { subject, issuer } = parseCertificate(der);
      expect(issuer.text).toMatch(/Not Apple.*Simulated|Simulated.*Not Apple/);
      expect(subject.text).toContain('Not Apple');
      expect(subject.text).not.toContain('Apple Inc.');
    }
  });

  it('hands out the root as the trust anchor', async () => {
    const [anchor] = authority.trustAnchors;
    expect(anchor!.der).toEqual(authority.root);
    expect(await certificateFingerprint(anchor!)).toHaveLength(32);
    expect(new X509Certificate(authority.root).verify(new X509Certificate(authority.root).publicKey)).toBe(true);
  });

  it('issues leaves of either style, for 91 days from the instant that it is told', async () => {
    const at = new Date('2026-07-01T00:00:00Z');
    for (const style of [2025, 2026] as const) {
      const [leaf] = (await authority.attest({ ...request, style, at })).map(parseCertificate);
      expect(leaf!.extensions.some(({ oid }) => oid === '2.5.29.37')).toBe(style === 2026);
      expect(leaf!.notBefore).toEqual(at);
      expect(leaf!.notAfter).toEqual(new Date('2026-09-30T00:00:00Z'));
    }
  });

  it('writes properties that have no name, and of the others what it is told', async () => {
    const other = [{ oid: '1.2.840.113635.100.8.13.4', bytes: Uint8Array.of(2, 1, 0) }];
    const x5c = await authority.attest({ publicKey: spki, freshnessCode: undefined, properties: { udid: '', other } });
    const { properties } = await verifyAttestation(parseAttestationChain(x5c), {
      at: AT,
      trustAnchors: authority.trustAnchors,
      expectedFreshnessCode: skipFreshnessCheck,
    });
    expect(properties.udid).toEqual({ status: 'blank' });
    expect(properties.freshnessCode).toEqual({ status: 'absent' });
    expect(properties.other.map(({ oid, bytes }) => ({ oid, bytes }))).toEqual(other);
  });

  it.each<[string, unknown]>([
    ['no options', undefined],
    ['no time', { seed: 'x' }],
    ['a seed that is a number', { seed: 1, at: AT }],
    ['an unknown option', { at: AT, seeds: 'x' }],
  ])('made with %s is a TypeError', async (_, options) => {
    await expect(createAttestationAuthority(options as never)).rejects.toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no key', { freshnessCode: undefined }],
    ['a key that is a point', { ...request, publicKey: keyFrom('attested').point }],
    ['a key and a byte', { ...request, publicKey: Uint8Array.of(...spki, 0) }],
    ['a freshness code of 33 bytes', { ...request, freshnessCode: new Uint8Array(33) }],
    ['an empty freshness code', { ...request, freshnessCode: new Uint8Array() }],
    ['an unknown member', { ...request, freshness: new Uint8Array(32) }],
    ['an invalid time', { ...request, at: new Date(Number.NaN) }],
  ])('asked for %s answers with a TypeError', async (_, wrong) => {
    await expect(authority.attest(wrong as never)).rejects.toThrow(TypeError);
  });
});

describe.skipIf(!hasShared('apple'))('beside the chain that Apple published', () => {
  const shapeOfPem = (file: string) =>
    shapeOf(parseCertificate(fromPem(readShared(`apple/${file}`))[0]!).tbsCertificate);
  const shapeOfDer = (der: Uint8Array) => shapeOf(parseCertificate(der).tbsCertificate);

  it('a leaf of 2025 has the same fields, extensions, tags and sizes', async () => {
    const [leaf] = await authority.attest({ ...request, style: 2025, at: new Date('2025-07-13T09:38:07Z') });
    expect(shapeOfDer(leaf!)).toEqual(shapeOfPem('published-leaf.pem'));
  });

  it('a Sub CA and a root have them, too', () => {
    expect(shapeOfDer(authority.subCa)).toEqual(shapeOfPem('Apple_Enterprise_Attestation_Sub_CA_1.pem'));
    expect(shapeOfDer(authority.root)).toEqual(shapeOfPem('Apple_Enterprise_Attestation_Root_CA.pem'));
  });
});
