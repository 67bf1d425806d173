import { bytes, tlv } from '../../../src/testing/der-writer.ts';
import type { CertificateSpec } from '../../support/mint.ts';
import { chainCase, evidenceWith } from '../support.ts';
import { type Row, SOURCES } from './row.ts';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

const BEFORE = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2020-12-31T00:00:00Z') };
const AFTER = { notBefore: new Date('2030-01-01T00:00:00Z'), notAfter: new Date('2030-12-31T00:00:00Z') };

/** A leaf whose validity begins and ends in the middle of a day, so that to compare days is not enough. */
const NOON = { notBefore: new Date('2026-05-01T12:00:00Z'), notAfter: new Date('2026-07-31T12:00:00Z') };

const noonAt = (at: string) => async () => ({ ...chainCase(await evidenceWith({ leaf: NOON })), at });

const written = (tag: number, text: string): Uint8Array => tlv(tag, bytes(text));
const notBefore = (tag: number, text: string): { leaf: Partial<CertificateSpec> } => ({
  leaf: { replace: { notBefore: written(tag, text) } },
});
const rootFrom = (tag: number, from: string, until: Uint8Array = written(UTC_TIME, '470220000000Z')) => ({
  root: { replace: { notBefore: written(tag, from), notAfter: until } },
});
const subCaUntil = (text: string): { subCa: Partial<CertificateSpec> } => ({
  subCa: { replace: { notAfter: written(GENERALIZED_TIME, text) } },
});

