import { createHash } from 'node:crypto';
import { parse } from 'plist';
import { describe, expect, it } from 'vitest';
import {
  enrollmentProfile,
  type EnrollmentProfileOptions,
  parsePlist,
  type PlistDictionary,
} from '../../src/mdm/index.ts';
import { derivedUuid } from '../../src/mdm/payload-uuid.ts';
import { rejectionOf } from '../support/refusal.ts';

const UUID = '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01';
/** The frame of a certificate is all that is looked at. */
const ANCHOR = Uint8Array.of(0x30, 0x02, 0x05, 0x00);
const OTHER = Uint8Array.of(0x30, 0x81, 0x80, ...new Uint8Array(128));

const OPTIONS: EnrollmentProfileOptions = {
  identifier: 'com.example.enrollment',
  uuid: UUID,
  displayName: 'Example <Enrollment> & more',
  mdm: { serverUrl: 'https://mdm.example.com/connect', topic: 'com.apple.mgmt.External.0c5e9e5b' },
  acme: {
    directoryUrl: 'https://acme.example.com/directory',
    clientIdentifier: 'C02XXXXXXXXX',
    subject: [['CN', 'Managed device']],
  },
  trustAnchors: [ANCHOR, OTHER],
};

type Changes = { readonly [Key in keyof EnrollmentProfileOptions]?: unknown };

const write = (changes: Changes = {}) => enrollmentProfile({ ...OPTIONS, ...changes } as EnrollmentProfileOptions);
const withMdm = (mdm: object) => write({ mdm: { ...OPTIONS.mdm, ...mdm } });

async function read(profile: Promise<string>) {
  const keys = parsePlist(new TextEncoder().encode(await profile)) as PlistDictionary;
  const payloads = keys.get('PayloadContent') as readonly PlistDictionary[];
  const find = (type: string) => payloads.filter((payload) => payload.get('PayloadType') === type);
  return {
    keys,
    payloads,
    anchors: find('com.apple.security.root'),
    acme: find('com.apple.security.acme')[0]!,
    mdm: find('com.apple.mdm')[0]!,
  };
}

