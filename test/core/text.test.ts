import { describe, expect, it } from 'vitest';
import { INVISIBLE } from '../../src/core/text.ts';

const shown = (codePoint: number): boolean => String.fromCodePoint(codePoint).search(INVISIBLE) === -1;

describe('what cannot be seen', () => {
  it('is every control, line separator and mark of direction that Unicode names', () => {
    const controls = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
    const missed: number[] = [];
    for (let codePoint = 0; codePoint <= 0xffff; codePoint++)
      if (controls.test(String.fromCodePoint(codePoint)) && shown(codePoint)) missed.push(codePoint);
    expect(missed).toEqual([]);
  });

  // Blank by design, though Unicode calls them letters or symbols.
  const FILLERS = [0x115f, 0x1160, 0x2800, 0x3164, 0xffa0];

  it('is neither printable ASCII nor any letter, digit or punctuation but the fillers', () => {
    const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;
    const hidden: number[] = [];
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++)
      if (visible.test(String.fromCodePoint(codePoint)) && !shown(codePoint)) hidden.push(codePoint);
    expect(hidden).toEqual(FILLERS);
    for (let codePoint = 0x20; codePoint <= 0x7e; codePoint++) expect(shown(codePoint)).toBe(true);
  });
});
