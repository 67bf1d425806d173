import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/acme/index.ts';
import {
  attestingAuthority,
  identityTrustAnchor,
  isVerifiedIdentity,
  noAttestingAuthority,
  verifyIdentity,
} from '../../src/identity/index.ts';
import { AttestationError } from '../../src/index.ts';
import { type AuthorizerOptions, createAuthorizer, deviceOf } from '../../src/relying-party/index.ts';
import { property } from '../../src/testing/certificate-writer.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import { mintChain } from '../support/mint.ts';
import {
  alternativeNames,
  AT,
  DEVICE,
  evidenceFor,
  PLAIN_EXTENSIONS,
  PROPERTIES,
  SERIAL_NUMBER,
} from '../support/organisation.ts';
import { encodePermanentIdentifier } from '../../src/acme/index.ts';
import {
  after,
  attestingAuthorities,
  authorizerWith,
  chain,
  chainWith,
  FILE_VAULT,
  GOOD_FACTS,
  issuing,
  leaf,
  NEWER_OS,
  OS,
  policyOf,
  reported,
  root,
  said,
  trustAnchors,
} from './world.ts';

describe('a device', () => {
  it('may, with its identity and until when', async () => {
    const authorization = await authorizerWith().authorize({ chain, at: AT });
    expect(authorization).toMatchObject({ allowed: true, reasons: [], cached: false, stale: false });
    if (!authorization.allowed) throw new Error(authorization.code);
    expect(isVerifiedIdentity(authorization.identity)).toBe(true);
    expect(authorization.device).toBe(`device:${SERIAL_NUMBER}`);
    // The certificate ends before the attestation.
    expect(authorization.validUntil).toEqual(new Date('2026-06-15T00:00:00Z'));
  });

  it('may not, with every reason', async () => {
    const authorization = await authorizerWith({ policy: policyOf(NEWER_OS, FILE_VAULT) }).authorize({ chain, at: AT });
    if (authorization.allowed) throw new Error('allowed');
    expect(authorization.code).toBe('policy');
    expect(authorization.reasons.map(({ path, code }) => [path, code])).toEqual([
      ['rules[0]', 'below-minimum'],
      ['rules[1]', 'absent'],
    ]);
    expect(authorization.identity?.fingerprint).toBe(
      (await authorizerWith().authorize({ chain, at: AT })).identity?.fingerprint,
    );
    expect(authorization).toMatchObject({ cached: false, device: `device:${SERIAL_NUMBER}`, error: undefined });
  });

  it('is refused by its certificate, with the error underneath', async () => {
    const { x5c } = await mintChain();
    const refused: readonly (readonly [readonly Uint8Array[], Date, string])[] = [
      [[], AT, 'ERR_MDA_CHAIN_EMPTY'],
      [[new Uint8Array()], AT, 'ERR_MDA_DER_TRUNCATED'],
      [[leaf], AT, 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
      [[issuing.der], AT, 'ERR_MDA_CHAIN_LEAF_IS_CA'],
      [x5c, AT, 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
      [[leaf.with(-1, leaf.at(-1)! ^ 1), issuing.der], AT, 'ERR_MDA_CHAIN_SIGNATURE'],
      [chain, new Date('2026-06-15T00:00:00.001Z'), 'ERR_MDA_CHAIN_EXPIRED'],
      [chain, new Date('2026-04-30T00:00:00Z'), 'ERR_MDA_CHAIN_NOT_YET_VALID'],
    ];
    for (const [evidence, at, code] of refused) {
      const authorization = await authorizerWith().authorize({ chain: evidence, at });
      if (authorization.allowed) throw new Error(code);
      expect(authorization).toMatchObject({ code: 'identity-refused', identity: undefined, device: undefined });
      expect(authorization.error).toBeInstanceOf(AttestationError);
      expect((authorization.error as AttestationError).code).toBe(code);
    }
  });

  it('is asked about one time, however often it is read', async () => {
    const expired = new Date('2026-07-01T00:00:00Z');
    const times = [expired, AT, AT];
    const request = {
      chain,
      get at() {
        return times.shift()!;
      },
    };
    expect(said(await authorizerWith().authorize(request))).toBe('identity-refused');
    expect(times).toHaveLength(2);
  });

  it('has nothing attested unless its authority is one that attests', async () => {
    for (const others of [noAttestingAuthority, [attestingAuthority(root.der)]] as const)
      expect(said(await authorizerWith({ attestingAuthorities: others }).authorize({ chain, at: AT }))).toBe('policy');
  });
});

describe('an identity that was verified before', () => {
  it('is recognized by every byte, and judged by the time of each call', async () => {
    const authorizer = authorizerWith();
    const ask = async (evidence: readonly Uint8Array[], at = AT) => authorizer.authorize({ chain: evidence, at });
    const first = await ask(chain);
    for (const again of [
      chain,
      chain.map((der) => new Uint8Array(der)),
      [...chain, root.der],
      [shifted(leaf), shifted(issuing.der)],
    ])
      expect((await ask(again)).identity).toBe(first.identity);

    const changed = (der: Uint8Array, index: number): Uint8Array => new Uint8Array(der).with(index, der.at(index)! ^ 1);
    for (const evidence of [
      [leaf],
      [changed(leaf, 0), issuing.der],
      [changed(leaf, 300), issuing.der],
      [leaf, changed(issuing.der, 1)],
      [leaf, changed(issuing.der, -1)],
      [leaf, issuing.der.subarray(0, -1)],
      [leaf, 'x' as never],
      [leaf, issuing.der, changed(root.der, -1)],
      [leaf, issuing.der, root.der, root.der],
    ])
      expect(await ask(evidence).then(said, (error: unknown) => error)).toSatisfy(
        (outcome) => outcome === 'identity-refused' || outcome instanceof TypeError,
      );
    expect(said(await ask(chain, new Date('2026-06-15T00:00:00Z')))).toBe('yes');
    expect(said(await ask(chain, new Date('2026-06-15T00:00:00.001Z')))).toBe('identity-refused');
    expect(said(await ask(chain, new Date('2026-04-30T23:59:59Z')))).toBe('identity-refused');
  });

  it('is not changed by what the caller does to the bytes', async () => {
    const authorizer = authorizerWith();
    const own = chain.map((der) => new Uint8Array(der));
    const first = await authorizer.authorize({ chain: own, at: AT });
    own[0]!.fill(0);
    expect(said(await authorizer.authorize({ chain: own, at: AT }))).toBe('identity-refused');
    expect((await authorizer.authorize({ chain, at: AT })).identity).toBe(first.identity);
  });

  it('is forgotten when there are too many, and verified again', async () => {
    const authorizer = authorizerWith({ maxIdentities: 2 });
    const ask = async (evidence: readonly Uint8Array[]) =>
      (await authorizer.authorize({ chain: evidence, at: AT })).identity;
    const others = await Promise.all([1, 2].map((serialNumber) => chainWith({ serialNumber })));
    const first = await ask(chain);
    const second = await ask(others[0]!);
    expect(await ask(chain)).toBe(first);
    await ask(others[1]!);
    expect(await ask(others[0]!)).toBe(second);
    expect(await ask(chain)).not.toBe(first);
  });

  it.each<readonly [string, (ask: (evidence: readonly Uint8Array[]) => Promise<unknown>) => Promise<unknown>]>([
    ['many times at once', (ask) => Promise.all(Array.from({ length: 8 }, () => ask(chain)))],
    [
      'in two chains by turns',
      async (ask) => {
        for (let turn = 0; turn < 8; turn++) await ask(turn % 2 === 0 ? [leaf, issuing.der, root.der] : [leaf]);
      },
    ],
  ])('has one place, and pushes nobody out, if it is verified %s', async (_, askOften) => {
    const authorizer = authorizerWith({
      maxIdentities: 2,
      trustAnchors: [...trustAnchors, identityTrustAnchor(issuing.der)],
    });
    const ask = async (evidence: readonly Uint8Array[]) =>
      (await authorizer.authorize({ chain: evidence, at: AT })).identity;
    const other = await chainWith({ serialNumber: 1 });
    const first = await ask(other);
    await askOften(ask);
    expect(await ask(other)).toBe(first);
  });
});

/** The same bytes at an odd place of a larger buffer, as Node has them. */
function shifted(der: Uint8Array): Uint8Array {
  const pool = new Uint8Array(der.length + 3);
  pool.set(der, 3);
  return pool.subarray(3);
}

describe('policies', () => {
  const wiki = policyOf(OS);
  const payroll = policyOf(NEWER_OS);

  it('are one for each resource, by its name', async () => {
    const { authorize } = authorizerWith({ policy: { wiki, payroll } });
    expect(said(await authorize({ chain, at: AT, resource: 'wiki' }))).toBe('yes');
    expect(said(await authorize({ chain, at: AT, resource: 'payroll' }))).toBe('policy');
    for (const resource of [undefined, '', 'other', 'toString', '__proto__', 'x'.repeat(257)])
      expect(said(await authorize({ chain, at: AT, resource }))).toBe('unknown-resource');
  });

  it('are found by a function', async () => {
    const { authorize } = authorizerWith({ policy: (resource) => (resource === 'none' ? undefined : wiki) });
    expect(said(await authorize({ chain, at: AT, resource: 'any' }))).toBe('yes');
    expect(said(await authorize({ chain, at: AT }))).toBe('yes');
    expect(said(await authorize({ chain, at: AT, resource: 'none' }))).toBe('unknown-resource');
    const broken = authorizerWith({ policy: () => ({}) as never });
    await expect(broken.authorize({ chain, at: AT })).rejects.toThrow(TypeError);
  });
});

describe('the lookup', () => {
  const dynamicPolicy = policyOf(OS, FILE_VAULT, { rule: 'known-device' });
  const withLookup = (lookup: NonNullable<AuthorizerOptions['dynamic']>['lookup'], timeoutMilliseconds = 5000) =>
    authorizerWith({ policy: dynamicPolicy, dynamic: { lookup, timeoutMilliseconds } });
  const outcome = async (lookup: () => unknown) => {
    const authorization = await withLookup(lookup as never).authorize({ chain, at: AT });
    return said(authorization);
  };

  it('says what a certificate cannot', async () => {
    const asked: unknown[] = [];
    const authorizer = withLookup((identity, { at, resource, signal }) => {
      asked.push([deviceOf(identity), at, resource, signal.aborted]);
      return GOOD_FACTS;
    });
    expect(said(await authorizer.authorize({ chain, at: AT, resource: 'wiki' }))).toBe('yes');
    expect(asked).toEqual([[`device:${SERIAL_NUMBER}`, AT, 'wiki', false]]);
    expect(await outcome(() => Promise.resolve({ ...GOOD_FACTS, inventory: undefined }))).toBe('policy');
    expect(await outcome(() => ({}))).toBe('policy');
  });

  it('cannot point at the record of another device', async () => {
    expect(await outcome(() => ({ ...GOOD_FACTS, inventory: { known: true, serialNumber: 'OTHER' } }))).toBe('policy');
    expect(await outcome(() => ({ reported: { ...GOOD_FACTS.reported, serialNumber: reported('OTHER') } }))).toBe(
      'policy',
    );
  });

  it('that hangs ends with its time, and hears of it', async () => {
    let aborted = false;
    const authorizer = withLookup(
      (_, { signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
      20,
    );
    const authorization = await authorizer.authorize({ chain, at: AT });
    expect(authorization).toMatchObject({
      code: 'dynamic-timeout',
      error: undefined,
      device: `device:${SERIAL_NUMBER}`,
    });
    expect(aborted).toBe(true);
  });

  it('that fails after its time is heard by nobody', async () => {
    const authorizer = withLookup(
      () => new Promise((_, reject) => setTimeout(() => reject(new Error('too late')), 40)),
      10,
    );
    expect(said(await authorizer.authorize({ chain, at: AT }))).toBe('dynamic-timeout');
    await new Promise((resolve) => setTimeout(resolve, 60));
  });

  it('that throws or rejects is a refusal, with what it threw', async () => {
    const error = new Error('the MDM service is away');
    for (const lookup of [
      () => Promise.reject(error),
      () => {
        throw error;
      },
    ])
      expect(await withLookup(lookup).authorize({ chain, at: AT })).toMatchObject({ code: 'dynamic-failed', error });
    // Also what is no error, and what looks like one of the library.
    for (const thrown of [undefined, null, 'x', new AttestationError('ERR_MDA_CHAIN_EXPIRED')])
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a caller's function may
      expect(await outcome(() => Promise.reject(thrown))).toBe('dynamic-failed');
  });

  const circular: Record<string, unknown> = {};
  circular['reported'] = circular;
  const throwing = {
    get reported(): never {
      throw new Error('a getter');
    },
  };
  class Facts {
    readonly reported = GOOD_FACTS.reported;
  }
  it.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'yes'],
    ['true', true],
    ['a list', []],
    ['a list of facts', { reported: [] }],
    ['a class', new Facts()],
    ['a class within', { reported: new Facts() }],
    ['a function', () => GOOD_FACTS],
    ['an unknown member', { ...GOOD_FACTS, attested: {} }],
    ['a symbol', { ...GOOD_FACTS, [Symbol('x')]: 1 }],
    ['null facts', { reported: null }],
    ['bare facts', { reported: { fileVault: true } }],
    ['facts of another source', { reported: { fileVault: { ...reported(true), source: 'attested' } } }],
    ['facts of another status', { reported: { fileVault: { ...reported(true), status: 'certain' } } }],
    ['an inventory of texts', { inventory: { known: 'yes' } }],
    ['an inventory of nulls', { inventory: { serialNumber: null } }],
    ['an empty serial number', { inventory: { serialNumber: '' } }],
    ['an unknown platform', { inventory: { platform: 'windows' } }],
    ['an invalid date', { reported: { reportedAt: new Date(NaN) } }],
    ['a text for a date', { reported: { reportedAt: '2026-06-01' } }],
    ['a circle', circular],
    ['a getter that throws', throwing],
    ['too many members', { inventory: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`x${i}`, i])) }],
    ['a long text', { inventory: { serialNumber: 'x'.repeat(1025) } }],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('a trap');
          },
        },
      ),
    ],
  ])('that answers %s is refused', async (_, answer) => {
    expect(await outcome(() => answer)).toBe('dynamic-invalid');
  });

  it('that answers what cannot even be awaited fails', async () => {
    expect(await outcome(revokedProxy)).toBe('dynamic-failed');
  });

  it('that answers something else each time it is read is read once', async () => {
    let reads = 0;
    const answer = {
      get reported() {
        reads++;
        return reads === 1 ? GOOD_FACTS.reported : { fileVault: reported(false) };
      },
      inventory: new Proxy({ ...GOOD_FACTS.inventory }, {}),
    };
    expect(await outcome(() => answer)).toBe('yes');
    expect(reads).toBe(1);
  });
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('revocation', () => {
  const withCheck = (check: () => unknown, onUnknown: 'refuse' | 'accept' = 'refuse') =>
    authorizerWith({ revocation: { check: check as never, onUnknown, timeoutMilliseconds: 30 } });
  const outcome = async (check: () => unknown, onUnknown?: 'refuse' | 'accept') =>
    said(await withCheck(check, onUnknown).authorize({ chain, at: AT }));

  it('is in the way if it is so, or if nobody knows and you want to know', async () => {
    expect(await outcome(() => 'good')).toBe('yes');
    const answers: readonly (() => unknown)[] = [
      () => 'unknown',
      () => 'stale',
      () => Promise.resolve('better than good'),
      () => ({ status: 'good' }),
      () => ({ accepted: 'yes', status: 'good' }),
      () => ({ accepted: true, status: 'unknown' }),
      () => ({ accepted: true, status: 'good', currentUntil: new Date(NaN) }),
      () => ({ accepted: true, status: 'good', currentUntil: AT.getTime() }),
      () => ({ accepted: true, status: 'good', currentUntil: after(-1) }),
      () => [],
      () => null,
      () => undefined,
      () => Promise.reject(new Error('the list cannot be fetched')),
      () => {
        throw new Error('no list');
      },
      () => new Promise(() => undefined),
    ];
    for (const onUnknown of ['refuse', 'accept'] as const) {
      expect(await outcome(() => 'revoked', onUnknown)).toBe('revoked');
      for (const answer of answers)
        expect(await outcome(answer, onUnknown)).toBe(onUnknown === 'refuse' ? 'revocation-unknown' : 'yes');
    }
  });

  it('of a verdict that is not accepted is in the way, whatever you do with the unknown', async () => {
    for (const onUnknown of ['refuse', 'accept'] as const) {
      for (const status of ['unknown', 'stale', 'good'])
        expect(await outcome(() => ({ accepted: false, status }), onUnknown)).toBe('revocation-unknown');
      expect(await outcome(() => ({ accepted: true, status: 'revoked' }), onUnknown)).toBe('revoked');
      expect(await outcome(() => ({ accepted: true, status: 'good', currentUntil: AT }), onUnknown)).toBe('yes');
    }
  });

  it('comes before what the lookup says', async () => {
    const dynamic = { lookup: () => Promise.reject(new Error('away')), timeoutMilliseconds: 1000 };
    const revocation = { check: () => 'revoked' as const, onUnknown: 'refuse', timeoutMilliseconds: 1000 } as const;
    expect(said(await authorizerWith({ dynamic, revocation }).authorize({ chain, at: AT }))).toBe('revoked');
  });
});