describe('an enrollment profile', () => {
  it('has the anchors, the identity, and the management that uses it', async () => {
    const { keys, payloads, anchors, acme, mdm } = await read(write());
    expect([...keys].filter(([key]) => key !== 'PayloadContent')).toEqual([
      ['PayloadType', 'Configuration'],
      ['PayloadVersion', 1n],
      ['PayloadIdentifier', 'com.example.enrollment'],
      ['PayloadUUID', UUID],
      ['PayloadDisplayName', 'Example <Enrollment> & more'],
      ['PayloadScope', 'System'],
    ]);
    expect(payloads.map((payload) => payload.get('PayloadIdentifier'))).toEqual([
      'com.example.enrollment.anchor-1',
      'com.example.enrollment.anchor-2',
      'com.example.enrollment.acme',
      'com.example.enrollment.mdm',
    ]);
    expect(anchors.map((anchor) => anchor.get('PayloadContent'))).toEqual([ANCHOR, OTHER]);
    expect(acme.get('Attest')).toBe(true);
    expect([...mdm].slice(4)).toEqual([
      ['ServerURL', 'https://mdm.example.com/connect'],
      ['Topic', 'com.apple.mgmt.External.0c5e9e5b'],
      ['IdentityCertificateUUID', acme.get('PayloadUUID')],
      ['AccessRights', 8191n],
      ['CheckOutWhenRemoved', true],
    ]);
  });

  it('has all that it is given', async () => {
    const { keys, anchors, mdm } = await read(
      write({
        organization: 'Example',
        description: 'What it is for',
        removalDisallowed: true,
        mdm: {
          ...OPTIONS.mdm,
          checkInUrl: 'https://mdm.example.com/checkin',
          accessRights: 1027,
          signMessage: true,
          useDevelopmentApns: false,
          enrollmentMode: 'ADDE',
          assignedManagedAppleAccount: 'ann@example.com',
          requiredAppId: 361_285_480,
          serverCapabilities: [
            'com.apple.mdm.per-user-connections',
            'com.apple.mdm.bootstraptoken',
            'com.apple.mdm.token',
          ],
          checkOutWhenRemoved: false,
          pinTrustAnchors: true,
          pinningRevocationCheckRequired: false,
          promptUserToAllowBootstrapToken: true,
        },
      }),
    );
    expect(keys.get('PayloadOrganization')).toBe('Example');
    expect(keys.get('PayloadDescription')).toBe('What it is for');
    expect(keys.get('PayloadRemovalDisallowed')).toBe(true);
    const uuids = anchors.map((anchor) => anchor.get('PayloadUUID'));
    expect([...mdm].slice(4).filter(([key]) => key !== 'IdentityCertificateUUID')).toEqual([
      ['ServerURL', 'https://mdm.example.com/connect'],
      ['CheckInURL', 'https://mdm.example.com/checkin'],
      ['Topic', 'com.apple.mgmt.External.0c5e9e5b'],
      ['AccessRights', 1027n],
      ['SignMessage', true],
      ['UseDevelopmentAPNS', false],
      ['EnrollmentMode', 'ADDE'],
      ['AssignedManagedAppleID', 'ann@example.com'],
      ['RequiredAppIDForMDM', 361_285_480n],
      [
        'ServerCapabilities',
        ['com.apple.mdm.per-user-connections', 'com.apple.mdm.bootstraptoken', 'com.apple.mdm.token'],
      ],
      ['CheckOutWhenRemoved', false],
      ['ServerURLPinningCertificateUUIDs', uuids],
      ['CheckInURLPinningCertificateUUIDs', uuids],
      ['PinningRevocationCheckRequired', false],
      ['PromptUserToAllowBootstrapTokenForAuthentication', true],
    ]);
  });

  it('is the same, byte for byte, whenever it is written', async () => {
    const profile = await write();
    expect(await write()).toBe(profile);
    expect(createHash('sha256').update(profile).digest('hex')).toMatchInlineSnapshot(
      `"22bffbe83982e5d3c0f052c559088063580c2fd7083bb4766f5316b43d47f441"`,
    );
  });

  it('may have sixteen anchors', async () => {
    const trustAnchors = Array.from({ length: 16 }, (_, index) => Uint8Array.of(0x30, 0x02, 0x05, index));
    expect((await read(write({ trustAnchors }))).anchors).toHaveLength(16);
  });

  it('is read alike by another reader', async () => {
    const profile = parse(await write()) as { PayloadContent: { PayloadContent?: Uint8Array; Subject?: unknown }[] };
    expect(profile.PayloadContent.map(({ PayloadContent }) => PayloadContent)).toEqual([
      ANCHOR,
      OTHER,
      undefined,
      undefined,
    ]);
    expect(profile.PayloadContent[2]!.Subject).toEqual([[['CN', 'Managed device']]]);
  });
});

describe('the UUIDs', () => {
  it('are those of RFC 9562, version 5', async () => {
    // Appendix A.4: www.example.com in the name space of DNS.
    expect(await derivedUuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ED6657D-E927-568B-95E1-2665A8AEA6A2',
    );
  });

  it('differ from payload to payload and from profile to profile', async () => {
    const uuids = async (uuid: string) => {
      const { payloads } = await read(write({ uuid }));
      return payloads.map((payload) => payload.get('PayloadUUID'));
    };
    const all = [...(await uuids(UUID)), ...(await uuids(UUID.replace('5D', '6D')))];
    expect(new Set(all).size).toBe(8);
    expect(await uuids(UUID)).toEqual(await uuids(UUID));
  });
});

