import {
  explainAttestation,
  fromBase64,
  fromBase64Url,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  verifyAttestation,
} from 'managed-device-attestation';
import { MAX_ATTESTATION_OBJECT_BYTES, parseAttestationObject } from 'managed-device-attestation/acme';
import { parsePlist } from 'managed-device-attestation/mdm';
import { bytes, concat, integer, oid, sequence, set, tlv, utf8 } from '../src/testing/der-writer.ts';
import {
  AT,
  basicConstraints,
  type CertificateSpec,
  type CurveName,
  type ExtensionSpec,
  extension,
  keyUsage,
  mintCertificate,
  property,
  randomKey,
  ROOT_NAME,
} from '../test/support/mint.ts';
import type { Setting } from './contenders/contender.ts';

export interface HostileInput {
  readonly name: string;
  /** Makes the input at a part of its full size, and what is done with it. */
  readonly at: (fraction: number) => (() => unknown) | Promise<() => unknown>;
}

const MIB = 2 ** 20;
/** What `fromPem` reads at most, less than a line. */
const PEM_ROOM = 262_000;
const CERTIFICATE_ROOM = 15_000;
const DAY = 86_400_000;
const PEM_BLOCK = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';

export function hostileInputs({ root, expectedFreshnessCode }: Setting): HostileInput[] {
  const trustAnchors = [parseCertificate(root)];
  const options = { at: AT, expectedFreshnessCode, trustAnchors };
  const chains = hostileChains();
  const verify = (chain: readonly Uint8Array[]): unknown => verifyAttestation(parseAttestationChain(chain), options);
  return [
    ...textInputs(),
    ...objectInputs(),
    ...plistInputs(),
    ...certificateInputs(),
    {
      name: 'chain of five 16 KiB certificates with 64 unknown properties each, P-384: verify',
      at: (fraction) => bind(verify, chains['P-384'](fraction)),
    },
    {
      name: 'the same, P-521: verify',
      at: (fraction) => bind(verify, chains['P-521'](fraction)),
    },
    {
      name: 'the same, P-384: explain, and read every certificate',
      at: async (fraction) => {
        const chain = await chains['P-384'](fraction);
        return async () => {
          const { accepted } = await explainAttestation(chain, options);
          const { certificates } = parseAttestationChain(chain);
          if (accepted || certificates.length !== 5) throw new Error('not refused');
        };
      },
    },
  ];
}

async function bind<Input>(attempt: (input: Input) => unknown, input: Promise<Input>): Promise<() => unknown> {
  const made = await input;
  return () => attempt(made);
}

function textInputs(): HostileInput[] {
  const whole = (unit: string, fraction: number, end = '', full = MIB): string =>
    unit.repeat(Math.floor((full * fraction - end.length) / unit.length)) + end;
  const pem = (unit: string, fraction: number): string => whole(unit, fraction, '', PEM_ROOM);
  const text = (name: string, read: (text: string) => unknown, at: (fraction: number) => string) => ({
    name,
    at: (fraction: number) => {
      const input = at(fraction);
      return () => read(input);
    },
  });
  const block = (content: string): string => `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`;
  return [
    text('PEM, 4 MiB', fromPem, (part) => whole(PEM_BLOCK, 4 * part)),
    text('PEM as large as is read, of garbage', fromPem, (part) => pem('garbage ', part)),
    text('the same, of dashes', fromPem, (part) => pem('-', part)),
    text('the same, of almost BEGIN', fromPem, (part) => pem('-----BEGIN', part)),
    text('the same, of tiny blocks', fromPem, (part) => pem(PEM_BLOCK, part)),
    text('the same, one block', fromPem, (part) => block(pem('AAAA', part))),
    text('the same, one block, a space after every character', fromPem, (part) => block(pem('A A A A ', part))),
    text('the same, one block that does not end', fromPem, (part) => block(pem('AAAA', part)).slice(0, -30)),
    text('base64, 1 MiB', fromBase64, (part) => whole('AAAA', part)),
    text('base64, 1 MiB, wrong at the end', fromBase64, (part) => whole('A', part, '!')),
    text('base64, 1 MiB of spaces', fromBase64, (part) => whole(' ', part)),
    text('base64url, 1 MiB of - and _', fromBase64Url, (part) => whole('-_-_', part)),
  ];
}

