import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { p256 } from '@noble/curves/nist.js';
import { toBase64Url } from '../../src/index.ts';
import { encodeHardwareModuleName, encodePermanentIdentifier } from '../../src/acme/index.ts';
import type { EnclaveKey } from '../../src/testing/index.ts';
import { createCertificateRequest } from '../../src/testing/certificate-request-writer.ts';
import { concat, integer } from '../../src/testing/der-writer.ts';
import { spkiOf } from '../../src/testing/key.ts';
import { type Answer, type Client, createClient, csrOf, type PlacedOrder, readyOrder, statesOf } from './client.ts';
import { createWorld, type World } from './world.ts';

/** What an order may be finalized with (RFC 8555, 7.4). */

type Ready = PlacedOrder & { readonly key: EnclaveKey };

let world: World;
let client: Client;
let ready: Ready;
beforeAll(async () => {
  world = await createWorld();
  client = await createClient(world);
  // One for all: whatever is wrong with a request leaves it ready.
  ready = await readyOrder(client, world.device(), 'P-256');
});
afterAll(() => world.stop());
afterEach(() => expect(world.errors).toEqual([]));

const resultOf = ({ status, problem }: Answer) => [status, problem];
const finalize = (csr: unknown): Promise<Answer> => client.post(ready.finalizeUrl, { csr });
const request = async (
  options: Partial<Parameters<typeof createCertificateRequest>[0]> = {},
): Promise<Uint8Array<ArrayBuffer>> =>
  createCertificateRequest({ key: ready.key, subject: [[['CN', 'x']]], ...options });

describe('a certificate request', () => {
  const wrong: readonly [string, () => Promise<Uint8Array>][] = [
    ['for another key', async () => request({ key: await world.device().createKey({ curve: 'P-256' }) })],
    ['for a key on another curve', async () => request({ key: await world.device().createKey({ curve: 'P-384' }) })],
    [
      'for the attested key, signed by another',
      async () =>
        request({
          key: await world.device().createKey({ curve: 'P-256' }),
          replace: { publicKey: ready.key.publicKey },
        }),
    ],
    [
      'for another key, signed by the attested one',
      async () => request({ replace: { publicKey: (await world.device().createKey({ curve: 'P-256' })).publicKey } }),
    ],
    ['for the key with the same x and another y', () => request({ replace: { publicKey: mirrored(ready.key) } })],
    [
      'with a broken signature',
      () => request({ signature: (value) => value.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) }),
    ],
    ['with an empty signature', () => request({ signature: () => new Uint8Array() })],
    ['with trailing bytes', async () => concat(await request(), Uint8Array.of(0))],
    ['cut off', async () => (await request()).slice(0, -1)],
    ['of another version', () => request({ replace: { version: integer(1) } })],
    ['that is empty', () => Promise.resolve(new Uint8Array())],
    ['that is a certificate', () => Promise.resolve(world.ca.root)],
    ['of 64 kB', () => Promise.resolve(new Uint8Array(65_536))],
    [
      'that asks for another identifier',
      () => request({ subjectAltName: { other: [encodePermanentIdentifier({ identifierValue: 'SIMULATED2' })] } }),
    ],
    [
      'that asks for an identifier without a value',
      () => request({ subjectAltName: { other: [encodePermanentIdentifier({})] } }),
    ],
    [
      'that asks for another serial number',
      () =>
        request({
          subjectAltName: {
            other: [encodeHardwareModuleName({ type: '1.2.3', serialNumber: new TextEncoder().encode('SIMULATED2') })],
          },
        }),
    ],
    [
      'that asks for the serial number behind a byte order mark',
      () =>
        request({
          subjectAltName: {
            other: [
              encodeHardwareModuleName({ type: '1.2.3', serialNumber: new TextEncoder().encode('\ufeffSIMULATED1') }),
            ],
          },
        }),
    ],
  ];

  it.each(wrong)('%s is refused, and the order stays ready', async (_, make) => {
    expect(resultOf(await finalize(toBase64Url(await make())))).toEqual([400, 'badCSR']);
    expect(await statesOf(client, ready)).toBe('ready valid valid');
    expect(world.issued).toEqual([]);
  });

  it('that is not base64url is refused', async () => {
    const csr = toBase64Url(await request());
    for (const text of [`${csr}=`, `-----BEGIN CERTIFICATE REQUEST-----`, '+/'])
      expect(resultOf(await finalize(text))).toEqual([400, 'badCSR']);
    for (const value of [undefined, null, 7, {}, [csr]])
      expect(resultOf(await finalize(value))).toEqual([400, 'malformed']);
    expect(await statesOf(client, ready)).toBe('ready valid valid');
  });

  it('for the attested key is taken, after all that was wrong, and once', async () => {
    const serialNumber = new TextEncoder().encode('SIMULATED1');
    const own = {
      other: [
        encodePermanentIdentifier({ identifierValue: 'SIMULATED1' }),
        encodeHardwareModuleName({ type: '1.2.3', serialNumber }),
      ],
      dNSName: 'x.example',
    };
    const csr = await csrOf(ready.key, { subjectAltName: own });
    expect((await client.post(ready.finalizeUrl, csr)).body['status']).toBe('valid');
    expect(resultOf(await client.post(ready.finalizeUrl, csr))).toEqual([403, 'orderNotReady']);
    expect(await statesOf(client, ready)).toBe('valid valid valid');
    expect(world.issued).toHaveLength(1);
  });
});

