const DATE = String.raw`(\d{4})-(\d\d)-(\d\d)`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)(\.\d+)?`;
const ZONE = String.raw`(?:z|([+-])(\d\d):(\d\d))`;
const DATE_TIME = new RegExp(`^${DATE}t${TIME}${ZONE}$`, 'i');

/**
 * A date-time of RFC 3339, section 5.6: with its zone, and of a day that exists. Parts of a millisecond are
 * cut off. A leap second is refused: `Date` has none. Undefined if the text is not one.
 */
export function parseDateTime(text: string): Date | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = match;
  const date = startOfDay(Number(year), Number(month), Number(day));
  const real = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (date === undefined || !real || Number(zoneHour) > 23 || Number(zoneMinute) > 59) return undefined;
  const local = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000;
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === '-' ? -1 : 1);
  return new Date(date.getTime() + local + Number(fraction.slice(1, 4).padEnd(3, '0')) - offset);
}

function startOfDay(year: number, month: number, day: number): Date | undefined {
  const date = new Date(0);
  // Not Date.UTC, which takes the year 99 for 1999.
  date.setUTCFullYear(year, month - 1, day);
  // 30 February would have become a day in March.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : undefined;
}
