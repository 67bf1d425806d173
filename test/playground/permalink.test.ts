import { describe, expect, it } from 'vitest';
import { fragmentOf, type LinkState, MAX_LINK_BYTES, readFragment } from '../../docs/playground/page/permalink.ts';

const STATE: LinkState = {
  evidence: new TextEncoder().encode('<b>&#=+é'),
  at: new Date('2026-06-01T12:00:00Z'),
  anchor: 'test',
  mode: 'nonce-text',
  typed: 'a b&c=d#é',
};

describe('a permalink', () => {
  it('comes back as it was', () => expect(readFragment(fragmentOf(STATE))).toEqual(STATE));

  it('holds evidence of any bytes, up to the limit', () => {
    const evidence = Uint8Array.from({ length: MAX_LINK_BYTES }, (_, index) => index);
    expect(readFragment(fragmentOf({ ...STATE, evidence }))?.evidence).toEqual(evidence);
  });

  it.each([
    '',
    '#',
    '#v=1',
    fragmentOf(STATE).replace('v=1', 'v=2'),
    fragmentOf(STATE).replace('anchor=test', 'anchor=constructor'),
    fragmentOf(STATE).replace('mode=nonce-text', 'mode=toString'),
    fragmentOf(STATE).replace('at=2026', 'at=x'),
    fragmentOf(STATE).replace('at=2026', 'at=%2B012026'),
    fragmentOf(STATE).replace('at=2026', 'at=-000001'),
    `${fragmentOf(STATE)}*`,
    `#v=1&e=${'A'.repeat(200_000)}`,
  ])('is refused if it was made up: %.40s', (fragment) => {
    expect(readFragment(fragment)).toBeUndefined();
  });
});
