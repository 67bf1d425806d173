import type { AttestationErrorCode } from '../../../src/index.ts';
import type { VectorFlag } from '../../../src/conformance/flags.ts';
import { bytes } from '../../../src/testing/der-writer.ts';
import type { Draft } from '../draft.ts';
import { rejected } from '../outcome.ts';
import { acmeCase, evidenceForToken, type LeafChanges, SOURCES, USER_ENROLLMENT } from '../requests.ts';
import { keyOf } from '../support.ts';

const SERIAL_NUMBER = 'SIMULATED1';
const UDID = '00006030-0000000000000001';

interface Row {
  readonly name: string;
  readonly title: string;
  readonly fault: string;
  readonly code: AttestationErrorCode;
  readonly flags?: readonly VectorFlag[];
  readonly identifier: string;
  /** In the leaf; none unless given. */
  readonly changes?: LeafChanges;
  /** What is ordered or attested instead, so that the two agree. */
  readonly undone: { readonly identifier?: string; readonly changes?: LeafChanges };
}

/** Each is a leaf that does not attest the identifier, and one thing less makes it do so. */
const ROWS: readonly Row[] = [
  {
    name: 'identifier-other-case',
    title: 'The order names the serial number in lower case.',
    fault: 'the identifier is written in another case',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    identifier: 'simulated1',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-beginning',
    title: 'The order names the beginning of the serial number.',
    fault: 'the last character of the serial number is missing in the identifier',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    identifier: 'SIMULATED',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-longer',
    title: 'The order names a serial number that begins with the attested one.',
    fault: 'the identifier has one character more',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    identifier: 'SIMULATED12',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-space',
    title: 'A space stands behind the serial number in the order.',
    fault: 'the identifier ends with a space',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    flags: ['text'],
    identifier: `${SERIAL_NUMBER} `,
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-full-width',
    title: 'The last digit of the serial number is a full-width one in the order.',
    fault: 'a character of the identifier looks like the one that is attested',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    flags: ['text'],
    identifier: 'SIMULATED\uff11',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-composed',
    title: 'The serial number ends with a letter and an accent, and the order has both in one character.',
    fault: 'the identifier is equal to the serial number in canonical equivalence alone',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    flags: ['text'],
    identifier: `${SERIAL_NUMBER}\u00c9`,
    changes: { '9.1': bytes(`${SERIAL_NUMBER}E\u0301`) },
    undone: { identifier: `${SERIAL_NUMBER}E\u0301`, changes: { '9.1': bytes(`${SERIAL_NUMBER}E\u0301`) } },
  },
  {
    name: 'identifier-invisible',
    title: 'A zero width space stands in the serial number of the order.',
    fault: 'the identifier has a character that cannot be seen',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    flags: ['text'],
    identifier: 'SIMU\u200bLATED1',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-line-feed',
    title: 'A line feed stands behind the serial number in the order.',
    fault: 'the identifier ends with a line feed',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    flags: ['text'],
    identifier: `${SERIAL_NUMBER}\n`,
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-nul',
    title: 'A zero byte and more stand behind the serial number in the order.',
    fault: 'the identifier goes on after a zero byte',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    flags: ['text'],
    identifier: `${SERIAL_NUMBER}\0X`,
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-udid-other-case',
    title: 'The order names the UDID with small letters for its hexadecimal digits.',
    fault: 'the identifier is written in another case',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    identifier: '00006030-000651690a84001c',
    changes: { '9.2': bytes('00006030-000651690A84001C') },
    undone: { identifier: '00006030-000651690A84001C', changes: { '9.2': bytes('00006030-000651690A84001C') } },
  },
  {
    name: 'identifier-without-dash',
    title: 'The order names the UDID without its dash.',
    fault: 'the dash is left out in the identifier',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    identifier: UDID.replace('-', ''),
    undone: { identifier: UDID },
  },
  {
    name: 'identifier-empty',
    title: 'The order names nothing, and the serial number is blank.',
    fault: 'the identifier is empty',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['undetermined'],
    identifier: '',
    changes: { '9.1': new Uint8Array() },
    undone: { identifier: UDID, changes: { '9.1': new Uint8Array() } },
  },
  {
    name: 'identifier-empty-user-enrollment',
    title: 'The order names nothing, and a User Enrollment attests no device.',
    fault: 'the identifier is empty, and serial number and UDID are left out',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['user-enrollment', 'undetermined'],
    identifier: '',
    changes: USER_ENROLLMENT,
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-model',
    title: 'The order names the model, which many devices have.',
    fault: 'the identifier is the software update device ID',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    identifier: 'J999xAP',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-common-name',
    title: 'The order names the common name of the leaf.',
    fault: 'the identifier is no property of the device',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    identifier: 'attested key',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-unknown-property',
    title: 'The order names what a property without a public meaning holds.',
    fault: 'the identifier is the value of 1.2.840.113635.100.8.9.3',
    code: 'ERR_MDA_IDENTIFIER_MISMATCH',
    flags: ['property'],
    identifier: 'SIMULATED2',
    changes: { '9.3': bytes('SIMULATED2') },
    undone: { identifier: SERIAL_NUMBER, changes: { '9.3': bytes('SIMULATED2') } },
  },
  {
    name: 'identifier-user-enrollment',
    title: 'The order names a device, and a User Enrollment attests none.',
    fault: 'serial number and UDID are left out',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['user-enrollment', 'undetermined'],
    identifier: SERIAL_NUMBER,
    changes: USER_ENROLLMENT,
    undone: {},
  },
  {
    name: 'serial-number-absent',
    title: 'The order names a serial number, and the leaf has a UDID alone.',
    fault: 'the serial number is left out',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['undetermined'],
    identifier: SERIAL_NUMBER,
    changes: { '9.1': undefined },
    undone: {},
  },
  {
    name: 'serial-number-blank',
    title: 'The order names a serial number, and the one in the leaf is blank.',
    fault: 'the serial number has no bytes',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['undetermined'],
    identifier: SERIAL_NUMBER,
    changes: { '9.1': new Uint8Array() },
    undone: {},
  },
  {
    name: 'serial-number-nul',
    title: 'A zero byte and more stand behind the ordered serial number in the leaf.',
    fault: 'the serial number goes on after a zero byte',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['text', 'property'],
    identifier: SERIAL_NUMBER,
    changes: { '9.1': bytes(`${SERIAL_NUMBER}\0X`) },
    undone: {},
  },
  {
    name: 'serial-number-malformed',
    title: 'The order names the very bytes of a serial number that is malformed.',
    fault: 'a character of the serial number cannot be seen, so that nothing is attested',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['text', 'property', 'profile'],
    identifier: `${SERIAL_NUMBER}\u200b`,
    changes: { '9.1': bytes(`${SERIAL_NUMBER}\u200b`) },
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'serial-number-tagged',
    title: 'The ordered serial number stands in a UTF8String of its own.',
    fault: 'a tag and a length stand before the serial number',
    code: 'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    flags: ['property'],
    identifier: SERIAL_NUMBER,
    changes: { '9.1': bytes(`\f\n${SERIAL_NUMBER}`) },
    undone: {},
  },
];

