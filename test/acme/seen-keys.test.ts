import { beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStore, createSeenKeys, type SeenKeys, type Store } from '../../src/acme/index.ts';
import type { VerifiedAttestation } from '../../src/index.ts';
import { permanentIdentifier, verifiedAttestation } from '../support/acme.ts';
import { AT } from '../support/mint.ts';

const FINGERPRINT = '00'.repeat(32);
const OTHER = 'ff'.repeat(32);

let attestation: VerifiedAttestation;
let time = AT.getTime();
let store: Required<Store>;

beforeAll(async () => {
  attestation = await verifiedAttestation();
});

const context = (value: string, type = 'permanent-identifier') => ({
  identifier: { type, value },
  attestation,
  at: AT,
});

/** Looks a key up, and remembers it as the validator does in the end; says whether it was seen. */
const memory =
  (seenKeys: SeenKeys): ((...question: Parameters<SeenKeys>) => Promise<boolean>) =>
  async (...question) => {
    const answer = await seenKeys(...question);
    if (typeof answer === 'boolean') return answer;
    await answer.remember();
    return answer.seen;
  };

describe('a memory of keys', () => {
  it('looks, and remembers nothing before it is told to', async () => {
    const isSeen = createSeenKeys({ store: createMemoryStore({ clock: () => AT }) });
    const first = await isSeen(FINGERPRINT, context('A'));
    expect(first).toEqual({ seen: false, remember: expect.any(Function) as unknown });
    // Who was refused after the look leaves nothing behind.
    const second = await isSeen(FINGERPRINT, context('B'));
    expect(second).toHaveProperty('seen', false);
    await (second as Exclude<typeof second, boolean>).remember();
    expect(await isSeen(FINGERPRINT, context('B'))).toBe(false);
    expect(await isSeen(FINGERPRINT, context('A'))).toBe(true);
  });

  it('is surprised by a key that comes again with another identifier', async () => {
    store = createMemoryStore({ clock: () => new Date(time) });
    const isSeen = memory(createSeenKeys({ store }));
    expect(await isSeen(FINGERPRINT, context('A'))).toBe(false);
    expect(await isSeen(FINGERPRINT, context('A'))).toBe(false);
    expect(await isSeen(FINGERPRINT, context('B'))).toBe(true);
    expect(await isSeen(FINGERPRINT, context('A', 'hardware-module'))).toBe(true);
    // Who surprised it is not remembered in the place of the first.
    expect(await isSeen(FINGERPRINT, context('A'))).toBe(false);
    expect(await isSeen(OTHER, context('B'))).toBe(false);
  });

  it('outlives the process that has it, and tells nobody what it knows', async () => {
    const entries = new Map<string, string>();
    const shared = {
      get: (key: string) => entries.get(key),
      set: (key: string, value: string) => entries.set(key, value),
      delete: (key: string) => entries.delete(key),
    };
    await memory(createSeenKeys({ store: shared }))(FINGERPRINT, context('TMWFWWWP67'));
    expect(await memory(createSeenKeys({ store: shared }))(FINGERPRINT, context('B'))).toBe(true);
    expect([...entries]).toHaveLength(1);
    expect([...entries].flat().join()).not.toContain('TMWFWWWP67');
  });

  it('keeps identifiers apart that look alike when they are put together', async () => {
    const isSeen = memory(createSeenKeys({ store: createMemoryStore({ clock: () => AT }) }));
    await isSeen(FINGERPRINT, context('B","C', 'A'));
    expect(await isSeen(FINGERPRINT, context('C', 'A","B'))).toBe(true);
    await isSeen(OTHER, context('\ud800'));
    expect(await isSeen(OTHER, context('\ufffd'))).toBe(true);
  });

  it('forgets after the time that it was given, and not before', async () => {
    const isSeen = memory(
      createSeenKeys({ store: createMemoryStore({ clock: () => new Date(time) }), ttlMilliseconds: 1000 }),
    );
    await isSeen(FINGERPRINT, context('A'));
    time += 999;
    expect(await isSeen(FINGERPRINT, context('B'))).toBe(true);
    time += 1;
    expect(await isSeen(FINGERPRINT, context('B'))).toBe(false);
  });

  it('takes null for nothing, as some stores answer', async () => {
    const isSeen = memory(createSeenKeys({ store: { get: () => null, set: () => undefined, delete: () => false } }));
    expect(await isSeen(FINGERPRINT, context('A'))).toBe(false);
  });

  it('rejects with what the store does', async () => {
    const failure = new Error('the store is down');
    const failing = { get: () => Promise.reject(failure), set: () => undefined, delete: () => false };
    await expect(createSeenKeys({ store: failing })(FINGERPRINT, context('A'))).rejects.toBe(failure);
    const full = { get: () => null, set: () => Promise.reject(failure), delete: () => false };
    await expect(memory(createSeenKeys({ store: full }))(FINGERPRINT, context('A'))).rejects.toBe(failure);
  });

  it.each([0, true, new Uint8Array(64), { value: 'x' }])(
    'rejects where the store answers %j for a text',
    async (odd) => {
      const isSeen = memory(
        createSeenKeys({ store: { get: () => odd as never, set: () => undefined, delete: () => false } }),
      );
      await expect(isSeen(FINGERPRINT, context('A'))).rejects.toThrow(TypeError);
    },
  );

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no store', {}],
    ['a Set for a store', { store: new Set() }],
    ['a store without delete', { store: { get: () => null, set: () => null } }],
    [
      'a store whose setIfAbsent is no function',
      { store: { ...createMemoryStore({ clock: () => AT }), setIfAbsent: true } },
    ],
    ['no time at all', { store: createMemoryStore({ clock: () => AT }), ttlMilliseconds: 0 }],
    ['all of time', { store: createMemoryStore({ clock: () => AT }), ttlMilliseconds: Infinity }],
    ['a text for a time', { store: createMemoryStore({ clock: () => AT }), ttlMilliseconds: '5' }],
    ['an unknown option', { store: createMemoryStore({ clock: () => AT }), ttl: 5 }],
  ])('is not made with %s', (_, options) => {
    expect(() => createSeenKeys(options as never)).toThrow(TypeError);
  });

  it('knows identifiers by type and value', async () => {
    const isSeen = memory(createSeenKeys({ store: createMemoryStore({ clock: () => AT }) }));
    await isSeen(FINGERPRINT, { identifier: permanentIdentifier('A'), attestation, at: AT });
    expect(await isSeen(FINGERPRINT, context('A'))).toBe(false);
  });
});
