import Keyv from 'keyv';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, type Store } from '../../src/acme/index.ts';
import { AT } from '../support/mint.ts';

const clockAt = (start: Date) => {
  let time = start.getTime();
  return { clock: () => new Date(time), advance: (milliseconds: number) => (time += milliseconds) };
};

// The types alone say that an instance of Keyv is a store.
const STORES: readonly (readonly [string, () => Store])[] = [
  ['the memory store', () => createMemoryStore({ clock: () => AT })],
  ['a Keyv instance', () => new Keyv<string>({ throwOnErrors: true })],
];

describe.each(STORES)('%s', (_, create) => {
  it('keeps what is written, until it is deleted', async () => {
    const store = create();
    expect((await store.get('key')) ?? undefined).toBeUndefined();
    await store.set('key', 'value');
    expect(await store.get('key')).toBe('value');
    await store.set('key', 'other', 1000);
    expect(await store.get('key')).toBe('other');
    expect(await store.delete('key')).toBe(true);
    expect((await store.get('key')) ?? undefined).toBeUndefined();
  });

  it('tells whether it deleted: one of many that claim the same', async () => {
    const store = create();
    expect(await store.delete('key')).toBe(false);
    await store.set('key', '');
    const answers = await Promise.all(Array.from({ length: 20 }, async () => store.delete('key')));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('takes the names of members of every object for keys', async () => {
    const store = create();
    for (const key of ['__proto__', 'constructor', 'toString', '']) {
      expect((await store.get(key)) ?? undefined).toBeUndefined();
      expect(await store.delete(key)).toBe(false);
      await store.set(key, key);
      expect(await store.get(key)).toBe(key);
    }
  });
});

describe('the memory store', () => {
  it('forgets at the instant that it was told', async () => {
    const { clock, advance } = clockAt(AT);
    const store = createMemoryStore({ clock });
    await store.set('key', 'value', 1000);
    advance(999);
    expect(store.get('key')).toBe('value');
    advance(1);
    expect(store.get('key')).toBeUndefined();
    expect(store.delete('key')).toBe(false);
  });

  it('writes where nothing is, and says whether it did', async () => {
    const { clock, advance } = clockAt(AT);
    const store = createMemoryStore({ clock });
    expect(store.setIfAbsent('key', 'first', 1000)).toBe(true);
    expect(store.setIfAbsent('key', 'second')).toBe(false);
    expect(store.get('key')).toBe('first');
    advance(1000);
    expect(store.setIfAbsent('key', 'third')).toBe(true);
    await store.set('other', 'value');
    expect(store.setIfAbsent('other', 'x')).toBe(false);
  });

  it('gives up the oldest entry when it is full: written again, an entry is new', () => {
    const store = createMemoryStore({ clock: () => AT, maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd']) store.set(key, key);
    expect(['a', 'b', 'c', 'd'].map((key) => store.get(key))).toEqual(['a', undefined, 'c', 'd']);
  });

  it('may have room for one', () => {
    const store = createMemoryStore({ clock: () => AT, maxEntries: 1 });
    for (const key of ['a', 'b']) store.set(key, key);
    expect([store.get('a'), store.get('b')]).toEqual([undefined, 'b']);
  });

  it('does not let what has expired push out what has not', () => {
    const { clock, advance } = clockAt(AT);
    const store = createMemoryStore({ clock, maxEntries: 100 });
    store.set('long', 'kept');
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 40; i++) store.set(`nonce ${round} ${i}`, '', 1000);
      advance(1000);
    }
    expect(store.get('long')).toBe('kept');
  });

  it('takes time in proportion to what is written', () => {
    const { clock, advance } = clockAt(AT);
    const store = createMemoryStore({ clock });
    const start = performance.now();
    for (let i = 0; i < 300_000; i++) {
      store.set(`nonce ${i}`, '', 1000);
      if (i % 1000 === 0) advance(100);
    }
    // Looking through all of them each time would take hours.
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no clock', {}],
    ['a clock that is a Date', { clock: AT }],
    ['no room', { clock: () => AT, maxEntries: 0 }],
    ['room for a half', { clock: () => AT, maxEntries: 1.5 }],
    ['room for a text', { clock: () => AT, maxEntries: '5' }],
    ['an unknown option', { clock: () => AT, max: 5 }],
  ])('is not made with %s', (_, options) => {
    expect(() => createMemoryStore(options as never)).toThrow(TypeError);
  });

  it('refuses anything but text, a time to live of nothing, and a clock that stands for none', () => {
    const store = createMemoryStore({ clock: () => AT });
    const mistakes: readonly (() => unknown)[] = [
      () => store.get(undefined as never),
      () => store.delete(1 as never),
      () => store.set(undefined as never, ''),
      () => store.set('key', undefined as never),
      () => store.set('key', {} as never),
      () => store.set('key', '', 0),
      () => store.set('key', '', -1),
      () => store.set('key', '', NaN),
      () => store.set('key', '', '5' as never),
      () => store.setIfAbsent('key', 1 as never),
      () => createMemoryStore({ clock: () => new Date(NaN) }).get('key'),
    ];
    const named = ['key', 'key', 'key', 'value', 'value', 'ttl', 'ttl', 'ttl', 'ttl', 'value', 'at'];
    mistakes.forEach((mistake, index) => {
      expect(mistake).toThrow(TypeError);
      expect(mistake).toThrow(named[index]);
    });
    expect(store.get('key')).toBeUndefined();
  });
});
