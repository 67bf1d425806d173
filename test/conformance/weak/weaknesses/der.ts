import { constructed, primitive, readValue, sameValue, type Value } from '../lenient-der.ts';
import {
  eachExtension,
  type Fields,
  mending,
  oidOf,
  SERIAL_NUMBER_1,
  SOME_KEY,
  SOME_NAME,
  VERSION_3,
} from '../mend.ts';
import { parseByPlatform } from '../platform.ts';
import { weaknesses } from './weakness.ts';

const BOOLEAN = 0x01;
const isTrue = (value: Value): boolean => value.tag === BOOLEAN && value.content.some((byte) => byte !== 0);
const isFalse = (value: Value): boolean => value.tag === BOOLEAN && !isTrue(value);

/** Other times, if any, in the place of those that are there. */
function withTimes(change: (time: Value) => Value) {
  return ({ validity }: Fields): Partial<Fields> => ({ validity: constructed(0x30, validity.children.map(change)) });
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const digits = (time: Value): string => Buffer.from(time.content).toString('latin1');
const utcTime = (text: string): Value => primitive(UTC_TIME, Buffer.from(text));

/** Without the value of a standard extension, so that whatever it says is taken for nothing. */
function withoutExtension(oid: string) {
  return ({ extensions }: Fields): Partial<Fields> => ({
    extensions: extensions.filter((extension) => oidOf(extension) !== oid),
  });
}

const first = (extensions: readonly Value[]): readonly Value[] =>
  extensions.filter((one, index) => extensions.findIndex((other) => oidOf(other) === oidOf(one)) === index);

export const DER_WEAKNESSES = weaknesses('accepts', {
  'der: the platform parses': { parse: parseByPlatform },
  'der: lengths may be long or indefinite': { parse: mending(() => ({}), { anyLengths: true }) },
  'der: bytes after a certificate are ignored': { parse: mending(() => ({}), { trailingBytes: true }) },
  'der: TRUE is any byte but zero': {
    parse: mending((fields) =>
      eachExtension(fields, (parts) =>
        parts.map((part) => (isTrue(part) ? primitive(BOOLEAN, Uint8Array.of(0xff)) : part)),
      ),
    ),
  },
  'der: FALSE may be written out': {
    parse: mending((fields) => eachExtension(fields, (parts) => parts.filter((part) => !isFalse(part)))),
  },
  'der: a serial number may be negative, zero or long': { parse: mending(() => ({ serialNumber: SERIAL_NUMBER_1 })) },
  'der: any version': { parse: mending(() => ({ version: [VERSION_3] })) },
  'der: the two algorithms may differ': { parse: mending(({ algorithm }) => ({ outerAlgorithm: algorithm })) },
  'der: parameters of the algorithm are ignored': {
    parse: mending(({ algorithm }) => {
      const bare = constructed(0x30, algorithm.children.slice(0, 1));
      return { algorithm: bare, outerAlgorithm: bare };
    }),
  },
  'der: unique identifiers are ignored': { parse: mending(() => ({ uniqueIdentifiers: [] })) },
  'der: GeneralizedTime of any year': {
    parse: mending(withTimes((time) => (time.tag === GENERALIZED_TIME ? utcTime(digits(time).slice(2)) : time))),
  },
  'der: times without seconds': {
    parse: mending(
      withTimes((time) => (/^\d{10}Z$/.test(digits(time)) ? utcTime(digits(time).replace('Z', '00Z')) : time)),
    ),
  },
  'der: times with a fraction or a zone': {
    parse: mending(
      withTimes((time) =>
        utcTime(
          digits(time)
            .replace(/^\d\d(?=\d{12})/, '')
            .slice(0, 12) + 'Z',
        ),
      ),
    ),
  },
  'der: of an extension that occurs twice the first counts': {
    parse: mending(({ extensions }) => ({ extensions: first(extensions) })),
  },
  'der: of an extension that occurs twice the last counts': {
    parse: mending(({ extensions }) => ({ extensions: first(extensions.toReversed()).toReversed() })),
  },
  'der: any name': {
    parse: mending(() => ({ issuer: SOME_NAME, subject: SOME_NAME })),
  },
  'der: bytes after the value of an extension are ignored': {
    parse: mending((fields) =>
      eachExtension(fields, (parts) => {
        const value = parts.at(-1)!;
        const isStandard = Buffer.from(parts[0]!.content).toString('hex').startsWith('551d');
        return isStandard && value.content.length > 0
          ? [...parts.slice(0, -1), primitive(value.tag, readValue(value.content).raw)]
          : parts;
      }),
    ),
  },
  'der: malformed basicConstraints of a leaf are none': { parse: mending(withoutExtension('551d13')) },
  'der: malformed keyUsage is none': { parse: mending(withoutExtension('551d0f')) },
  'der: a malformed subject key identifier is none': { parse: mending(withoutExtension('551d0e')) },
  'der: a malformed authority key identifier is none': { parse: mending(withoutExtension('551d23')) },
  'der: a malformed extended key usage is none': { parse: mending(withoutExtension('551d25')) },
  'key: the attested key is not looked at': {
    parse: mending(({ publicKey }) => (sameValue(publicKey, SOME_KEY) ? {} : { publicKey: SOME_KEY })),
  },
});
