import { describe, expect, it } from 'vitest';
import { encodePermanentIdentifier, type PermanentIdentifier, type Store } from '../../src/acme/index.ts';
import { sha256 } from '../../src/acme/sha256.ts';
import { toHex } from '../../src/core/bytes.ts';
import { identityTrustAnchor, noAttestingAuthority } from '../../src/identity/index.ts';
import type { Policy } from '../../src/policy/index.ts';
import { type AuthorizerOptions, deviceOf, type DynamicFacts, type Refused } from '../../src/relying-party/index.ts';
import {
  alternativeNames,
  AT,
  DEVICE as KEY,
  deviceCertificate,
  ecSigner,
  evidenceFor,
  PLAIN_EXTENSIONS,
  PROPERTIES,
  rootAuthority,
  subAuthority,
} from '../support/organisation.ts';
import {
  after,
  authorizerWith,
  chain,
  chainWith,
  createTime,
  FILE_VAULT,
  GOOD_FACTS,
  issuing,
  mirrored,
  NEWER_OS,
  OS,
  policyOf,
  reported,
  root,
  said,
  trustAnchors,
} from './world.ts';

const DEVICE = 'device:SIMULATED1';
const VAULT = policyOf(OS, FILE_VAULT);

/** An authorizer whose lookups are counted, on a store that goes by a clock that is set by hand. */
function createWorld(
  cache: Partial<NonNullable<AuthorizerOptions['cache']>> = {},
  options: Partial<AuthorizerOptions> = {},
) {
  const time = createTime();
  const store: Store = cache.store ?? time.store();
  const world = {
    time,
    store,
    lookups: 0,
    answer: (): DynamicFacts | Promise<DynamicFacts> => GOOD_FACTS,
    /** Another process with the same store. */
    open: (more: Partial<AuthorizerOptions> = {}, isCaching = true) =>
      authorizerWith({
        policy: VAULT,
        dynamic: {
          timeoutMilliseconds: 50,
          lookup: () => {
            world.lookups++;
            return world.answer();
          },
        },
        ...(isCaching && { cache: { seconds: 60, ...cache, store } }),
        ...options,
        ...more,
      }),
  };
  const { authorize, ...rest } = world.open();
  return Object.assign(world, rest, {
    authorize,
    ask: async (seconds = 0, resource?: string) => {
      time.set(seconds);
      return said(await authorize({ chain, at: after(seconds), resource }));
    },
  });
}

const away = (): Promise<never> => Promise.reject(new Error('away'));
const never = (): Promise<never> => new Promise(() => undefined);

