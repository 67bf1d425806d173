import { describe, expect, it } from 'vitest';
import { parseNonce } from '../../src/cli/nonce.ts';
import { OperatorError } from '../../src/cli/operator-error.ts';

describe('parseNonce', () => {
  it.each([
    // Both hexadecimal and base64: hexadecimal.
    ['abcd', 'abcd'],
    ['base64:abcd', '69b71d'],
    ['hex:abcd', 'abcd'],
    ['ABCD', 'abcd'],
    ['AQID', '010203'],
    ['+/8=', 'fbff'],
    ['00', '00'],
    ['ff'.repeat(32), 'ff'.repeat(32)],
  ])('%s', (text, expected) => {
    expect(Buffer.from(parseNonce(text)).toString('hex')).toBe(expected);
  });

  it.each([
    '',
    'hex:',
    'base64:',
    'abc',
    'hex:AQID',
    'hex:abc',
    'AQI',
    '-_8',
    'AQID\n',
    ' 00',
    'base64:hex:00',
    'ff'.repeat(33),
    `base64:${'A'.repeat(44)}`,
  ])('refuses %j', (text) => {
    expect(() => parseNonce(text)).toThrow(OperatorError);
  });
});
