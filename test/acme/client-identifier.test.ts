import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  claimClientIdentifier,
  type ClientIdentifierSecret,
  createMemoryStore,
  issueClientIdentifier,
  type IssueClientIdentifierOptions,
  MAX_CLIENT_IDENTIFIER_CHARACTERS,
  readClientIdentifier,
  type Store,
} from '../../src/acme/index.ts';
import {
  fromBase64Url,
  parseAttestationChain,
  skipFreshnessCheck,
  toBase64Url,
  type VerifiedAttestation,
  verifyAttestation,
} from '../../src/index.ts';
import { SEED, settings } from '../hostile/generators.ts';
import { mintResponse, SERIAL_NUMBER, TOKEN, UDID, USER_ENROLLMENT, verifiedAttestation } from '../support/acme.ts';
import { AT } from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';

const HOUR = 3_600_000;
const EXPIRES_AT = new Date(AT.getTime() + HOUR);
const secret: ClientIdentifierSecret = { id: '2026b', key: new Uint8Array(32).fill(7) };
const older: ClientIdentifierSecret = { id: '2026a', key: new Uint8Array(48).fill(6) };
const device = { serialNumber: SERIAL_NUMBER };

let attestation: VerifiedAttestation;
let userEnrollment: VerifiedAttestation;
beforeAll(async () => {
  attestation = await verifiedAttestation();
  userEnrollment = await verifiedAttestation(USER_ENROLLMENT);
});

const newStore = () => createMemoryStore({ clock: () => AT });
/** As Keyv is: without setIfAbsent. */
function plain(store: Store): Store {
  return {
    get: (key) => store.get(key),
    set: (key, value, ttl) => store.set(key, value, ttl),
    delete: (key) => store.delete(key),
  };
}

type Issue = Partial<IssueClientIdentifierOptions>;
const issue = (options: Issue = {}): Promise<string> =>
  issueClientIdentifier({
    secret,
    store: newStore(),
    ...('user' in options && !('device' in options) ? {} : { device }),
    at: AT,
    expiresAt: EXPIRES_AT,
    ...options,
  });
const read = (text: string, at = AT, secrets = [secret, older]) => readClientIdentifier(text, { secrets, at });
const claim = (text: string, store: Store, claimant = TOKEN, of = attestation, at = AT) =>
  claimClientIdentifier(text, { secrets: [secret, older], store, attestation: of, claimant, at });

const codeOf = async (promise: Promise<unknown>) => (await rejectionOf(promise)).code;

