import type { PropertyName } from '../../../src/conformance/json-properties.ts';
import type { VectorFlag } from '../../../src/conformance/flags.ts';
import { bytes, hex, octetString, printable, utf8 } from '../../../src/testing/der-writer.ts';
import { attested, malformed, type Row, SOURCES, stating } from './row.ts';

/** A text that is read as it was sent. */
function kept(name: string, title: string, property: PropertyName, text: string, ...more: readonly VectorFlag[]): Row {
  return {
    name: `text-${name}`,
    title,
    flags: ['text', ...more],
    source: SOURCES.form,
    leaf: stating(property, bytes(text)),
    says: { [property]: attested(text) },
  };
}

/** Bytes that are no text. */
function refused(
  name: string,
  title: string,
  property: PropertyName,
  value: Uint8Array,
  ...more: readonly VectorFlag[]
): Row {
  return {
    name: `text-${name}`,
    title,
    flags: ['text', ...more],
    source: SOURCES.form,
    leaf: stating(property, value),
    says: { [property]: malformed(value) },
  };
}

const hidden = (name: string, title: string, property: PropertyName, text: string): Row =>
  refused(name, title, property, bytes(text), 'profile');

/** The properties that are text: bare UTF-8, kept as it was sent, every character of which can be seen. */
export const TEXT: readonly Row[] = [
  kept('version-of-two-numbers', 'The OS version has two numbers.', 'osVersion', '26.4', 'real-world'),
  kept('version-of-one-number', 'The OS version has one number.', 'osVersion', '27', 'future'),
  kept(
    'version-with-letter',
    'The OS version is that of a rapid security response, with a letter.',
    'osVersion',
    '16.5.1 (c)',
    'future',
  ),
  kept('serial-number-12', 'The serial number has twelve characters.', 'serialNumber', 'C02XXXXXXXXX', 'real-world'),
  kept('one-character', 'The serial number has one character.', 'serialNumber', 'X', 'limits'),
  kept(
    'long',
    'The software update device ID has a thousand characters.',
    'softwareUpdateDeviceId',
    'x'.repeat(1000),
    'limits',
    'future',
  ),
  kept('not-ascii', 'The software update device ID is not ASCII.', 'softwareUpdateDeviceId', 'Zoë 北京 😀', 'future'),
  kept(
    'decomposed',
    'An accent of the serial number is a character of its own, and stays one.',
    'serialNumber',
    'XE\u0301',
  ),
  kept('markup', 'The software update device ID has what JSON and HTML escape.', 'softwareUpdateDeviceId', 'a"\\/<&>'),
  kept(
    'replacement-character',
    'The software update device ID has the replacement character, which is UTF-8 like any other.',
    'softwareUpdateDeviceId',
    'X\ufffd',
  ),
  kept(
    'private-use',
    'The software update device ID has a character for private use, which is Apple’s logo on Apple’s systems.',
    'softwareUpdateDeviceId',
    'X\uf8ff',
    'future',
  ),
  kept('spaces-around', 'The serial number has a space on either side, which belongs to it.', 'serialNumber', ' X1 '),
  kept('small-letters', 'The UDID is in small letters, which stay small.', 'udid', '00006030-000651690a84001c'),
  kept(
    'like-sequence',
    'The first bytes of the UDID are the tag and the length of a SEQUENCE that it would fill.',
    'udid',
    `0 ${'A'.repeat(32)}`,
  ),
  refused(
    'in-utf8-string',
    'The serial number is in a UTF8String of DER.',
    'serialNumber',
    utf8('SIMULATED1'),
    'property',
    'known-mistake',
  ),
  refused(
    'in-printable-string',
    'The OS version is in a PrintableString of DER.',
    'osVersion',
    printable('26.4.1'),
    'property',
    'known-mistake',
  ),
  refused(
    'in-octet-string',
    'The UDID is in an OCTET STRING of its own.',
    'udid',
    octetString(bytes('00006030-0000000000000001')),
    'property',
  ),
  refused('latin-1', 'The serial number is in Latin-1.', 'serialNumber', hex('5a6feb')),
  refused('utf8-cut-off', 'The serial number ends within a character of UTF-8.', 'serialNumber', hex('5831e282')),
  refused('utf8-overlong', 'The serial number has a zero byte written as two bytes.', 'serialNumber', hex('5831c080')),
  refused('utf8-surrogate', 'The serial number has a surrogate in UTF-8.', 'serialNumber', hex('5831eda080')),
  refused('utf16', 'The serial number is in UTF-16.', 'serialNumber', hex('feff00580031')),
  refused(
    'zero-byte',
    'A zero byte stands within the serial number.',
    'serialNumber',
    bytes('SIMULATED1\0X'),
    'identity',
  ),
  hidden('line-feed', 'A line feed stands at the end of the serial number.', 'serialNumber', 'SIMULATED1\n'),
  hidden('tab', 'A tab stands in the OS version.', 'osVersion', '26\t4'),
  hidden(
    'escape',
    'An escape sequence of a terminal stands before the serial number.',
    'serialNumber',
    '\u001b[2JSIMULATED1',
  ),
  hidden('delete', 'A DEL stands after the serial number.', 'serialNumber', 'SIMULATED1\u007f'),
  hidden(
    'c1-control',
    'A control character of Latin-1 stands after the serial number.',
    'serialNumber',
    'SIMULATED1\u0085',
  ),
  hidden('byte-order-mark', 'A byte order mark stands before the serial number.', 'serialNumber', '\ufeffSIMULATED1'),
  hidden('zero-width-space', 'A zero width space stands in the serial number.', 'serialNumber', 'SIMU\u200bLATED1'),
  hidden('soft-hyphen', 'A soft hyphen stands in the serial number.', 'serialNumber', 'SIMU\u00adLATED1'),
  hidden(
    'right-to-left',
    'A right-to-left override makes the serial number look like another.',
    'serialNumber',
    '\u202e1DETALUMIS',
  ),
  hidden('isolate', 'A directional isolate stands around the OS version.', 'osVersion', '\u206626.4\u2069'),
  hidden(
    'variation-selector',
    'A variation selector stands after the serial number.',
    'serialNumber',
    'SIMULATED1\ufe0f',
  ),
  hidden('tag-character', 'A tag character stands after the serial number.', 'serialNumber', 'SIMULATED1\u{e0031}'),
  hidden('hangul-filler', 'The serial number is a filler of Hangul alone.', 'serialNumber', '\u3164'),
  hidden('braille-blank', 'The serial number is the empty Braille cell alone.', 'serialNumber', '\u2800'),
  hidden('line-separator', 'A line separator stands after the OS version.', 'osVersion', '26.4\u2028'),
  hidden(
    'annotation',
    'An interlinear annotation mark stands before the serial number.',
    'serialNumber',
    '\ufff9SIMULATED1',
  ),
  hidden('space-alone', 'The serial number is a space alone.', 'serialNumber', ' '),
  hidden('no-break-space-alone', 'The serial number is a no-break space alone.', 'serialNumber', '\u00a0'),
];