function objectInputs(): HostileInput[] {
  const object = (name: string, at: (size: number) => Uint8Array, full = MAX_ATTESTATION_OBJECT_BYTES) => ({
    name,
    at: (fraction: number) => {
      const input = at(Math.floor(full * fraction));
      return () => parseAttestationObject(input);
    },
  });
  const filled = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte);
  const array = (size: number, byte: number): Uint8Array => concat(head(0x80, size - 5), filled(size - 5, byte));
  return [
    object('CBOR, 1 MiB of nested arrays', (size) => filled(size, 0x81), MIB * 4),
    object('CBOR at the limit, nested arrays', (size) => filled(size, 0x81)),
    object('CBOR at the limit, array of empty byte strings', (size) => array(size, 0x40)),
    object('CBOR at the limit, array of empty text strings', (size) => array(size, 0x60)),
    object('CBOR at the limit, array of empty arrays', (size) => array(size, 0x80)),
    object('CBOR at the limit, array of empty maps', (size) => array(size, 0xa0)),
    object('CBOR at the limit, map of many keys', manyKeys),
    object('CBOR at the limit, x5c of empty byte strings', emptyCertificates),
  ];
}

/** What `parsePlist` reads at most, less a little. */
const PLIST_ROOM = 196_000;
/** Less than the limit on tags. */
const PLIST_TAGS = 12_000;

function plistInputs(): HostileInput[] {
  const plist = (name: string, at: (fraction: number) => string): HostileInput => ({
    name,
    at: (fraction) => {
      const input = new TextEncoder().encode(at(fraction));
      return () => parsePlist(input);
    },
  });
  const repeated = (before: string, unit: string, after: string) => (fraction: number) =>
    before + unit.repeat(Math.floor((PLIST_ROOM * fraction - 40) / Buffer.byteLength(unit))) + after;
  const tags = (before: string, unit: string, count: number, after: string) => (fraction: number) =>
    before + unit.repeat(Math.floor((PLIST_TAGS * fraction) / count)) + after;
  const text = (unit: string) => repeated('<plist><string>', unit, '</string></plist>');
  return [
    plist('property list as large as is read, of <', repeated('', '<', '')),
    plist('the same, of one < and text', repeated('<', 'a', '>')),
    plist('the same, of elements inside one another', repeated('', '<array>', '')),
    plist('the same, of & in a text', text('&')),
    plist('the same, of &amp; in a text', text('&amp;')),
    plist('the same, of carriage returns in a text', text('\r')),
    plist('the same, of carriage returns by reference', text('&#13;')),
    plist('the same, of ]]&gt; in a text', text(']]&gt;')),
    plist('the same, of astral characters in a text', text('\u{1f600}')),
    plist('the same, of spaces in data', repeated('<plist><data>', ' ', '</data></plist>')),
    plist('the same, of base64 in data', repeated('<plist><data>', 'AAAA', '</data></plist>')),
    plist('the same, of digits in an integer', repeated('<plist><integer>', '9', '</integer></plist>')),
    plist('the same, of a name', repeated('<plist><', 'a', '/></plist>')),
    plist('the same, of spaces in a tag', repeated('<plist><true', ' ', '/></plist>')),
    plist('12,000 tags: empty elements', tags('<plist><array>', '<true/>', 1, '</array></plist>')),
    plist('12,000 tags: texts', tags('<plist><array>', '<string>a</string>', 2, '</array></plist>')),
    plist('12,000 tags: keys', (fraction) => {
      const entries = Array.from({ length: (PLIST_TAGS * fraction) / 3 }, (_, index) => `<key>${index}</key><true/>`);
      return `<plist><dict>${entries.join('')}</dict></plist>`;
    }),
    plist('12,000 tags and astral characters', (fraction) =>
      tags('<plist><array>', '<string>\u{1f600}\u{1f600}</string>', 2, '</array></plist>')(fraction),
    ),
  ];
}

/** The head of a CBOR item with a long argument, in the fewest bytes. */
function head(major: number, value: number): Uint8Array {
  const low = [(value >>> 8) & 0xff, value & 0xff];
  return value < 0x10000
    ? Uint8Array.of(major + 25, ...low)
    : Uint8Array.of(major + 26, value >>> 24, (value >>> 16) & 0xff, ...low);
}

const cborText = (text: string): Uint8Array => concat(Uint8Array.of(0x60 + text.length), bytes(text));

function manyKeys(size: number): Uint8Array {
  const count = Math.floor((size - 5) / 7);
  const entry = (_: unknown, index: number): Uint8Array => concat(cborText(String(index + 10_000)), cborText(''));
  return concat(head(0xa0, count), ...Array.from({ length: count }, entry));
}

function emptyCertificates(size: number): Uint8Array {
  const start = concat(
    Uint8Array.of(0xa2),
    cborText('fmt'),
    cborText('apple'),
    cborText('attStmt'),
    Uint8Array.of(0xa1),
    cborText('x5c'),
  );
  const count = size - start.length - 5;
  return concat(start, head(0x80, count), new Uint8Array(count).fill(0x40));
}