/** Validity at an instant, and the forms of time. */
export const TIME: readonly Row[] = [
  ...(
    [
      ['leaf', 'leaf', 'RFC 5280, 6.1.3 (a)(2)', ['time']],
      ['subCa', 'Sub CA', 'RFC 5280, 6.1.3 (a)(2)', ['time']],
      ['root', 'anchor', SOURCES.departures, ['time', 'profile']],
    ] as const
  ).flatMap(([place, word, source, flags]): Row[] => [
    {
      name: `${word.replace(' ', '-').toLowerCase()}-expired`,
      title: `The ${word} expired years ago.`,
      flags,
      source,
      code: 'ERR_MDA_CHAIN_EXPIRED',
      fault: `notAfter of the ${word} lies before at`,
      chain: { [place]: BEFORE },
    },
    {
      name: `${word.replace(' ', '-').toLowerCase()}-not-yet-valid`,
      title: `The ${word} is valid in years to come.`,
      flags,
      source,
      code: 'ERR_MDA_CHAIN_NOT_YET_VALID',
      fault: `notBefore of the ${word} lies after at`,
      chain: { [place]: AFTER },
    },
  ]),
  {
    name: 'at-first-instant',
    title: 'It is the first instant of the leaf, which belongs to its validity.',
    flags: ['time'],
    source: 'RFC 5280, 4.1.2.5',
    chain: noonAt('2026-05-01T12:00:00Z'),
  },
  {
    name: 'at-last-instant',
    title: 'It is the last instant of the leaf, which belongs to its validity.',
    flags: ['time'],
    source: 'RFC 5280, 4.1.2.5',
    chain: noonAt('2026-07-31T12:00:00Z'),
  },
  {
    name: 'at-second-before',
    title: 'The leaf begins in a second.',
    flags: ['time'],
    source: 'RFC 5280, 6.1.3 (a)(2)',
    code: 'ERR_MDA_CHAIN_NOT_YET_VALID',
    fault: 'notBefore of the leaf lies a second after at',
    chain: noonAt('2026-05-01T11:59:59Z'),
    undone: noonAt('2026-05-01T12:00:00Z'),
  },
  {
    name: 'at-second-after',
    title: 'The leaf ended a second ago.',
    flags: ['time'],
    source: 'RFC 5280, 6.1.3 (a)(2)',
    code: 'ERR_MDA_CHAIN_EXPIRED',
    fault: 'notAfter of the leaf lies a second before at',
    chain: noonAt('2026-07-31T12:00:01Z'),
    undone: noonAt('2026-07-31T12:00:00Z'),
  },
  {
    name: 'at-half-second-after',
    title: 'The leaf ended half a second ago.',
    flags: ['time'],
    source: 'RFC 5280, 4.1.2.5',
    chain: noonAt('2026-07-31T12:00:00.500Z'),
    reason: 'certificates count in seconds: a verifier whose clock does so too is still within the last one',
  },
  {
    name: 'authorities-beyond-2049',
    title: 'Root and Sub CA end in 2050 and later, which GeneralizedTime says.',
    flags: ['time', 'future'],
    source: 'RFC 5280, 4.1.2.5',
    chain: {
      root: { notAfter: new Date('2062-02-20T00:00:00Z') },
      subCa: { notAfter: new Date('2050-01-01T00:00:00Z') },
    },
  },
  {
    name: 'root-without-end',
    title: 'The root ends in the year 9999, which stands for no end.',
    flags: ['time', 'future'],
    source: 'RFC 5280, 4.1.2.5',
    chain: rootFrom(UTC_TIME, '220216190124Z', written(GENERALIZED_TIME, '99991231235959Z')),
  },
  {
    name: 'root-of-1950',
    title: 'The root begins in 1950, for a UTCTime of 50 is not 2050.',
    flags: ['time'],
    source: 'RFC 5280, 4.1.2.5.1',
    chain: rootFrom(UTC_TIME, '500101000000Z'),
  },
  {
    name: 'root-until-2049',
    title: 'The root ends in 2049, for a UTCTime of 49 is not 1949.',
    flags: ['time'],
    source: 'RFC 5280, 4.1.2.5.1',
    chain: rootFrom(UTC_TIME, '220216190124Z', written(UTC_TIME, '491231235959Z')),
  },
  {
    name: 'leaf-leap-day',
    title: 'The leaf begins on 29 February of a leap year.',
    flags: ['time'],
    source: 'RFC 5280, 4.1.2.5.1',
    chain: notBefore(UTC_TIME, '240229000000Z'),
  },
  {
    name: 'leaf-validity-reversed',
    title: 'The leaf ends before it begins, and it is after both.',
    flags: ['time'],
    source: 'profile of this project: docs/errors.md, ERR_MDA_CERTIFICATE_VALIDITY',
    code: 'ERR_MDA_CERTIFICATE_VALIDITY',
    fault: 'notAfter of the leaf lies before notBefore',
    chain: { leaf: { notBefore: new Date('2026-05-20T00:00:00Z'), notAfter: new Date('2026-05-10T00:00:00Z') } },
  },
  {
    name: 'time-generalized-before-2050',
    title: 'A year before 2050 is in GeneralizedTime.',
    flags: ['time', 'der', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_DER_TIME',
    fault: 'notBefore is GeneralizedTime and should be UTCTime',
    chain: notBefore(GENERALIZED_TIME, '20260501000000Z'),
  },
  {
    name: 'time-without-seconds',
    title: 'A time has no seconds, which UTCTime allows elsewhere.',
    flags: ['time', 'der'],
    source: 'RFC 5280, 4.1.2.5.1; X.690, 11.8',
    code: 'ERR_MDA_DER_TIME',
    fault: 'notBefore has no seconds',
    chain: notBefore(UTC_TIME, '2605010000Z'),
  },
  {
    name: 'time-with-zone',
    title: 'A time states the difference of its zone from UTC.',
    flags: ['time', 'der'],
    source: 'RFC 5280, 4.1.2.5.1; X.690, 11.8',
    code: 'ERR_MDA_DER_TIME',
    fault: 'notBefore ends with +0000 and not with Z',
    chain: notBefore(UTC_TIME, '260501000000+0000'),
  },
  {
    name: 'time-with-fraction',
    title: 'A time has a fraction of a second.',
    flags: ['time', 'der'],
    source: 'RFC 5280, 4.1.2.5.2',
    code: 'ERR_MDA_DER_TIME',
    fault: 'notAfter of the Sub CA has a fraction',
    chain: subCaUntil('20500218000000.5Z'),
    undone: subCaUntil('20500218000000Z'),
  },
  {
    name: 'time-day-that-is-none',
    title: 'A time is on a day that no calendar has, 30 February.',
    flags: ['time', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_DER_TIME',
    fault: 'notBefore is on 30 February',
    chain: notBefore(UTC_TIME, '260230000000Z'),
    undone: notBefore(UTC_TIME, '260228000000Z'),
  },
  {
    name: 'time-leap-day-that-is-none',
    title: 'A time is on 29 February of a year that is no leap year.',
    flags: ['time', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_DER_TIME',
    fault: 'notBefore is on 29 February 2025',
    chain: notBefore(UTC_TIME, '250229000000Z'),
    undone: notBefore(UTC_TIME, '250228000000Z'),
  },
  {
    name: 'time-second-60',
    title: 'A time is in the sixty-first second of a minute.',
    flags: ['time', 'der'],
    source: 'X.680, 47.3',
    code: 'ERR_MDA_DER_TIME',
    fault: 'the second of notBefore is 60',
    chain: notBefore(UTC_TIME, '260430235960Z'),
    undone: notBefore(UTC_TIME, '260430235959Z'),
  },
  {
    name: 'time-with-sign',
    title: 'The day of a time is written with a sign, which many parsers of numbers take.',
    flags: ['time', 'der'],
    source: 'RFC 5280, 4.1.2.5.1',
    code: 'ERR_MDA_DER_TIME',
    fault: 'the day of notBefore is +1 and not 01',
    chain: notBefore(UTC_TIME, '2605+1000000Z'),
    undone: notBefore(UTC_TIME, '260501000000Z'),
  },
  {
    name: 'time-hour-24',
    title: 'A time is in an hour that no day has, 24.',
    flags: ['time', 'der'],
    source: 'RFC 5280, 4.1.2.5.1',
    code: 'ERR_MDA_DER_TIME',
    fault: 'the hour of notBefore is 24',
    chain: notBefore(UTC_TIME, '260430240000Z'),
    undone: notBefore(UTC_TIME, '260430230000Z'),
  },
  {
    name: 'time-small-z',
    title: 'A time ends with a small z.',
    flags: ['time', 'der'],
    source: 'RFC 5280, 4.1.2.5.1',
    code: 'ERR_MDA_DER_TIME',
    fault: 'notBefore ends with z and not with Z',
    chain: notBefore(UTC_TIME, '260501000000z'),
  },
];