describe('a decision', () => {
  it('is used again for as long as it was asked for, also by another process', async () => {
    const world = createWorld();
    expect([await world.ask(0), await world.ask(60), world.lookups]).toEqual(['yes', 'yes, cached', 1]);
    const other = world.open();
    const authorization = await other.authorize({ chain, at: after(59) });
    expect(said(authorization)).toBe('yes, cached');
    expect(authorization).toMatchObject({ validUntil: after(60) });
    expect([await world.ask(60.001), world.lookups]).toEqual(['yes', 2]);
  });

  it('is not used for a time before it, but for that of a clock that is a little slow', async () => {
    const world = createWorld();
    expect([await world.ask(100), await world.ask(99), await world.ask(39)]).toEqual(['yes', 'yes, cached', 'yes']);
  });

  it('is one for each resource, each policy, each device, and everything else that it depends on', async () => {
    const world = createWorld();
    await world.ask();
    const count = async (options: Partial<AuthorizerOptions>, resource?: string, evidence = chain) => {
      const before = world.lookups;
      const authorization = await world.open(options).authorize({ chain: evidence, at: AT, resource });
      return [said(authorization), world.lookups - before];
    };
    expect(await count({})).toEqual(['yes, cached', 0]);
    expect(await count({}, 'wiki')).toEqual(['yes', 1]);
    expect(await count({}, 'wiki')).toEqual(['yes, cached', 0]);
    expect(await count({ policy: policyOf(OS, FILE_VAULT, NEWER_OS) })).toEqual(['policy', 1]);
    expect(await count({ policy: policyOf(OS, FILE_VAULT) })).toEqual(['yes, cached', 0]);
    expect(await count({ attestingAuthorities: noAttestingAuthority })).toEqual(['policy', 1]);
    expect(await count({}, undefined, await chainWith({ serialNumber: 7 }))).toEqual(['yes', 1]);
    const revocation = { check: () => 'revoked' as const, onUnknown: 'refuse', timeoutMilliseconds: 100 } as const;
    expect(await count({ revocation })).toEqual(['revoked', 1]);
    const alone = authorizerWith({ policy: VAULT, cache: { store: world.store, seconds: 60 } });
    expect(said(await alone.authorize({ chain, at: AT }))).toBe('policy');
  });

  it('is one for each authority: another of the same name that has signed the same gets none of it', async () => {
    const other = await subAuthority('Devices 1', ecSigner('decisions other', 'SHA-384', 'P-384'), root);
    const extensions = [...PLAIN_EXTENSIONS, ...PROPERTIES, evidenceFor(KEY.spki)];
    const [genuine, copied] = await Promise.all(
      [issuing, other].map(async (authority) => [await deviceCertificate(authority, { extensions }), authority.der]),
    );
    const world = createWorld({ refusedSeconds: 60 });
    const decide = async (evidence = chain) => said(await world.open().authorize({ chain: evidence, at: AT }));
    expect([await decide(copied), await decide(genuine)]).toEqual(['policy', 'yes']);
    expect([await decide(copied), await decide(genuine)]).toEqual(['policy, cached', 'yes, cached']);
  });

  it('changes when the policy that a function finds does', async () => {
    let policy: Policy = VAULT;
    const world = createWorld({}, { policy: () => policy });
    expect([await world.ask(), await world.ask()]).toEqual(['yes', 'yes, cached']);
    policy = policyOf(OS, FILE_VAULT, NEWER_OS);
    expect(await world.ask()).toBe('policy');
    policy = VAULT;
    expect(await world.ask()).toBe('yes, cached');
  });

  it('that refuses is kept only if that was asked for', async () => {
    const none = createWorld();
    none.answer = () => ({});
    expect([await none.ask(), await none.ask(), none.lookups]).toEqual(['policy', 'policy', 2]);
    const some = createWorld({ refusedSeconds: 5 });
    some.answer = () => ({});
    expect([await some.ask(0), await some.ask(5), some.lookups]).toEqual(['policy', 'policy, cached', 1]);
    some.answer = () => GOOD_FACTS;
    expect([await some.ask(5.001), some.lookups]).toEqual(['yes', 2]);
    const again = await some.open({ policy: policyOf(NEWER_OS) }).authorize({ chain, at: after(6) });
    expect(again.reasons).toHaveLength(1);
    const cached = await some.open({ policy: policyOf(NEWER_OS) }).authorize({ chain, at: after(7) });
    expect([said(cached), cached.reasons]).toEqual(['policy, cached', again.reasons]);
  });

  it('does not outlive the certificate', async () => {
    const end = (Date.parse('2026-06-15T00:00:00Z') - AT.getTime()) / 1000;
    const world = createWorld({ seconds: 3600, staleWhileErrorSeconds: 3600 });
    world.time.set(end - 10);
    const authorization = await world.authorize({ chain, at: after(end - 10) });
    expect(authorization).toMatchObject({ validUntil: after(end) });
    expect([await world.ask(end), await world.ask(end + 0.001)]).toEqual(['yes, cached', 'identity-refused']);
  });

  it('does not outlive the attestation, nor the age that a rule allows', async () => {
    const attestedAt = Date.parse('2026-05-01T00:00:00Z');
    const maximumSeconds = (AT.getTime() - attestedAt) / 1000 + 30;
    const rules: readonly Policy[] = [
      policyOf(FILE_VAULT, { rule: 'attestation-age', maximumSeconds }),
      policyOf(FILE_VAULT, { all: [{ any: [{ rule: 'attestation-age', maximumSeconds }] }] }),
    ];
    for (const policy of rules) {
      const world = createWorld({}, { policy });
      const authorization = await world.authorize({ chain, at: AT });
      expect(authorization).toMatchObject({ validUntil: after(30) });
      expect([await world.ask(30), await world.ask(30.001)]).toEqual(['yes, cached', 'policy']);
    }
    // What is refused as long as it is young is not refused for longer.
    const young = policyOf({ not: { rule: 'attestation-age', maximumSeconds } });
    const world = createWorld({ refusedSeconds: 60 }, { policy: young });
    expect([await world.ask(0), await world.ask(30), await world.ask(30.001)]).toEqual([
      'policy',
      'policy, cached',
      'yes',
    ]);
    // And what is met is not met before its time.
    expect([await world.ask(31), await world.ask(30)]).toEqual(['yes, cached', 'policy']);
  });

  it('does not outlive the report that it rests on', async () => {
    const policy = policyOf(FILE_VAULT, { rule: 'report-age', maximumSeconds: 40 });
    const world = createWorld({}, { policy });
    world.answer = () => ({ reported: { fileVault: reported(true), reportedAt: after(-10) } });
    expect([await world.ask(0), await world.ask(30), await world.ask(30.001)]).toEqual([
      'yes',
      'yes, cached',
      'policy',
    ]);
    // One that is from the future is no report until then.
    const early = createWorld({ refusedSeconds: 60 }, { policy });
    early.answer = () => ({ reported: { fileVault: reported(true), reportedAt: after(20) } });
    expect([await early.ask(0), await early.ask(19.999), await early.ask(20)]).toEqual([
      'policy',
      'policy, cached',
      'yes',
    ]);
  });
});

