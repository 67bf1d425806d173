import { ARC, propertiesBy, readInteger, TABLE, utf8 } from '../properties.ts';
import { hex, REFERENCE } from '../reference.ts';
import type { Property } from '../protocol.ts';
import type { Read, Steps } from '../steps.ts';
import { weaknesses } from './weakness.ts';

const asText = (value: Uint8Array): string => Buffer.from(value).toString();
const lastByte = (value: Uint8Array): number => value.at(-1) ?? 0;

/** The content of a value of DER, if it is one with a string type; otherwise the value. */
const unwrapped = (value: Uint8Array<ArrayBuffer>, ...tags: readonly number[]): Uint8Array<ArrayBuffer> =>
  tags.includes(value[0]!) && value[1] === value.length - 2 ? value.slice(2) : value;

/** With the OIDs of two properties taken for each other. */
function swapped(one: string, other: string): typeof TABLE {
  return TABLE.map(([name, arcs, read]) => [name, arcs === one ? other : arcs === other ? one : arcs, read]);
}

/** What is said of a property that is not as it should be. */
function saying(status: 'blank' | 'malformed', instead: (value: Uint8Array) => Property): Steps['judge'] {
  return (value, read) => {
    const property = REFERENCE.judge(value, read);
    return property.status === status ? instead(value!) : property;
  };
}

const readsInteger =
  (zero: string, other: string): Read =>
  (value) => {
    const number = readInteger(value);
    return number === undefined ? undefined : number === 0n ? zero : other;
  };

