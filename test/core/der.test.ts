import { describe, expect, it } from 'vitest';
import {
  atEnd,
  derCursor,
  type DerCursor,
  enter,
  INTEGER,
  leave,
  nextIs,
  OCTET_STRING,
  readFlag,
  readContent,
  readInteger,
  readNamedBits,
  readOctetBitString,
  readOid,
  readSmallInteger,
  SEQUENCE,
  skipContent,
} from '../../src/core/der.ts';
import { concat, hex, octetString, sequence, tlv } from '../../src/testing/der-writer.ts';
import { outcomeOf, refusalOf } from '../support/refusal.ts';

type Case = readonly [title: string, der: string, outcome: string];

function reading(read: (cursor: DerCursor) => unknown) {
  return (_: string, der: string, outcome: string): void => {
    expect(outcomeOf(() => read(derCursor(hex(der))))).toBe(outcome);
  };
}

describe('a length', () => {
  it.each<Case>([
    ['of a tag alone', '04', 'ERR_MDA_DER_TRUNCATED'],
    ['of nothing at all', '', 'ERR_MDA_DER_TRUNCATED'],
    ['that is longer than what follows', '0402ff', 'ERR_MDA_DER_TRUNCATED'],
    ['that is cut off', '0481', 'ERR_MDA_DER_TRUNCATED'],
    ['of two bytes that is cut off', '048201', 'ERR_MDA_DER_TRUNCATED'],
    ['of four bytes that lies', '0484ffffffff00', 'ERR_MDA_DER_TRUNCATED'],
    ['of five bytes', '04850100000000', 'ERR_MDA_DER_LENGTH'],
    ['of five bytes with a zero', '04850000000001', 'ERR_MDA_DER_LENGTH'],
    ['of 127 bytes', '04ff', 'ERR_MDA_DER_LENGTH'],
    ['that is indefinite', '04800000', 'ERR_MDA_DER_LENGTH'],
    ['in the long form where the short one does', '04810100', 'ERR_MDA_DER_LENGTH'],
    ['of 127 in the long form', `04817f${'00'.repeat(127)}`, 'ERR_MDA_DER_LENGTH'],
    ['of 0 in the long form', '048100', 'ERR_MDA_DER_LENGTH'],
    ['with a zero before it', `04820080${'00'.repeat(128)}`, 'ERR_MDA_DER_LENGTH'],
    ['of 255 in two bytes', `048200ff${'00'.repeat(255)}`, 'ERR_MDA_DER_LENGTH'],
    ['of 65535 in three bytes', '048300ffff', 'ERR_MDA_DER_LENGTH'],
    ['of 16777215 in four bytes', '048400ffffff', 'ERR_MDA_DER_LENGTH'],
  ])(
    '%s is refused',
    reading((cursor) => readContent(cursor, OCTET_STRING)),
  );

  it.each([0, 1, 127, 128, 255, 256, 65_535, 65_536, 16_777_215, 16_777_216])('of %d is read', (length) => {
    const cursor = derCursor(tlv(OCTET_STRING, new Uint8Array(length)));
    expect(readContent(cursor, OCTET_STRING)).toHaveLength(length);
    expect(atEnd(cursor)).toBe(true);
  });
});

describe('a tag', () => {
  it.each<Case>([
    ['of another type', '0500', 'ERR_MDA_DER_TAG'],
    ['of a constructed string', '2400', 'ERR_MDA_DER_TAG'],
    ['of another class', '8400', 'ERR_MDA_DER_TAG'],
    ['in the high form', '1f0400', 'ERR_MDA_DER_TAG'],
    ['of the end of contents', '0000', 'ERR_MDA_DER_TAG'],
  ])(
    '%s is refused',
    reading((cursor) => readContent(cursor, OCTET_STRING)),
  );

  it('is looked at without reading it', () => {
    const cursor = derCursor(hex('0400'));
    expect([nextIs(cursor, OCTET_STRING), nextIs(cursor, INTEGER), cursor.offset]).toEqual([true, false, 0]);
    readContent(cursor, OCTET_STRING);
    expect(nextIs(cursor, OCTET_STRING)).toBe(false);
  });

  it('is none where the value ends, whatever follows it', () => {
    const cursor = derCursor(hex('3000 0101ff'));
    const end = enter(cursor, SEQUENCE);
    expect(readFlag(cursor)).toBe(false);
    leave(cursor, end);
    expect(readFlag(cursor)).toBe(true);
  });
});

