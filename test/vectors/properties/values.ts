import type { JsonProperties, PropertyName } from '../../../src/conformance/json-properties.ts';
import type { VectorFlag } from '../../../src/conformance/flags.ts';
import { boolean, bytes, concat, hex, integer, octetString, printable, utf8 } from '../../../src/testing/der-writer.ts';
import { attested, malformed, type Row, SOURCES, stating } from './row.ts';

type More = readonly VectorFlag[];

/** The vectors of one property: its values, and bytes that are none. */
function vectorsOf(prefix: string, property: PropertyName) {
  const row = (name: string, title: string, value: Uint8Array, says: Partial<JsonProperties>, more: More) => ({
    name: `${prefix}-${name}`,
    title,
    flags: ['property', ...more] as const,
    leaf: stating(property, value),
    says,
  });
  return {
    is: (name: string, title: string, value: Uint8Array, meaning: string, ...more: More): Row => ({
      ...row(name, title, value, { [property]: attested(meaning) }, more),
      source: SOURCES.apple,
    }),
    isNot: (name: string, title: string, value: Uint8Array, ...more: More): Row => ({
      ...row(name, title, value, { [property]: malformed(value) }, more),
      source: SOURCES.form,
    }),
  };
}

const sip = vectorsOf('sip', 'systemIntegrityProtection');
const SIP: readonly Row[] = [
  sip.is('enabled', 'System Integrity Protection is 0, which is enabled.', integer(0), 'enabled', 'known-mistake'),
  sip.is('disabled', 'System Integrity Protection is 1, which is disabled.', integer(1), 'disabled', 'known-mistake'),
  sip.isNot('true', 'System Integrity Protection is a BOOLEAN, TRUE.', boolean(true), 'known-mistake'),
  sip.isNot('false', 'System Integrity Protection is a BOOLEAN, FALSE.', boolean(false), 'known-mistake'),
  sip.isNot('boolean-one', 'System Integrity Protection is a BOOLEAN of the byte 01.', hex('010101')),
  sip.isNot('utf8-string', 'System Integrity Protection is a word in a UTF8String.', utf8('enabled'), 'known-mistake'),
  sip.isNot('tagged-digit', 'System Integrity Protection is a digit in a UTF8String.', utf8('0'), 'known-mistake'),
  sip.isNot('text', 'System Integrity Protection is the bare text 0.', bytes('0')),
  sip.isNot('bare-byte', 'System Integrity Protection is a zero byte without a tag.', hex('00')),
  sip.isNot('two', 'System Integrity Protection is 2, which means nothing.', integer(2)),
  sip.isNot('minus-one', 'System Integrity Protection is -1, which means nothing.', integer(-1)),
  sip.isNot('256', 'System Integrity Protection is 256, whose last byte is 0.', integer(256)),
  sip.isNot('257', 'System Integrity Protection is 257, whose last byte is 1.', integer(257)),
  sip.isNot('huge', 'System Integrity Protection is 2^64, whose last eight bytes are 0.', integer(2n ** 64n), 'limits'),
  sip.isNot('enumerated', 'System Integrity Protection is an ENUMERATED.', hex('0a0100')),
  sip.isNot('octet-string', 'System Integrity Protection is in an OCTET STRING of its own.', octetString(integer(0))),
  sip.isNot('padded', 'System Integrity Protection is 0 in two bytes.', hex('02020000'), 'der'),
  sip.isNot('long-length', 'The length of System Integrity Protection is in two bytes.', hex('02810100'), 'der'),
  sip.isNot('empty-integer', 'System Integrity Protection is an INTEGER without bytes.', hex('0200'), 'der'),
  sip.isNot('trailing-byte', 'A byte follows System Integrity Protection.', concat(integer(0), hex('00')), 'der'),
];

