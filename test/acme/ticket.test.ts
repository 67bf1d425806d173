import { beforeAll, describe, expect, it } from 'vitest';
import {
  createMemoryStore,
  firstIdentification,
  identifierIsSerialNumber,
  identifierIsTicket,
  issueClientIdentifier,
  readClientIdentifier,
  type Store,
} from '../../src/acme/index.ts';
import {
  mintResponse,
  OTHER_TOKEN,
  permanentIdentifier,
  requireInvalid,
  requireValid,
  type Response,
  SERIAL_NUMBER,
  TOKEN,
  USER_ENROLLMENT,
  validatorFor,
} from '../support/acme.ts';
import { AT } from '../support/mint.ts';

const secret = { id: '2026b', key: new Uint8Array(32).fill(7) };
const secrets = [secret];
const expiresAt = new Date(AT.getTime() + 3_600_000);
const newStore = () => createMemoryStore({ clock: () => AT });

let genuine: Response;
let userEnrollment: Response;
/** The same device, in the order of another challenge. */
let second: Response;
beforeAll(async () => {
  genuine = await mintResponse();
  userEnrollment = await mintResponse(USER_ENROLLMENT);
  second = await mintResponse({}, { token: OTHER_TOKEN });
});

const issue = (store: Store, bound: object = { device: { serialNumber: SERIAL_NUMBER } }) =>
  issueClientIdentifier({ secret, store, at: AT, expiresAt, ...bound });

const validate = (response: Response, value: string, store: Store, token = TOKEN, options = {}) =>
  validatorFor(response, { identify: identifierIsTicket({ secrets, store }), ...options })({
    token,
    payload: response.payload,
    identifier: permanentIdentifier(value),
    at: AT,
  });

const codes = async (...response: Parameters<typeof validate>) =>
  requireInvalid(await validate(...response)).reasons.map(({ code }) => code);