function certificateInputs(): HostileInput[] {
  const certificate = (
    name: string,
    at: (room: number) => Partial<CertificateSpec>,
    read: (der: Uint8Array) => unknown = parseCertificate,
  ): HostileInput => ({
    name,
    at: (fraction) => bind(read, mint(at(CERTIFICATE_ROOM * fraction))),
  });
  const only = (...extensions: ExtensionSpec[]): Partial<CertificateSpec> => ({ extensions });
  return [
    {
      name: 'certificate of 1 MiB',
      at: (fraction) => {
        const input = tlv(0x30, new Uint8Array(MIB * fraction));
        return () => parseCertificate(input);
      },
    },
    certificate('16 KiB certificate, 64 extensions', (room) => only(...unknownProperties(room))),
    certificate('16 KiB certificate, 1,200 relative names', (room) => ({ subject: manyRelativeNames(room) })),
    certificate('16 KiB certificate, 1,100 attributes in one relative name', (room) => ({
      subject: oneRelativeName(room),
    })),
    certificate('16 KiB certificate, one name of 15,000 invisible characters', (room) => ({
      subject: sequence(set(attribute('\u200b'.repeat(Math.floor(room / 3))))),
    })),
    certificate('16 KiB certificate, 3,000 extended key usages', (room) => only(manyUsages(room))),
    certificate('16 KiB certificate, one OID of 15,000 bytes', (room) =>
      only({ oid: '1.2', value: new Uint8Array() }, giantOid(room)),
    ),
    certificate('16 KiB certificate, one INTEGER of 15,000 bytes', (room) => ({
      replace: { serialNumber: integer(2n ** BigInt(Math.floor(room * 8) - 2)) },
    })),
  ];
}

async function mint(spec: Partial<CertificateSpec>, curve: CurveName = 'P-384'): Promise<Uint8Array> {
  const key = await randomKey(curve);
  return mintCertificate({
    subject: ROOT_NAME,
    issuer: ROOT_NAME,
    key,
    issuerKey: key,
    notBefore: new Date(AT.getTime() - DAY),
    notAfter: new Date(AT.getTime() + DAY),
    extensions: [basicConstraints(false)],
    ...spec,
  });
}

/** 62 or fewer, each OID as long as the limit allows, so that its arc is as big a number as it can be. */
function unknownProperties(room: number): ExtensionSpec[] {
  const count = Math.max(1, Math.floor((62 * room) / CERTIFICATE_ROOM));
  const giantArc = 2n ** 384n;
  return Array.from({ length: count }, (_, index) =>
    property(String(giantArc + BigInt(index)), new Uint8Array(CERTIFICATE_ROOM / 62 - 80)),
  );
}

const attribute = (value: string): Uint8Array => sequence(oid('2.5.4.3'), utf8(value));

function manyRelativeNames(room: number): Uint8Array {
  return sequence(...Array.from({ length: Math.floor(room / 12) }, () => set(attribute('A'))));
}

function oneRelativeName(room: number): Uint8Array {
  const values = Array.from({ length: Math.floor(room / 13.6) }, (_, index) => String(index + 1000).slice(-4));
  return sequence(set(...values.toSorted().map(attribute)));
}

function manyUsages(room: number): ExtensionSpec {
  return extension('2.5.29.37', sequence(...Array.from({ length: Math.floor(room / 5) }, () => oid('1.2.840'))));
}

/** Extensions are encoded by their OIDs: this one is put in as dotted text of one giant arc. */
function giantOid(room: number): ExtensionSpec {
  return { oid: `1.2.${2n ** BigInt(Math.floor(room) * 7 - 8)}`, value: new Uint8Array() };
}

/** Leaf, three authorities and one more, names and flags right, so that every signature is tried. */
function hostileChains() {
  const make = (curve: CurveName) => async (fraction: number) => {
    const extensions = unknownProperties(CERTIFICATE_ROOM * fraction);
    const name = (index: number): Uint8Array => sequence(set(attribute(`level ${index}`)));
    const key = await randomKey(curve);
    const level = (index: number): Promise<Uint8Array> =>
      mintCertificate({
        subject: name(index),
        issuer: index === 4 ? ROOT_NAME : name(index + 1),
        key,
        issuerKey: key,
        notBefore: new Date(AT.getTime() - DAY),
        notAfter: new Date(AT.getTime() + DAY),
        extensions: [basicConstraints(index > 0), keyUsage(index > 0 ? 0x06 : 0x80), ...extensions],
      });
    return Promise.all([0, 1, 2, 3, 4].map(level));
  };
  return { 'P-384': make('P-384'), 'P-521': make('P-521') };
}
