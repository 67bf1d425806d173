import { describe, expect, it } from 'vitest';
import { parseCertificate } from '../../src/index.ts';
import { bytes, hex, tlv } from '../../src/testing/der-writer.ts';
import { mintLeafWith } from '../support/leaf.ts';
import { outcomeOf } from '../support/refusal.ts';

const utc = (text: string): Uint8Array => tlv(0x17, bytes(text));
const generalized = (text: string): Uint8Array => tlv(0x18, bytes(text));

/** What a certificate says that is valid for this one instant. */
async function instantOf(time: Uint8Array): Promise<string> {
  const { notBefore, notAfter } = parseCertificate(await mintLeafWith({ notBefore: time, notAfter: time }));
  expect(notBefore).toEqual(notAfter);
  return notBefore.toISOString();
}

describe('a time', () => {
  it.each<[title: string, time: Uint8Array, iso: string]>([
    ['of this century', utc('260501123456Z'), '2026-05-01T12:34:56.000Z'],
    ['of the first second of 1950', utc('500101000000Z'), '1950-01-01T00:00:00.000Z'],
    ['of the last second of 1999', utc('991231235959Z'), '1999-12-31T23:59:59.000Z'],
    ['of the first second of 2000', utc('000101000000Z'), '2000-01-01T00:00:00.000Z'],
    ['of the last second of 2049', utc('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    ['of the first second of 2050', generalized('20500101000000Z'), '2050-01-01T00:00:00.000Z'],
    ['that says never', generalized('99991231235959Z'), '9999-12-31T23:59:59.000Z'],
    ['of 29 February in a leap year', utc('240229000000Z'), '2024-02-29T00:00:00.000Z'],
    ['of 29 February 2000', utc('000229000000Z'), '2000-02-29T00:00:00.000Z'],
    ['of 29 February 2052', generalized('20520229000000Z'), '2052-02-29T00:00:00.000Z'],
    ['of 31 December', utc('261231000000Z'), '2026-12-31T00:00:00.000Z'],
  ])('%s is read', async (_, time, iso) => {
    expect(await instantOf(time)).toBe(iso);
  });

  it.each<[title: string, time: Uint8Array]>([
    ['of 1950 in four digits', generalized('19500101000000Z')],
    ['of 2049 in four digits', generalized('20491231235959Z')],
    ['of the year 0', generalized('00000101000000Z')],
    ['of the year 99', generalized('00990101000000Z')],
    ['of 29 February in another year', utc('260229000000Z')],
    ['of 29 February 2100', generalized('21000229000000Z')],
    ['of 30 February', utc('240230000000Z')],
    ['of 31 April', utc('260431000000Z')],
    ['of day 0', utc('260500000000Z')],
    ['of day 32', utc('260532000000Z')],
    ['of month 0', utc('260001000000Z')],
    ['of month 13', utc('261301000000Z')],
    ['of month 13 in four digits', generalized('20511301000000Z')],
    ['of hour 24', utc('260501240000Z')],
    ['of hour 99', utc('260501990000Z')],
    ['of minute 60', utc('260501126000Z')],
    ['of second 60', utc('260501123460Z')],
    ['of a leap second', utc('260630235960Z')],
    ['of second 61', utc('260630235961Z')],
    ['without seconds', utc('2605011234Z')],
    ['without seconds in four digits', generalized('205105011234Z')],
    ['without a zone', utc('260501123456')],
    ['without a zone in four digits', generalized('20510501123456')],
    ['with an offset', utc('260501123456+0000')],
    ['with an offset and no seconds', utc('2605011234+0000')],
    ['with an offset in four digits', generalized('20510501123456+0100')],
    ['with a fraction', generalized('20510501123456.5Z')],
    ['with a fraction of zero', generalized('20510501123456.0Z')],
    ['with a fraction in two digits', utc('260501123456.5Z')],
    ['with four digits of a year in the short form', utc('20510501123456Z')],
    ['with two digits of a year in the long form', generalized('510501123456Z')],
    ['with a zone in lower case', utc('260501123456z')],
    ['with a letter for a digit', utc('26050112345xZ')],
    ['with a letter for the first digit', utc('x60501123456Z')],
    ['with a colon, which follows 9', utc('26050112345:Z')],
    ['with a slash, which precedes 0', utc('26050112345/Z')],
    ['with a space for a digit', utc('26 501123456Z')],
    ['with a sign', utc('-60501123456Z')],
    ['with a sign in a month', utc('26-501123456Z')],
    ['with digits that are not ASCII', utc('2605011234٣Z')],
    ['with a byte above ASCII', tlv(0x17, hex('b236303530313132333435365a'))],
    ['with a space before it', utc(' 60501123456Z')],
    ['with a NUL after it', utc('260501123456Z\0')],
    ['of no bytes', utc('')],
    ['of no bytes in four digits', generalized('')],
    ['of a zone alone', utc('Z')],
  ])('%s is refused', async (_, time) => {
    for (const replace of [{ notBefore: time }, { notAfter: time }]) {
      const der = await mintLeafWith(replace);
      expect(outcomeOf(() => parseCertificate(der))).toBe('ERR_MDA_DER_TIME');
    }
  });

  it('is a time: other types are refused', async () => {
    for (const other of [tlv(0x16, bytes('260501123456Z')), tlv(0x1f, bytes('26')), tlv(0x02, bytes('1'))]) {
      const der = await mintLeafWith({ notBefore: other });
      expect(outcomeOf(() => parseCertificate(der))).toBe('ERR_MDA_DER_TAG');
    }
  });
});