/** Orders for one device that are answered with the attestation of another, or of one that it says nothing of. */
export async function identifierFaults(): Promise<readonly Draft[]> {
  const genuine = await evidenceForToken();
  const other = await evidenceForToken(
    { '9.1': bytes('SIMULATED2'), '9.2': bytes('00006030-0000000000000002') },
    { leaf: { key: keyOf('leaf of another device') } },
  );
  const ordered = { identifier: SERIAL_NUMBER };
  return [
    rejected(
      {
        name: 'identifier-other-device',
        title: 'The order names one device, and the attestation of another answers it.',
        fault: 'neither serial number nor UDID are those of the order',
        code: 'ERR_MDA_IDENTIFIER_MISMATCH',
        flags: ['identity', 'known-mistake'],
        source: SOURCES.apple,
      },
      acmeCase(other, ordered),
      acmeCase(genuine, ordered),
    ),
    ...(await Promise.all(
      ROWS.map(async ({ identifier, changes = {}, undone, flags = [], ...about }) =>
        rejected(
          { ...about, flags: ['identity', ...flags], source: SOURCES.protocol },
          acmeCase(await evidenceForToken(changes), { identifier }),
          acmeCase(await evidenceForToken(undone.changes), { identifier: undone.identifier ?? identifier }),
        ),
      ),
    )),
  ];
}
