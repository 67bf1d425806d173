import type { VerifiedCertificateRequest } from '../../../src/acme/certificate-request.ts';
import type { SubjectAlternativeName } from '../../../src/acme/general-name.ts';
import { toHex } from '../../../src/core/bytes.ts';
import { isArray, isDictionary, type PlistDictionary, type PlistValue } from '../../../src/mdm/plist-value.ts';
import type { ReportedProperties } from '../../../src/mdm/reported.ts';
import type { CommandResponse, EnrollmentIdentifiers } from '../../../src/mdm/response.ts';
import type { Row, Sheet } from './judgement.ts';
import { counted, shown } from './printable.ts';

/** Named limits: a page for people, not a dump. */
const MAX_PAYLOADS = 24;
const MAX_ROWS = 60;

const REPORTED: readonly (readonly [keyof ReportedProperties, string])[] = [
  ['serialNumber', 'Serial number'],
  ['udid', 'UDID'],
  ['provisioningUdid', 'Provisioning UDID'],
  ['productName', 'Product name'],
  ['modelName', 'Model'],
  ['osVersion', 'OS version'],
  ['supplementalOsVersionExtra', 'Rapid response'],
  ['buildVersion', 'Build'],
  ['softwareUpdateDeviceId', 'Software update device ID'],
  ['isAppleSilicon', 'Apple silicon'],
  ['isSupervised', 'Supervised'],
];

const NOT_ATTESTED = 'Not attested: a device that was taken over says what it likes.';

export function reportedSheet(reported: ReportedProperties, enrollment: EnrollmentIdentifiers): Sheet {
  const rows = REPORTED.flatMap(([name, label]): Row[] => {
    const value = reported[name];
    return value === undefined ? [] : [[label, shown(typeof value === 'boolean' ? (value ? 'yes' : 'no') : value)]];
  });
  return {
    heading: 'What the device reports of itself',
    note: NOT_ATTESTED,
    rows: [...enrollmentRows(enrollment), ...rows],
  };
}

function enrollmentRows({ udid, enrollmentId, user }: EnrollmentIdentifiers): readonly Row[] {
  const rows: (readonly [string, string | undefined])[] = [
    ['Enrolled as (UDID)', udid],
    ['Enrolled as (EnrollmentID)', enrollmentId],
    ['User channel of', user?.shortName ?? user?.id],
  ];
  return rows.flatMap(([label, text]): Row[] => (text === undefined ? [] : [[label, shown(text)]]));
}

export function messageSheet(response: CommandResponse): Sheet {
  const rows: Row[] = [['Status', response.status], ...enrollmentRows(response.enrollment)];
  if (response.status === 'Error' || response.status === 'CommandFormatError')
    for (const { domain, code, usEnglishDescription, localizedDescription } of response.errorChain.slice(0, MAX_ROWS))
      rows.push([shown(`${domain} ${code}`), shown(usEnglishDescription ?? localizedDescription ?? '(no words)')]);
  return { heading: 'What the device says', note: NOT_ATTESTED, rows };
}

/** Secrets that a profile may carry. They are in what was put in, and need not be on a screen, too. */
const SECRET = /password|passcode|secret|challenge$|token/i;

/** A sheet for the profile and one for each payload in it. */
export function profileSheets(values: PlistDictionary): readonly Sheet[] {
  const content = values.get('PayloadContent');
  const payloads = isArray(content) ? content.filter(isDictionary) : [];
  const acme = payloads.some((payload) => payload.get('PayloadType') === 'com.apple.security.acme');
  return [
    {
      heading: 'Profile',
      note: acme
        ? 'It has an ACME payload: with Attest and HardwareBound the device makes a key in its Secure Enclave and has it attested.'
        : 'It has no ACME payload, so no device attests anything because of it.',
      rows: dictionaryRows(values, ['PayloadContent']),
    },
    ...payloads.slice(0, MAX_PAYLOADS).map((payload, index): Sheet => ({
      heading: `Payload ${index + 1} of ${payloads.length}: ${shown(textOf(payload.get('PayloadType')))}`,
      note: payload.get('PayloadType') === 'com.apple.security.acme' ? attestNote(payload) : '',
      rows: dictionaryRows(payload, ['PayloadType']),
    })),
  ];
}

function attestNote(payload: PlistDictionary): string {
  const [attest, bound] = [payload.get('Attest') === true, payload.get('HardwareBound') === true];
  if (attest && bound) return 'The key is bound to the hardware and attested.';
  if (attest) return 'Attest without HardwareBound: the device refuses this payload.';
  return 'The key is not attested: there is no Attest in it, or it is false.';
}

function dictionaryRows(values: PlistDictionary, without: readonly string[]): readonly Row[] {
  return [...values]
    .filter(([key]) => !without.includes(key))
    .slice(0, MAX_ROWS)
    .map(([key, value]): Row => [shown(key), SECRET.test(key) ? '(not shown: it may be a secret)' : textOf(value)]);
}

function textOf(value: PlistValue | undefined): string {
  if (value === undefined) return '(left out)';
  if (typeof value === 'string') return shown(value === '' ? '(empty)' : value);
  if (value instanceof Uint8Array)
    return `${counted(value.length, 'byte')}: ${shown(toHex(value.subarray(0, 24)))}${value.length > 24 ? '…' : ''}`;
  if (value instanceof Date) return value.toISOString();
  if (isArray(value)) return listText(value);
  if (isDictionary(value)) return counted(value.size, 'key') + `: ${shown([...value.keys()].join(', '))}`;
  return String(value);
}

/** A list of texts, or a subject: lists of lists of two texts. */
function listText(list: readonly PlistValue[]): string {
  const texts = list.map((item) =>
    typeof item === 'string'
      ? item
      : isArray(item)
        ? item.map((pair) => (isArray(pair) ? pair.map(String).join('=') : '…')).join(', ')
        : '…',
  );
  return list.length === 0 ? '(empty)' : shown(texts.join(', '));
}

export function requestSheet(request: VerifiedCertificateRequest): Sheet {
  return {
    heading: 'What is asked for',
    note: 'The key is proven by the signature. The rest is a wish: issue what you decide.',
    rows: [
      ['Subject', request.subject.text || '(empty)'],
      ['Key', `EC ${request.publicKey.curve}, point ${toHex(request.publicKey.point)}`],
      ...request.subjectAlternativeNames.map((name): Row => [`Name (${name.kind})`, shown(nameText(name))]),
      ...request.extensions.map(({ oid, critical, value }): Row => [
        `Extension ${oid}`,
        `${critical ? 'critical, ' : ''}${counted(value.length, 'byte')}`,
      ]),
    ],
  };
}

function nameText(name: SubjectAlternativeName): string {
  switch (name.kind) {
    case 'dns':
    case 'email':
    case 'uri':
      return name.value;
    case 'ip':
      return toHex(name.address);
    case 'directory':
      return name.name.text;
    case 'permanentIdentifier':
      return name.identifierValue ?? '(the serial number in the subject)';
    case 'hardwareModuleName':
      return `${name.type}, ${toHex(name.serialNumber)}`;
    case 'other':
      return `${name.oid ?? `tag ${name.tag}`}, ${counted(name.bytes.length, 'byte')}`;
  }
}
