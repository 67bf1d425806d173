import { describe, expect, it } from 'vitest';
import {
  deviceInformationCommand,
  installProfileCommand,
  parsePlist,
  securityInfoCommand,
} from '../../src/mdm/index.ts';
import { plistOf } from '../support/mdm.ts';

const read = (xml: string) => parsePlist(new TextEncoder().encode(xml));
const commandUUID = 'a command';

describe('a DeviceInformation command', () => {
  it('asks for what it is told to', () => {
    const queries = ['SerialNumber', 'BatteryLevel'];
    expect(read(deviceInformationCommand({ commandUUID, queries }))).toEqual(
      plistOf({ Command: { RequestType: 'DeviceInformation', Queries: queries }, CommandUUID: commandUUID }),
    );
  });

  it.each([
    [['SerialNumber'], ['SerialNumber', 'DevicePropertiesAttestation']],
    [
      ['DevicePropertiesAttestation', 'UDID'],
      ['DevicePropertiesAttestation', 'UDID'],
    ],
    [[], ['DevicePropertiesAttestation']],
  ])('with a nonce has it as data, and asks for the attestation: %j', (queries, asked) => {
    for (const length of [1, 32]) {
      const nonce = new Uint8Array(length).fill(0xff);
      expect(read(deviceInformationCommand({ commandUUID, queries, nonce }))).toEqual(
        plistOf({
          Command: { RequestType: 'DeviceInformation', Queries: asked, DeviceAttestationNonce: nonce },
          CommandUUID: commandUUID,
        }),
      );
    }
  });

  it('is the same text for the same options', () => {
    const nonce = new Uint8Array(32).fill(1);
    const write = () => deviceInformationCommand({ commandUUID, queries: ['UDID'], nonce });
    expect(write()).toBe(write());
    expect(write()).toContain('<key>DeviceAttestationNonce</key>\n\t\t<data>AQEBAQ');
  });

  it.each<[string, object]>([
    ['commandUUID', { commandUUID: undefined }],
    ['commandUUID', { commandUUID: '' }],
    ['commandUUID', { commandUUID: 1 }],
    ['commandUUID', { commandUUID: '\u0001' }],
    ['queries', { queries: undefined }],
    ['queries', { queries: 'UDID' }],
    ['queries', { queries: [] }],
    ['queries', { queries: [1] }],
    ['queries', { queries: ['UDID', 'UDID'] }],
    ['queries', { queries: [['UDID']] }],
    ['queries', { queries: ['Serial Number'] }],
    ['queries', { queries: [''] }],
    ['queries', { queries: ['<'] }],
    ['nonce', { nonce: undefined }],
    ['nonce', { nonce: new Uint8Array() }],
    ['nonce', { nonce: new Uint8Array(33) }],
    ['nonce', { nonce: 'AAAA' }],
    ['nonces', { nonces: new Uint8Array(1) }],
  ])('names the option that is wrong: %s in %j', (name, changes) => {
    const options = { commandUUID, queries: ['UDID'], ...changes };
    expect(() => deviceInformationCommand(options)).toThrow(expect.objectContaining({ name: 'TypeError' }));
    expect(() => deviceInformationCommand(options)).toThrow(name);
  });
});

describe('a SecurityInfo command', () => {
  it('has nothing but its name', () => {
    expect(read(securityInfoCommand({ commandUUID }))).toEqual(
      plistOf({ Command: { RequestType: 'SecurityInfo' }, CommandUUID: commandUUID }),
    );
  });

  it('names the option that is wrong', () => {
    expect(() => securityInfoCommand({ commandUUID: '' })).toThrow('commandUUID');
    expect(() => securityInfoCommand({ commandUUID, queries: [] } as never)).toThrow('queries');
  });
});

describe('an InstallProfile command', () => {
  it('has the profile as data, whether it is XML or signed', () => {
    for (const profile of ['<plist/>', new TextEncoder().encode('<plist/>')])
      expect(read(installProfileCommand({ commandUUID, profile }))).toEqual(
        plistOf({
          Command: { RequestType: 'InstallProfile', Payload: new TextEncoder().encode('<plist/>') },
          CommandUUID: commandUUID,
        }),
      );
  });

  it('names the option that is wrong', () => {
    for (const profile of ['', new Uint8Array(), 1, undefined])
      expect(() => installProfileCommand({ commandUUID, profile: profile as never })).toThrow('profile');
  });
});
