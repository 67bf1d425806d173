import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/index.ts';
import { COMPATIBILITY_DATE, type Workerd } from '../runtime/hosts/workerd.ts';
import { EVERY_RUNTIME, WORKERD } from '../runtime/runtimes.ts';
import {
  ACME_SECRET,
  cfOf,
  deviceWith,
  EXAMPLE,
  type ExampleOptions,
  identityOf,
  MANAGEMENT_SECRET,
  newToken,
  otherAuthority,
  payloadFor,
  startExample,
  startStore,
} from './worker-world.ts';

/** docs/examples/worker in workerd: what it depends on is what was built. */

const isSkipped = WORKERD === undefined && !EVERY_RUNTIME;
if (isSkipped) console.warn('\nSKIPPED: workerd is not installed: docs/runtimes.md says how to get it\n');

async function start(options?: ExampleOptions): Promise<Workerd> {
  const running = await startExample(requireWorkerd(), options);
  started.push(running);
  return running;
}

function requireWorkerd(): string {
  if (WORKERD === undefined) throw new Error('workerd is not installed');
  return WORKERD;
}

let worker: Workerd;
const started: Workerd[] = [];
beforeAll(async () => {
  if (!isSkipped) worker = await start();
});
afterAll(() => Promise.all(started.map(({ close }) => close())));

interface Sent {
  readonly secret?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly to?: Workerd;
}

async function send(path: string, { secret, body, headers, method, to = worker }: Sent = {}) {
  const response = await fetch(new URL(path, to.url), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...headers, ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
  return { status: response.status, headers: response.headers, answer };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.skipIf(isSkipped)('a challenge', () => {
  const issue = async (of: object): Promise<string> => {
    const { answer } = await send('/client-identifiers', { secret: MANAGEMENT_SECRET, body: of });
    return answer['clientIdentifier'] as string;
  };
  const judge = (body: unknown, secret = ACME_SECRET) => send('/challenges', { secret, body });
  const codesOf = ({ answer }: Awaited<ReturnType<typeof judge>>): unknown =>
    (answer['reasons'] as readonly { readonly code: string }[] | undefined)?.map(({ code }) => code);

  it('is met by a device with the client identifier that was issued for it', async () => {
    const device = deviceWith('WORKER0001');
    const key = await device.createKey({ curve: 'P-384' });
    const token = newToken();
    const identifier = await issue({ serialNumber: 'WORKER0001' });
    const response = { token, identifier, payload: await payloadFor(device, token, Promise.resolve(key)) };
    const valid = {
      status: 200,
      answer: {
        status: 'valid',
        states: { challenge: 'valid', authorization: 'valid' },
        attestedKey: { spki: toBase64(key.publicKey), curve: 'P-384' },
        identification: { by: 'client-identifier', device: 'WORKER0001' },
      },
    };
    expect(await judge(response)).toMatchObject(valid);
    // The answer may have been lost: the same challenge is answered the same.
    expect(await judge(response)).toMatchObject(valid);
  });

  it('is met by the device of a user', async () => {
    const token = newToken();
    const identifier = await issue({ user: 'alice@example.com' });
    const { answer } = await judge({ token, identifier, payload: await payloadFor(deviceWith('WORKER0002'), token) });
    expect(answer).toMatchObject({ status: 'valid', identification: { user: 'alice@example.com' } });
  });

  it('is not met by what was sent for another one', async () => {
    const device = deviceWith('WORKER0003');
    const identifier = await issue({ serialNumber: 'WORKER0003' });
    const payload = await payloadFor(device, newToken());
    const refused = await judge({ token: newToken(), identifier, payload });
    expect(refused).toMatchObject({
      status: 200,
      answer: {
        status: 'invalid',
        states: { challenge: 'invalid', authorization: 'invalid', order: 'invalid' },
        problem: { type: 'urn:ietf:params:acme:error:badAttestationStatement' },
      },
    });
    expect(codesOf(refused)).toEqual(['ERR_MDA_FRESHNESS_MISMATCH']);
  });

  it('takes a client identifier once, also from many at the same time', async () => {
    const identifier = await issue({ user: 'bob' });
    const attempts = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const token = newToken();
        return { token, identifier, payload: await payloadFor(deviceWith(`WORKER001${index}`), token) };
      }),
    );
    const outcomes = await Promise.all(attempts.map((attempt) => judge(attempt)));
    expect(outcomes.filter(({ answer }) => answer['status'] === 'valid')).toHaveLength(1);
    for (const outcome of outcomes.filter(({ answer }) => answer['status'] !== 'valid'))
      expect(codesOf(outcome)).toSatisfy((codes) =>
        ['ERR_MDA_CLIENT_IDENTIFIER_CLAIMED', 'ERR_MDA_IDENTIFIER_CLAIMED'].includes(String(codes)),
      );
  });

  it('is not met with the client identifier of another device, or with none', async () => {
    const token = newToken();
    const payload = await payloadFor(deviceWith('WORKER0004'), token);
    const others = await judge({ token, identifier: await issue({ serialNumber: 'WORKER0005' }), payload });
    expect(codesOf(others)).toEqual(['ERR_MDA_CLIENT_IDENTIFIER_DEVICE']);
    const none = await judge({ token, identifier: 'WORKER0004', payload });
    expect(none).toMatchObject({ status: 200, answer: { status: 'invalid' } });
  });

  it('is not met with a key that came with another client identifier', async () => {
    const device = deviceWith('WORKER0006');
    const key = device.createKey({ curve: 'P-384' });
    const attempt = async () => {
      const token = newToken();
      const identifier = await issue({ serialNumber: 'WORKER0006' });
      return judge({ token, identifier, payload: await payloadFor(device, token, key) });
    };
    expect(await attempt()).toMatchObject({ answer: { status: 'valid' } });
    expect(codesOf(await attempt())).toEqual(['ERR_MDA_CHALLENGE_KEY_REUSED']);
  });

  it('with any payload at all is judged', async () => {
    const identifier = await issue({ user: 'carol' });
    for (const payload of [undefined, null, 1, '', [], {}, { attObj: 'x' }, { attObj: '' }, { error: 'no' }])
      expect(await judge({ token: newToken(), identifier, payload })).toMatchObject({
        status: 200,
        answer: { status: 'invalid' },
      });
  });

  it('is judged for the ACME server alone, and client identifiers are for the MDM service', async () => {
    const body = { token: newToken(), identifier: 'x', payload: {} };
    for (const secret of [MANAGEMENT_SECRET, '', `${ACME_SECRET}x`, ACME_SECRET.slice(1)])
      expect(await judge(body, secret)).toMatchObject({ status: 401 });
    const { status, headers } = await send('/challenges', { body });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const user = { user: 'alice' };
    expect((await send('/client-identifiers', { secret: ACME_SECRET, body: user })).status).toBe(401);
  });

  it('is asked with POST, and JSON of a size and form', async () => {
    const { status, headers } = await send('/challenges', { secret: ACME_SECRET });
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    expect((await send('/challenges/', { secret: ACME_SECRET, body: {} })).status).toBe(404);
    const [token, identifier] = [newToken(), 'x'];
    const large = JSON.stringify({ token, identifier, payload: { attObj: 'A'.repeat(131_072) } });
    expect((await judge(large)).status).toBe(413);
    for (const body of ['', '{', 'null', '"x"', '[]', { token }, { identifier }, { token: 'a b', identifier }])
      expect((await judge(body)).status).toBe(400);
    for (const body of [{}, { user: '' }, { user: 'a b' }, { serialNumber: 7 }, { serialNumber: 'C02', user: 'alice' }])
      expect((await send('/client-identifiers', { secret: MANAGEMENT_SECRET, body })).status).toBe(400);
  });
});