describe('many requests at once', () => {
  it('have one lookup, and each its answer', async () => {
    const world = createWorld();
    let release: (facts: DynamicFacts) => void = () => undefined;
    world.answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const asked = Array.from({ length: 50 }, (_, index) => world.authorize({ chain, at: after(index / 1000) }));
    await expect.poll(() => world.lookups).toBe(1);
    release(GOOD_FACTS);
    expect(new Set((await Promise.all(asked)).map(said))).toEqual(new Set(['yes']));
    expect(world.lookups).toBe(1);
    expect(await world.ask()).toBe('yes, cached');
  });

  it('have one lookup without a cache, too, and the next request another', async () => {
    const world = createWorld();
    const { authorize } = world.open({}, false);
    const ask = async () => said(await authorize({ chain, at: AT }));
    // The first verifies; those that follow find the identity at the same moment.
    await ask();
    world.answer = () => new Promise((resolve) => setTimeout(() => resolve(GOOD_FACTS), 10));
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['yes', 'yes', 'yes']);
    expect(world.lookups).toBe(2);
    await ask();
    expect(world.lookups).toBe(3);
  });

  it('share a failure, and not the next try', async () => {
    const world = createWorld();
    await world.ask(-1000);
    world.answer = () => new Promise((_, reject) => setTimeout(() => reject(new Error('away')), 10));
    expect(await Promise.all([world.ask(), world.ask()])).toEqual(['dynamic-failed', 'dynamic-failed']);
    expect(world.lookups).toBe(2);
    world.answer = () => GOOD_FACTS;
    expect(await world.ask()).toBe('yes');
  });

  it('are answered about their own time', async () => {
    const world = createWorld({}, { policy: policyOf({ rule: 'report-age', maximumSeconds: 10 }) });
    await world.ask(-1000);
    world.answer = () => new Promise((resolve) => setTimeout(() => resolve({ reported: { reportedAt: AT } }), 10));
    const at = (seconds: number) => world.authorize({ chain, at: after(seconds) }).then(said);
    expect(await Promise.all([at(5), at(11)])).toEqual(['yes', 'policy']);
  });
});

