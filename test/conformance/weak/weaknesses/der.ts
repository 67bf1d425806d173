import { concat } from '../../../../src/testing/der-writer.ts';
import { constructed, primitive, readValue, sameValue, type Value, write } from '../lenient-der.ts';
import {
  eachExtension,
  type Fields,
  mending,
  oidOf,
  readSent,
  SERIAL_NUMBER_1,
  SOME_KEY,
  SOME_NAME,
  VERSION_3,
} from '../mend.ts';
import { parseByPlatform } from '../platform.ts';
import { REFERENCE } from '../reference.ts';
import { remembered } from '../remember.ts';
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
const rewritten = ({ tag, content }: Value, change: (digits: string) => string): Value =>
  primitive(tag, Buffer.from(change(Buffer.from(content).toString('latin1'))));
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
  'der: lengths are counted in 32 bits': {
    parse: remembered((der) => {
      const wraps = Buffer.from(der.subarray(0, 5)).toString('hex') === '3085010000';
      return REFERENCE.parse(wraps ? concat(Uint8Array.of(0x30, 0x82), der.subarray(5)) : der);
    }),
  },
  'der: an authority may have no name': {
    parse: mending(({ issuer, subject }) => ({
      issuer: issuer.content.length === 0 ? SOME_NAME : issuer,
      subject: subject.content.length === 0 ? SOME_NAME : subject,
    })),
  },
  'der: a list of extensions may be empty': {
    parse: remembered((der) => {
      const sent = readSent(der, {});
      const [tbs, ...rest] = sent.children as [Value, ...Value[]];
      const kept = tbs.children.filter(({ tag, children }) => tag !== 0xa3 || children[0]?.children.length !== 0);
      if (kept.length === tbs.children.length) return REFERENCE.parse(der);
      const mended = REFERENCE.parse(write(constructed(0x30, [constructed(0x30, kept), ...rest])));
      return { ...mended, der, tbsCertificate: tbs.raw };
    }),
  },
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
  'der: 29 February is in every year': {
    parse: mending(withTimes((time) => rewritten(time, (text) => text.replace(/^(\d\d)0229/, '$10228')))),
  },
  'der: a minute may have 61 seconds': {
    parse: mending(withTimes((time) => rewritten(time, (text) => text.replace(/60Z$/, '59Z')))),
  },
  'der: the digits of a time are numbers with a sign or a space': {
    parse: mending(withTimes((time) => rewritten(time, (text) => text.replaceAll(/[+ ](?=\d)/g, '0')))),
  },
  'der: only the properties are held to occur once': {
    parse: mending(({ extensions }) => ({
      extensions: extensions.filter((one) => oidOf(one).startsWith('2a') || first(extensions).includes(one)),
    })),
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
  'key: one that may agree on keys alone is one that signs': {
    parse: mending(({ publicKey }) => {
      const [algorithm, point] = publicKey.children as [Value, Value];
      const [id, curve] = algorithm.children as [Value, Value];
      const isAgreement = Buffer.from(id.content).toString('hex') === '2b8104010c';
      const signing = primitive(0x06, Buffer.from('2a8648ce3d0201', 'hex'));
      return isAgreement ? { publicKey: constructed(0x30, [constructed(0x30, [signing, curve]), point]) } : {};
    }),
  },
  'key: the attested key is not looked at': {
    parse: mending(({ publicKey }) => (sameValue(publicKey, SOME_KEY) ? {} : { publicKey: SOME_KEY })),
  },
});