describe.skipIf(isSkipped)('a device', () => {
  const ask = async (chain: readonly Uint8Array[], to = worker) => send('/wiki', { headers: cfOf(chain), to });
  const decide = (body: unknown, { secret = MANAGEMENT_SECRET, to = worker } = {}) =>
    send('/deauthorizations', { secret, body, to });

  it('may, by its certificate, and the next time by the decision in KV', async () => {
    const chain = await identityOf();
    const first = await ask(chain);
    expect(first).toMatchObject({ status: 200, answer: { device: 'device:SIMULATED1', cached: false } });
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(await ask(chain)).toMatchObject({ status: 200, answer: { cached: true } });
  });

  it('may not with the certificate of another authority, or without one', async () => {
    const unknown = await ask(await identityOf(await otherAuthority()));
    expect(unknown).toMatchObject({ status: 401, answer: { code: 'identity-refused' } });
    for (const headers of [{}, { 'cf-blob': '{}' }, { 'cf-blob': '{"tlsClientAuth":{"certPresented":"0"}}' }])
      expect(await send('/wiki', { headers })).toMatchObject({ status: 401, answer: { code: 'identity-refused' } });
    // A header is not what the platform says of the connection.
    const [leaf] = await identityOf();
    const headers = { 'client-cert': `:${toBase64(leaf)}:`, 'cf-client-cert-der-base64': toBase64(leaf) };
    expect((await send('/wiki', { headers })).status).toBe(401);
    expect((await send('/wiki', { method: 'POST', headers: cfOf(await identityOf()) })).status).toBe(405);
  });

  it('may not from the moment it is deauthorized, whatever KV has, and may again after that', async () => {
    const late = await start({ kv: { lateMilliseconds: 500 } });
    const chain = await identityOf();
    const decideLate = async (deauthorized: boolean): Promise<number> =>
      (await decide({ device: 'device:SIMULATED1', deauthorized }, { to: late })).status;
    await ask(chain, late);
    await sleep(600);
    expect(await ask(chain, late)).toMatchObject({ status: 200, answer: { cached: true } });
    expect(await decideLate(true)).toBe(204);
    const refused = await Promise.all(Array.from({ length: 5 }, () => ask(chain, late)));
    for (const each of refused) expect(each).toMatchObject({ status: 403, answer: { code: 'deauthorized' } });
    expect(await decideLate(false)).toBe(204);
    expect(await ask(chain, late)).toMatchObject({ status: 200, answer: { cached: false } });
  });

  it('of a User Enrollment may not either from then on, by its key', async () => {
    const chain = await identityOf(undefined, false);
    const { status, answer } = await ask(chain);
    expect({ status, answer }).toMatchObject({
      status: 200,
      answer: { device: expect.stringMatching(/^key:/) as string },
    });
    const { device } = answer;
    expect((await decide({ device, deauthorized: true })).status).toBe(204);
    expect(await ask(chain)).toMatchObject({ status: 403, answer: { code: 'deauthorized' } });
    expect((await decide({ device, deauthorized: false })).status).toBe(204);
  });

  it('is deauthorized by the MDM service alone, with a name and a yes or no', async () => {
    const device = 'device:SIMULATED1';
    expect((await decide({ device, deauthorized: true }, { secret: ACME_SECRET })).status).toBe(401);
    for (const body of [{ device }, { deauthorized: true }, { device: 'SIMULATED1', deauthorized: true }])
      expect((await decide(body)).status).toBe(400);
    expect((await ask(await identityOf())).status).toBe(200);
  });

  it('is answered when the request that began the decision was abandoned', async () => {
    const slow = await start({ kv: { writeMilliseconds: 700 } });
    const chain = await identityOf();
    const headers = { ...cfOf(chain), 'abandon-after': '300' };
    expect(await send('/wiki', { headers, to: slow })).toMatchObject({ answer: { abandoned: true } });
    expect((await ask(chain, slow)).status).toBe(200);
  });
});