describe('deauthorization', () => {
  it('beats what is cached, in every process at once, until it is ended', async () => {
    const world = createWorld({ refusedSeconds: 60 });
    const other = world.open();
    expect([await world.ask(), said(await other.authorize({ chain, at: AT }))]).toEqual(['yes', 'yes, cached']);
    await other.deauthorize(DEVICE);
    expect([await world.ask(), said(await other.authorize({ chain, at: AT }))]).toEqual([
      'deauthorized',
      'deauthorized',
    ]);
    expect(world.lookups).toBe(1);
    await world.reauthorize(DEVICE);
    // What was decided before does not count again.
    expect([await world.ask(), world.lookups, await world.ask()]).toEqual(['yes', 2, 'yes, cached']);
    expect(said(await other.authorize({ chain, at: AT }))).toBe('yes, cached');
  });

  it('is of the device, whatever its certificate', async () => {
    const world = createWorld();
    const renewed = await chainWith({ serialNumber: 99 });
    const { identity } = await world.authorize({ chain, at: AT });
    await world.deauthorize(identity!);
    expect(said(await world.authorize({ chain: renewed, at: AT }))).toBe('deauthorized');
    expect(await world.authorize({ chain, at: AT })).toMatchObject({ device: DEVICE, error: undefined, reasons: [] });
  });

  it('of a device without a name is of its key: a renewed certificate and a mirrored signature are the same', async () => {
    const nameless = { extensions: [...PLAIN_EXTENSIONS, PROPERTIES[1]!, evidenceFor(KEY.spki)] };
    const [own, renewed] = [await chainWith(nameless), await chainWith({ ...nameless, serialNumber: 99 })];
    const mirror = [mirrored(own[0]!), own[1]!];
    expect(mirror[0]).not.toEqual(own[0]);
    const world = createWorld({}, { policy: policyOf(OS) });
    const ask = async (evidence: readonly Uint8Array[]) => world.authorize({ chain: evidence, at: AT });
    const { identity, device } = await ask(own);
    expect(device).toBe(`key:${toHex(sha256(KEY.spki))}`);
    // What is signed is the same, and so is the decision.
    expect([said(await ask(mirror)), said(await ask(renewed))]).toEqual(['yes, cached', 'yes']);
    await world.deauthorize(identity!);
    for (const evidence of [own, mirror, renewed])
      expect(await ask(evidence)).toMatchObject({ code: 'deauthorized', device });
    await world.reauthorize(device!);
    expect(said(await ask(mirror))).toBe('yes');
  });

  const named = (...identifiers: readonly PermanentIdentifier[]) => ({
    extensions: [
      ...PLAIN_EXTENSIONS,
      alternativeNames(identifiers.map((identifier) => encodePermanentIdentifier(identifier))),
      ...PROPERTIES,
      evidenceFor(KEY.spki),
    ],
  });

  it('tells what is attested from what any authority says', async () => {
    const other = await rootAuthority('Others', ecSigner('relying party others'));
    const claim = { identifierValue: 'SIMULATED1', assigner: '1.2.3.4' };
    const claimed = [await deviceCertificate(other, named(claim))];
    const world = createWorld(
      {},
      { policy: policyOf(FILE_VAULT), trustAnchors: [...trustAnchors, identityTrustAnchor(other.der)] },
    );
    const ask = async (evidence: readonly Uint8Array[]) => world.authorize({ chain: evidence, at: AT });
    const { device, identity } = await ask(claimed);
    expect(device).toMatch(/^named:[0-9a-f]{64}:1\.2\.3\.4:SIMULATED1$/);
    await world.deauthorize(identity!);
    // What is attested is not what the other one says.
    const attested = chain;
    expect(said(await ask(claimed))).toBe('deauthorized');
    expect(said(await ask(attested))).not.toBe('deauthorized');
    await world.reauthorize(device!);
    // Who calls itself a device that is deauthorized shall not get in by that.
    await world.deauthorize(DEVICE);
    expect([said(await ask(claimed)), said(await ask(attested))]).toEqual(['deauthorized', 'deauthorized']);
  });

  it('holds whichever authorities are said to attest, and by every name of the device', async () => {
    const own = await chainWith(named({ identifierValue: 'P1' }));
    const policy = policyOf(FILE_VAULT);
    for (const attesting of [true, false]) {
      const world = createWorld({}, { policy });
      const without = world.open({ attestingAuthorities: noAttestingAuthority });
      const both = [world, without];
      const ask = () => Promise.all(both.map(async ({ authorize }) => said(await authorize({ chain: own, at: AT }))));
      const { identity } = await both[attesting ? 0 : 1]!.authorize({ chain: own, at: AT });
      await world.deauthorize(identity!);
      expect(await ask()).toEqual(['deauthorized', 'deauthorized']);
      await without.reauthorize(deviceOf(identity!));
      expect((await ask()).every((answer) => answer.startsWith('yes'))).toBe(true);
      for (const name of ['device:P1', DEVICE, `key:${toHex(sha256(KEY.spki))}`]) {
        await world.deauthorize(name);
        expect(await ask()).toEqual(['deauthorized', 'deauthorized']);
        await world.reauthorize(name);
      }
    }
  });

  it('during a decision is seen at its end, and the decision is not kept', async () => {
    for (const isEnded of [false, true]) {
      const world = createWorld();
      await world.ask(-1000);
      world.answer = async () => {
        await world.deauthorize(DEVICE);
        if (isEnded) await world.reauthorize(DEVICE);
        return GOOD_FACTS;
      };
      expect(await world.ask()).toBe(isEnded ? 'yes' : 'deauthorized');
      world.answer = () => GOOD_FACTS;
      await world.reauthorize(DEVICE);
      expect(await world.ask()).toBe('yes');
    }
  });

  it('and its end while the lookup is away end what was decided before', async () => {
    const world = createWorld({ staleWhileErrorSeconds: 300 });
    await world.ask();
    world.answer = async () => {
      await world.deauthorize(DEVICE);
      await world.reauthorize(DEVICE);
      return away();
    };
    expect(await world.ask(61)).toBe('dynamic-failed');
    expect(await world.ask(61)).toBe('dynamic-failed');
  });

  it('and its end are not answered by a lookup from before', async () => {
    const world = createWorld();
    await world.ask(-1000);
    const releases: ((facts: DynamicFacts) => void)[] = [];
    world.answer = () => new Promise((resolve) => releases.push(resolve));
    const before = world.authorize({ chain, at: AT });
    await expect.poll(() => releases.length).toBe(1);
    await world.deauthorize(DEVICE);
    await world.reauthorize(DEVICE);
    world.answer = () => ({});
    expect(await world.ask()).toBe('policy');
    releases[0]!(GOOD_FACTS);
    await before;
    expect(await world.ask()).toBe('policy');
  });

  it('is kept apart from what is cached if it has a store of its own', async () => {
    const marks = createTime().store();
    const world = createWorld({}, { deauthorizations: marks });
    await world.ask();
    await world.deauthorize(DEVICE);
    expect(await world.ask()).toBe('deauthorized');
    expect(await marks.get(`authorization-mark:${DEVICE}`)).toContain('true');
    expect(await world.store.get(`authorization-mark:${DEVICE}`)).toBeUndefined();
    const uncached = world.open({}, false);
    expect(said(await uncached.authorize({ chain, at: AT }))).toBe('deauthorized');
  });

  it('that the store does not keep is an error of who asked', async () => {
    const world = createWorld();
    const broken = (store: Partial<Store>) => world.open({ deauthorizations: { ...world.store, ...store } });
    await expect(broken({ set: away }).deauthorize(DEVICE)).rejects.toThrow('away');
    await expect(broken({ set: () => undefined }).deauthorize(DEVICE)).rejects.toThrow(TypeError);
    await world.deauthorize(DEVICE);
    await expect(broken({ set: () => undefined }).reauthorize(DEVICE)).rejects.toThrow(TypeError);
    expect(await world.ask()).toBe('deauthorized');
  });
});