describe('a client identifier', () => {
  it('is short, of safe characters, and says nothing of the device or the user', async () => {
    const longest = { ...secret, id: 'ABCDEFGH' };
    const text = await issue({ secret: longest, device: { serialNumber: SERIAL_NUMBER, udid: UDID }, user: 'alice' });
    expect(text).toHaveLength(83);
    expect(text.length).toBeLessThanOrEqual(MAX_CLIENT_IDENTIFIER_CHARACTERS);
    expect(text).toMatch(/^ABCDEFGH\.[\w-]+$/);
    const bytes = Buffer.from(fromBase64Url(text.slice(9))).toString('latin1');
    for (const known of [SERIAL_NUMBER, UDID, 'alice']) expect(text + bytes).not.toContain(known);
  });

  it('is made as its source says, so that another release reads it', async () => {
    const bound = { serialNumber: SERIAL_NUMBER, udid: UDID };
    for (const [given, named, flags] of [
      [{ device: bound }, [SERIAL_NUMBER, UDID], 0x13],
      [{ device: { serialNumber: SERIAL_NUMBER } }, [SERIAL_NUMBER, null], 0x11],
      [{ device: { udid: UDID } }, [null, UDID], 0x12],
      [{ user: 'alice' }, undefined, 0x10],
    ] as const) {
      const [id = '', encoded = ''] = (await issue(given)).split('.');
      const bytes = Buffer.from(encoded, 'base64url');
      const hmac = (purpose: string, data: Uint8Array) =>
        createHmac('sha256', secret.key)
          .update(`managed-device-attestation ${purpose}\0`)
          .update(data)
          .digest()
          .subarray(0, 16);
      expect([id, bytes[0], bytes.readUIntBE(1, 6)]).toEqual([secret.id, flags, EXPIRES_AT.getTime()]);
      const binding = named && hmac('device', Buffer.from(JSON.stringify([bytes.toString('hex', 7, 23), ...named])));
      expect(bytes.subarray(23, -16)).toEqual(binding ?? Buffer.alloc(0));
      expect(bytes.subarray(-16)).toEqual(hmac(`identifier ${secret.id}`, bytes.subarray(0, -16)));
    }
  });

  it('is another each time, also for the same device', async () => {
    const texts = await Promise.all(Array.from({ length: 50 }, () => issue()));
    expect(new Set(texts).size).toBe(50);
    // Neither the id nor what binds the device comes twice.
    const parts = texts.map((text) => fromBase64Url(text.slice(6)));
    for (const [start, end] of [
      [7, 23],
      [23, 39],
      [39, 55],
    ] as const)
      expect(new Set(parts.map((part) => toBase64Url(part.subarray(start, end)))).size).toBe(50);
  });

  it('says what it is bound to, and when it ends', async () => {
    const boundTo = async (options: Issue) => (await read(await issue(options))).boundTo;
    expect(await boundTo({ device })).toEqual(['serialNumber']);
    expect(await boundTo({ device: { udid: UDID } })).toEqual(['udid']);
    expect(await boundTo({ device: { serialNumber: SERIAL_NUMBER, udid: UDID } })).toEqual(['serialNumber', 'udid']);
    expect(await boundTo({ user: 'alice' })).toEqual([]);
    const { id, expiresAt } = await read(await issue());
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(expiresAt).toEqual(EXPIRES_AT);
  });

  it('is worth nothing from the instant of its expiry on, to the millisecond', async () => {
    const text = await issue();
    await read(text, new Date(EXPIRES_AT.getTime() - 1));
    expect(await codeOf(read(text, EXPIRES_AT))).toBe('ERR_MDA_CLIENT_IDENTIFIER_EXPIRED');
    for (const far of [new Date('9999-12-31T23:59:59.999Z'), new Date(2 ** 48 - 1)])
      expect((await read(await issue({ expiresAt: far }))).expiresAt).toEqual(far);
    const early = { at: new Date(-1), expiresAt: new Date(0) };
    expect((await read(await issue(early), early.at)).expiresAt).toEqual(early.expiresAt);
  });

  it('outlives its secret’s time as the current one, and not the secret', async () => {
    const text = await issue({ secret: older });
    expect((await read(text)).boundTo).toEqual(['serialNumber']);
    expect(await codeOf(read(text, AT, [secret]))).toBe('ERR_MDA_CLIENT_IDENTIFIER_SECRET');
  });

  it('of another system is refused, also if its secret has the same id', async () => {
    const foreign = { id: secret.id, key: new Uint8Array(32).fill(1) };
    expect(await codeOf(read(await issue({ secret: foreign })))).toBe('ERR_MDA_CLIENT_IDENTIFIER_FORGED');
    // The same key under another id makes another code.
    const renamed = (await issue()).replace('2026b', '2026c');
    expect(await codeOf(read(renamed, AT, [{ ...secret, id: '2026c' }]))).toBe('ERR_MDA_CLIENT_IDENTIFIER_FORGED');
  });

  it('is refused with any bit changed, and with any character changed', async () => {
    for (const text of [await issue(), await issue({ user: 'alice' })]) {
      const [id = '', encoded = ''] = text.split('.');
      const bytes = fromBase64Url(encoded);
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const changed = bytes.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const code = await codeOf(read(`${id}.${toBase64Url(changed)}`));
        expect(code).toBe(bit < 8 && bit > 3 ? 'ERR_MDA_CLIENT_IDENTIFIER_FORMAT' : 'ERR_MDA_CLIENT_IDENTIFIER_FORGED');
      }
      for (let at = 0; at < text.length; at++)
        for (const character of ['A', '.', '=', ' ', 'é']) {
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          if (changed !== text) expect(await codeOf(read(changed))).toMatch(/^ERR_MDA_CLIENT_IDENTIFIER_/);
        }
    }
  });

  it.each([
    '',
    '.',
    'A',
    '2026b',
    '2026b.',
    '.AAAA',
    '2026b.A',
    '2026b.AAAA.AAAA',
    '2026b.AAAA=',
    '2026b.AB',
    '2026b.EA',
    '2026b. ',
    '2026b.AAAA\n',
    '123456789.AAAA',
    'TMWFWWWP67',
    UDID,
    '\ud800',
  ])('is not any text: %j', async (text) => {
    expect(await codeOf(read(text))).toBe('ERR_MDA_CLIENT_IDENTIFIER_FORMAT');
  });

  it('is not a text of another length, however it is authenticated', async () => {
    const bytes = fromBase64Url((await issue()).slice(6));
    for (const length of [0, 1, 16, 38, 40, 54, 56]) {
      const text = new Uint8Array(length);
      text.set(bytes.subarray(0, length));
      expect(await codeOf(read(`2026b.${toBase64Url(text)}`))).toBe('ERR_MDA_CLIENT_IDENTIFIER_FORMAT');
    }
  });

  it('may be any text: nothing but a refusal comes of it', async () => {
    const text = await issue();
    const near = fc
      .tuple(fc.nat(90), fc.nat(90), fc.string({ maxLength: 5 }))
      .map(([at, end, part]) => text.slice(0, at) + part + text.slice(end));
    const letters = fc.string({ unit: fc.constantFrom(...Array.from('2026ab.-_AQgw09 =\n')), maxLength: 101 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, letters, fc.string({ unit: 'binary' })), async (other) => {
        fc.pre(other !== text);
        expect(await codeOf(read(other))).toMatch(/^ERR_MDA_CLIENT_IDENTIFIER_/);
      }),
      settings(500),
    );
  });

  it('is refused unread if it is long', async () => {
    const text = await issue();
    expect(await codeOf(read(text + 'A'.repeat(101 - text.length)))).toBe('ERR_MDA_CLIENT_IDENTIFIER_FORMAT');
    expect(await codeOf(read('A'.repeat(2 ** 27)))).toBe('ERR_MDA_CLIENT_IDENTIFIER_FORMAT');
  });
});