it.skipIf(isSkipped)('a mistake in the configuration lets nobody in, and is not told', async () => {
  const variables = { ACME_SECRET: 'short', MANAGEMENT_SECRET: '', IDENTITY_ROOT: '' };
  const wrong = await start({ variables });
  const answers = await Promise.all([
    send('/challenges', { secret: 'short', body: {}, to: wrong }),
    send('/client-identifiers', { secret: '', body: { user: 'alice' }, to: wrong }),
    send('/wiki', { headers: cfOf(await identityOf()), to: wrong }),
  ]);
  for (const { status, answer } of answers) {
    expect(status).toBe(500);
    expect(answer).toEqual({ status: 500, detail: 'this did not work' });
  }
});

describe.skipIf(isSkipped)('the store of Durable Objects', () => {
  let store: Workerd;
  beforeAll(async () => {
    store = await startStore(requireWorkerd());
    started.push(store);
  });
  const call = async (name: string, ...given: readonly unknown[]): Promise<unknown> => {
    const { answer } = await send('/', { body: { name, given }, to: store });
    return answer['answer'];
  };
  const many = async (name: string, ...given: readonly unknown[]): Promise<unknown[]> => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(name, ...given)));
    return answers.filter((answer) => answer !== false);
  };

  it('keeps what is written under its key until it is deleted', async () => {
    expect(await call('get', 'a')).toBeUndefined();
    await call('set', 'a', '1');
    await call('set', 'b', '');
    expect([await call('get', 'a'), await call('get', 'b')]).toEqual(['1', '']);
    expect([await call('delete', 'a'), await call('delete', 'a')]).toEqual([true, false]);
    expect([await call('get', 'a'), await call('get', 'b')]).toEqual([undefined, '']);
  });

  it('has one winner of many, wherever they ask', async () => {
    expect(await many('setIfAbsent', 'c', '1')).toEqual([true]);
    expect(await many('delete', 'c')).toEqual([true]);
    expect(await many('setIfAbsent', 'c', '2')).toEqual([true]);
    expect(await call('get', 'c')).toBe('2');
  });

  it('forgets what has expired, and not what was written in its place', async () => {
    for (const key of ['d', 'e', 'f', 'g']) await call('set', key, '1', 1000);
    await call('set', 'f', '2');
    await call('set', 'g', '2', 60_000);
    expect(await call('setIfAbsent', 'd', '2', 1000)).toBe(false);
    await sleep(1200);
    expect([await call('get', 'd'), await call('delete', 'd')]).toEqual([undefined, false]);
    expect(await call('setIfAbsent', 'e', '2')).toBe(true);
    expect([await call('get', 'e'), await call('get', 'f'), await call('get', 'g')]).toEqual(['2', '2', '2']);
  });
});

it('wrangler.toml binds what the worker reads, and names what it exports', () => {
  const read = (name: string) => readFileSync(join(EXAMPLE, name), 'utf8');
  const toml = read('wrangler.toml');
  const [, members = ''] = /interface Environment \{([^]*?)^\}/m.exec(read('environment.ts')) ?? [];
  const names = [...members.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(toml))).toEqual([]);
  expect(toml).toContain('main = "worker.ts"');
  expect(toml).toContain('class_name = "Entry"');
  expect(toml).toContain(`compatibility_date = "${COMPATIBILITY_DATE}"`);
  expect(toml).not.toContain('compatibility_flags');
});
