import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/index.ts';
import {
  type Answer,
  type Client,
  createClient,
  createSigningKey,
  type Members,
  readAnswer,
  sendBody,
  sign,
  type SigningKey,
  type Tweaks,
} from './client.ts';
import { base64, decoded, expectProblem, without } from './expectations.ts';
import { createWorld, type World } from './world.ts';

/** What is wrong with a request itself, whatever it asks for (RFC 8555, 6). */

let world: World;
let client: Client;
let other: SigningKey;

beforeAll(async () => {
  world = await createWorld();
  client = await createClient(world);
  other = await createSigningKey();
});
afterAll(() => world.stop());

/** Asks for its own account: what a good request gets is 200. */
const ask = (tweaks: Tweaks): Promise<Answer> => client.post(client.accountUrl, undefined, tweaks);

describe('a JWS', () => {
  it('that is right is answered', async () => {
    expect((await ask({})).status).toBe(200);
  });

  it.each<[string, Members, number, string]>([
    ['alg none', { alg: 'none' }, 400, 'badSignatureAlgorithm'],
    ['alg HS256', { alg: 'HS256' }, 400, 'badSignatureAlgorithm'],
    ['an alg that does not exist', { alg: 'ES257' }, 400, 'badSignatureAlgorithm'],
    ['an alg that is no text', { alg: 7 }, 400, 'badSignatureAlgorithm'],
    ['no alg', { alg: undefined }, 400, 'badSignatureAlgorithm'],
    ['the alg of another kind of key', { alg: 'ES384' }, 400, 'malformed'],
    ['no nonce', { nonce: undefined }, 400, 'badNonce'],
    ['a nonce that was never issued', { nonce: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, 400, 'badNonce'],
    ['a nonce of another length', { nonce: 'AAAA' }, 400, 'badNonce'],
    ['a nonce that is not base64url', { nonce: 'a+b=' }, 400, 'malformed'],
    ['a nonce that is no text', { nonce: 7 }, 400, 'malformed'],
    ['no url', { url: undefined }, 403, 'unauthorized'],
    ['a url that is a list', { url: [] }, 403, 'unauthorized'],
    ['neither jwk nor kid', { kid: undefined }, 400, 'malformed'],
    ['a crit header', { crit: ['exp'] }, 400, 'malformed'],
    ['an empty crit header', { crit: [] }, 400, 'malformed'],
    ['b64 false', { b64: false }, 400, 'malformed'],
    ['b64 false, and crit', { b64: false, crit: ['b64'] }, 400, 'malformed'],
    ['a header of 100 kB', { pad: 'x'.repeat(100_000) }, 400, 'malformed'],
    ['the account of nobody', { kid: 'https://127.0.0.1/account/nobody' }, 400, 'accountDoesNotExist'],
    ['a kid that is no text', { kid: 7 }, 400, 'accountDoesNotExist'],
  ])('with %s is refused', async (_, header, status, problem) => {
    const jws = (signed: Members): Members => ({
      ...signed,
      protected: base64({ ...decoded(signed['protected']), ...header }),
    });
    // What no library would sign is put in afterwards.
    const signable = !['alg', 'b64', 'crit'].some((name) => name in header);
    expectProblem(await ask(signable ? { header } : { jws }), status, problem);
  });

  it('names the algorithms that it might have', async () => {
    const { body } = await ask({
      jws: (jws) => ({ ...jws, protected: base64({ ...decoded(jws['protected']), alg: 'none' }) }),
    });
    expect(body['algorithms']).toEqual(['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256']);
  });

  it('signed by whom the resource does not ask for is refused', async () => {
    expectProblem(await client.postWithKey(client.directory['newOrder']!, {}), 400, 'malformed');
    expectProblem(await client.post(client.directory['newAccount']!, {}), 400, 'malformed');
  });

  it('with jwk and kid at once is refused', async () => {
    expectProblem(await ask({ header: { jwk: client.key.jwk } }), 400, 'malformed');
  });

  it.each<[string, (jws: Members) => unknown]>([
    ['a list', (jws) => [jws]],
    ['text', () => 'jws'],
    ['null', () => null],
    ['nothing but an object', () => ({})],
    [
      'the general serialization',
      ({ protected: header, payload, signature }) => ({ payload, signatures: [{ protected: header, signature }] }),
    ],
    ['one with an unprotected header', (jws) => ({ ...jws, header: { alg: 'ES256' } })],
    ['one with a member that does not belong there', (jws) => ({ ...jws, more: 1 })],
    ['one without payload', (jws) => without(jws, 'payload')],
    ['one without signature', (jws) => without(jws, 'signature')],
    ['one without protected', (jws) => without(jws, 'protected')],
    ['one with an empty signature', (jws) => ({ ...jws, signature: '' })],
    ['one with a signature that is null', (jws) => ({ ...jws, signature: null })],
    ['one with a payload that is not encoded', (jws) => ({ ...jws, payload: {} })],
    [
      'one with a protected header that is not JSON',
      (jws) => ({ ...jws, protected: toBase64Url(Uint8Array.of(1, 2)) }),
    ],
    ['one with a protected header that is a list', (jws) => ({ ...jws, protected: base64([]) })],
    [
      'one with a protected header that is not UTF-8',
      (jws) => ({ ...jws, protected: toBase64Url(Uint8Array.of(0x22, 0xff, 0x22)) }),
    ],
    ['one with padding', (jws) => ({ ...jws, protected: `${String(jws['protected'])}=` })],
    ['one with base64 in the place of base64url', (jws) => ({ ...jws, signature: '+/+/' })],
    ['one with a signature of another length', (jws) => ({ ...jws, signature: toBase64Url(new Uint8Array(61)) })],
    ['one with a signature of zeros', (jws) => ({ ...jws, signature: toBase64Url(new Uint8Array(64)) })],
    ['one with a changed payload', (jws) => ({ ...jws, payload: base64({ status: 'deactivated' }) })],
    [
      'one with a DER signature',
      (jws) => ({ ...jws, signature: toBase64Url(new Uint8Array([0x30, 0x44, ...new Uint8Array(68)])) }),
    ],
  ])('that is %s is refused', async (_, jws) => {
    expectProblem(await ask({ jws }), 400, 'malformed');
  });

  it('signed with another key is refused, and does not use up the nonce', async () => {
    const nonce = await client.nonce();
    expectProblem(await ask({ key: other, header: { nonce } }), 400, 'malformed');
    expect((await ask({ header: { nonce } })).status).toBe(200);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, -2)],
    ['in another encoding', (text: string) => Buffer.from(text, 'utf16le')],
    ['compact', () => 'e30.e30.e30'],
    ['empty', () => ''],
    ['a form', () => 'protected=1&payload=2'],
    ['deeper than any parser likes', () => '['.repeat(100_000)],
  ])('that is %s is refused', async (_, change) => {
    const jws = JSON.stringify(await sign(undefined, { alg: 'ES256' }, client.key));
    expectProblem(await sendBody(world, client.accountUrl, change(jws)), 400, 'malformed');
  });

  it.each(['application/json', 'application/jose', 'text/plain', 'application/jose+json; charset=utf-8', ''])(
    'sent as "%s" is refused',
    async (contentType) => {
      const jws = await sign(undefined, { alg: 'ES256', url: client.accountUrl }, client.key);
      expectProblem(await sendBody(world, client.accountUrl, JSON.stringify(jws), contentType), 415, 'malformed');
    },
  );

  it('with a payload that is no object is refused', async () => {
    for (const payload of [[], 'text', 7, null])
      expectProblem(await client.post(client.accountUrl, payload), 400, 'malformed');
  });
});

