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
import { fromBase64Url, toBase64Url, type VerifiedAttestation } from '../../src/index.ts';
import { SEED } from '../hostile/generators.ts';
import { SERIAL_NUMBER, TOKEN, UDID, USER_ENROLLMENT, verifiedAttestation } from '../support/acme.ts';
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
    const far = new Date('9999-12-31T23:59:59.999Z');
    expect((await read(await issue({ expiresAt: far }))).expiresAt).toEqual(far);
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

  it('of a server that was asked twice about one challenge at once', async () => {
    const store = slow(newStore());
    const text = await issue({ store });
    // Both find it unclaimed; one is told that another has it, and finds that the other is itself.
    expect((await Promise.all([claim(text, store), claim(text, store)])).map(({ id }) => id)).toEqual(
      Array(2).fill((await read(text)).id),
    );
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
    expect(ttls).toEqual([HOUR, HOUR - 1000]);
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
    ['an unknown option', { secrets: [secret] }],
  ])('issueClientIdentifier with %s', async (_, changes) => {
    const options = changes && { secret, store: newStore(), device, at: AT, expiresAt: EXPIRES_AT, ...changes };
    await expect(issueClientIdentifier(options as never)).rejects.toThrow(TypeError);
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

  it.each<[string, object]>([
    ['no store', { store: undefined }],
    ['no attestation', { attestation: undefined }],
    ['one that looks like an attestation', { attestation: { properties: {} } }],
    ['no claimant', { claimant: undefined }],
    ['an empty claimant', { claimant: '' }],
  ])('claimClientIdentifier with %s', async (_, changes) => {
    const options = { secrets: [secret], store: newStore(), attestation, claimant: TOKEN, at: AT, ...changes };
    await expect(claimClientIdentifier(await issue(), options)).rejects.toThrow(TypeError);
  });
});