describe('a lookup that is away', () => {
  it('stops everybody unless an old decision is to do', async () => {
    const world = createWorld();
    await world.ask();
    world.answer = away;
    expect(await world.ask(61)).toBe('dynamic-failed');
  });

  it('leaves an old decision in force for a while', async () => {
    const world = createWorld({ staleWhileErrorSeconds: 30 });
    await world.ask();
    for (const answer of [away, never]) {
      world.answer = answer;
      expect(await world.ask(60.001)).toBe('yes, stale');
    }
    expect(await world.authorize({ chain, at: after(90) })).toMatchObject({ stale: true, validUntil: after(90) });
    expect(await world.ask(90.001)).toBe('dynamic-timeout');
  });

  it('leaves nothing in force that was refused, or that answers in another form', async () => {
    const world = createWorld({ staleWhileErrorSeconds: 30, refusedSeconds: 1 });
    world.answer = () => ({});
    await world.ask();
    world.answer = away;
    expect(await world.ask(2)).toBe('dynamic-failed');
    world.answer = () => GOOD_FACTS;
    await world.ask(3);
    world.answer = () => 7 as never;
    expect(await world.ask(70)).toBe('dynamic-invalid');
    world.answer = () => ({});
    expect(await world.ask(70)).toBe('policy');
  });

  it('leaves nothing in force past a deauthorization, a revocation or the time of the decision', async () => {
    const world = createWorld({ staleWhileErrorSeconds: 300 });
    await world.ask();
    world.answer = async () => {
      await world.deauthorize(DEVICE);
      return away();
    };
    expect(await world.ask(61)).toBe('deauthorized');
    await world.reauthorize(DEVICE);
    world.answer = away;
    expect(await world.ask(61)).toBe('dynamic-failed');

    let revoked = 'good';
    const revocation = { check: () => revoked as 'good', onUnknown: 'refuse', timeoutMilliseconds: 100 } as const;
    const checked = createWorld({ staleWhileErrorSeconds: 300 }, { revocation });
    await checked.ask();
    checked.answer = away;
    revoked = 'revoked';
    expect(await checked.ask(61)).toBe('revoked');

    const timed = createWorld(
      { staleWhileErrorSeconds: 300 },
      { policy: policyOf({ rule: 'report-age', maximumSeconds: 90 }) },
    );
    timed.answer = () => ({ reported: { reportedAt: AT } });
    await timed.ask();
    timed.answer = away;
    expect([await timed.ask(90), await timed.ask(90.001)]).toEqual(['yes, stale', 'dynamic-failed']);
  });
});