describe('a nonce', () => {
  it('is good once', async () => {
    const nonce = await client.nonce();
    expect((await ask({ header: { nonce } })).status).toBe(200);
    const replayed = await ask({ header: { nonce } });
    expectProblem(replayed, 400, 'badNonce');
    // RFC 8555, 6.5: the refusal brings the next.
    const next = replayed.headers.get('replay-nonce')!;
    expect((await ask({ header: { nonce: next } })).status).toBe(200);
  });

  it('is good once, also for two at the same time', async () => {
    const nonce = await client.nonce();
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask({ header: { nonce } })));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, ...new Array<number>(7).fill(400)]);
  });

  it('is good for an hour', async () => {
    const own = await createWorld();
    const stranger = await createClient(own);
    const nonce = await stranger.nonce();
    own.wait(3_600_000);
    expectProblem(await stranger.post(stranger.accountUrl, undefined, { header: { nonce } }), 400, 'badNonce');
    await own.stop();
  });

  it('comes with every answer to a POST', async () => {
    for (const answer of [
      await ask({}),
      await ask({ header: { url: 'https://example.com' } }),
      await client.post(`${client.accountUrl}x`),
    ])
      expect(answer.headers.get('replay-nonce')).toMatch(/^[\w-]+$/);
  });
});

describe('a url', () => {
  it('of another resource is refused', async () => {
    expectProblem(await ask({ url: client.directory['newOrder']! }), 403, 'unauthorized');
    expectProblem(await ask({ url: `${client.accountUrl}?` }), 403, 'unauthorized');
    expectProblem(await ask({ url: client.accountUrl.replace('127.0.0.1', 'localhost') }), 403, 'unauthorized');
  });

  it('of no resource is refused', async () => {
    const { origin } = new URL(client.accountUrl);
    for (const path of [
      '/',
      '/acme',
      '/order',
      '/order/',
      '/order/a/b',
      '/order/%2e%2e/finalize',
      '/order/:id',
      '/order/:id/finalize',
      '/account/:id/orders',
      '/certificate/a+b',
      `/challenge/${'a'.repeat(65)}`,
      '/__proto__',
      '/directory?all',
    ])
      expect(await client.post(`${origin}${path}`)).toMatchObject({
        status: 404,
        body: { detail: 'there is no such resource' },
      });
    expectProblem(await client.post(`${origin}/order/unknown`), 404, 'malformed');
  });

  it.each([
    ['GET', 'newOrder', 'POST'],
    ['PUT', 'newOrder', 'POST'],
    ['DELETE', 'newNonce', 'GET, HEAD, POST'],
  ])('knows no %s of %s', async (method, resource, allow) => {
    const answer = await readAnswer(await world.fetch(client.directory[resource]!, { method }));
    expectProblem(answer, 405, 'malformed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('that is read takes an empty payload', async () => {
    const placed = await client.order('SIMULATED1');
    for (const url of [placed.url, client.directory['newNonce']!, `${client.accountUrl}/orders`])
      expectProblem(await client.post(url, {}), 400, 'malformed');
    for (const url of [client.directory['newOrder']!, placed.finalizeUrl, client.directory['keyChange']!])
      expectProblem(await client.post(url), 400, 'malformed');
  });
});
