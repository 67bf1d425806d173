import { describe, expect, it } from 'vitest';
import { parseCommandResponse, type PlistDictionary } from '../../src/mdm/index.ts';
import { refusalOf } from '../support/refusal.ts';
import { answerOf, bodyOf, COMMAND, encodePlist, type Loose, type Members, responseOf, UDID } from '../support/mdm.ts';

const enrollment = { udid: UDID, enrollmentId: undefined, user: undefined };

describe('a response', () => {
  it('is idle', () => {
    const response = responseOf({ Status: 'Idle', CommandUUID: undefined });
    expect(response).toEqual({ status: 'Idle', enrollment, values: expect.any(Map) as unknown });
    expect([...response.values.keys()]).toEqual(['Status', 'UDID']);
  });

  it('says not now', () => {
    expect(responseOf({ Status: 'NotNow' })).toMatchObject({ status: 'NotNow', commandUUID: COMMAND, enrollment });
  });

  it.each(['Error', 'CommandFormatError'])('says %s, and why', (Status) => {
    const item = { ErrorCode: 12021, ErrorDomain: 'MCMDMErrorDomain', USEnglishDescription: 'Not known' };
    expect(responseOf({ Status, ErrorChain: [item, { ...item, LocalizedDescription: 'Unbekannt' }] })).toMatchObject({
      status: Status,
      commandUUID: COMMAND,
      errorChain: [
        {
          code: 12021,
          domain: 'MCMDMErrorDomain',
          localizedDescription: undefined,
          usEnglishDescription: 'Not known',
        },
        { localizedDescription: 'Unbekannt' },
      ],
    });
    const longest = responseOf({ Status, ErrorChain: Array(64).fill(item) as Loose[] });
    expect('errorChain' in longest && longest.errorChain).toHaveLength(64);
    expect(responseOf({ Status, CommandUUID: undefined })).toMatchObject({ commandUUID: undefined, errorChain: [] });
  });

  it('acknowledges a command that this library does not read', () => {
    const response = responseOf({ Anything: { Else: [1, 2.5] } });
    expect(response).toMatchObject({
      status: 'Acknowledged',
      reported: undefined,
      attestation: undefined,
      security: undefined,
    });
    expect(response.values.get('Anything')).toEqual(new Map([['Else', [1n, 2.5]]]));
  });
});

describe('the enrollment', () => {
  it.each<[string, Members, object]>([
    ['of a device', {}, enrollment],
    ['of a user', { UDID: undefined, EnrollmentID: 'E1' }, { udid: undefined, enrollmentId: 'E1', user: undefined }],
    [
      'on the user channel of a device',
      { UserID: 'U1', UserShortName: 'ann', UserLongName: 'Ann' },
      { ...enrollment, user: { id: 'U1', shortName: 'ann', longName: 'Ann' } },
    ],
    [
      'on the user channel of a user',
      { UDID: undefined, EnrollmentID: 'E1', EnrollmentUserID: 'EU1' },
      { udid: undefined, enrollmentId: 'E1', user: { id: 'EU1', shortName: undefined, longName: undefined } },
    ],
  ])('%s', (_, members, expected) => {
    expect(responseOf({ Status: 'Idle', ...members }).enrollment).toEqual(expected);
  });
});