/** The other point of the curve with the same x. */
function mirrored({ publicKey }: EnclaveKey): Uint8Array {
  const point = publicKey.slice(-65);
  const { x, y } = p256.Point.fromBytes(point).negate().toAffine();
  const coordinate = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
  expect([...coordinate(x)]).toEqual([...point.slice(1, 33)]);
  return spkiOf('P-256', concat(Uint8Array.of(4), coordinate(x), coordinate(y)));
}

describe('an order', () => {
  it('that is pending cannot be finalized', async () => {
    const placed = await client.order('SIMULATED1');
    const key = await world.device().createKey({ curve: 'P-256' });
    expect(resultOf(await client.post(placed.finalizeUrl, await csrOf(key)))).toEqual([403, 'orderNotReady']);
    expect(await statesOf(client, placed)).toBe('pending pending pending');
  });

  it('has no certificate before it is valid', async () => {
    const placed = await client.order('SIMULATED1');
    expect(resultOf(await client.post(placed.url.replace('/order/', '/certificate/')))).toEqual([404, 'malformed']);
  });
});

describe('what is ordered', () => {
  const order = (payload: object): Promise<Answer> => client.post(client.directory['newOrder']!, payload);
  const identifiers = (type: unknown, value: unknown) => ({ identifiers: [{ type, value }] });

  it.each<[string, object, string]>([
    ['nothing', {}, 'malformed'],
    ['no identifier', { identifiers: [] }, 'malformed'],
    ['text', { identifiers: 'SIMULATED1' }, 'malformed'],
    ['a list of lists', { identifiers: [[]] }, 'malformed'],
    [
      'two identifiers',
      {
        identifiers: [
          { type: 'permanent-identifier', value: 'A' },
          { type: 'permanent-identifier', value: 'B' },
        ],
      },
      'malformed',
    ],
    ['an identifier without type', identifiers(undefined, 'A'), 'malformed'],
    ['an identifier without value', identifiers('permanent-identifier', undefined), 'malformed'],
    ['a value that is no text', identifiers('permanent-identifier', 7), 'malformed'],
    ['a host name', identifiers('dns', 'example.com'), 'unsupportedIdentifier'],
    ['a hardware module', identifiers('hardware-module', 'A'), 'unsupportedIdentifier'],
    ['an empty value', identifiers('permanent-identifier', ''), 'rejectedIdentifier'],
    ['a value with a line feed', identifiers('permanent-identifier', 'A\nB'), 'rejectedIdentifier'],
    ['a value that is too long', identifiers('permanent-identifier', 'A'.repeat(257)), 'rejectedIdentifier'],
    ['a time', { ...identifiers('permanent-identifier', 'A'), notAfter: '2030-01-01T00:00:00Z' }, 'malformed'],
  ])('cannot be %s', async (_, payload, problem) => {
    expect(resultOf(await order(payload))).toEqual([400, problem]);
  });
});
