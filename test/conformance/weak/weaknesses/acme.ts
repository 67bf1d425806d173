import { cborDecoder } from '../cbor.ts';
import { objectReader } from '../object.ts';
import { TABLE } from '../properties.ts';
import type { Properties, Property } from '../protocol.ts';
import { REFERENCE, sha256 } from '../reference.ts';
import type { Steps } from '../steps.ts';
import { weaknesses } from './weakness.ts';

/** What a device attests of who it is. */
const identifiersOf = ({ serialNumber, udid }: Properties): string[] =>
  [serialNumber, udid].flatMap((property) => (property.status === 'attested' ? [property.value] : []));

const attests = (property: Property, value: string): boolean =>
  property.status === 'attested' && property.value === value;

/** The bytes as text; what is no UTF-8 becomes the replacement character. */
const asText = (code: string): string => Buffer.from(code, 'hex').toString();
const upToZero = (code: string): string => Buffer.from(code, 'hex').toString('latin1').split('\0')[0]!;

/** With an empty byte string for each whose length is 2^32, the lower half of which is 0. */
function cutLengths(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(Buffer.from(bytes).toString('hex').replace('5b0000000100000000', '40'), 'hex'));
}

/** A verifier that looks for the identifier in the names of the leaves that it has read, too. */
function byCommonName(): Pick<Steps, 'parse' | 'isIdentifier'> {
  const names = new Set<string>();
  return {
    parse: (der) => {
      const certificate = REFERENCE.parse(der);
      names.add(/CN=([^,]*)/.exec(certificate.subject.text)?.[1] ?? '');
      return certificate;
    },
    isIdentifier: (identifier, properties) =>
      (identifier !== '' && names.has(identifier)) || REFERENCE.isIdentifier(identifier, properties),
  };
}

/** The thumbprint of some account key: which one makes no difference to a verifier that hashes it. */
const THUMBPRINT = 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ';

