import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, parseVersion } from '../../src/policy/index.ts';
import { SEED, settings } from '../hostile/generators.ts';
import { refusalOf } from '../support/refusal.ts';

console.log(`FUZZ_SEED=${SEED}`);

const IMPOSSIBLE = [
  '',
  ' ',
  '0',
  '0.1',
  '00.1',
  '026.4',
  '26.04',
  '26.4.01',
  '26.',
  '.4',
  '26..4',
  '26.4.',
  '26.4.1.2',
  '26,4',
  '26.4 ',
  ' 26.4',
  '26.4\n',
  '26.4\0',
  'v26.4',
  '26.4b1',
  '26.4-beta',
  '26.x',
  '26.*',
  '-26.4',
  '+26.4',
  '1e3',
  '0x1a',
  '26.4(a)',
  '26.4  (a)',
  '26.4 (A)',
  '26.4 (aa)',
  '26.4 (1)',
  '26.4 ()',
  '26.4 (a',
  '26.4 (a) ',
  '26.4 (ä)',
  '(a)',
  '26.4\u00a0(a)',
  '\u0662\u0666.4',
  '26\u20244',
  '12345.1',
  '26.12345',
  '26.4.12345',
  'latest',
  'Infinity',
  'NaN',
];

describe('parseVersion', () => {
  it.each([
    ['26.4.1', { major: 26, minor: 4, patch: 1, rapidResponse: undefined }],
    ['15.5', { major: 15, minor: 5, patch: 0, rapidResponse: undefined }],
    ['26', { major: 26, minor: 0, patch: 0, rapidResponse: undefined }],
    ['26.0', { major: 26, minor: 0, patch: 0, rapidResponse: undefined }],
    ['17.2 (a)', { major: 17, minor: 2, patch: 0, rapidResponse: 'a' }],
    ['16.4.1 (c)', { major: 16, minor: 4, patch: 1, rapidResponse: 'c' }],
    ['10.15.7', { major: 10, minor: 15, patch: 7, rapidResponse: undefined }],
    ['9999.9999.9999 (z)', { major: 9999, minor: 9999, patch: 9999, rapidResponse: 'z' }],
  ])('reads %s', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  it.each(IMPOSSIBLE)('refuses %j', (text) => {
    expect(refusalOf(() => parseVersion(text)).code).toBe('ERR_MDA_POLICY_VERSION');
    expect(refusalOf(() => compareVersions(text, '1.0')).code).toBe('ERR_MDA_POLICY_VERSION');
    expect(refusalOf(() => compareVersions('1.0', text)).code).toBe('ERR_MDA_POLICY_VERSION');
  });

  it.each([undefined, null, 26.4, ['26.4'], { toString: () => '26.4' }, Object('26.4')])('takes no %j', (value) => {
    expect(() => parseVersion(value as string)).toThrow(TypeError);
    expect(() => compareVersions('26.4', value as string)).toThrow(TypeError);
    expect(() => compareVersions(value as string, '26.4')).toThrow(TypeError);
  });

  it('takes no longer for a long text', () => {
    expect(refusalOf(() => parseVersion('1'.repeat(1_000_000))).code).toBe('ERR_MDA_POLICY_VERSION');
    expect(refusalOf(() => parseVersion(`26${'.0'.repeat(500_000)}`)).code).toBe('ERR_MDA_POLICY_VERSION');
  });
});

describe('compareVersions', () => {
  it('orders by number and then by rapid response', () => {
    const ordered = [
      '1.0',
      '9.3.6',
      '10.3.4',
      '10.15.7',
      '13.3.1',
      '13.3.1 (a)',
      '13.4',
      '15.5',
      '16.4.1',
      '16.4.1 (a)',
      '16.4.1 (c)',
      '16.5',
      '16.10',
      '17.2',
      '17.2 (a)',
      '17.2 (z)',
      '17.2.1',
      '26.4.1',
      '100.0',
      '9999.9999.9999 (z)',
    ];
    for (const [i, a] of ordered.entries())
      for (const [j, b] of ordered.entries())
        expect(Math.sign(compareVersions(a, b)), `${a} ${b}`).toBe(Math.sign(i - j));
  });

  it.each([
    ['26', '26.0'],
    ['26.4', '26.4.0'],
    ['26 (a)', '26.0.0 (a)'],
  ])('takes %s and %s for the same', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
  });

  it('orders as comparing part by part does', () => {
    const number = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 9999 }));
    const parts = fc.tuple(
      number.map((major) => major + 1).filter((major) => major < 10_000),
      number,
      number,
      fc.nat({ max: 26 }),
    );
    const write = ([major, minor, patch, letter]: readonly number[]): string =>
      `${major}.${minor}.${patch}${letter === 0 ? '' : ` (${String.fromCharCode(0x60 + letter!)})`}`;
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const first = a.map((part, index) => part - b[index]!).find((difference) => difference !== 0) ?? 0;
        expect(Math.sign(compareVersions(write(a), write(b)))).toBe(Math.sign(first));
      }),
      settings(2000),
    );
  });
});
