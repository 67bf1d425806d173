import { describe, expect, it } from 'vitest';
import { enforcement, type Withheld } from '../../src/policy/index.ts';
import { decide, macFacts } from './facts.ts';

const ITEMS = [
  { id: 'mail', kind: 'account', isReleased: true },
  { id: 'wifi', kind: 'configuration', isReleased: false },
  { id: 'vpn', kind: 'configuration', isReleased: true },
  { id: 'ledger', kind: 'app', isReleased: false },
] as const satisfies readonly Withheld[];
const [mail, wifi, vpn, ledger] = ITEMS;

describe('enforcement', () => {
  it('releases what is missing, and lets the rest be, once the device may', () => {
    const decision = decide({ rule: 'system-integrity-protection' }, macFacts());
    expect(enforcement(decision, ITEMS)).toEqual({ release: [wifi, ledger], keepBack: [], remove: [] });
  });

  it('removes what is there and keeps back the rest while the device may not', () => {
    const { allowed } = decide({ rule: 'file-vault', accept: 'reported' }, macFacts());
    expect(enforcement({ allowed }, ITEMS)).toEqual({ release: [], keepBack: [wifi, ledger], remove: [mail, vpn] });
  });

  it('hands back the very items', () => {
    expect(enforcement({ allowed: false }, ITEMS).remove[0]).toBe(mail);
  });

  it('has nothing to do about nothing', () => {
    expect(enforcement({ allowed: true }, [])).toEqual({ release: [], keepBack: [], remove: [] });
  });

  it.each<[title: string, decision: unknown, withheld: unknown, message: RegExp]>([
    ['no decision', undefined, ITEMS, /^decision must be a plain object$/],
    ['a decision of its own', true, ITEMS, /^decision/],
    ['an empty decision', {}, ITEMS, /^decision\.allowed/],
    ['a decision in words', { allowed: 'false' }, ITEMS, /^decision\.allowed/],
    ['a decision in numbers', { allowed: 1 }, ITEMS, /^decision\.allowed/],
    ['a promise of a decision', Promise.resolve({ allowed: true }), ITEMS, /^decision/],
    ['no list', { allowed: true }, undefined, /^withheld must be an array$/],
    ['a set', { allowed: true }, new Set(ITEMS), /^withheld/],
    ['a hole', { allowed: true }, [mail, , vpn], /^withheld\[1\] must/],
    ['an item that is a name', { allowed: true }, ['mail'], /^withheld\[0\] must/],
    ['an item without a name', { allowed: true }, [{ kind: 'app', isReleased: true }], /^withheld\[0\]\.id/],
    ['an item of another kind', { allowed: true }, [{ ...mail, kind: 'book' }], /^withheld\[0\]\.kind/],
    ['an item of an inherited kind', { allowed: true }, [{ ...mail, kind: 'constructor' }], /^withheld\[0\]\.kind/],
    [
      'an item in an unknown state',
      { allowed: false },
      [{ ...mail, isReleased: undefined }],
      /^withheld\[0\]\.isReleased/,
    ],
    ['an item twice', { allowed: true }, [mail, { ...mail, isReleased: false }], /^withheld\[1\]\.id/],
  ])('takes %s for a mistake of the caller', (_, decision, withheld, message) => {
    const run = () => enforcement(decision as never, withheld as never);
    expect(run).toThrow(TypeError);
    expect(run).toThrow(message);
  });
});