describe('the name of a device', () => {
  const nameWith = async (...extensions: readonly (typeof PROPERTIES)[number][]) => {
    const evidence = await chainWith({ extensions: [...PLAIN_EXTENSIONS, ...extensions] });
    return deviceOf(await verifyIdentity(evidence, { at: AT, trustAnchors, attestingAuthorities }));
  };

  it('is its permanent identifier, or what is attested, or its key', async () => {
    const evidence = evidenceFor(DEVICE.spki);
    const named = alternativeNames([
      encodePermanentIdentifier({}),
      encodePermanentIdentifier({ identifierValue: 'P1' }),
    ]);
    const unnamed = alternativeNames([encodePermanentIdentifier({})]);
    expect(await nameWith(named, ...PROPERTIES, evidence)).toBe('device:P1');
    expect(await nameWith(unnamed, ...PROPERTIES, evidence)).toBe(`device:${SERIAL_NUMBER}`);
    expect(await nameWith(property('9.2', bytes('U1')), evidence)).toBe('device:U1');
    // Without evidence nothing is attested.
    expect(await nameWith(...PROPERTIES)).toMatch(/^key:[0-9a-f]{64}$/);
  });
});

describe('a mistake of the caller', () => {
  const good = { trustAnchors, attestingAuthorities, policy: policyOf(OS) };
  const store = createMemoryStore({ clock: () => after(0) });
  it.each<readonly [string, unknown]>([
    ['no options', undefined],
    ['an unknown option', { ...good, misspelt: 1 }],
    ['no anchors', { ...good, trustAnchors: [] }],
    ['undefined anchors', { ...good, trustAnchors: undefined }],
    ['an authority for an anchor', { ...good, trustAnchors: attestingAuthorities }],
    ['a hole', { ...good, trustAnchors: new Array(1) }],
    ['no word on authorities', { trustAnchors, policy: good.policy }],
    ['bytes for an authority', { ...good, attestingAuthorities: [issuing.der] }],
    ['no policy', { trustAnchors, attestingAuthorities }],
    ['a policy that was not parsed', { ...good, policy: { format: 1, rules: [] } }],
    ['no policies', { ...good, policy: {} }],
    ['a lookup alone', { ...good, dynamic: () => ({}) }],
    ['no lookup', { ...good, dynamic: { timeoutMilliseconds: 1 } }],
    ['no time', { ...good, dynamic: { lookup: () => ({}) } }],
    ['too much time', { ...good, dynamic: { lookup: () => ({}), timeoutMilliseconds: 2 ** 31 } }],
    ['half a millisecond', { ...good, dynamic: { lookup: () => ({}), timeoutMilliseconds: 0.5 } }],
    ...(['dynamic', 'revocation', 'cache', 'deauthorizations'] as const).flatMap((option) =>
      [undefined, null, false, 0, ''].map(
        (value) => [`${JSON.stringify(value)} for ${option}`, { ...good, [option]: value }] as const,
      ),
    ),
    ['no check', { ...good, revocation: { onUnknown: 'refuse', timeoutMilliseconds: 1 } }],
    ['no word on unknown', { ...good, revocation: { check: () => 'good', timeoutMilliseconds: 1 } }],
    ['no time to check', { ...good, revocation: { check: () => 'good', onUnknown: 'refuse' } }],
    ['no store', { ...good, cache: { seconds: 1 } }],
    ['half a store', { ...good, cache: { store: { get: () => undefined }, seconds: 1 } }],
    ['no seconds', { ...good, cache: { store } }],
    ['0 seconds', { ...good, cache: { store, seconds: 0 } }],
    ['an eternity', { ...good, cache: { store, seconds: Infinity } }],
    ['refused for less than nothing', { ...good, cache: { store, seconds: 1, refusedSeconds: -1 } }],
    ['half a second', { ...good, cache: { store, seconds: 1, staleWhileErrorSeconds: 0.5 } }],
    ['a listener that is none', { ...good, cache: { store, seconds: 1, onError: 'log' } }],
    ['no store of deauthorizations', { ...good, deauthorizations: {} }],
    ['no time for the store', { ...good, storeTimeoutMilliseconds: 0 }],
    ['no room', { ...good, maxIdentities: 0 }],
  ])('at creation is a TypeError: %s', (_, options) => {
    expect(() => createAuthorizer(options as never)).toThrow(TypeError);
  });

  it.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['an unknown member', { chain, at: AT, when: AT }],
    ['no time', { chain }],
    ['an invalid time', { chain, at: new Date(NaN) }],
    ['a number', { chain, at: AT.getTime() }],
    ['no chain', { at: AT }],
    ['a text for bytes', { chain: ['x'], at: AT }],
    ['a number for a resource', { chain, at: AT, resource: 7 }],
  ])('in a request is a TypeError: %s', async (_, request) => {
    await expect(authorizerWith().authorize(request as never)).rejects.toThrow(TypeError);
  });

  it('in a device to deauthorize is a TypeError', async () => {
    const { deauthorize, reauthorize } = authorizerWith({ deauthorizations: store });
    for (const device of [undefined, '', 'SIMULATED1', 'device:', 'key:x', `certificate:${'0'.repeat(64)}`, {}, chain])
      for (const call of [deauthorize, reauthorize]) await expect(call(device as never)).rejects.toThrow(TypeError);
    await expect(authorizerWith().deauthorize('device:SIMULATED1')).rejects.toThrow(TypeError);
  });
});
