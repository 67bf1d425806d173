import { describe, expect, it } from 'vitest';
import { acmePayload, type AcmePayloadOptions, writePlist } from '../../src/mdm/index.ts';
import { refusalOf } from '../support/refusal.ts';

const OPTIONS: AcmePayloadOptions = {
  identifier: 'com.example.enrollment.acme',
  uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
  directoryUrl: 'https://acme.example.com/directory',
  clientIdentifier: 'C02XXXXXXXXX',
  subject: [
    ['O', 'Example'],
    ['1.2.5.3', 'bar'],
  ],
};

const payload = (changes: Partial<Record<keyof AcmePayloadOptions, unknown>> = {}) =>
  acmePayload({ ...OPTIONS, ...changes } as AcmePayloadOptions);
const refusal = (changes: Partial<Record<keyof AcmePayloadOptions, unknown>>) => {
  const { code, field } = refusalOf(() => payload(changes));
  return [code, field];
};

describe('an ACME payload', () => {
  it('asks for an attested P-384 key unless it is told otherwise', () => {
    expect([...payload()]).toEqual([
      ['PayloadType', 'com.apple.security.acme'],
      ['PayloadVersion', 1n],
      ['PayloadIdentifier', 'com.example.enrollment.acme'],
      ['PayloadUUID', '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01'],
      ['DirectoryURL', 'https://acme.example.com/directory'],
      ['ClientIdentifier', 'C02XXXXXXXXX'],
      ['KeySize', 384n],
      ['KeyType', 'ECSECPrimeRandom'],
      ['HardwareBound', true],
      ['Subject', [[['O', 'Example']], [['1.2.5.3', 'bar']]]],
      ['Attest', true],
    ]);
  });

  it('has all that it is given', () => {
    const given = payload({
      displayName: 'Identity',
      keySize: 256,
      subjectAltName: {
        rfc822Name: 'a@example.com',
        dnsName: 'example.com',
        uniformResourceIdentifier: 'https://example.com',
        ntPrincipalName: 'a@EXAMPLE',
      },
      usageFlags: 5,
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
      keyIsExtractable: false,
      allowAllAppsAccess: true,
      productName: 'Mac15,6',
    });
    expect(given.get('PayloadDisplayName')).toBe('Identity');
    expect([...given].slice(7)).toEqual([
      ['KeySize', 256n],
      ['KeyType', 'ECSECPrimeRandom'],
      ['HardwareBound', true],
      ['Subject', [[['O', 'Example']], [['1.2.5.3', 'bar']]]],
      [
        'SubjectAltName',
        new Map([
          ['rfc822Name', 'a@example.com'],
          ['dNSName', 'example.com'],
          ['uniformResourceIdentifier', 'https://example.com'],
          ['ntPrincipalName', 'a@EXAMPLE'],
        ]),
      ],
      ['UsageFlags', 5n],
      ['ExtendedKeyUsage', ['1.3.6.1.5.5.7.3.2']],
      ['Attest', true],
      ['KeyIsExtractable', false],
      ['AllowAllAppsAccess', true],
    ]);
    expect(writePlist(given)).toContain('<key>UsageFlags</key>\n\t<integer>5</integer>');
  });

  it.each([
    ['ECSECPrimeRandom', 192],
    ['ECSECPrimeRandom', 521],
    ['RSA', 1024],
    ['RSA', 2048],
    ['RSA', 4096],
  ])('may have a key in software: %s of %d bits', (keyType, keySize) => {
    const given = payload({ keyType, keySize, hardwareBound: false, attest: false });
    expect([given.get('KeyType'), given.get('KeySize')]).toEqual([keyType, BigInt(keySize)]);
  });

  it('may ask for a name of every part, and for each usage', () => {
    const subject = ['C', 'L', 'ST', 'O', 'OU', 'CN', '2.5.4.12', '1.20.300'].map((type) => [type, 'x']);
    expect(payload({ subject }).get('Subject')).toEqual(subject.map((part) => [part]));
    expect([1, 4, 5].map((usageFlags) => payload({ usageFlags }).get('UsageFlags'))).toEqual([1n, 4n, 5n]);
  });

  it('may be for hardware that holds a key and does not attest', () => {
    expect(payload({ attest: false, productName: 'iPhone9,3' }).get('HardwareBound')).toBe(true);
  });
});

