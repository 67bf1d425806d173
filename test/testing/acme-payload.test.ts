import { describe, expect, it } from 'vitest';
import { readAcmePayload } from '../../src/testing/index.ts';

const PAYLOAD = {
  PayloadType: 'com.apple.security.acme',
  PayloadIdentifier: 'com.example.acme',
  PayloadUUID: '5A3C0001-0000-4000-8000-000000000001',
  PayloadVersion: 1,
  DirectoryURL: 'https://acme.example/directory',
  ClientIdentifier: 'SIMULATED1',
  KeyType: 'ECSECPrimeRandom',
  KeySize: 384,
  HardwareBound: true,
  Attest: true,
  KeyIsExtractable: false,
  AllowAllAppsAccess: true,
  Subject: [[['O', 'Example']], [['CN', 'SIMULATED1']]],
  SubjectAltName: { dNSName: 'device.example.com' },
  ExtendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
  UsageFlags: 5,
};

describe('a payload', () => {
  it('says what the device is to do', () => {
    expect(readAcmePayload(PAYLOAD)).toEqual({
      directoryUrl: 'https://acme.example/directory',
      clientIdentifier: 'SIMULATED1',
      keyType: 'P-384',
      attest: true,
      subject: PAYLOAD.Subject,
      subjectAltName: PAYLOAD.SubjectAltName,
      extendedKeyUsage: PAYLOAD.ExtendedKeyUsage,
      usageFlags: 5,
    });
  });

  it('may leave out what is optional: then nothing is attested', () => {
    const { DirectoryURL, ClientIdentifier, KeyType, Subject } = PAYLOAD;
    const short = { DirectoryURL, ClientIdentifier, KeyType, KeySize: 256, HardwareBound: false, Subject };
    expect(readAcmePayload(short)).toMatchObject({
      keyType: 'P-256',
      attest: false,
      subjectAltName: {},
      usageFlags: 0,
    });
  });

  it.each<[string, unknown]>([
    ['PayloadType', 'com.apple.security.scep'],
    ['DirectoryURL', 'http://acme.example/directory'],
    ['DirectoryURL', undefined],
    ['ClientIdentifier', ''],
    ['ClientIdentifier', undefined],
    ['KeyType', 'RSA'],
    ['KeySize', 521],
    ['KeySize', '256'],
    ['HardwareBound', undefined],
    ['HardwareBound', false],
    ['Attest', 1],
    ['Subject', undefined],
    ['Subject', [['CN', 'x']]],
    ['SubjectAltName', { iPAddress: '127.0.0.1' }],
    ['SubjectAltName', { other: [] }],
    ['SubjectAltName', null],
    ['SubjectAltName', 'a'],
    ['ExtendedKeyUsage', ['clientAuth']],
    ['UsageFlags', 2],
    ['DirectoryUrl', 'https://acme.example/directory'],
  ])('with a wrong %s is a TypeError that names it: %j', (key, value) => {
    expect(() => readAcmePayload({ ...PAYLOAD, [key]: value })).toThrow(TypeError);
    expect(() => readAcmePayload({ ...PAYLOAD, [key]: value })).toThrow(new RegExp(key, 'i'));
  });

  it.each([undefined, null, 'payload', [PAYLOAD]])('that is %j is a TypeError', (payload) => {
    expect(() => readAcmePayload(payload as never)).toThrow(TypeError);
  });
});