describe('the answer to DeviceInformation', () => {
  it('is typed where this library knows it, and kept where it does not', () => {
    const response = answerOf({
      UDID,
      ProvisioningUDID: '00006030-0000000000000001',
      SerialNumber: 'SIMULATED1',
      OSVersion: '26.4.1',
      SupplementalOSVersionExtra: '(a)',
      BuildVersion: '25E1',
      SupplementalBuildVersion: '25E2',
      SoftwareUpdateDeviceID: 'J999xAP',
      ProductName: 'Mac15,6',
      Model: 'MK1A3LL',
      ModelName: 'MacBook Pro',
      ModelNumber: 'MK1A3LL/A',
      IsAppleSilicon: true,
      IsSupervised: false,
      BatteryLevel: 0.5,
    });
    expect(response.reported).toEqual({
      serialNumber: 'SIMULATED1',
      udid: UDID,
      provisioningUdid: '00006030-0000000000000001',
      osVersion: '26.4.1',
      supplementalOsVersionExtra: '(a)',
      buildVersion: '25E1',
      supplementalBuildVersion: '25E2',
      softwareUpdateDeviceId: 'J999xAP',
      productName: 'Mac15,6',
      model: 'MK1A3LL',
      modelName: 'MacBook Pro',
      modelNumber: 'MK1A3LL/A',
      isAppleSilicon: true,
      isSupervised: false,
    });
    expect((response.values.get('QueryResponses') as PlistDictionary).get('BatteryLevel')).toBe(0.5);
    expect(response.security).toBeUndefined();
  });

  it('has undefined where the device says nothing', () => {
    const { reported, attestation } = answerOf({});
    expect(new Set(Object.values(reported!))).toEqual(new Set([undefined]));
    expect(Object.keys(reported!)).toHaveLength(14);
    expect(attestation).toBeUndefined();
  });

  it('has the certificates of the attestation, none too', () => {
    const chain = [Uint8Array.of(1), Uint8Array.of(2, 3)];
    expect(answerOf({ DevicePropertiesAttestation: chain }).attestation).toEqual(chain);
    expect(answerOf({ DevicePropertiesAttestation: [] }).attestation).toEqual([]);
  });
});

describe('the answer to SecurityInfo', () => {
  it('is typed where this library knows it', () => {
    const { security, reported } = answerOf(
      {},
      {
        QueryResponses: undefined,
        SecurityInfo: {
          FDE_Enabled: true,
          SystemIntegrityProtectionEnabled: true,
          SecureBoot: { SecureBootLevel: 'full', ExternalBootLevel: 'disallowed' },
          ManagementStatus: { EnrolledViaDEP: true, UserApprovedEnrollment: true, IsUserEnrollment: false },
          PasscodePresent: true,
          PasscodeCompliant: false,
        },
      },
    );
    expect(reported).toBeUndefined();
    expect(security).toEqual({
      fileVault: true,
      systemIntegrityProtection: 'enabled',
      secureBoot: 'Full Security',
      isUserEnrollment: false,
      isUserApproved: true,
      isEnrolledAutomatically: true,
      hasPasscode: true,
      isPasscodeCompliant: false,
    });
  });

  it.each([
    ['medium', 'Reduced Security'],
    ['off', 'Permissive Security'],
    ['not supported', undefined],
    ['constructor', undefined],
  ])('has the words of an attestation for the level %s', (SecureBootLevel, expected) => {
    const { security } = answerOf({}, { SecurityInfo: { SecureBoot: { SecureBootLevel } } });
    expect(security!.secureBoot).toBe(expected);
  });

  it('has undefined where the device says nothing', () => {
    const { security } = answerOf({}, { SecurityInfo: {} });
    expect(new Set(Object.values(security!))).toEqual(new Set([undefined]));
    expect(answerOf({}, { SecurityInfo: { SystemIntegrityProtectionEnabled: false } }).security).toMatchObject({
      systemIntegrityProtection: 'disabled',
    });
  });
});

