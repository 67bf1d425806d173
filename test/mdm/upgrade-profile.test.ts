import { describe, expect, it } from 'vitest';
import {
  enrollmentProfile,
  parsePlist,
  type PlistDictionary,
  upgradeProfile,
  type UpgradeProfileOptions,
} from '../../src/mdm/index.ts';
import { encodePlist, type Loose, type Members } from '../support/mdm.ts';
import { rejectionOf } from '../support/refusal.ts';

const UUID = '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01';
const IDENTITY = '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F02';
const MDM = '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F03';
const ROOT = '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F04';
const ANCHOR = Uint8Array.of(0x30, 0x02, 0x05, 0x00);

const scep: Members = {
  PayloadType: 'com.apple.security.scep',
  PayloadVersion: 1,
  PayloadIdentifier: 'com.example.enrollment.scep',
  PayloadUUID: IDENTITY,
  PayloadContent: { URL: 'https://scep.example.com', Retries: 3 },
};
const root: Members = {
  PayloadType: 'com.apple.security.root',
  PayloadVersion: 1,
  PayloadIdentifier: 'com.example.enrollment.root',
  PayloadUUID: ROOT,
  PayloadContent: ANCHOR,
};
const mdm: Members = {
  PayloadType: 'com.apple.mdm',
  PayloadVersion: 1,
  PayloadIdentifier: 'com.example.enrollment.mdm',
  PayloadUUID: MDM,
  ServerURL: 'https://mdm.example.com/connect',
  Topic: 'com.apple.mgmt.External.0c5e9e5b',
  IdentityCertificateUUID: IDENTITY,
  AccessRights: 3,
  SomethingNew: 1.5,
};

const installedOf = (payloads: readonly Loose[] = [root, scep, mdm] as Loose[], changes: Members = {}): Uint8Array =>
  encodePlist({
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: 'com.example.enrollment',
    PayloadUUID: UUID,
    PayloadDisplayName: 'Example',
    PayloadContent: payloads,
    PayloadExpirationDate: new Date('2030-01-01T00:00:00Z'),
    ...changes,
  });

const acme = {
  directoryUrl: 'https://acme.example.com/directory',
  clientIdentifier: 'C02XXXXXXXXX',
  subject: [['CN', 'Managed device']],
} as const;

const upgrade = (installed: Uint8Array = installedOf(), changes: Partial<UpgradeProfileOptions> = {}) =>
  upgradeProfile({ installed, acme, ...changes });

async function read(profile: Promise<string>) {
  const keys = parsePlist(new TextEncoder().encode(await profile)) as PlistDictionary;
  return { keys, payloads: keys.get('PayloadContent') as readonly PlistDictionary[] };
}

const typesOf = (payloads: readonly PlistDictionary[]) => payloads.map((payload) => payload.get('PayloadType'));
const without = (payload: PlistDictionary, key: string) => [...payload].filter(([name]) => name !== key);

describe('an upgrade', () => {
  it('puts an attested identity in the place of the old one, and changes nothing else', async () => {
    const old = parsePlist(installedOf()) as PlistDictionary;
    const { keys, payloads } = await read(upgrade());
    expect([...keys.keys()]).toEqual([...old.keys()]);
    expect(without(keys, 'PayloadContent')).toEqual(without(old, 'PayloadContent'));
    expect(typesOf(payloads)).toEqual(['com.apple.security.root', 'com.apple.security.acme', 'com.apple.mdm']);
    const [oldRoot, , oldMdm] = old.get('PayloadContent') as readonly PlistDictionary[];
    const [newRoot, identity, newMdm] = payloads;
    expect(newRoot).toEqual(oldRoot);
    expect(without(newMdm!, 'IdentityCertificateUUID')).toEqual(without(oldMdm!, 'IdentityCertificateUUID'));
    expect(newMdm!.get('IdentityCertificateUUID')).toBe(identity!.get('PayloadUUID'));
    expect(identity!.get('PayloadIdentifier')).toBe('com.example.enrollment.acme');
    expect(identity!.get('Attest')).toBe(true);
  });

  it('is the same, byte for byte, whenever it is written', async () => {
    expect(await upgrade()).toBe(await upgrade());
  });

  it('adds anchors and takes rights away', async () => {
    const { payloads } = await read(upgrade(installedOf(), { trustAnchors: [ANCHOR], accessRights: 1 }));
    expect(typesOf(payloads)[0]).toBe('com.apple.security.root');
    expect(payloads[0]!.get('PayloadIdentifier')).toBe('com.example.enrollment.upgrade.anchor-1');
    expect(payloads.at(-1)!.get('AccessRights')).toBe(1n);
    expect(payloads.at(-1)!.get('SomethingNew')).toBe(1.5);
  });

  it('keeps an identity that another payload uses', async () => {
    const wifi: Members = {
      PayloadType: 'com.apple.wifi.managed',
      PayloadIdentifier: 'com.example.enrollment.wifi',
      PayloadUUID: ROOT.replace('04', '05'),
      EAPClientConfiguration: { Certificates: ['another', { PayloadCertificateAnchorUUID: IDENTITY }, 1] },
    };
    const { payloads } = await read(upgrade(installedOf([scep, mdm, wifi])));
    expect(typesOf(payloads)).toEqual([
      'com.apple.security.scep',
      'com.apple.security.acme',
      'com.apple.mdm',
      'com.apple.wifi.managed',
    ]);
  });

  it('can be done to what was upgraded, or to a profile of this library', async () => {
    const once = await upgrade();
    expect(await upgrade(new TextEncoder().encode(once))).toBe(once);
    const profile = await enrollmentProfile({
      identifier: 'com.example.enrollment',
      uuid: UUID,
      displayName: 'Example',
      mdm: { serverUrl: 'https://mdm.example.com', topic: 'com.apple.mgmt.x' },
      acme: { ...acme, attest: false },
      trustAnchors: [ANCHOR],
    });
    const { payloads } = await read(upgrade(new TextEncoder().encode(profile)));
    expect(typesOf(payloads)).toEqual(['com.apple.security.root', 'com.apple.security.acme', 'com.apple.mdm']);
    expect(payloads[1]!.get('Attest')).toBe(true);
  });
});

