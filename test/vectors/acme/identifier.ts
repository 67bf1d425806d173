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
    identifier: 'simulated1',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-beginning',
    title: 'The order names the beginning of the serial number.',
    fault: 'the last character of the serial number is missing in the identifier',
    identifier: 'SIMULATED',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-longer',
    title: 'The order names a serial number that begins with the attested one.',
    fault: 'the identifier has one character more',
    identifier: 'SIMULATED12',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-space',
    title: 'A space stands behind the serial number in the order.',
    fault: 'the identifier ends with a space',
    flags: ['text'],
    identifier: `${SERIAL_NUMBER} `,
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-full-width',
    title: 'The last digit of the serial number is a full-width one in the order.',
    fault: 'a character of the identifier looks like the one that is attested',
    flags: ['text'],
    identifier: 'SIMULATED\uff11',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-without-dash',
    title: 'The order names the UDID without its dash.',
    fault: 'the dash is left out in the identifier',
    identifier: UDID.replace('-', ''),
    undone: { identifier: UDID },
  },
  {
    name: 'identifier-empty',
    title: 'The order names nothing, and the serial number is blank.',
    fault: 'the identifier is empty',
    flags: ['undetermined'],
    identifier: '',
    changes: { '9.1': new Uint8Array() },
    undone: { identifier: UDID, changes: { '9.1': new Uint8Array() } },
  },
  {
    name: 'identifier-model',
    title: 'The order names the model, which many devices have.',
    fault: 'the identifier is the software update device ID',
    identifier: 'J999xAP',
    undone: { identifier: SERIAL_NUMBER },
  },
  {
    name: 'identifier-user-enrollment',
    title: 'The order names a device, and a User Enrollment attests none.',
    fault: 'serial number and UDID are left out',
    flags: ['user-enrollment', 'undetermined'],
    identifier: SERIAL_NUMBER,
    changes: USER_ENROLLMENT,
    undone: {},
  },
  {
    name: 'serial-number-absent',
    title: 'The order names a serial number, and the leaf has a UDID alone.',
    fault: 'the serial number is left out',
    flags: ['undetermined'],
    identifier: SERIAL_NUMBER,
    changes: { '9.1': undefined },
    undone: {},
  },
  {
    name: 'serial-number-blank',
    title: 'The order names a serial number, and the one in the leaf is blank.',
    fault: 'the serial number has no bytes',
    flags: ['undetermined'],
    identifier: SERIAL_NUMBER,
    changes: { '9.1': new Uint8Array() },
    undone: {},
  },
  {
    name: 'serial-number-nul',
    title: 'A zero byte and more stand behind the ordered serial number in the leaf.',
    fault: 'the serial number goes on after a zero byte',
    flags: ['text', 'property'],
    identifier: SERIAL_NUMBER,
    changes: { '9.1': bytes(`${SERIAL_NUMBER}\0X`) },
    undone: {},
  },
  {
    name: 'serial-number-tagged',
    title: 'The ordered serial number stands in a UTF8String of its own.',
    fault: 'a tag and a length stand before the serial number',
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
