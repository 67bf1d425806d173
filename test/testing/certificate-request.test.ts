import 'reflect-metadata';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import {
  type CertificateRequestOptions,
  createAttestationAuthority,
  createCertificateRequest,
  createSimulatedDevice,
} from '../../src/testing/index.ts';
import { bytes, integer, sequence, utf8 } from '../../src/testing/der-writer.ts';
import { otherName } from '../../src/testing/general-name-writer.ts';

const AT = new Date('2026-06-01T12:00:00Z');
const authority = await createAttestationAuthority({ seed: 'requests', at: AT });
const device = createSimulatedDevice(authority, { clock: () => AT, seed: 'requests' });
const [small, large] = [await device.createKey({ curve: 'P-256' }), await device.createKey({ curve: 'P-384' })];

const read = async (options: Partial<CertificateRequestOptions> = {}) =>
  new Pkcs10CertificateRequest(await createCertificateRequest({ key: large, ...options }));

describe('a certificate request', () => {
  it.each([
    [small, 'SHA-256'],
    [large, 'SHA-384'],
  ])('is signed with the key that is in it', async (key, hash) => {
    const request = await read({ key });
    expect(new Uint8Array(request.publicKey.rawData)).toEqual(key.publicKey);
    expect(request.signatureAlgorithm).toMatchObject({ name: 'ECDSA', hash: { name: hash } });
    expect(await request.verify()).toBe(true);
    expect(request.subject).toBe('');
    expect(request.attributes).toEqual([]);
  });

  it('has a subject as a payload writes it', async () => {
    const { subject } = await read({
      subject: [
        [['C', 'US']],
        [
          ['O', 'Example'],
          ['OU', 'Tests'],
        ],
        [['2.5.4.12', 'Title']],
        [
          ['ST', 'BE'],
          ['L', 'Bern'],
        ],
        [['CN', 'Gerät']],
      ],
    });
    expect(subject).toBe('C=US, OU=Tests+O=Example, T=Title, ST=BE+L=Bern, CN=Gerät');
  });

  it('asks for usages and names', async () => {
    const request = await read({
      usageFlags: 5,
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4'],
      subjectAltName: {
        rfc822Name: 'a@example.com',
        dNSName: 'device.example.com',
        uniformResourceIdentifier: 'urn:device:1',
        ntPrincipalName: 'a@example.com',
        other: [otherName('1.3.6.1.5.5.7.8.3', sequence(utf8('SIMULATED1')))],
      },
    });
    expect(request.extensions.map(({ type, critical }) => [type, critical])).toEqual([
      ['2.5.29.15', true],
      ['2.5.29.37', false],
      ['2.5.29.17', false],
    ]);
    expect(Buffer.from(request.extensions[0]!.value).toString('hex')).toBe('030205a0');
    const names = new SubjectAlternativeNameExtension(request.extensions[2]!.rawData).names.toJSON();
    expect(names.slice(0, 4)).toEqual([
      { type: 'email', value: 'a@example.com' },
      { type: 'dns', value: 'device.example.com' },
      { type: 'url', value: 'urn:device:1' },
      { type: 'upn', value: 'a@example.com' },
    ]);
    // The value is in Microsoft's otherName as in that of RFC 4043.
    expect(Buffer.from(request.extensions[2]!.value).includes('SIMULATED1')).toBe(true);
  });

  it.each([
    [1, '03020780'],
    [4, '03020520'],
  ])('asks to sign or to encrypt: %d', async (usageFlags, expected) => {
    const { extensions } = await read({ usageFlags });
    expect(Buffer.from(extensions[0]!.value).toString('hex')).toBe(expected);
  });

  it('may be wrong in any part, with a right signature', async () => {
    const other = await createCertificateRequest({ key: small, replace: { publicKey: large.publicKey } });
    expect(Buffer.from(other).includes(Buffer.from(large.publicKey))).toBe(true);
    const versioned = await createCertificateRequest({ key: small, replace: { version: integer(1) } });
    expect(await new Pkcs10CertificateRequest(versioned).verify()).toBe(true);
  });

  it('may have a signature that is none', async () => {
    const request = await createCertificateRequest({ key: small, signature: () => bytes('no signature') });
    expect(Buffer.from(request).includes('no signature')).toBe(true);
  });

  it.each<[string, object]>([
    ['an unknown option', { names: [] }],
    ['a subject that is text', { subject: 'CN=x' }],
    ['a relative name that is text', { subject: ['CN'] }],
    ['an empty relative name', { subject: [[]] }],
    ['an attribute that is text', { subject: [['CN']] }],
    ['an attribute of three', { subject: [[['CN', 'a', 'b']]] }],
    ['a value that is a number', { subject: [[['CN', 1]]] }],
    ['a type that is a number', { subject: [[[1, 'a']]] }],
    ['an unknown type', { subject: [[['toString', 'a']]] }],
    ['a type that is no OID', { subject: [[['2.05.4', 'a']]] }],
    ['usage flags of no payload', { usageFlags: 2 }],
    ['purposes that are text', { extendedKeyUsage: '1.3.6.1' }],
    ['a purpose that is a name', { extendedKeyUsage: ['clientAuth'] }],
    ['an unknown kind of name', { subjectAltName: { iPAddress: '127.0.0.1' } }],
    ['a name that is a list', { subjectAltName: { dNSName: ['a'] } }],
    ['a name that is not ASCII', { subjectAltName: { dNSName: 'gerät' } }],
    ['other names that are text', { subjectAltName: { other: ['a'] } }],
    ['other names that are no list', { subjectAltName: { other: bytes('a') } }],
  ])('with %s is a TypeError', async (_, options) => {
    await expect(createCertificateRequest({ key: small, ...options })).rejects.toThrow(TypeError);
  });
});