describe('is refused by the rules, and the key is named', () => {
  it.each<[string, object]>([
    ['PayloadIdentifier', { identifier: 'com/example' }],
    ['PayloadUUID', { uuid: 'x' }],
    ['PayloadDisplayName', { displayName: undefined }],
    ['PayloadOrganization', { organization: '' }],
    ['PayloadDescription', { description: 1 }],
    ['PayloadRemovalDisallowed', { removalDisallowed: 'no' }],
    ['PayloadContent', { trustAnchors: [Uint8Array.of(0x30, 0x03, 0x05, 0x00)] }],
    ['PayloadContent', { trustAnchors: [Uint8Array.of(0x30, 0x01, 0x05, 0x00)] }],
    ['PayloadContent', { trustAnchors: [new TextEncoder().encode('-----BEGIN CERTIFICATE-----')] }],
    ['PayloadContent', { trustAnchors: [new Uint8Array()] }],
    ['DirectoryURL', { acme: { ...OPTIONS.acme, directoryUrl: 'ldap://x' } }],
  ])('%s in %j', async (field, changes) => {
    expect(await rejectionOf(write(changes))).toMatchObject({ code: 'ERR_MDA_PROFILE_VALUE', field });
  });

  it.each<[string, object]>([
    ['ServerURL', { serverUrl: undefined }],
    ['ServerURL', { serverUrl: 'http://mdm.example.com/connect' }],
    ['CheckInURL', { checkInUrl: 'http://mdm.example.com/checkin' }],
    ['Topic', { topic: undefined }],
    ['Topic', { topic: 'com.example.push' }],
    ['Topic', { topic: 'com.apple.mgmt.' }],
    ['Topic', { topic: 'x com.apple.mgmt.x' }],
    ['Topic', { topic: 'com.apple.mgmt.x y' }],
    ['AccessRights', { accessRights: 0 }],
    ['AccessRights', { accessRights: 8192 }],
    ['AccessRights', { accessRights: 1.5 }],
    ['SignMessage', { signMessage: 1 }],
    ['UseDevelopmentAPNS', { useDevelopmentApns: 1 }],
    ['EnrollmentMode', { enrollmentMode: 'byod' }],
    ['AssignedManagedAppleID', { enrollmentMode: 'BYOD', assignedManagedAppleAccount: '' }],
    ['RequiredAppIDForMDM', { enrollmentMode: 'BYOD', requiredAppId: 0 }],
    ['ServerCapabilities', { serverCapabilities: 'com.apple.mdm.token' }],
    ['ServerCapabilities', { serverCapabilities: ['token'] }],
    ['ServerCapabilities', { serverCapabilities: ['com.apple.mdm.token', 'token'] }],
    ['ServerCapabilities', { serverCapabilities: ['com.apple.mdm.token', 'com.apple.mdm.token'] }],
    ['CheckOutWhenRemoved', { checkOutWhenRemoved: 'yes' }],
    ['ServerURLPinningCertificateUUIDs', { pinTrustAnchors: 1 }],
    ['PinningRevocationCheckRequired', { pinningRevocationCheckRequired: 1 }],
    ['PromptUserToAllowBootstrapTokenForAuthentication', { promptUserToAllowBootstrapToken: 1 }],
  ])('%s in %j', async (field, changes) => {
    expect(await rejectionOf(withMdm(changes))).toMatchObject({ code: 'ERR_MDA_PROFILE_VALUE', field });
  });

  it.each<[string, object]>([
    ['AccessRights', { accessRights: 2 }],
    ['AccessRights', { accessRights: 128 }],
    ['EnrollmentMode', { assignedManagedAppleAccount: 'ann@example.com' }],
    ['EnrollmentMode', { requiredAppId: 1 }],
  ])('%s, which does not go with %j', async (field, changes) => {
    expect(await rejectionOf(withMdm(changes))).toMatchObject({ code: 'ERR_MDA_PROFILE_CONFLICT', field });
  });

  it('pinning without anchors', async () => {
    const mdm = { ...OPTIONS.mdm, pinTrustAnchors: true };
    expect(await rejectionOf(write({ mdm, trustAnchors: [] }))).toMatchObject({
      code: 'ERR_MDA_PROFILE_CONFLICT',
      field: 'ServerURLPinningCertificateUUIDs',
    });
  });

  it('an anchor twice', async () => {
    expect(await rejectionOf(write({ trustAnchors: [ANCHOR, OTHER, ANCHOR.slice()] }))).toMatchObject({
      code: 'ERR_MDA_PROFILE_DUPLICATE',
      field: 'PayloadContent',
    });
  });
});

describe('a mistake of the caller', () => {
  it.each<[string, object]>([
    ['scope', { scope: 'System' }],
    ['mdm', { mdm: undefined }],
    ['mdm.url', { mdm: { ...OPTIONS.mdm, url: 'x' } }],
    ['acme', { acme: undefined }],
    ['acme.uuid', { acme: { ...OPTIONS.acme, uuid: UUID } }],
    ['trustAnchors', { trustAnchors: undefined }],
    ['trustAnchors', { trustAnchors: ANCHOR }],
    ['trustAnchors', { trustAnchors: Array<Uint8Array>(17).fill(ANCHOR) }],
    ['trustAnchors[1]', { trustAnchors: [ANCHOR, 'MIIC'] }],
    ['trustAnchors[1]', { trustAnchors: [ANCHOR, undefined] }],
  ])('names the option: %s', async (name, changes) => {
    await expect(write(changes)).rejects.toThrow(TypeError);
    await expect(write(changes)).rejects.toThrow(name);
  });
});
