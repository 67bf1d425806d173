import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acmeCredentialAsset, type AcmeCredentialAssetOptions } from '../../src/mdm/index.ts';
import { rejectionOf } from '../support/refusal.ts';

const OPTIONS: AcmeCredentialAssetOptions = {
  identifier: 'com.example.identity',
  dataUrl: 'https://mdm.example.com/assets/identity',
  acme: {
    directoryUrl: 'https://acme.example.com/directory',
    clientIdentifier: 'C02ÄXXXXXXXX',
    subject: [['CN', 'Managed device']],
  },
};

type Changes = { readonly [Key in keyof AcmeCredentialAssetOptions]?: unknown };

const asset = (changes: Changes = {}) => acmeCredentialAsset({ ...OPTIONS, ...changes } as AcmeCredentialAssetOptions);

describe('an ACME credential', () => {
  it('is a declaration that refers to the data by size and hash', async () => {
    const { declaration, data, contentType } = await asset();
    const hash = createHash('sha256').update(data).digest('hex');
    expect(declaration).toEqual({
      Type: 'com.apple.asset.credential.acme',
      Identifier: 'com.example.identity',
      ServerToken: hash,
      Payload: {
        Reference: {
          DataURL: 'https://mdm.example.com/assets/identity',
          ContentType: 'application/json',
          Size: data.length,
          'Hash-SHA-256': hash,
        },
        Authentication: { Type: 'MDM' },
      },
    });
    expect(contentType).toBe('application/json');
    expect(new TextDecoder().decode(data)).toBe(
      '{"DirectoryURL":"https://acme.example.com/directory","ClientIdentifier":"C02ÄXXXXXXXX","KeySize":384,' +
        '"KeyType":"ECSECPrimeRandom","HardwareBound":true,"Subject":[[["CN","Managed device"]]],"Attest":true}',
    );
    expect((await asset()).data).toEqual(data);
  });

  it('has all that it is given', async () => {
    const acme = {
      ...OPTIONS.acme,
      subjectAltName: { dnsName: 'example.com' },
      usageFlags: 1,
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
      productName: 'iPhone16,1',
    };
    const given = { serverToken: 'r2', authentication: 'None', accessible: 'AfterFirstUnlock', acme } as const;
    const { declaration, data } = await asset(given);
    expect(declaration).toMatchObject({
      ServerToken: 'r2',
      Payload: { Authentication: { Type: 'None' }, Accessible: 'AfterFirstUnlock' },
    });
    expect(JSON.parse(new TextDecoder().decode(data))).toMatchObject({
      SubjectAltName: { dNSName: 'example.com' },
      UsageFlags: 1,
      ExtendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
    });
  });

  it('may be accessible as it is by default', async () => {
    expect((await asset({ accessible: 'Default' })).declaration.Payload.Accessible).toBe('Default');
  });

  it('may be for a Mac that is not to attest', async () => {
    const acme = { ...OPTIONS.acme, attest: false, hardwareBound: false, productName: 'Mac15,6' };
    expect((await asset({ acme })).declaration.Type).toBe('com.apple.asset.credential.acme');
  });
});

describe('is refused by the rules, and the key is named', () => {
  it.each<[string, string, Changes]>([
    ['ERR_MDA_PROFILE_VALUE', 'Identifier', { identifier: '' }],
    ['ERR_MDA_PROFILE_VALUE', 'DataURL', { dataUrl: 'http://mdm.example.com/' }],
    ['ERR_MDA_PROFILE_VALUE', 'ServerToken', { serverToken: '' }],
    ['ERR_MDA_PROFILE_VALUE', 'Authentication.Type', { authentication: 'Basic' }],
    ['ERR_MDA_PROFILE_VALUE', 'Accessible', { accessible: 'Always' }],
    ['ERR_MDA_PROFILE_CONFLICT', 'KeySize', { acme: { ...OPTIONS.acme, keySize: 521 } }],
    ['ERR_MDA_PROFILE_HARDWARE', 'Attest', { acme: { ...OPTIONS.acme, productName: 'Mac15,6' } }],
    ['ERR_MDA_PROFILE_HARDWARE', 'Attest', { acme: { ...OPTIONS.acme, productName: 'iPhone9,3' } }],
  ])('%s: %s', async (code, field, changes) => {
    expect(await rejectionOf(asset(changes))).toMatchObject({ code, field });
  });
});

describe('a mistake of the caller', () => {
  it.each<[string, object]>([
    ['url', { url: 'x' }],
    ['acme', { acme: undefined }],
    ['acme.identifier', { acme: { ...OPTIONS.acme, identifier: 'x' } }],
  ])('names the option: %s', async (name, changes) => {
    await expect(asset(changes)).rejects.toThrow(TypeError);
    await expect(asset(changes)).rejects.toThrow(name);
  });
});