describe('a ticket', () => {
  it('identifies the device that it was issued for', async () => {
    const store = newStore();
    const { identification } = requireValid(await validate(genuine, await issue(store), store));
    expect(identification).toMatchObject({ identified: true, by: 'client-identifier', device: SERIAL_NUMBER });
    expect('user' in identification).toBe(false);
  });

  it('identifies the user of a User Enrollment, whose device says nothing of itself', async () => {
    const store = newStore();
    const text = await issue(store, { user: 'alice' });
    const { identification } = requireValid(await validate(userEnrollment, text, store));
    expect(identification).toMatchObject({ identified: true, user: 'alice' });
    expect('device' in identification).toBe(false);
  });

  it('is used once: by one of two orders that race, and by that one again', async () => {
    for (const name of ['setIfAbsent', 'delete']) {
      const memory = newStore();
      const { get, set, delete: remove } = memory;
      const store: Store = name === 'delete' ? { get, set, delete: remove } : memory;
      const text = await issue(store);
      const race = () => Promise.all([validate(genuine, text, store), validate(second, text, store, OTHER_TOKEN)]);
      const outcomes = await race();
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['invalid', 'valid']);
      const loser = requireInvalid(outcomes.find(({ status }) => status === 'invalid')!);
      expect(loser.problem.type).toBe('urn:ietf:params:acme:error:rejectedIdentifier');
      // A crash before the outcome was written, and the same again.
      expect((await race()).map(({ status }) => status)).toEqual(outcomes.map(({ status }) => status));
    }
  });

  it('that is lost at the last moment is told apart from one that was taken before', async () => {
    const store = newStore();
    const text = await issue(store);
    const takenMeanwhile = {
      evaluate: async () => {
        requireValid(await validate(second, text, store, OTHER_TOKEN));
        return { allowed: true, reasons: [] };
      },
    };
    expect(await codes(genuine, text, store, TOKEN, takenMeanwhile)).toEqual(['ERR_MDA_IDENTIFIER_CLAIMED']);
    expect(await codes(genuine, text, store)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_CLAIMED']);
  });

  it('is remembered as taken for a day longer than it lives', async () => {
    const ttls: unknown[] = [];
    const memory = newStore();
    const setIfAbsent: Store['setIfAbsent'] = (key, value, ttl) => {
      ttls.push(ttl);
      return memory.setIfAbsent(key, value, ttl);
    };
    requireValid(await validate(genuine, await issue(memory), { ...memory, setIfAbsent }));
    expect(ttls).toEqual([3_600_000 + 86_400_000]);
  });

  it('is not used up by what is refused', async () => {
    const store = newStore();
    const text = await issue(store);
    const refusing = { evaluate: () => ({ allowed: false, reasons: [] }) };
    expect(await codes(genuine, text, store, TOKEN, refusing)).toEqual(['ERR_MDA_CHALLENGE_POLICY']);
    expect(await codes(genuine, text, store, OTHER_TOKEN)).toEqual(['ERR_MDA_FRESHNESS_MISMATCH']);
    requireValid(await validate(second, text, store, OTHER_TOKEN));
  });

  it('that is revoked while the challenge is judged is refused', async () => {
    for (const name of ['setIfAbsent', 'delete']) {
      const { get, set, delete: remove, setIfAbsent } = newStore();
      const store: Store = { get, set, delete: remove, ...(name === 'setIfAbsent' && { setIfAbsent }) };
      const text = await issue(store);
      const { id } = await readClientIdentifier(text, { secrets, at: AT });
      const revoking = {
        evaluate: () => {
          expect(remove(`client-identifier:${id}`)).toBe(true);
          return { allowed: true, reasons: [] };
        },
      };
      expect(await codes(genuine, text, store, TOKEN, revoking)).toEqual(['ERR_MDA_IDENTIFIER_CLAIMED']);
      expect(await codes(genuine, text, store)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_CLAIMED']);
    }
  });

  it('of another device, forged, foreign or expired is refused', async () => {
    const store = newStore();
    const other = await issue(store, { device: { serialNumber: 'SIMULATED2' } });
    expect(await codes(genuine, other, store)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_DEVICE']);
    const text = await issue(store);
    expect(await codes(userEnrollment, text, store)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_DEVICE']);
    expect(await codes(genuine, `${text.slice(0, -1)}${text.endsWith('A') ? 'Q' : 'A'}`, store)).toEqual([
      'ERR_MDA_CLIENT_IDENTIFIER_FORGED',
    ]);
    expect(await codes(genuine, text.replace('2026b', '2025b'), store)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_SECRET']);
    expect(await codes(genuine, SERIAL_NUMBER, store)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_FORMAT']);
    const expired = validatorFor(genuine, { identify: identifierIsTicket({ secrets, store }) });
    const { reasons } = requireInvalid(
      await expired({ token: TOKEN, payload: genuine.payload, identifier: permanentIdentifier(text), at: expiresAt }),
    );
    expect(reasons.map(({ code }) => code)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_EXPIRED']);
  });

  it('is one of several ways', async () => {
    const store = newStore();
    const identify = firstIdentification(identifierIsSerialNumber, identifierIsTicket({ secrets, store }));
    const text = await issue(store);
    requireValid(await validate(genuine, text, store, TOKEN, { identify }));
    requireValid(await validate(genuine, SERIAL_NUMBER, store, TOKEN, { identify }));
    expect(await codes(genuine, 'X', store, TOKEN, { identify })).toEqual([
      'ERR_MDA_IDENTIFIER_MISMATCH',
      'ERR_MDA_CLIENT_IDENTIFIER_FORMAT',
    ]);
  });

  it('is a permanent-identifier', async () => {
    const store = newStore();
    const identify = identifierIsTicket({ secrets, store });
    const identifier = { type: 'hardware-module', value: await issue(store) };
    const outcome = await validatorFor(genuine, { identify })({
      token: TOKEN,
      payload: genuine.payload,
      identifier,
      at: AT,
    });
    expect(requireInvalid(outcome).reasons.map(({ code }) => code)).toEqual(['ERR_MDA_IDENTIFIER_TYPE']);
  });

  it('that the platform cannot judge is no refusal', async () => {
    const store = newStore();
    const text = await issue(store);
    const { subtle } = crypto;
    const failure = new Error('no HMAC here');
    Object.defineProperty(subtle, 'importKey', { configurable: true, value: () => Promise.reject(failure) });
    try {
      const identify = identifierIsTicket({ secrets, store });
      const identifier = permanentIdentifier(text);
      await expect(
        identify({ identifier, attestation: { properties: {} } as never, token: TOKEN, at: AT }),
      ).rejects.toBe(failure);
    } finally {
      Reflect.deleteProperty(subtle, 'importKey');
    }
  });

  it('makes the validator reject where the store fails: the challenge stays pending', async () => {
    const store = newStore();
    const text = await issue(store);
    const failure = new Error('the store is down');
    for (const name of ['get', 'setIfAbsent'] as const) {
      const failing = { ...store, [name]: () => Promise.reject(failure) };
      await expect(validate(genuine, text, failing)).rejects.toBe(failure);
    }
    requireValid(await validate(genuine, text, store));
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no secrets', { store: newStore() }],
    ['an empty list of secrets', { secrets: [], store: newStore() }],
    ['no store', { secrets }],
    ['an unknown option', { secrets, store: newStore(), secret }],
  ])('is not made with %s', (_, options) => {
    expect(() => identifierIsTicket(options as never)).toThrow(TypeError);
  });
});