export const ACME_WEAKNESSES = [
  ...weaknesses('accepts', {
    'cbor: of two equal keys the last wins': { decodeCbor: cborDecoder({ duplicateKeys: 'last wins' }) },
    'cbor: of two equal keys the first wins': { decodeCbor: cborDecoder({ duplicateKeys: 'first wins' }) },
    'cbor: indefinite lengths are taken': { decodeCbor: cborDecoder({ indefiniteLengths: true }) },
    'cbor: lengths may be longer than needed': { decodeCbor: cborDecoder({ longLengths: true }) },
    'cbor: bytes after it are ignored': { decodeCbor: cborDecoder({ trailingBytes: true }) },
    'cbor: tags are passed over': { decodeCbor: cborDecoder({ tags: true }) },
    'cbor: lengths are counted in 32 bits': { decodeCbor: (bytes) => cborDecoder()(cutLengths(bytes)) },
    'object: keys are taken in any case': { readObject: objectReader({ keysInAnyCase: true }) },
    'object: unknown keys are ignored': { readObject: objectReader({ unknownKeys: true }) },
    'object: fmt is not looked at': { readObject: objectReader({ anyFormat: true }) },
    'object: fmt is taken in any case': { readObject: objectReader({ formatInAnyCase: true }) },
    'object: authData is not looked at': { readObject: objectReader({ anyAuthData: true }) },
    'object: padded or plain base64 is taken': {
      fromBase64Url: (text) => new Uint8Array(Buffer.from(text, 'base64')),
    },

    'freshness: a missing extension skips the check': {
      isFreshToken: (code, ...rest) => code.status === 'absent' || REFERENCE.isFreshToken(code, ...rest),
    },
    'freshness: a blank extension skips the check': {
      isFreshToken: (code, ...rest) => code.status === 'blank' || REFERENCE.isFreshToken(code, ...rest),
    },
    'freshness: a malformed extension skips the check': {
      isFreshToken: (code, ...rest) => code.status === 'malformed' || REFERENCE.isFreshToken(code, ...rest),
    },
    'freshness: it is enough that there is a code': { isFreshToken: (code) => code.status === 'attested' },
    'freshness: never checked': { isFreshToken: () => true },
    'freshness: the beginning of the code is enough': { isSameCode: (code, expected) => expected.startsWith(code) },
    'freshness: the code may go on': {
      readFreshnessCode: (value) => Buffer.from(value).toString('hex'),
      isSameCode: (code, expected) => code.startsWith(expected),
    },
    'freshness: the first 16 bytes are enough': {
      isSameCode: (code, expected) => code.slice(0, 32) === expected.slice(0, 32) && code.length === expected.length,
    },
    'freshness: the last bytes are not compared': {
      isSameCode: (code, expected) => code.slice(0, 62) === expected.slice(0, 62) && code.length === expected.length,
    },
    'freshness: codes are compared as text of UTF-8': {
      isSameCode: (code, expected) => asText(code) === asText(expected),
    },
    'freshness: codes are compared up to a zero byte': {
      isSameCode: (code, expected) => upToZero(code) === upToZero(expected),
    },
    'freshness: codes are compared as far as both go': {
      isFreshToken: (code, expected, same) =>
        code.status === 'blank' ||
        (code.status === 'attested' && same(code.value, expected.slice(0, code.value.length))),
    },
    'freshness: an OCTET STRING around the code is taken off': {
      readFreshnessCode: (value) =>
        REFERENCE.readFreshnessCode(value[0] === 0x04 && value.length === 34 ? value.slice(2) : value),
    },

    'identity: the identifier is never compared': { isIdentifier: () => true },
    'identity: the identifier is compared in any case': {
      isIdentifier: (identifier, properties) =>
        identifiersOf(properties).some((value) => value.toLowerCase() === identifier.toLowerCase()),
    },
    'identity: the identifier is compared by its beginning': {
      isIdentifier: (identifier, properties) => identifiersOf(properties).some((value) => value.startsWith(identifier)),
    },
    'identity: the identifier may go on': {
      isIdentifier: (identifier, properties) => identifiersOf(properties).some((value) => identifier.startsWith(value)),
    },
    'identity: the identifier is trimmed': {
      isIdentifier: (identifier, properties) => identifiersOf(properties).includes(identifier.trim()),
    },
    'identity: the identifier is normalised': {
      isIdentifier: (identifier, properties) =>
        identifiersOf(properties).some((value) => value.normalize('NFKC') === identifier.normalize('NFKC')),
    },
    'identity: the identifier is compared as Swift does, composed or not': {
      isIdentifier: (identifier, properties) =>
        identifiersOf(properties).some((value) => value.normalize('NFC') === identifier.normalize('NFC')),
    },
    'identity: the UDID is compared in any case, as hexadecimal': {
      isIdentifier: (identifier, { serialNumber, udid }) =>
        attests(serialNumber, identifier) ||
        (udid.status === 'attested' && udid.value.toLowerCase() === identifier.toLowerCase()),
    },
    'identity: the identifier ends at a zero byte': {
      isIdentifier: (identifier, properties) => identifiersOf(properties).includes(identifier.split('\0')[0]!),
    },
    'identity: a line feed at the end of the identifier is taken off': {
      isIdentifier: (identifier, properties) => identifiersOf(properties).includes(identifier.replace(/\n$/, '')),
    },
    'identity: what cannot be seen is taken out of the identifier': {
      isIdentifier: (identifier, properties) =>
        identifiersOf(properties).includes(identifier.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')),
    },
    'identity: a malformed property is compared by its bytes': {
      isIdentifier: (identifier, { serialNumber, udid }) =>
        [serialNumber, udid].some(
          (property) =>
            attests(property, identifier) ||
            (property.status === 'malformed' && property.bytes === Buffer.from(identifier).toString('hex')),
        ),
    },
    'identity: an absent property is an empty text': {
      isIdentifier: (identifier, properties) =>
        (identifier === '' && [properties.serialNumber, properties.udid].some(({ status }) => status === 'absent')) ||
        REFERENCE.isIdentifier(identifier, properties),
    },
    'identity: an empty identifier is none': {
      isIdentifier: (identifier, properties) => identifier === '' || REFERENCE.isIdentifier(identifier, properties),
    },
    'identity: dashes are left out': {
      isIdentifier: (identifier, properties) =>
        identifiersOf(properties).some((value) => value.replaceAll('-', '') === identifier.replaceAll('-', '')),
    },
    'identity: a User Enrollment is not compared': {
      isIdentifier: (identifier, properties) =>
        identifiersOf(properties).length === 0 || REFERENCE.isIdentifier(identifier, properties),
    },
    'identity: a device without a serial number is not compared': {
      isIdentifier: (identifier, properties) =>
        properties.serialNumber.status !== 'attested' || REFERENCE.isIdentifier(identifier, properties),
    },
    'identity: a blank serial number is not compared': {
      isIdentifier: (identifier, properties) =>
        properties.serialNumber.status === 'blank' || REFERENCE.isIdentifier(identifier, properties),
    },
    'identity: the common name of the leaf may be the identifier': byCommonName(),
    'identity: a property that has no name may be the identifier': {
      isIdentifier: (identifier, properties) =>
        properties.other.some(({ bytes }) => bytes === Buffer.from(identifier).toString('hex')) ||
        REFERENCE.isIdentifier(identifier, properties),
    },
    'identity: any property may be the identifier': {
      isIdentifier: (identifier, properties) => TABLE.some(([name]) => attests(properties[name], identifier)),
    },
  }),
  ...weaknesses('refuses', {
    'freshness: the hash is that of a key authorization': { codeOfToken: (token) => sha256(`${token}.${THUMBPRINT}`) },
    'freshness: the token itself is expected': {
      codeOfToken: (token) => Promise.resolve(Buffer.from(token).toString('hex')),
    },
    'freshness: the hash is that of the decoded token': {
      codeOfToken: async (token) => {
        const bytes = await crypto.subtle.digest('SHA-256', Buffer.from(token, 'base64url'));
        return Buffer.from(bytes).toString('hex');
      },
    },
    'freshness: it is unwrapped where it begins like DER, so that a good one differs': {
      isFreshToken: (code, ...rest) =>
        !(code.status === 'attested' && code.value.startsWith('041e')) && REFERENCE.isFreshToken(code, ...rest),
    },
    'identity: the serial number alone is compared': {
      isIdentifier: (identifier, { serialNumber }) => attests(serialNumber, identifier),
    },
    'identity: the UDID alone is compared': { isIdentifier: (identifier, { udid }) => attests(udid, identifier) },
    'identity: serial number and UDID must both be the identifier': {
      isIdentifier: (identifier, { serialNumber, udid }) =>
        attests(serialNumber, identifier) && attests(udid, identifier),
    },
    'object: authData must be there': {
      readObject: (object) => {
        const hasAuthData = object instanceof Map && (object as ReadonlyMap<string, unknown>).has('authData');
        return hasAuthData ? REFERENCE.readObject(object) : [];
      },
    },
    'object: authData must be left out': {
      readObject: (object) => {
        const hasAuthData = object instanceof Map && (object as ReadonlyMap<string, unknown>).has('authData');
        return hasAuthData ? [] : REFERENCE.readObject(object);
      },
    },
    'object: fmt must come first': {
      readObject: (object) => {
        const [first] = object instanceof Map ? [...(object as ReadonlyMap<string, unknown>).keys()] : [];
        return first === 'fmt' ? REFERENCE.readObject(object) : [];
      },
    },
    'object: attStmt must come first': {
      readObject: (object) => {
        const [first] = object instanceof Map ? [...(object as ReadonlyMap<string, unknown>).keys()] : [];
        return first === 'attStmt' ? REFERENCE.readObject(object) : [];
      },
    },
  }),
];
