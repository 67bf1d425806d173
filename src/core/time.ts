import { byteAt } from './bytes.ts';
import { type DerCursor, fail, nextIs, readContent, GENERALIZED_TIME, UTC_TIME } from './der.ts';

/**
 * RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050, both to the second and in UTC.
 * Returns milliseconds since 1970.
 */
export function readTime(cursor: DerCursor): number {
  const generalized = nextIs(cursor, GENERALIZED_TIME);
  const text = readContent(cursor, generalized ? GENERALIZED_TIME : UTC_TIME);
  const yearDigits = generalized ? 4 : 2;
  if (text.length !== yearDigits + 11 || text[yearDigits + 10] !== 0x5a) fail(cursor, 'ERR_MDA_DER_TIME');

  const number = numberReader(cursor, text);
  let year = number(0, yearDigits);
  // RFC 5280, 4.1.2.5.1: two digits from 50 are of the 20th century.
  if (!generalized) year += year < 50 ? 2000 : 1900;
  else if (year < 2050) fail(cursor, 'ERR_MDA_DER_TIME');
  const month = number(yearDigits, 2);
  const day = number(yearDigits + 2, 2);
  const hour = number(yearDigits + 4, 2);
  const minute = number(yearDigits + 6, 2);
  const second = number(yearDigits + 8, 2);

  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries 30 February over into March: what comes back must be what was read.
  const date = new Date(time);
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!real) fail(cursor, 'ERR_MDA_DER_TIME');
  return time;
}

/** Reads numbers of a time: so many decimal digits from an offset. */
export function numberReader(cursor: DerCursor, text: Uint8Array): (from: number, digits: number) => number {
  return (from, digits) => {
    let value = 0;
    for (let i = from; i < from + digits; i++) {
      const digit = byteAt(text, i) - 0x30;
      if (digit < 0 || digit > 9) fail(cursor, 'ERR_MDA_DER_TIME');
      value = value * 10 + digit;
    }
    return value;
  };
}
