import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../src/index.ts';
import { type Answer, type Client, createClient, createSigningKey, type Members, sendBody, sign } from './client.ts';
import { base64, decoded, expectProblem, without } from './expectations.ts';
import { createWorld, type World } from './world.ts';

/** The keys that requests are signed with, and their signatures as Apple's client writes them. */

let world: World;
let client: Client;

beforeAll(async () => {
  world = await createWorld();
  client = await createClient(world);
});
afterAll(() => world.stop());

describe('a key', () => {
  const newAccount = (jwk: Members): Promise<Answer> =>
    client.postWithKey(
      client.directory['newAccount']!,
      {},
      { jws: (jws) => ({ ...jws, protected: base64({ ...decoded(jws['protected']), ...jwk }) }) },
    );
  // RFC 7518, 2: Base64urlUInt has no more octets than it takes, so a key has one thumbprint.
  const rsa: Members = { kty: 'RSA', e: 'AQAB', n: toBase64Url(new Uint8Array(256).fill(0xff)) };
  const zeroBefore = (text: unknown): string => toBase64Url(Uint8Array.of(0, ...fromBase64Url(text as string)));
  const flip = (text: string): string =>
    toBase64Url(fromBase64Url(text).map((byte, i) => (i === 31 ? byte ^ 1 : byte)));

  it.each<[string, (jwk: Members) => unknown]>([
    ['private', (jwk) => ({ ...jwk, d: jwk['x'] })],
    ['symmetric', () => ({ kty: 'oct', k: 'AAAA' })],
    ['of an unknown kind', (jwk) => ({ ...jwk, kty: 'XX' })],
    ['on an unknown curve', (jwk) => ({ ...jwk, crv: 'secp256k1' })],
    ['on a curve that every object has', (jwk) => ({ ...jwk, crv: 'toString' })],
    ['on another curve', (jwk) => ({ ...jwk, crv: 'P-384' })],
    ['beside its curve', (jwk) => ({ ...jwk, y: flip(jwk['y'] as string) })],
    ['at infinity', (jwk) => ({ ...jwk, x: '', y: '' })],
    ['with a longer x', (jwk) => ({ ...jwk, x: `AAAA${String(jwk['x'])}` })],
    ['without y', (jwk) => without(jwk, 'y')],
    ['RSA of 1024 bits', () => ({ kty: 'RSA', e: 'AQAB', n: toBase64Url(new Uint8Array(128).fill(0xff)) })],
    ['RSA of 2047 bits', () => ({ kty: 'RSA', e: 'AQAB', n: toBase64Url(new Uint8Array(256).fill(0x7f)) })],
    ['RSA of 8192 bits', () => ({ kty: 'RSA', e: 'AQAB', n: toBase64Url(new Uint8Array(1024).fill(0xff)) })],
    ['RSA with exponent 1', () => ({ kty: 'RSA', e: 'AQ', n: toBase64Url(new Uint8Array(256).fill(0xff)) })],
    ['RSA with an even exponent', () => ({ kty: 'RSA', e: 'Ag', n: toBase64Url(new Uint8Array(256).fill(0xff)) })],
    ['RSA with zeros before the modulus', () => ({ ...rsa, n: zeroBefore(rsa['n']) })],
    ['RSA with zeros before the exponent', () => ({ ...rsa, e: zeroBefore('Aw') })],
    ['RSA that is even', () => ({ kty: 'RSA', e: 'AQAB', n: toBase64Url(new Uint8Array(256).fill(0xfe)) })],
    ['on Curve25519 for agreement', () => ({ kty: 'OKP', crv: 'X25519', x: toBase64Url(new Uint8Array(32)) })],
    ['on Ed25519 and short', () => ({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' })],
  ])('that is %s is refused', async (_, change) => {
    expectProblem(await newAccount({ jwk: change(client.key.jwk) }), 400, 'badPublicKey');
  });

  it('that is no object is refused', async () => {
    expectProblem(await newAccount({ jwk: 'key' }), 400, 'malformed');
    expectProblem(await newAccount({ jwk: null }), 400, 'malformed');
  });

  it.each(['ES256', 'ES384', 'ES512', 'RS256'])('of %s serves', async (alg) => {
    expect((await createClient(world, { key: await createSigningKey(alg) })).accountUrl).toContain('/account/');
  });

  it('of Ed25519 serves', async () => {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true });
    const own = await createClient(world, { key: { alg: 'EdDSA', jwk: await exportJWK(publicKey), privateKey } });
    expect((await own.post(own.accountUrl)).status).toBe(200);
  });
});

describe('a signature that Apple shortened', () => {
  it.each([
    ['ES256', 'R', 0],
    ['ES256', 'S', 32],
    ['ES384', 'R', 0],
    ['ES384', 'S', 48],
  ] as const)('is taken (%s, %s)', async (alg, _, zero) => {
    const own = await createClient(world, { key: await createSigningKey(alg) });
    const header = { alg, url: own.accountUrl, kid: own.accountUrl, nonce: await own.nonce() };
    for (;;) {
      const jws = await sign(undefined, header, own.key);
      const signature = [...fromBase64Url(jws['signature'] as string)];
      if (signature[zero] !== 0) continue;
      signature.splice(zero, 1);
      const body = JSON.stringify({ ...jws, signature: toBase64Url(Uint8Array.from(signature)) });
      expect((await sendBody(world, own.accountUrl, body)).status).toBe(200);
      return;
    }
  });
});