describe.each<[string, (store: Store) => Store]>([
  ['with setIfAbsent', (store) => store],
  ['without it, as Keyv is', plain],
])('a claim on a store %s', (_, shaped) => {
  it('is had once, by the first, and by the first again', async () => {
    const store = shaped(newStore());
    const text = await issue({ store, user: 'alice' });
    const first = await claim(text, store);
    expect(first).toEqual({ ...(await read(text)), user: 'alice' });
    expect(await codeOf(claim(text, store, 'another token'))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    expect(await claim(text, store)).toEqual(first);
  });

  it('is had by one of many at once', async () => {
    for (let round = 0; round < 20; round++) {
      const store = shaped(slow(newStore()));
      const text = await issue({ store });
      const claimants = Array.from({ length: 8 }, (_unused, index) => claim(text, store, `token ${index}`));
      const settled = await Promise.allSettled(claimants);
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of settled)
        if (result.status === 'rejected')
          expect(result.reason).toHaveProperty('code', 'ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    }
  });

  it('is for what the store knows: another store, or one that forgot, does not', async () => {
    const store = shaped(newStore());
    const text = await issue({ store });
    expect(await codeOf(claim(text, shaped(newStore())))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    await store.delete(`client-identifier:${(await read(text)).id}`);
    expect(await codeOf(claim(text, store))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
  });

  it('is not made for what is refused', async () => {
    const store = shaped(newStore());
    const text = await issue({ store });
    expect(await codeOf(claim(text, store, TOKEN, attestation, EXPIRES_AT))).toBe('ERR_MDA_CLIENT_IDENTIFIER_EXPIRED');
    expect(await codeOf(claim(`${text}A`, store))).toBe('ERR_MDA_CLIENT_IDENTIFIER_FORMAT');
    expect(await codeOf(claim(text, store, TOKEN, userEnrollment))).toBe('ERR_MDA_CLIENT_IDENTIFIER_DEVICE');
    expect((await claim(text, store, 'another token')).boundTo).toEqual(['serialNumber']);
  });

  it('is had once by whoever’s clock is right: of servers that are a minute apart, and after its end', async () => {
    for (const [first, second] of [
      [60_000, -30_000],
      [-60_000, 60_000],
    ] as const) {
      let now = AT.getTime();
      const store = shaped(createMemoryStore({ clock: () => new Date(now) }));
      const text = await issue({ store, at: new Date(now - 60_000) });
      now += HOUR / 2;
      await claim(text, store, TOKEN, attestation, new Date(now + first));
      now = EXPIRES_AT.getTime() - 30_000;
      for (const at of [now + Math.min(second, 0), EXPIRES_AT.getTime() - 1]) {
        const again = claim(text, store, 'another token', attestation, new Date(at));
        expect(await codeOf(again)).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
      }
      now = EXPIRES_AT.getTime() + 30_000;
      const late = claim(text, store, 'another token', attestation, new Date(now - 60_000));
      expect(await codeOf(late)).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    }
  });

  it('is had by nobody else where the store has lost who it was', async () => {
    const store = shaped(newStore());
    const text = await issue({ store });
    const { id } = await claim(text, store);
    await store.delete(`client-identifier-owner:${id}`);
    for (const claimant of ['another token', TOKEN])
      expect(await codeOf(claim(text, store, claimant))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
  });

  it('leaves nothing behind that could be claimed', async () => {
    const store = shaped(newStore());
    const text = await issue({ store });
    const { id } = await claim(text, store);
    expect(await store.get(`client-identifier:${id}`)).toBeUndefined();
  });

  it.each([undefined, null, 0, 1, '0', 'OK', 'ALREADY', { changes: 0 }, { rowCount: 1 }])(
    'is not made on an answer that is neither yes nor no: %j',
    async (odd) => {
      for (const name of ['delete', 'setIfAbsent'] as const) {
        const memory = newStore();
        const text = await issue({ store: memory });
        const store = shaped(memory);
        if (!(name in store)) continue;
        const answering: Store = {
          ...store,
          [name]: async (...entry: never) => {
            await (store[name] as (...entry: never) => unknown)(...entry);
            return odd;
          },
        };
        await expect(claim(text, answering)).rejects.toThrow(TypeError);
      }
      const text = await issue({ store: newStore() });
      // Null and undefined say that nothing is there.
      if (typeof (odd ?? '') !== 'string')
        await expect(claim(text, { ...shaped(newStore()), get: () => odd as never })).rejects.toThrow(TypeError);
    },
  );

  it('belongs to a user alone where it is bound to no device', async () => {
    const store = shaped(newStore());
    for (const presenter of [userEnrollment, attestation]) {
      const { user, boundTo } = await claim(await issue({ store, user: 'alice' }), store, TOKEN, presenter);
      expect([user, boundTo]).toEqual(['alice', []]);
    }
    expect((await claim(await issue({ store }), store)).user).toBeUndefined();
  });
});

console.log(`FUZZ_SEED=${SEED}`);
let state = SEED;
/** From 0 to 1, the same sequence for the same seed. */
const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;

/** Every answer comes a turn or more later, so that claims interleave. */
function slow(store: Required<Store>): Store {
  const later = async <Answer>(run: () => Answer): Promise<Awaited<Answer>> => {
    for (let turns = random() * 4; turns > 1; turns--) await Promise.resolve();
    const answer = await run();
    await new Promise((resolve) => setTimeout(resolve, random() * 2));
    return answer;
  };
  return {
    get: (key) => later(() => store.get(key)),
    set: (key, value, ttl) => later(() => store.set(key, value, ttl)),
    delete: (key) => later(() => store.delete(key)),
    setIfAbsent: (key, value, ttl) => later(() => store.setIfAbsent(key, value, ttl)),
  };
}

describe('a device', () => {
  it.each<[string, NonNullable<Issue['device']>]>([
    ['its serial number', device],
    ['its UDID', { udid: UDID }],
    ['both', { serialNumber: SERIAL_NUMBER, udid: UDID }],
  ])('is known by %s', async (_, bound) => {
    const store = newStore();
    expect((await claim(await issue({ store, device: bound }), store)).boundTo).toHaveLength(Object.keys(bound).length);
  });

  it.each<[string, NonNullable<Issue['device']>]>([
    ['serial number', { serialNumber: 'SIMULATED2' }],
    ['serial number, in another case', { serialNumber: 'simulated1' }],
    ['UDID', { udid: '00006030-0000000000000002' }],
    ['serial number, and the same UDID', { serialNumber: 'SIMULATED2', udid: UDID }],
    ['UDID, and the same serial number', { serialNumber: SERIAL_NUMBER, udid: 'x' }],
    ['kind of number: the UDID as a serial number', { serialNumber: UDID }],
  ])('of another %s is refused', async (_, bound) => {
    const store = newStore();
    const text = await issue({ store, device: bound });
    expect(await codeOf(claim(text, store))).toBe('ERR_MDA_CLIENT_IDENTIFIER_DEVICE');
  });

  it('that attests nothing of it is refused', async () => {
    const store = newStore();
    for (const bound of [device, { udid: UDID }, { serialNumber: SERIAL_NUMBER, udid: UDID }]) {
      const text = await issue({ store, device: bound, user: 'alice' });
      expect(await codeOf(claim(text, store, TOKEN, userEnrollment))).toBe('ERR_MDA_CLIENT_IDENTIFIER_DEVICE');
    }
  });
});

describe('a crash', () => {
  const failure = new Error('the server was killed');
  /** Fails at the write of the owner, as one that is killed between two commands. */
  const killedAtOwner = (store: Store): Store => ({
    ...plain(store),
    set: (key, value, ttl) => {
      if (key.startsWith('client-identifier-owner')) throw failure;
      return store.set(key, value, ttl);
    },
  });

  it('between the two commands of a store without setIfAbsent costs the identifier, and gives it to nobody', async () => {
    const store = newStore();
    const text = await issue({ store });
    await expect(claim(text, killedAtOwner(store))).rejects.toBe(failure);
    for (const claimant of [TOKEN, 'another token'])
      expect(await codeOf(claim(text, plain(store), claimant))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
  });

  it('between them, of a racing claim, is told apart from nothing: who comes second is refused', async () => {
    const store = newStore();
    const text = await issue({ store });
    // Another has deleted the mark since this one has seen it, and not written the owner yet.
    const overtaken = { ...plain(store), delete: () => false };
    expect(await codeOf(claim(text, overtaken))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
  });

  it('costs nothing with it: who claimed claims again', async () => {
    const store = newStore();
    const text = await issue({ store, user: 'alice' });
    const lost: Store = {
      ...store,
      setIfAbsent: (...entry) => {
        void store.setIfAbsent(...entry);
        throw failure;
      },
    };
    await expect(claim(text, lost)).rejects.toBe(failure);
    expect(await codeOf(claim(text, store, 'another token'))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    expect((await claim(text, store)).user).toBe('alice');
  });

  it('of a server that was asked several times about one challenge at once', async () => {
    for (let round = 0; round < 20; round++) {
      const store = slow(newStore());
      const text = await issue({ store });
      // All find it unclaimed; all but one are told that another has it, and find that the other is itself.
      const claims = await Promise.all(Array.from({ length: 3 }, () => claim(text, store)));
      expect(claims.map(({ id }) => id)).toEqual(Array(3).fill((await read(text)).id));
    }
  });
});

/** What is done to the store behind the back of whoever claims. */
type Meanwhile = (access: string, key: string) => unknown;

/** Does something before or after each access; what it throws ends the claim there. */
function watched(store: Store, before: Meanwhile, after: Meanwhile = () => undefined): Store {
  const around =
    <Args extends readonly [string, ...unknown[]], Answer>(name: string, access: (...args: Args) => Answer) =>
    async (...args: Args): Promise<Awaited<Answer>> => {
      await before(name, args[0]);
      const answer = await access(...args);
      await after(name, args[0]);
      return answer;
    };
  const { get, set, delete: remove, setIfAbsent } = store;
  return {
    get: around('get', get),
    set: around('set', set),
    delete: around('delete', remove),
    ...(setIfAbsent && { setIfAbsent: around('setIfAbsent', setIfAbsent) }),
  };
}

describe('a client identifier that is revoked', () => {
  const issuedKey = async (text: string) => `client-identifier:${(await read(text)).id}`;

  it.each<[string, (store: Store) => Store]>([
    ['with setIfAbsent', (store) => store],
    ['without it', plain],
  ])('before the claim is made is had by nobody, on a store %s', async (_, shaped) => {
    // Up to the last look at the issued mark, at every access.
    for (let access = 1; access <= (shaped === plain ? 3 : 4); access++) {
      const store = shaped(newStore());
      const text = await issue({ store });
      const key = await issuedKey(text);
      let count = 0;
      const revoking = watched(store, async () => ++count === access && store.delete(key));
      for (const claimant of [TOKEN, TOKEN, 'another token'])
        expect([access, await codeOf(claim(text, revoking, claimant))]).toEqual([
          access,
          'ERR_MDA_CLIENT_IDENTIFIER_CLAIMED',
        ]);
    }
  });

  it('while a claim lies unfinished after a crash is had by nobody', async () => {
    const store = newStore();
    const text = await issue({ store });
    const crash = new Error('crash');
    const broken = watched(
      store,
      () => undefined,
      (name) => {
        if (name === 'setIfAbsent') throw crash;
      },
    );
    await expect(claim(text, broken)).rejects.toBe(crash);
    await store.delete(await issuedKey(text));
    for (const claimant of [TOKEN, 'another token'])
      expect(await codeOf(claim(text, store, claimant))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
  });

  it('says to who looks whether it was in time: nobody is the owner', async () => {
    for (let access = 1; access <= 7; access++) {
      const store = newStore();
      const text = await issue({ store });
      const { id } = await read(text);
      let count = 0;
      let owner: unknown = 'not looked';
      const revoking = watched(store, () => {
        if (++count !== access) return;
        void store.delete(`client-identifier:${id}`);
        owner = store.get(`client-identifier-owner:${id}`);
      });
      const outcome = await claim(text, revoking).then(
        () => 'claimed',
        () => 'refused',
      );
      if (owner === undefined) expect([access, outcome]).toEqual([access, 'refused']);
    }
  });
});

describe('a claim that crashes', () => {
  it.each(['before', 'after'])('%s any access is made good by the same claimant, and by nobody else', async (when) => {
    const crash = new Error('crash');
    let ends = 0;
    for (let access = 1; access <= 6; access++) {
      const store = newStore();
      const text = await issue({ store, user: 'alice' });
      let count = 0;
      const fail = () => {
        if (++count === access) throw crash;
      };
      const nothing = () => undefined;
      const broken = when === 'before' ? watched(store, fail) : watched(store, nothing, fail);
      await expect(claim(text, broken)).rejects.toBe(crash);
      // Whoever was to be the owner is, if the store knows it.
      const { id } = await read(text);
      if (store.get(`client-identifier-owner:${id}`) !== undefined) {
        expect(await codeOf(claim(text, store, 'another token'))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
        ends++;
      }
      expect((await claim(text, store)).user).toBe('alice');
      expect(store.get(`client-identifier:${id}`)).toBeUndefined();
      void store.delete(`client-identifier-owner:${id}`);
      expect(await codeOf(claim(text, store, 'another token'))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    }
    expect(ends).toBeGreaterThan(2);
  });

  it('is made good while another request for the same challenge is under way', async () => {
    for (let access = 1; access <= 6; access++) {
      const store = newStore();
      const text = await issue({ store, user: 'alice' });
      let count = 0;
      const overtaken = watched(store, async () => ++count === access && claim(text, store));
      expect([access, (await claim(text, overtaken)).user]).toEqual([access, 'alice']);
      expect(await codeOf(claim(text, store, 'another token'))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    }
  });

  it('has no owner where the store loses him at once', async () => {
    const store = newStore();
    const text = await issue({ store });
    const key = `client-identifier-owner:${(await read(text)).id}`;
    const forgetful: Store = { ...store, setIfAbsent: () => false };
    expect(await codeOf(claim(text, forgetful))).toBe('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    expect(store.get(key)).toBeUndefined();
  });
});

describe('a store', () => {
  const failure = new Error('the store is down');
  it.each(['get', 'set', 'setIfAbsent', 'delete'] as const)('that fails at %s makes the rest reject', async (name) => {
    const store = newStore();
    const text = await issue({ store });
    const failing = { ...(name === 'delete' ? plain(store) : store), [name]: () => Promise.reject(failure) };
    const promise = name === 'set' ? issue({ store: failing }) : claim(text, failing);
    await expect(promise).rejects.toBe(failure);
  });

  it('that holds what is no record makes it reject, and is no refusal', async () => {
    const store = newStore();
    const text = await issue({ store });
    await store.set(`client-identifier:${(await read(text)).id}`, 'rubbish');
    await expect(claim(text, store)).rejects.toThrow(SyntaxError);
  });

  it('keeps the entries for as long as the identifier lives', async () => {
    const ttls: unknown[] = [];
    const store = newStore();
    const recording: Store = {
      ...plain(store),
      set: (key, value, ttl) => {
        ttls.push(ttl);
        store.set(key, value, ttl);
      },
    };
    const text = await issue({ store: recording });
    await claim(text, recording, TOKEN, attestation, new Date(AT.getTime() + 1000));
    // Who claimed it is known for a day more: the clocks of servers differ.
    expect(ttls).toEqual([HOUR, HOUR - 1000 + 24 * HOUR]);
  });
});

describe('a mistake is a TypeError', () => {
  it.each<[string, object | undefined]>([
    ['no options', undefined],
    ['no secret', { secret: undefined }],
    ['a secret that is a text', { secret: 'x' }],
    ['a secret without an id', { secret: { key: secret.key } }],
    ['an empty id', { secret: { ...secret, id: '' } }],
    ['an id of nine characters', { secret: { ...secret, id: '123456789' } }],
    ['an id with a dot', { secret: { ...secret, id: 'a.b' } }],
    ['a key of 31 bytes', { secret: { ...secret, key: new Uint8Array(31) } }],
    ['a key in base64', { secret: { ...secret, key: 'A'.repeat(44) } }],
    ['a secret with more', { secret: { ...secret, name: 'x' } }],
    ['no store', { store: undefined }],
    ['no store but a text', { store: 'redis://127.0.0.1' }],
    ['a device that is undefined', { device: undefined }],
    ['a device that is a text', { device: SERIAL_NUMBER }],
    ['a device of nothing, and no user', { device: {} }],
    ['a serial number that is undefined', { device: { serialNumber: undefined } }],
    ['a serial number that is undefined, and a user', { device: { serialNumber: undefined }, user: 'alice' }],
    ['an empty serial number', { device: { serialNumber: '' } }],
    ['a serial number of white space', { device: { serialNumber: ' ' } }],
    ['a UDID with a line', { device: { udid: `${UDID}\n` } }],
    ['a device by its name', { device: { name: 'x' } }],
    ['a user that is undefined', { user: undefined }],
    ['an empty user', { user: '' }],
    ['a user that is a number', { user: 7 }],
    ['no time', { at: undefined }],
    ['an expiry that is a number', { expiresAt: EXPIRES_AT.getTime() }],
    ['an expiry now', { expiresAt: AT }],
    ['an expiry that does not fit', { expiresAt: new Date(2 ** 48) }],
    ['an expiry far beyond', { expiresAt: new Date(8.64e15) }],
    ['an expiry before 1970', { at: new Date(-1000), expiresAt: new Date(-1) }],
    ['an unknown option', { secrets: [secret] }],
  ])('issueClientIdentifier with %s', async (_, changes) => {
    const options = changes && { secret, store: newStore(), device, at: AT, expiresAt: EXPIRES_AT, ...changes };
    await expect(issueClientIdentifier(options as never)).rejects.toThrow(TypeError);
  });

  it('issueClientIdentifier with an expiry that has passed, on a store that takes any time to live', async () => {
    const store = { get: () => null, set: () => undefined, delete: () => false };
    for (const expiresAt of [AT, new Date(AT.getTime() - 1)])
      await expect(issue({ store, expiresAt })).rejects.toThrow('expiresAt');
  });

  it.each<[string, object]>([
    ['secret', { secret: { id: '', key: secret.key } }],
    ['secret', { secret: { id: 'a', key: 'x' } }],
    ['secret', { secret: { id: 'a', key: new Uint8Array(1) } }],
    ['store', { store: {} }],
    ['device', { device: 1 }],
    ['device', { device: {} }],
    ['serialNumber', { device: { serialNumber: '' } }],
    ['udid', { device: { udid: '' } }],
    ['user', { user: '' }],
    ['expiresAt', { expiresAt: AT }],
  ])('that names %s', async (name, changes) => {
    const options = { secret, store: newStore(), device, at: AT, expiresAt: EXPIRES_AT, ...changes };
    await expect(issueClientIdentifier(options as never)).rejects.toThrow(name);
  });

  it.each<[string, object]>([
    ['secrets', { secrets: [] }],
    ['secrets[1]', { secrets: [secret, { id: '', key: secret.key }] }],
    ['secrets', { secrets: [secret, secret] }],
    ['attestation', { attestation: {} }],
    ['claimant', { claimant: '' }],
  ])('that names %s, of a claim', async (name, changes) => {
    const options = { secrets: [secret], store: newStore(), attestation, claimant: TOKEN, at: AT, ...changes };
    await expect(claimClientIdentifier(await issue(), options as never)).rejects.toThrow(name);
  });

  it('issueClientIdentifier with neither device nor user', async () => {
    const options = { secret, store: newStore(), at: AT, expiresAt: EXPIRES_AT };
    await expect(issueClientIdentifier(options)).rejects.toThrow(TypeError);
  });

  const BAD_SECRETS: readonly (readonly [string, unknown])[] = [
    ['no secrets', undefined],
    ['one that is no list', secret],
    ['an empty list', []],
    ['a hole', new Array(1)],
    ['two of the same id', [secret, { ...older, id: secret.id }]],
    ['a short key', [secret, { id: 'b', key: new Uint8Array(16) }]],
  ];
  it.each(BAD_SECRETS)('readClientIdentifier and claimClientIdentifier with %s', async (_, secrets) => {
    const text = await issue();
    await expect(readClientIdentifier(text, { secrets, at: AT } as never)).rejects.toThrow(TypeError);
    const options = { secrets, store: newStore(), attestation, claimant: TOKEN, at: AT };
    await expect(claimClientIdentifier(text, options as never)).rejects.toThrow(TypeError);
  });

  it.each<[string, object]>([
    ['a text that is none', { text: 7 }],
    ['no time', { at: undefined }],
    ['an unknown option', { device }],
  ])('readClientIdentifier and claimClientIdentifier with %s', async (_, changes) => {
    const { text = await issue(), ...rest } = changes as { readonly text?: string };
    const options = { secrets: [secret], at: AT, ...rest };
    await expect(readClientIdentifier(text, options)).rejects.toThrow(TypeError);
    const more = { ...options, store: newStore(), attestation, claimant: TOKEN };
    await expect(claimClientIdentifier(text, more)).rejects.toThrow(TypeError);
  });

  it('claimClientIdentifier with an attestation that is for no challenge', async () => {
    const { x5c, trustAnchors } = await mintResponse();
    const options = { at: AT, expectedFreshnessCode: skipFreshnessCheck, trustAnchors } as const;
    const stale = await verifyAttestation(parseAttestationChain(x5c), options);
    const store = newStore();
    const text = await issue({ store });
    await expect(claim(text, store, TOKEN, stale)).rejects.toThrow(TypeError);
    expect((await claim(text, store)).boundTo).toEqual(['serialNumber']);
  });

  it.each<[string, object]>([
    ['no store', { store: undefined }],
    ['no attestation', { attestation: undefined }],
    [
      'one that looks like an attestation',
      {
        attestation: {
          freshness: 'matched',
          properties: {
            serialNumber: { status: 'attested', value: SERIAL_NUMBER },
            udid: { status: 'attested', value: UDID },
          },
        },
      },
    ],
    ['no claimant', { claimant: undefined }],
    ['an empty claimant', { claimant: '' }],
  ])('claimClientIdentifier with %s', async (_, changes) => {
    const store = newStore();
    const text = await issue({ store });
    const options = { secrets: [secret], store, attestation, claimant: TOKEN, at: AT, ...changes };
    await expect(claimClientIdentifier(text, options)).rejects.toThrow(TypeError);
  });
});