describe('is refused, and the key is named', () => {
  it.each<[string, Uint8Array, string]>([
    ['what is no dictionary', encodePlist(['x']), 'PayloadType'],
    ['what is no profile', installedOf(undefined, { PayloadType: 'com.apple.mdm' }), 'PayloadType'],
    ['a profile without payloads', installedOf(undefined, { PayloadContent: undefined }), 'PayloadContent'],
    ['payloads of another type', installedOf(['x', mdm]), 'PayloadContent'],
    ['encrypted payloads', installedOf(undefined, { PayloadContent: ANCHOR }), 'PayloadContent'],
    ['no MDM payload', installedOf([root, scep]), 'PayloadContent'],
    ['two MDM payloads', installedOf([scep, mdm, mdm]), 'PayloadContent'],
    ['no identity', installedOf([scep, { ...mdm, IdentityCertificateUUID: undefined }]), 'IdentityCertificateUUID'],
    ['an identity that is elsewhere', installedOf([root, mdm]), 'IdentityCertificateUUID'],
    ['an identity of its own', installedOf([{ ...mdm, IdentityCertificateUUID: MDM }]), 'IdentityCertificateUUID'],
    [
      'no identity, and a payload without a name',
      installedOf([
        { ...scep, PayloadUUID: undefined },
        { ...mdm, IdentityCertificateUUID: undefined },
      ]),
      'IdentityCertificateUUID',
    ],
  ])('%s', async (_, installed, field) => {
    expect(await rejectionOf(upgrade(installed))).toMatchObject({ code: 'ERR_MDA_PROFILE_INSTALLED', field });
  });

  it.each<[string, Members]>([
    ['PayloadIdentifier', { PayloadIdentifier: undefined }],
    ['PayloadIdentifier', { PayloadIdentifier: 'an identifier' }],
    ['PayloadUUID', { PayloadUUID: 'profile' }],
    ['PayloadUUID', { PayloadUUID: undefined }],
  ])('a profile whose %s is no key to derive from', async (field, changes) => {
    expect(await rejectionOf(upgrade(installedOf(undefined, changes)))).toMatchObject({
      code: 'ERR_MDA_PROFILE_VALUE',
      field,
    });
  });

  it.each<[number, Members, string]>([
    [7, {}, 'ERR_MDA_PROFILE_CONFLICT'],
    [2, {}, 'ERR_MDA_PROFILE_CONFLICT'],
    [1, { AccessRights: undefined }, 'ERR_MDA_PROFILE_CONFLICT'],
    [1, { AccessRights: 'all' }, 'ERR_MDA_PROFILE_CONFLICT'],
    [0, {}, 'ERR_MDA_PROFILE_VALUE'],
  ])('rights %d where there are %j', async (accessRights, changes, code) => {
    const installed = installedOf([scep, { ...mdm, ...changes }]);
    expect(await rejectionOf(upgrade(installed, { accessRights }))).toMatchObject({ code, field: 'AccessRights' });
  });

  it.each<[string, Members]>([
    ['PayloadUUID', { PayloadUUID: MDM }],
    ['PayloadIdentifier', { PayloadIdentifier: 'com.example.enrollment.acme' }],
  ])('a %s that is there twice', async (field, changes) => {
    const installed = installedOf([scep, { ...root, ...changes }, mdm]);
    expect(await rejectionOf(upgrade(installed))).toMatchObject({ code: 'ERR_MDA_PROFILE_DUPLICATE', field });
  });

  it('what the payload does not allow', async () => {
    expect(await rejectionOf(upgrade(installedOf(), { acme: { ...acme, hardwareBound: false } }))).toMatchObject({
      code: 'ERR_MDA_PROFILE_CONFLICT',
      field: 'HardwareBound',
    });
  });

  it('a signed profile, which is no property list', async () => {
    expect(await rejectionOf(upgrade(Uint8Array.of(0x30, 0x82)))).toMatchObject({ code: 'ERR_MDA_PLIST_UTF8' });
  });
});

describe('a mistake of the caller', () => {
  it.each<[string, object]>([
    ['profile', { profile: 'x' }],
    ['bytes', { installed: '<plist/>' }],
    ['acme', { acme: undefined }],
    ['trustAnchors', { trustAnchors: 'x' }],
  ])('names the option: %s', async (name, changes) => {
    await expect(upgrade(installedOf(), changes)).rejects.toThrow(TypeError);
    await expect(upgrade(installedOf(), changes)).rejects.toThrow(name);
  });
});