describe('is refused, and the key at fault is named', () => {
  it.each<[string, Members, string | undefined]>([
    ['no status', { Status: undefined }, 'Status'],
    ['an unknown status', { Status: 'acknowledged' }, 'Status'],
  ])('%s', (_, members, field) => {
    expect(refusalOf(() => responseOf(members))).toMatchObject({ code: 'ERR_MDA_RESPONSE_STATUS', field });
  });

  const item = { ErrorCode: 1, ErrorDomain: 'D' };
  it.each<[string, Members, string]>([
    ['a status of another type', { Status: 1 }, 'Status'],
    ['no command', { CommandUUID: undefined }, 'CommandUUID'],
    ['a command of another type', { CommandUUID: ['x'] }, 'CommandUUID'],
    ['NotNow without a command', { Status: 'NotNow', CommandUUID: undefined }, 'CommandUUID'],
    ['an error with a command of another type', { Status: 'Error', CommandUUID: 1 }, 'CommandUUID'],
    ['no enrollment', { UDID: undefined }, 'UDID'],
    ['an empty enrollment', { UDID: '', EnrollmentID: '' }, 'UDID'],
    ['a UDID of another type', { UDID: new Uint8Array(16) }, 'UDID'],
    ['an enrollment of another type', { EnrollmentID: 1 }, 'EnrollmentID'],
    ['a user of another type', { UserID: 1 }, 'UserID'],
    ['an enrolled user of another type', { EnrollmentUserID: 1 }, 'EnrollmentUserID'],
    ['a short name of another type', { UserShortName: 1 }, 'UserShortName'],
    ['a long name of another type', { UserLongName: 1 }, 'UserLongName'],
    ['answers of another type', { QueryResponses: [] }, 'QueryResponses'],
    ['a serial number of another type', { QueryResponses: { SerialNumber: 1 } }, 'QueryResponses.SerialNumber'],
    ['a flag of another type', { QueryResponses: { IsSupervised: 1 } }, 'QueryResponses.IsSupervised'],
    ['security of another type', { SecurityInfo: 'good' }, 'SecurityInfo'],
    ['FileVault of another type', { SecurityInfo: { FDE_Enabled: 'yes' } }, 'SecurityInfo.FDE_Enabled'],
    ['secure boot of another type', { SecurityInfo: { SecureBoot: 'full' } }, 'SecurityInfo.SecureBoot'],
    [
      'a level of another type',
      { SecurityInfo: { SecureBoot: { SecureBootLevel: 1 } } },
      'SecurityInfo.SecureBoot.SecureBootLevel',
    ],
    [
      'a management status of another type',
      { SecurityInfo: { ManagementStatus: { EnrolledViaDEP: 1 } } },
      'SecurityInfo.ManagementStatus.EnrolledViaDEP',
    ],
    ['an error chain of another type', { Status: 'Error', ErrorChain: {} }, 'ErrorChain'],
    ['an error chain of anything', { Status: 'Error', ErrorChain: ['x'] }, 'ErrorChain[0]'],
    ['an endless error chain', { Status: 'Error', ErrorChain: Array(65).fill(item) as Loose[] }, 'ErrorChain'],
    ['an error without a code', { Status: 'Error', ErrorChain: [item, {}] }, 'ErrorChain[1].ErrorCode'],
    ['a code of another type', { Status: 'Error', ErrorChain: [{ ErrorCode: '1' }] }, 'ErrorChain[0].ErrorCode'],
    ['a code beyond all codes', { Status: 'Error', ErrorChain: [{ ErrorCode: 2n ** 60n }] }, 'ErrorChain[0].ErrorCode'],
    ['an error without a domain', { Status: 'Error', ErrorChain: [{ ErrorCode: 1 }] }, 'ErrorChain[0].ErrorDomain'],
    [
      'a description of another type',
      { Status: 'Error', ErrorChain: [{ ...item, LocalizedDescription: 1 }] },
      'ErrorChain[0].LocalizedDescription',
    ],
    [
      'an English description of another type',
      { Status: 'Error', ErrorChain: [{ ...item, USEnglishDescription: 1 }] },
      'ErrorChain[0].USEnglishDescription',
    ],
  ])('%s', (_, members, field) => {
    expect(refusalOf(() => responseOf(members))).toMatchObject({ code: 'ERR_MDA_RESPONSE_SHAPE', field });
  });

  it('what is no dictionary', () => {
    for (const body of [['Idle'], 'Idle', true])
      expect(refusalOf(() => parseCommandResponse(encodePlist(body)))).toMatchObject({
        code: 'ERR_MDA_RESPONSE_SHAPE',
        field: undefined,
      });
  });

  it.each<[string, Loose]>([
    ['a text', 'MIIC'],
    ['one certificate', Uint8Array.of(0x30)],
    ['texts', ['MIIC']],
    ['a certificate and a text', [Uint8Array.of(0x30), 'MIIC']],
    ['lists', [[Uint8Array.of(0x30)]]],
    ['a dictionary', { x5c: [] }],
  ])('an attestation that is %s', (_, DevicePropertiesAttestation) => {
    expect(refusalOf(() => answerOf({ DevicePropertiesAttestation }))).toMatchObject({
      code: 'ERR_MDA_RESPONSE_ATTESTATION',
      field: 'QueryResponses.DevicePropertiesAttestation',
    });
  });

  it('a property list that is none', () => {
    expect(refusalOf(() => parseCommandResponse(new TextEncoder().encode('bplist00'))).code).toBe(
      'ERR_MDA_PLIST_BINARY',
    );
  });

  it('what is no bytes at all, as a mistake of the caller', () => {
    expect(() => parseCommandResponse(new TextDecoder().decode(bodyOf()) as never)).toThrow(
      'body must be a Uint8Array',
    );
  });
});