const kernel = vectorsOf('kernel-extensions', 'thirdPartyKernelExtensions');
const KERNEL_EXTENSIONS: readonly Row[] = [
  kernel.is('one', 'Kernel extensions are 1: some are allowed.', integer(1), 'allowed'),
  kernel.is('two', 'Kernel extensions are 2: some are allowed.', integer(2), 'allowed'),
  kernel.is('minus-one', 'Kernel extensions are -1: some are allowed.', integer(-1), 'allowed'),
  kernel.is('256', 'Kernel extensions are 256, whose last byte is 0: some are allowed.', integer(256), 'allowed'),
  kernel.is('huge', 'Kernel extensions are 2^64: some are allowed.', integer(2n ** 64n), 'allowed', 'limits'),
  kernel.isNot('false', 'Kernel extensions are a BOOLEAN, FALSE.', boolean(false), 'known-mistake'),
  kernel.isNot('true', 'Kernel extensions are a BOOLEAN, TRUE.', boolean(true), 'known-mistake'),
  kernel.isNot('utf8-string', 'Kernel extensions are a digit in a UTF8String.', utf8('0'), 'known-mistake'),
  kernel.isNot('padded', 'Kernel extensions are 0 in two bytes.', hex('02020000'), 'der'),
  kernel.isNot('trailing-byte', 'A byte follows kernel extensions.', concat(integer(0), hex('00')), 'der'),
];

const boot = vectorsOf('secure-boot', 'secureBoot');
const level = (name: string, title: string, text: string): Row => boot.isNot(name, title, bytes(text));
const SECURE_BOOT: readonly Row[] = [
  boot.is('reduced', 'Secure boot is at its middle level.', bytes('Reduced Security'), 'Reduced Security'),
  boot.is('permissive', 'Secure boot is at its lowest level.', bytes('Permissive Security'), 'Permissive Security'),
  boot.isNot('utf8-string', 'Secure boot is in a UTF8String.', utf8('Full Security'), 'known-mistake'),
  boot.isNot('printable-string', 'Secure boot is in a PrintableString.', printable('Full Security'), 'known-mistake'),
  boot.isNot('integer', 'Secure boot is an INTEGER.', integer(0), 'known-mistake'),
  level('case', 'The level of secure boot is in small letters.', 'full security'),
  level('space', 'A space stands after the level of secure boot.', 'Full Security '),
  level('first-word', 'The level of secure boot is its first word alone.', 'Full'),
  level('more', 'More stands after the level of secure boot.', 'Full Security (custom)'),
  level('other', 'The level of secure boot is none that Apple documents.', 'No Security'),
  level('zero-byte', 'A zero byte and more stand after the level of secure boot.', 'Full Security\0X'),
  level('no-break-space', 'The space in the level of secure boot is a no-break space.', 'Full\u00a0Security'),
  level('homoglyph', 'The level of secure boot has a letter of Cyrillic.', 'Full Securit\u0443'),
];

const code = vectorsOf('freshness-code', 'freshnessCode');
const raw = (name: string, title: string, digits: string, ...more: More): Row =>
  code.is(name, title, hex(digits), digits, 'freshness', ...more);
const thirty = '5a'.repeat(30);
const FRESHNESS_CODE: readonly Row[] = [
  raw('one-byte', 'The freshness code has one byte.', '00', 'limits'),
  raw('seven-bytes', 'The freshness code has seven bytes.', '01020304050607'),
  raw('zeros', 'The freshness code is 32 zero bytes.', '00'.repeat(32)),
  raw('like-octet-string', 'The freshness code begins like an OCTET STRING.', `041e${thirty}`, 'known-mistake'),
  raw('like-sequence', 'The freshness code begins like a SEQUENCE.', `301e${thirty}`, 'known-mistake'),
  raw('like-utf8-string', 'The freshness code begins like a UTF8String.', `0c1e${thirty}`, 'known-mistake'),
  raw('like-text', 'The freshness code would be white space if it were text.', '20'.repeat(32)),
  code.isNot('33-bytes', 'The freshness code has 33 bytes.', new Uint8Array(33).fill(7), 'freshness', 'limits'),
  code.isNot(
    'in-octet-string',
    'The freshness code is 32 bytes in an OCTET STRING of their own.',
    octetString(new Uint8Array(32).fill(7)),
    'freshness',
  ),
];

/** The properties that have a form or a meaning of their own. */
export const VALUES: readonly Row[] = [...SIP, ...KERNEL_EXTENSIONS, ...SECURE_BOOT, ...FRESHNESS_CODE];