export const PROPERTY_WEAKNESSES = weaknesses('misreads', {
  'property: blank is absent': { judge: saying('blank', () => ({ status: 'absent' })) },
  'property: blank text is attested': { judge: saying('blank', () => ({ status: 'attested', value: '' })) },
  'property: blank is malformed': { judge: saying('blank', () => ({ status: 'malformed', bytes: '' })) },
  'property: malformed is absent': { judge: saying('malformed', () => ({ status: 'absent' })) },
  'property: malformed is blank': { judge: saying('malformed', () => ({ status: 'blank' })) },
  'property: malformed text is shown anyway': {
    judge: saying('malformed', (value) => ({ status: 'attested', value: asText(value) })),
  },
  'property: unknown OIDs are dropped': { isKept: () => false },
  'property: unknown OIDs with two arcs below Apple’s alone are kept': {
    isKept: (oid) => oid.split('.').length === ARC.split('.').length + 2,
  },
  'property: unknown OIDs are kept below the known arcs alone': { isKept: (oid) => /\.8\.(9|10|11|13)\./.test(oid) },
  'property: the arc is a prefix of the text': { isArc: (oid) => oid.startsWith(ARC) },
  'property: the last arcs of an OID are enough': {
    isArc: (oid) => REFERENCE.isArc(oid) || oid.endsWith('.9.1'),
    find: (extensions, oid) =>
      extensions.find((extension) => extension.oid === oid) ??
      extensions.find((extension) => oid.endsWith('.9.1') && !REFERENCE.isArc(extension.oid)),
  },
  'property: an OID below a known one is taken for it': {
    find: (extensions, oid) => extensions.find((extension) => `${extension.oid}.`.startsWith(`${oid}.`)),
  },
  'property: a known OID is a prefix of the text': {
    find: (extensions, oid) => extensions.find((extension) => extension.oid.startsWith(oid)),
  },
  'property: critical or not, all unknown ones are sorted': {
    propertiesOf: (extensions, steps) => {
      const properties = REFERENCE.propertiesOf(extensions, steps);
      return { ...properties, other: properties.other.toSorted((a, b) => (a.oid < b.oid ? -1 : 1)) };
    },
  },
  'property: serial number and UDID are mixed up': { propertiesOf: propertiesBy(swapped('9.1', '9.2')) },
  'property: OS and sepOS version are mixed up': { propertiesOf: propertiesBy(swapped('10.1', '10.2')) },
  'property: OS and LLB version are mixed up': { propertiesOf: propertiesBy(swapped('10.1', '10.3')) },
  'property: SIP and kernel extensions are mixed up': { propertiesOf: propertiesBy(swapped('13.1', '13.3')) },

  'text: a tag is expected around it': {
    readText: (value) => (value[0] === 0x0c ? REFERENCE.readText(unwrapped(value, 0x0c)) : undefined),
  },
  'text: a tag around it is taken off': { readText: (value) => REFERENCE.readText(unwrapped(value, 0x0c, 0x13, 0x16)) },
  'text: it is trimmed': { readText: (value) => REFERENCE.readText(value)?.trim() },
  'text: it is upper case': { readText: (value) => REFERENCE.readText(value)?.toUpperCase() },
  'text: it is composed': { readText: (value) => REFERENCE.readText(value)?.normalize('NFC') },
  'text: it is escaped for JSON twice': {
    readText: (value) => {
      const text = REFERENCE.readText(value);
      return text === undefined ? undefined : JSON.stringify(text).slice(1, -1);
    },
  },
  'text: it is escaped for HTML': {
    readText: (value) => REFERENCE.readText(value)?.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  },
  'text: the replacement character is taken for a sign of what is no UTF-8': {
    readText: (value) => (asText(value).includes('\ufffd') ? undefined : REFERENCE.readText(value)),
  },
  'text: private use, noncharacters and what is not assigned are refused': {
    readText: (value) => (/[\p{Co}\p{Cn}]/u.test(asText(value)) ? undefined : REFERENCE.readText(value)),
  },
  'text: it ends at a zero byte': {
    readText: (value) => REFERENCE.readText(value.slice(0, value.includes(0) ? value.indexOf(0) : value.length)),
  },
  'text: bytes that are not UTF-8 are replaced': {
    readText: (value) => REFERENCE.readText(new Uint8Array(Buffer.from(asText(value)))),
  },
  'text: it is read as Latin-1': {
    readText: (value) => REFERENCE.readText(new Uint8Array(Buffer.from(Buffer.from(value).toString('latin1')))),
  },
  'text: it must be ASCII': {
    readText: (value) => (value.every((byte) => byte < 0x80) ? REFERENCE.readText(value) : undefined),
  },
  'text: a byte order mark is dropped': {
    readText: (value) => REFERENCE.readText(hex(value).startsWith('efbbbf') ? value.slice(3) : value),
  },
  'text: control characters are let in': { readText: (value) => utf8(value) },
  'text: invisible characters are let in': {
    readText: (value) => {
      const text = utf8(value);
      return text === undefined || /\p{Cc}/u.test(text) || text.trim() === '' ? undefined : text;
    },
  },
  'text: white space alone is let in': {
    readText: (value) =>
      /^\s+$/.test(utf8(value) ?? '') && !/\p{Cc}/u.test(utf8(value)!) ? utf8(value) : REFERENCE.readText(value),
  },
  'text: a version must have three numbers': {
    readText: (value) => (/^\d+\.\d+$/.test(asText(value)) ? undefined : REFERENCE.readText(value)),
  },
  'text: a serial number has ten characters': {
    readText: (value) =>
      /^[A-Z0-9]+$/.test(asText(value)) && value.length !== 10 ? undefined : REFERENCE.readText(value),
  },

  'SIP: it is read as a BOOLEAN': {
    readSystemIntegrityProtection: (value) =>
      value[0] === 1 && value.length === 3 ? (value[2] === 0 ? 'disabled' : 'enabled') : undefined,
  },
  'SIP: a BOOLEAN is let in': {
    readSystemIntegrityProtection: (value) =>
      value[0] === 1 && value.length === 3
        ? value[2] === 0
          ? 'disabled'
          : 'enabled'
        : REFERENCE.readSystemIntegrityProtection(value),
  },
  'SIP: a tagged string is expected': {
    readSystemIntegrityProtection: (value) =>
      ['enabled', 'disabled'].find((state) => state === asText(unwrapped(value, 0x0c, 0x13))),
  },
  'SIP: it is read as text': {
    readSystemIntegrityProtection: (value) =>
      /^[01]$/.test(asText(value)) ? (asText(value) === '0' ? 'enabled' : 'disabled') : undefined,
  },
  'SIP: it is inverted': { readSystemIntegrityProtection: readsInteger('disabled', 'enabled') },
  'SIP: anything but 0 is disabled': { readSystemIntegrityProtection: readsInteger('enabled', 'disabled') },
  'SIP: anything but 1 is enabled': {
    readSystemIntegrityProtection: (value) => {
      const number = readInteger(value);
      return number === undefined ? undefined : number === 1n ? 'disabled' : 'enabled';
    },
  },
  'SIP: the number is cut to 32 bits': {
    readSystemIntegrityProtection: (value) => {
      const number = readInteger(value);
      return number === undefined ? undefined : ['enabled', 'disabled'][Number(BigInt.asIntN(32, number))];
    },
  },
  'SIP: the number is cut to 64 bits': {
    readSystemIntegrityProtection: (value) => {
      const number = readInteger(value);
      return number === undefined ? undefined : ['enabled', 'disabled'][Number(BigInt.asIntN(64, number))];
    },
  },
  'SIP: the last byte decides': {
    readSystemIntegrityProtection: (value) =>
      lastByte(value) === 0 ? 'enabled' : lastByte(value) === 1 ? 'disabled' : undefined,
  },
  'SIP: the tag is not looked at': {
    readSystemIntegrityProtection: (value) =>
      REFERENCE.readSystemIntegrityProtection(new Uint8Array([0x02, ...value.subarray(1)])),
  },
  'SIP: bytes after it are ignored': {
    readSystemIntegrityProtection: (value) => REFERENCE.readSystemIntegrityProtection(value.slice(0, 3)),
  },
  'SIP: a padded INTEGER is let in': {
    readSystemIntegrityProtection: (value) =>
      value[0] === 2 && value[2] === 0 && value.length === 4
        ? REFERENCE.readSystemIntegrityProtection(Uint8Array.of(2, 1, value[3]!))
        : REFERENCE.readSystemIntegrityProtection(value),
  },

  'kernel extensions: only 1 means allowed': {
    readKernelExtensions: (value) => {
      const number = readInteger(value);
      return number === undefined ? undefined : number === 1n ? 'allowed' : 'not allowed';
    },
  },
  'kernel extensions: anything but 0 and 1 is malformed': {
    readKernelExtensions: (value) => {
      const number = readInteger(value);
      return number === 0n ? 'not allowed' : number === 1n ? 'allowed' : undefined;
    },
  },
  'kernel extensions: they are inverted': { readKernelExtensions: readsInteger('allowed', 'not allowed') },
  'kernel extensions: the last byte decides': {
    readKernelExtensions: (value) => (lastByte(value) === 0 ? 'not allowed' : 'allowed'),
  },
  'kernel extensions: the number is cut to 32 bits': {
    readKernelExtensions: (value) => {
      const number = readInteger(value);
      return number === undefined ? undefined : BigInt.asIntN(32, number) === 0n ? 'not allowed' : 'allowed';
    },
  },
  'kernel extensions: the number is cut to 64 bits': {
    readKernelExtensions: (value) => {
      const number = readInteger(value);
      return number === undefined ? undefined : BigInt.asIntN(64, number) === 0n ? 'not allowed' : 'allowed';
    },
  },
  'kernel extensions: negative is not allowed': {
    readKernelExtensions: (value) => {
      const number = readInteger(value);
      return number === undefined ? undefined : number > 0n ? 'allowed' : 'not allowed';
    },
  },
  'kernel extensions: a BOOLEAN is let in': {
    readKernelExtensions: (value) =>
      value[0] === 1 && value.length === 3
        ? value[2] === 0
          ? 'not allowed'
          : 'allowed'
        : REFERENCE.readKernelExtensions(value),
  },
  'kernel extensions: bytes after them are ignored': {
    readKernelExtensions: (value) => REFERENCE.readKernelExtensions(value.slice(0, 3)),
  },

  'secure boot: matched in any case': {
    readSecureBoot: (value) =>
      ['Full Security', 'Reduced Security', 'Permissive Security'].find(
        (level) => level.toLowerCase() === asText(value).toLowerCase(),
      ),
  },
  'secure boot: matched by its beginning': {
    readSecureBoot: (value) =>
      ['Full Security', 'Reduced Security', 'Permissive Security'].find((level) => asText(value).startsWith(level)),
  },
  'secure boot: the first word decides': {
    readSecureBoot: (value) =>
      ['Full Security', 'Reduced Security', 'Permissive Security'].find((level) =>
        asText(value).startsWith(level.split(' ')[0]!),
      ),
  },
  'secure boot: it ends at a zero byte': {
    readSecureBoot: (value) => REFERENCE.readSecureBoot(new Uint8Array(Buffer.from(asText(value).split('\0')[0]!))),
  },
  'secure boot: it is normalised': {
    readSecureBoot: (value) => REFERENCE.readSecureBoot(new Uint8Array(Buffer.from(asText(value).normalize('NFKC')))),
  },
  'secure boot: it is trimmed': {
    readSecureBoot: (value) => REFERENCE.readSecureBoot(new Uint8Array(Buffer.from(asText(value).trim()))),
  },
  'secure boot: a tag around it is taken off': {
    readSecureBoot: (value) => REFERENCE.readSecureBoot(unwrapped(value, 0x0c, 0x13)),
  },
  'secure boot: any text is a level': { readSecureBoot: REFERENCE.readText },
  'secure boot: only full and reduced are known': {
    readSecureBoot: (value) => REFERENCE.readSecureBoot(value)?.replace('Permissive Security', 'Reduced Security'),
  },

  'freshness: it is unwrapped where it begins like DER': {
    readFreshnessCode: (value) => REFERENCE.readFreshnessCode(unwrapped(value, 0x04, 0x30, 0x0c)),
  },
  'freshness: a code may have any length': { readFreshnessCode: hex },
  'freshness: a code is cut to 32 bytes': { readFreshnessCode: (value) => hex(value.subarray(0, 32)) },
  'freshness: a code must have 32 bytes': {
    readFreshnessCode: (value) => (value.length === 32 ? hex(value) : undefined),
  },
  'freshness: a code must have 8 bytes or more': {
    readFreshnessCode: (value) => (value.length >= 8 ? REFERENCE.readFreshnessCode(value) : undefined),
  },
});