describe('a value within a value', () => {
  it('is read to its last byte, then comes what follows', () => {
    const cursor = derCursor(concat(sequence(octetString(hex('01')), octetString(hex('02'))), octetString(hex('03'))));
    const end = enter(cursor, SEQUENCE);
    expect(readContent(cursor, OCTET_STRING)).toEqual(hex('01'));
    expect(skipContent(cursor, OCTET_STRING)).toBe(7);
    leave(cursor, end);
    expect(readContent(cursor, OCTET_STRING)).toEqual(hex('03'));
  });

  it('may not be longer than what it stands in', () => {
    const cursor = derCursor(hex('3003 0402ff 0000'));
    enter(cursor, SEQUENCE);
    expect(refusalOf(() => readContent(cursor, OCTET_STRING))).toMatchObject({
      code: 'ERR_MDA_DER_TRUNCATED',
      offset: 2,
    });
  });

  it('may not be left before it was read', () => {
    const cursor = derCursor(sequence(octetString(hex('01'))));
    const end = enter(cursor, SEQUENCE);
    expect(refusalOf(() => leave(cursor, end))).toMatchObject({ code: 'ERR_MDA_DER_TRAILING', offset: 2 });
  });

  it('is a view on the bytes, of which a window can be given', () => {
    const bytes = hex('ff 0401 2a ff');
    const content = readContent(derCursor(bytes, 1, 4), OCTET_STRING);
    expect(content).toEqual(hex('2a'));
    expect(content.buffer).toBe(bytes.buffer);
  });
});

describe('a BOOLEAN DEFAULT FALSE', () => {
  it('is FF or is left out', () => {
    expect(readFlag(derCursor(hex('0101ff')))).toBe(true);
    const cursor = derCursor(hex('020100'));
    expect(readFlag(cursor)).toBe(false);
    expect(cursor.offset).toBe(0);
    expect(readFlag(derCursor(hex('')))).toBe(false);
  });

  it.each<Case>([
    ['that BER takes for TRUE', '010101', 'ERR_MDA_DER_BOOLEAN'],
    ['that is almost TRUE', '0101fe', 'ERR_MDA_DER_BOOLEAN'],
    ['that says the default', '010100', 'ERR_MDA_DER_DEFAULT'],
    ['of no bytes', '0100', 'ERR_MDA_DER_BOOLEAN'],
    ['of two bytes', '0102ffff', 'ERR_MDA_DER_BOOLEAN'],
    ['of two zero bytes', '01020000', 'ERR_MDA_DER_BOOLEAN'],
  ])('%s is refused', reading(readFlag));
});

describe('an INTEGER', () => {
  it.each<Case>([
    ['of no bytes', '0200', 'ERR_MDA_DER_INTEGER'],
    ['with a zero too many', '02020000', 'ERR_MDA_DER_INTEGER'],
    ['with a zero before 127', '0202007f', 'ERR_MDA_DER_INTEGER'],
    ['with a sign too many', '0202ffff', 'ERR_MDA_DER_INTEGER'],
    ['with a sign before -128', '0202ff80', 'ERR_MDA_DER_INTEGER'],
    ['0', '020100', 'accepted'],
    ['-1', '0201ff', 'accepted'],
    ['-128', '020180', 'accepted'],
    ['128', '02020080', 'accepted'],
    ['-129', '0202ff7f', 'accepted'],
    ['of a thousand bytes', `028203e801${'00'.repeat(999)}`, 'accepted'],
  ])('%s', reading(readInteger));

  it.each([
    ['020100', 0],
    ['02017f', 127],
    ['02020080', 128],
    ['02047fffffff', 2 ** 31 - 1],
  ] as const)('that is a count is read from %s as %d', (der, value) => {
    expect(readSmallInteger(derCursor(hex(der)))).toBe(value);
  });

  it.each<Case>([
    ['2^31', '02050080000000', 'ERR_MDA_DER_INTEGER'],
    ['2^64', '0209010000000000000000', 'ERR_MDA_DER_INTEGER'],
    ['-1', '0201ff', 'ERR_MDA_DER_INTEGER'],
    ['-2^31', '020480000000', 'ERR_MDA_DER_INTEGER'],
  ])('that is a count is not %s', reading(readSmallInteger));
});