describe('is refused by the rules, and the key is named', () => {
  it.each<[string, Partial<Record<keyof AcmePayloadOptions, unknown>>, string]>([
    ['Attest without HardwareBound', { hardwareBound: false }, 'HardwareBound'],
    ['HardwareBound with RSA', { keyType: 'RSA', keySize: 2048 }, 'KeyType'],
    ['HardwareBound with P-521', { keySize: 521 }, 'KeySize'],
    ['HardwareBound with P-192', { keySize: 192, attest: false }, 'KeySize'],
  ])('%s', (_, changes, field) => {
    expect(refusal(changes)).toEqual(['ERR_MDA_PROFILE_CONFLICT', field]);
  });

  it.each<[string, Partial<Record<keyof AcmePayloadOptions, unknown>>]>([
    ['an iPhone with an A10', { productName: 'iPhone9,3' }],
    ['an Apple TV with an A10X', { productName: 'AppleTV6,2' }],
    ['a Mac of Intel', { productName: 'MacBookPro16,1', isAppleSilicon: false }],
  ])('%s cannot attest', (_, changes) => {
    expect(refusal(changes)).toEqual(['ERR_MDA_PROFILE_HARDWARE', 'Attest']);
  });

  it('a model that nobody knows is let through', () => {
    expect(payload({ productName: 'Toaster1,1' }).get('Attest')).toBe(true);
  });

  const soft = { hardwareBound: false, attest: false };
  it.each<[string, Partial<Record<keyof AcmePayloadOptions, unknown>>]>([
    ['PayloadIdentifier', { identifier: undefined }],
    ['PayloadIdentifier', { identifier: '' }],
    ['PayloadIdentifier', { identifier: 'com.example enrollment' }],
    ['PayloadIdentifier', { identifier: '.com' }],
    ['PayloadIdentifier', { identifier: 'a'.repeat(256) }],
    ['PayloadUUID', { uuid: undefined }],
    ['PayloadUUID', { uuid: 'x5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01' }],
    ['PayloadUUID', { uuid: '5D4C7B6A0C6E4B0E9A2D0C5E9E5B1F01' }],
    ['PayloadUUID', { uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F0G' }],
    ['PayloadUUID', { uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01\n' }],
    ['PayloadDisplayName', { displayName: '' }],
    ['PayloadDisplayName', { displayName: '\u0000' }],
    ...[
      undefined,
      '',
      'http://acme.example.com/',
      'HTTPS://acme.example.com/',
      'see https://acme.example.com/',
      'https://',
      'https:///directory',
      'https://user:password@acme.example.com/',
      'https://acme.example.com/#a',
      'https://acme.example.com/ ',
      'https://acme.example.com/"',
      'https://acme.example.com/\n',
      'https://acme.example.com:123456/',
      `https://acme.example.com/${'a'.repeat(2024)}`,
      ['https://acme.example.com/'],
    ].map((directoryUrl): [string, object] => ['DirectoryURL', { directoryUrl }]),
    ['ClientIdentifier', { clientIdentifier: undefined }],
    ['ClientIdentifier', { clientIdentifier: '' }],
    ['ClientIdentifier', { clientIdentifier: 'a\ud800' }],
    ['KeyType', { keyType: 'EC' }],
    ['KeySize', { keySize: '384' }],
    ['KeySize', { keySize: 384.5 }],
    ['KeySize', { keySize: NaN }],
    ['KeySize', { keySize: 0 }],
    ['KeySize', { ...soft, keySize: 512 }],
    ['KeySize', { ...soft, keySize: 2048 }],
    ['KeySize', { ...soft, keyType: 'RSA', keySize: 521 }],
    ['KeySize', { ...soft, keyType: 'RSA', keySize: 1016 }],
    ['KeySize', { ...soft, keyType: 'RSA', keySize: 1020 }],
    ['KeySize', { ...soft, keyType: 'RSA', keySize: 2049 }],
    ['KeySize', { ...soft, keyType: 'RSA', keySize: 8192 }],
    ['HardwareBound', { hardwareBound: 1 }],
    ['Attest', { attest: 'yes' }],
    ['Subject', { subject: undefined }],
    ['Subject', { subject: [] }],
    ['Subject', { subject: 'CN=x' }],
    ['Subject[0]', { subject: ['CN'] }],
    ['Subject[0]', { subject: [['CN']] }],
    ['Subject[0]', { subject: [['CN', 'x', 'y']] }],
    ['Subject[0]', { subject: [['SN', 'x']] }],
    ['Subject[0]', { subject: [['', 'x']] }],
    ['Subject[0]', { subject: [['x1.2.3', 'x']] }],
    ['Subject[0]', { subject: [['3.1', 'x']] }],
    ['Subject[0]', { subject: [['1.02', 'x']] }],
    ['Subject[0]', { subject: [['1', 'x']] }],
    [
      'Subject[1]',
      {
        subject: [
          ['CN', 'x'],
          ['CN', ''],
        ],
      },
    ],
    ['Subject[0]', { subject: [, ['CN', 'x']] }],
    ['SubjectAltName.dNSName', { subjectAltName: { dnsName: '' } }],
    ['SubjectAltName.rfc822Name', { subjectAltName: { rfc822Name: 1 } }],
    ['UsageFlags', { usageFlags: 0 }],
    ['UsageFlags', { usageFlags: 2 }],
    ['UsageFlags', { usageFlags: '1' }],
    ['ExtendedKeyUsage', { extendedKeyUsage: [] }],
    ['ExtendedKeyUsage', { extendedKeyUsage: '1.2.3' }],
    ['ExtendedKeyUsage[1]', { extendedKeyUsage: ['1.2.3', 'clientAuth'] }],
    ['KeyIsExtractable', { keyIsExtractable: 0 }],
    ['AllowAllAppsAccess', { allowAllAppsAccess: null }],
  ])('%s in %j', (field, changes) => {
    expect(refusal(changes)).toEqual(['ERR_MDA_PROFILE_VALUE', field]);
  });
});

describe('a mistake of the caller', () => {
  it.each<[string, object]>([
    ['Attest', { Attest: true }],
    ['subjectAltName.dNSName', { subjectAltName: { dNSName: 'x' } }],
    ['subjectAltName', { subjectAltName: 'x' }],
    ['productName', { productName: 1 }],
  ])('names the option: %s', (name, changes) => {
    expect(() => payload(changes)).toThrow(expect.objectContaining({ name: 'TypeError' }));
    expect(() => payload(changes)).toThrow(name);
  });
});

describe('a URL', () => {
  it.each([
    'https://acme.example.com',
    'https://acme.example.com/',
    'https://acme.example.com:8443/a/b-c_d~e.f?g=h&i=%20',
    'https://acme.example.com?a',
    'https://127.0.0.1:1/',
    'https://[::1]:8443/directory',
    `https://acme.example.com/${'a'.repeat(2023)}`,
  ])('may be %s', (directoryUrl) => {
    expect(payload({ directoryUrl }).get('DirectoryURL')).toBe(directoryUrl);
  });
});
