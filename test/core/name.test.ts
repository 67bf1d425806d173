import { describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from '../../src/index.ts';
import { bytes, concat, hex, oid, printable, sequence, set, tlv, utf8 } from '../../src/testing/der-writer.ts';
import { mintLeaf, parsedLeaf } from '../support/leaf.ts';
import { refusalOf } from '../support/refusal.ts';

const CN = '2.5.4.3';
const attribute = (type: string, value: Uint8Array): Uint8Array => sequence(oid(type), value);
const ia5 = (value: Uint8Array): Uint8Array => tlv(0x16, value);
const nameOf = (...attributes: readonly (readonly [type: string, value: Uint8Array])[]): Uint8Array =>
  sequence(...attributes.map(([type, value]) => set(attribute(type, value))));

async function textOf(subject: Uint8Array): Promise<string> {
  const parsed: Certificate = await parsedLeaf({ subject });
  expect(parsed.subject.der).toEqual(subject);
  return parsed.subject.text;
}

async function refusalOfName(subject: Uint8Array): Promise<string> {
  const der = await mintLeaf({ subject });
  return refusalOf(() => parseCertificate(der)).code;
}

describe('a name as text', () => {
  it('has the last relative name first, and the short names of common types', async () => {
    const subject = nameOf(
      ['2.5.4.6', printable('US')],
      ['2.5.4.8', utf8('California')],
      ['2.5.4.7', utf8('Cupertino')],
      ['2.5.4.10', utf8('Apple Inc.')],
      ['2.5.4.11', utf8('AAA Certification')],
      [CN, utf8('0123abcd')],
    );
    expect(await textOf(subject)).toBe('CN=0123abcd,OU=AAA Certification,O=Apple Inc.,L=Cupertino,ST=California,C=US');
  });

  it('has the OID of a type without a short name', async () => {
    expect(await textOf(nameOf(['1.2.840.113635.100.6.1', utf8('x')]))).toBe('1.2.840.113635.100.6.1=x');
    expect(await textOf(nameOf(['1.2.18446744073709551616', utf8('x')]))).toBe('1.2.18446744073709551616=x');
  });

  it('shows the same type twice, in its order', async () => {
    expect(await textOf(nameOf(['2.5.4.11', utf8('first')], ['2.5.4.11', utf8('second')]))).toBe('OU=second,OU=first');
  });

  it('is that of the issuer too', async () => {
    expect((await parsedLeaf({ issuer: nameOf([CN, utf8('a,b')]) })).issuer.text).toBe('CN=a\\,b');
  });

  it.each<[title: string, value: string, text: string]>([
    ['a comma', 'a,b', 'a\\,b'],
    ['a plus', 'a+b', 'a\\+b'],
    ['a quotation mark', 'a"b', 'a\\"b'],
    ['a backslash', 'a\\b', 'a\\\\b'],
    ['angle brackets', '<a>', '\\<a\\>'],
    ['a semicolon', 'a;b', 'a\\;b'],
    ['an equals sign, as it is', 'a=b', 'a=b'],
    ['a number sign first', '#abc', '\\#abc'],
    ['a number sign elsewhere, as it is', 'a#b', 'a#b'],
    ['a space first', ' ab', '\\ ab'],
    ['a space last', 'ab ', 'ab\\ '],
    ['spaces on both sides', ' a ', '\\ a\\ '],
    ['two spaces first', '  a', '\\  a'],
    ['a space alone', ' ', '\\ '],
    ['two spaces alone', '  ', '\\ \\ '],
    ['a space within, as it is', 'a b', 'a b'],
    ['what looks like an escape', '\\0a', '\\\\0a'],
    ['what looks like another attribute', 'x,O=Apple Inc.', 'x\\,O=Apple Inc.'],
    ['a percent sign, as it is', '100%0A', '100%0A'],
    ['NUL', 'a\0b', 'a\\00b'],
    ['a line feed', 'a\nb', 'a\\0Ab'],
    ['the last control', 'a\u001fb', 'a\\1Fb'],
    ['DEL', 'a\u007fb', 'a\\7Fb'],
    ['an escape sequence of a terminal', '\u001b[31m', '\\1B[31m'],
    ['a control of Latin-1', 'a\u0085b', 'a\\C2\\85b'],
    ['a soft hyphen', 'a\u00adb', 'a\\C2\\ADb'],
    ['a zero width space', 'a\u200bb', 'a\\E2\\80\\8Bb'],
    ['a right-to-left override', 'a\u202eb', 'a\\E2\\80\\AEb'],
    ['a right-to-left mark', 'a\u200fb', 'a\\E2\\80\\8Fb'],
    ['an isolate', '\u2066a\u2069', '\\E2\\81\\A6a\\E2\\81\\A9'],
    ['an Arabic letter mark', 'a\u061cb', 'a\\D8\\9Cb'],
    ['a line separator', 'a\u2028b', 'a\\E2\\80\\A8b'],
    ['a byte order mark', '\ufeffa', '\\EF\\BB\\BFa'],
    ['an interlinear annotation', '\ufff9a', '\\EF\\BF\\B9a'],
    ['letters that are not ASCII, as they are', 'Zoë 北京', 'Zoë 北京'],
    ['letters written from the right, as they are', 'אבג', 'אבג'],
    ['a character of four bytes, as it is', '😀', '😀'],
  ])('escapes or keeps %s', async (_, value, text) => {
    const shown = await textOf(nameOf([CN, utf8(value)]));
    expect(shown.toLowerCase()).toBe(`cn=${text}`.toLowerCase());
  });

  it('of an IA5String escapes its controls too', async () => {
    expect(await textOf(nameOf([CN, ia5(bytes('a\0b@example.com'))]))).toBe('CN=a\\00b@example.com');
  });

  it('of no attributes is empty', async () => {
    expect(await textOf(sequence())).toBe('');
  });
});

describe('a name may have', () => {
  it.each<[title: string, value: Uint8Array]>([
    ['every character of PrintableString', printable("AZaz09 '()+,-./:=?")],
    ['every character of IA5String', ia5(Uint8Array.from({ length: 128 }, (_, index) => index))],
    ['one character', utf8('x')],
    ['a long value', utf8('x'.repeat(5000))],
    ['a value with a NUL', utf8('\0')],
    ['the last code point', utf8('\u{10ffff}')],
  ])('%s', async (_, value) => {
    expect(await textOf(nameOf([CN, value]))).toMatch(/^CN=/);
  });
});

describe('a name is refused that has', () => {
  it.each<[title: string, value: Uint8Array]>([
    ['an empty UTF8String', utf8('')],
    ['an empty PrintableString', printable('')],
    ['an empty IA5String', ia5(hex(''))],
    ['an asterisk in a PrintableString', printable('*.apple.com')],
    ['an at sign in a PrintableString', printable('a@b')],
    ['an ampersand in a PrintableString', printable('a&b')],
    ['an underscore in a PrintableString', printable('a_b')],
    ['a NUL in a PrintableString', printable('a\0')],
    ['a line feed at the end of a PrintableString', printable('a\n')],
    ['a line feed within a PrintableString', printable('a\nb')],
    ['UTF-8 in a PrintableString', printable('ä')],
    ['Latin-1 in a PrintableString', tlv(0x13, hex('61e4'))],
    ['Latin-1 in an IA5String', ia5(hex('61e4'))],
    ['UTF-8 in an IA5String', ia5(bytes('ä'))],
    ['Latin-1 in a UTF8String', tlv(0x0c, hex('61e4'))],
    ['a continuation byte alone', tlv(0x0c, hex('80'))],
    ['a sequence that is cut off', tlv(0x0c, hex('61e282'))],
    ['an overlong NUL', tlv(0x0c, hex('c080'))],
    ['an overlong slash', tlv(0x0c, hex('e080af'))],
    ['a surrogate in UTF-8', tlv(0x0c, hex('eda080'))],
    ['a code point past the last', tlv(0x0c, hex('f4908080'))],
    ['bytes that never occur in UTF-8', tlv(0x0c, hex('fffe'))],
    ['a TeletexString', tlv(0x14, bytes('x'))],
    ['a UniversalString', tlv(0x1c, hex('00000078'))],
    ['a BMPString', tlv(0x1e, hex('0078'))],
    ['a VisibleString', tlv(0x1a, bytes('x'))],
    ['a NumericString', tlv(0x12, bytes('1'))],
    ['an OCTET STRING', tlv(0x04, bytes('x'))],
    ['a NULL', hex('0500')],
    ['a UTF8String in pieces', concat(hex('2c03'), utf8('x'))],
    ['no value', hex('')],
  ])('%s', async (_, value) => {
    expect(await refusalOfName(nameOf([CN, value]))).toBe('ERR_MDA_CERTIFICATE_NAME');
    const der = await mintLeaf({ issuer: nameOf([CN, value]) });
    expect(refusalOf(() => parseCertificate(der)).code).toBe('ERR_MDA_CERTIFICATE_NAME');
  });

  const cn = attribute(CN, utf8('a'));
  it.each<[title: string, subject: Uint8Array, code: string]>([
    [
      'two attributes in a relative name',
      sequence(set(cn, attribute('2.5.4.10', utf8('b')))),
      'ERR_MDA_CERTIFICATE_NAME',
    ],
    [
      'two attributes in a relative name, not sorted',
      sequence(set(attribute('2.5.4.10', utf8('b')), cn)),
      'ERR_MDA_CERTIFICATE_NAME',
    ],
    ['the same attribute twice in a relative name', sequence(set(cn, cn)), 'ERR_MDA_CERTIFICATE_NAME'],
    ['a relative name without attributes', sequence(set()), 'ERR_MDA_DER_TRUNCATED'],
    ['an attribute without a relative name', sequence(cn), 'ERR_MDA_DER_TAG'],
    ['an attribute without anything', sequence(set(sequence())), 'ERR_MDA_DER_TRUNCATED'],
    ['an attribute without a type', sequence(set(sequence(utf8('a')))), 'ERR_MDA_DER_TAG'],
    ['an attribute with two values', sequence(set(sequence(oid(CN), utf8('a'), utf8('b')))), 'ERR_MDA_DER_TRAILING'],
    [
      'an attribute with a type that is padded',
      sequence(set(sequence(hex('06045504 8003'), utf8('a')))),
      'ERR_MDA_DER_OID',
    ],
    ['a SET around it', concat(hex('31'), nameOf([CN, utf8('a')]).subarray(1)), 'ERR_MDA_DER_TAG'],
    ['a value that is longer than its attribute', hex('300a3108300606025504 0c01'), 'ERR_MDA_DER_TRUNCATED'],
  ])('%s', async (_, subject, code) => {
    expect(await refusalOfName(subject)).toBe(code);
  });
});