describe('a BIT STRING', () => {
  it.each<Case>([
    ['of whole bytes', '0303 00 0102', 'accepted'],
    ['of no bits', '0301 00', 'accepted'],
    ['of nothing', '0300', 'ERR_MDA_DER_BIT_STRING'],
    ['with unused bits', '0302 01 02', 'ERR_MDA_DER_BIT_STRING'],
    ['with eight unused bits', '0302 08 00', 'ERR_MDA_DER_BIT_STRING'],
  ])('%s, read as bytes', reading(readOctetBitString));

  it.each<Case>([
    ['with the first bit', '0302 07 80', 'accepted'],
    ['with the eighth bit', '0302 00 01', 'accepted'],
    ['with the ninth bit', '0303 07 0080', 'accepted'],
    ['of nothing', '0300', 'ERR_MDA_DER_BIT_STRING'],
    ['of no bits', '0301 00', 'ERR_MDA_DER_BIT_STRING'],
    ['of bits that are all zero', '0302 00 00', 'ERR_MDA_DER_BIT_STRING'],
    ['that says too few unused bits', '0302 00 80', 'ERR_MDA_DER_BIT_STRING'],
    ['that says too many unused bits', '0302 06 01', 'ERR_MDA_DER_BIT_STRING'],
    ['with ones among the unused bits', '0302 04 f8', 'ERR_MDA_DER_BIT_STRING'],
    ['with the sixteenth bit', '0303 00 0001', 'accepted'],
    ['with the seventeenth bit', '0304 07 000080', 'ERR_MDA_DER_BIT_STRING'],
    ['with a zero byte at the end', '0303 00 8000', 'ERR_MDA_DER_BIT_STRING'],
    ['with eight unused bits', '0303 08 8000', 'ERR_MDA_DER_BIT_STRING'],
    ['with 255 unused bits', '0302 ff 80', 'ERR_MDA_DER_BIT_STRING'],
    ['with 32 unused bits, which a shift takes for none', '0302 20 01', 'ERR_MDA_DER_BIT_STRING'],
    ['with 39 unused bits, which a shift takes for seven', '0302 27 80', 'ERR_MDA_DER_BIT_STRING'],
  ])('%s, read as named bits', reading(readNamedBits));
});

describe('an OBJECT IDENTIFIER', () => {
  it.each<Case>([
    ['of one arc', '0601 2a', 'accepted'],
    ['of a long arc', '0603 2a 8100', 'accepted'],
    ['of 64 bytes', `0640 ${'01'.repeat(64)}`, 'accepted'],
    ['of 65 bytes', `0641 ${'01'.repeat(65)}`, 'ERR_MDA_DER_OID'],
    ['of no bytes', '0600', 'ERR_MDA_DER_OID'],
    ['whose last arc is not finished', '0602 2a81', 'ERR_MDA_DER_OID'],
    ['whose first arc is not finished', '0601 81', 'ERR_MDA_DER_OID'],
    ['whose arc is padded', '0603 2a 8001', 'ERR_MDA_DER_OID'],
    ['whose first arc is padded', '0602 8001', 'ERR_MDA_DER_OID'],
    ['that ends with padding', '0602 2a80', 'ERR_MDA_DER_OID'],
    ['with a zero within an arc', '0604 2a 818001', 'accepted'],
  ])('%s', reading(readOid));
});