describe('a store', () => {
  const broken: readonly (readonly [string, (key: string) => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('no store');
      },
    ],
    ['rejects', away],
    ['hangs', never],
    ['answers numbers', () => 7],
    ['answers objects', () => Promise.resolve({})],
    ['answers garbage', () => 'garbage'],
    ['answers null in JSON', () => 'null'],
    ['answers a list in JSON', () => '[]'],
    [
      'answers the mark of another device',
      () => '{"version":1,"device":"device:OTHER","deauthorized":false,"generation":"a"}',
    ],
    [
      'answers a mark of another version',
      () => `{"version":2,"device":"${DEVICE}","deauthorized":false,"generation":"a"}`,
    ],
    ['answers a mark of texts', () => `{"version":1,"device":"${DEVICE}","deauthorized":"false","generation":"a"}`],
    [
      'answers a mark without generation',
      () => `{"version":1,"device":"${DEVICE}","deauthorized":false,"generation":""}`,
    ],
    ['answers a mark of a number', () => `{"version":1,"device":"${DEVICE}","deauthorized":false,"generation":1}`],
    ['answers a mark and more', () => `{"version":1,"device":"${DEVICE}","deauthorized":false,"generation":"a","x":1}`],
    ['answers too much', () => `${' '.repeat(131_072)}{}`],
  ];

  it.each(broken)('of deauthorizations that %s lets nobody in', async (_, get) => {
    const marks = { ...createTime().store(), get: get as Store['get'] };
    const world = createWorld({}, { deauthorizations: marks, storeTimeoutMilliseconds: 20 });
    expect(await world.ask()).toBe('store-failed');
    expect(await world.authorize({ chain, at: AT })).toMatchObject({
      device: DEVICE,
      reasons: [],
      error: expect.anything() as unknown,
    });
  });

  it.each(broken)('of decisions that %s has every request decided anew', async (_, get) => {
    const errors: unknown[] = [];
    const store = { ...createTime().store(), get: get as Store['get'] };
    const cache = { store, onError: (error: unknown) => errors.push(error) };
    const world = createWorld(cache, { deauthorizations: createTime().store(), storeTimeoutMilliseconds: 20 });
    expect([await world.ask(), await world.ask(), world.lookups]).toEqual(['yes', 'yes', 2]);
    expect([0, 2]).toContain(errors.length);
    const silent = world.open({ cache: { store, seconds: 60 } });
    expect(said(await silent.authorize({ chain, at: AT }))).toBe('yes');
  });

  it('that hangs is an error like any other for a log', async () => {
    const errors: unknown[] = [];
    const cache = { store: { ...createTime().store(), get: never }, onError: (error: unknown) => errors.push(error) };
    const world = createWorld(cache, { storeTimeoutMilliseconds: 20 });
    const refusal = await world.authorize({ chain, at: AT });
    const check = { check: never, onUnknown: 'refuse', timeoutMilliseconds: 20 } as const;
    const unchecked = await authorizerWith({ revocation: check }).authorize({ chain, at: AT });
    await expect.poll(() => errors).toHaveLength(1);
    for (const error of [errors[0], (refusal as Refused).error, (unchecked as Refused).error])
      expect([error instanceof Error, `${error as Error}`.startsWith('TimeoutError')]).toEqual([true, true]);
    // Who sets a mark hears of it, too.
    await expect(world.deauthorize(DEVICE)).rejects.toThrow(Error);
  });

  it.each<readonly [string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no log');
      },
    ],
    ['rejects', away],
  ])('that is away, with a listener that %s, takes nothing down', async (_, onError) => {
    const unhandled: unknown[] = [];
    const hear = (error: unknown): number => unhandled.push(error);
    process.on('unhandledRejection', hear);
    try {
      const store: Store = { get: away, set: away, delete: away };
      expect(await createWorld({ store, onError }).ask()).toBe('store-failed');
      const apart = createWorld({ store, onError }, { deauthorizations: createTime().store() });
      expect([await apart.ask(), await apart.ask()]).toEqual(['yes', 'yes']);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });

  it('of deauthorizations that fails meanwhile lets nobody in', async () => {
    const marks = createTime().store();
    const world = createWorld({}, { deauthorizations: { ...marks, get: (key) => gets(key) } });
    let gets: Store['get'] = marks.get;
    world.answer = () => {
      gets = away;
      return GOOD_FACTS;
    };
    expect(await world.ask()).toBe('store-failed');
  });

  it.each<readonly [string, Store['set']]>([
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
    ['rejects', away],
    ['hangs', never],
  ])('that %s when it is written to changes no decision', async (_, set) => {
    const errors: unknown[] = [];
    const store = { ...createTime().store(), set };
    const world = createWorld({ store, onError: (error) => errors.push(error) }, { storeTimeoutMilliseconds: 20 });
    expect([await world.ask(), await world.ask(), errors.length]).toEqual(['yes', 'yes', 2]);
  });

  it('with an entry that was changed has the request decided anew', async () => {
    const world = createWorld({ refusedSeconds: 60 });
    await world.ask();
    const keys: string[] = [];
    const spying = { ...world.store, get: (key: string) => (keys.push(key), world.store.get(key)) };
    const spy = world.open({ cache: { store: spying, seconds: 60, refusedSeconds: 60 } });
    await spy.authorize({ chain, at: AT });
    const key = keys.find((name) => !name.includes('mark'))!;
    const entry = JSON.parse((await world.store.get(key))!) as Record<string, unknown>;
    const reason = {
      path: 'rules[0]',
      rule: 'key',
      negated: false,
      outcome: 'not met',
      code: 'not-listed',
      source: 'attested',
    };
    const changes: readonly Record<string, unknown>[] = [
      { version: 2 },
      { version: undefined },
      { key: `${key}x` },
      { key: undefined },
      { allowed: 'yes' },
      { allowed: false },
      { decidedAt: '0' },
      { decidedAt: undefined },
      { decidedAt: AT.getTime() + 0.5 },
      { decidedAt: AT.getTime() - 61_000 },
      { validFrom: null },
      { validFrom: AT.getTime() + 1 },
      { validUntil: null },
      { validUntil: AT.getTime() - 1 },
      { generation: 7 },
      { generation: 'other' },
      { reasons: 'none' },
      { reasons: [reason] },
      { allowed: false, reasons: [7] },
      { allowed: false, reasons: [null] },
      { allowed: false, reasons: [{ ...reason, more: 1 }] },
      { allowed: false, reasons: [{ ...reason, negated: 'no' }] },
      { more: 1 },
    ];
    for (const change of changes) {
      await world.store.set(key, JSON.stringify({ ...entry, ...change }));
      expect([await world.ask(), JSON.stringify(change)]).toEqual(['yes', JSON.stringify(change)]);
    }
    await world.store.set(key, JSON.stringify(entry));
    expect(await world.ask()).toBe('yes, cached');
    await world.store.set(key, JSON.stringify({ ...entry, allowed: false, reasons: [reason] }));
    expect(await world.ask()).toBe('policy, cached');
    // An entry cannot make a certificate valid for longer.
    await world.store.set(
      key,
      JSON.stringify({ ...entry, decidedAt: Date.parse('2026-06-15T00:00:00Z'), validUntil: 9e15 }),
    );
    expect(await world.authorize({ chain, at: new Date('2026-06-14T23:59:59Z') })).toMatchObject({
      cached: true,
      validUntil: new Date('2026-06-15T00:00:00Z'),
    });
  });
});
