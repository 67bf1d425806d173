import { generateKeyPairSync } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from '../../src/index.ts';
import { bitString, concat, hex, integer, oid, octetString, sequence } from '../../src/testing/der-writer.ts';
import { mintLeafWith, parsedLeaf } from '../support/leaf.ts';
import { type CurveName, keyFrom, spkiOf } from '../support/mint.ts';
import { outcomeOf } from '../support/refusal.ts';

const CURVES = [
  ['P-256', p256, '1.2.840.10045.3.1.7', 32],
  ['P-384', p384, '1.3.132.0.34', 48],
  ['P-521', p521, '1.3.132.0.35', 66],
] as const;

const EC = '1.2.840.10045.2.1';
const key = keyFrom('public key', 'P-256');
const P256 = oid('1.2.840.10045.3.1.7');

function pointOf(x: bigint, y: bigint, size: number, form = 4): Uint8Array {
  const digits = (value: bigint): string => value.toString(16).padStart(2 * size, '0');
  return concat(Uint8Array.of(form), hex(digits(x) + digits(y)));
}

async function outcomeOfKey(publicKey: Uint8Array): Promise<string> {
  const der = await mintLeafWith({ publicKey });
  return outcomeOf(() => parseCertificate(der));
}

/** ECParameters of P-256 in full, with a generator of the attacker's choice: CVE-2020-0601. */
function explicitParameters(): Uint8Array {
  const { p, a, b, n } = p256.Point.CURVE();
  const field = (value: bigint): Uint8Array => octetString(hex(value.toString(16).padStart(64, '0')));
  return sequence(
    integer(1),
    sequence(oid('1.2.840.10045.1.1'), integer(p)),
    sequence(field(a), field(b)),
    octetString(key.point),
    integer(n),
    integer(1),
  );
}

describe.each(CURVES)('a key on %s', (name, noble, _, size) => {
  const { p, b, n } = noble.Point.CURVE();
  const curve: CurveName = name;
  const own = keyFrom('own', curve);

  it('is described by its curve, its point and its JWK', async () => {
    const { publicKey }: Certificate = await parsedLeaf({ key: own });
    expect(publicKey).toEqual({
      keyType: 'EC',
      curve: name,
      spki: own.spki,
      point: own.point,
      jwk: {
        kty: 'EC',
        crv: name,
        x: Buffer.from(own.point.subarray(1, 1 + size)).toString('base64url'),
        y: Buffer.from(own.point.subarray(1 + size)).toString('base64url'),
      },
    });
    const algorithm = { name: 'ECDSA', namedCurve: name };
    await expect(crypto.subtle.importKey('spki', publicKey.spki, algorithm, true, [])).resolves.toBeDefined();
    await expect(crypto.subtle.importKey('raw', publicKey.point, algorithm, true, [])).resolves.toBeDefined();
    await expect(crypto.subtle.importKey('jwk', publicKey.jwk, algorithm, true, [])).resolves.toBeDefined();
  });

  it('has coordinates of full length, even where they begin with zeros', async () => {
    // Twice the base point, and so on, until a coordinate begins with a zero byte.
    let point = noble.Point.BASE;
    while (point.toBytes(false)[1] !== 0) point = point.add(noble.Point.BASE);
    const bytes = point.toBytes(false);
    const { publicKey } = await parsedLeaf({ key: { spki: spkiOf(curve, bytes) } });
    expect(publicKey.point).toEqual(new Uint8Array(bytes));
    expect(Buffer.from(publicKey.jwk.x, 'base64url')).toHaveLength(size);
  });

  it('may be the base point, its double and its negative', async () => {
    const { BASE } = noble.Point;
    for (const point of [BASE, BASE.double(), BASE.negate()])
      expect(await outcomeOfKey(spkiOf(curve, point.toBytes(false)))).toBe('accepted');
  });

  it('may not be another form of its point', async () => {
    const compressed = noble.Point.fromBytes(own.point).toBytes(true);
    const wrong: [title: string, point: Uint8Array][] = [
      ['the point at infinity', hex('00')],
      ['nothing', hex('')],
      ['compressed', compressed],
      ['hybrid 06', concat(hex('06'), own.point.subarray(1))],
      ['hybrid 07', concat(hex('07'), own.point.subarray(1))],
      ['form 00', concat(hex('00'), own.point.subarray(1))],
      ['form 02 of full length', concat(hex('02'), own.point.subarray(1))],
      ['form 05', concat(hex('05'), own.point.subarray(1))],
      ['without its form', own.point.subarray(1)],
      ['a byte short', own.point.subarray(0, -1)],
      ['a byte long', concat(own.point, hex('00'))],
      ['the form alone', hex('04')],
      ['the x coordinate alone', own.point.subarray(0, 1 + size)],
    ];
    const outcomes: string[] = [];
    for (const [title, point] of wrong) outcomes.push(`${title}: ${await outcomeOfKey(spkiOf(curve, point))}`);
    expect(outcomes).toEqual(wrong.map(([title]) => `${title}: ERR_MDA_KEY_POINT`));
  });

  it('lies on the curve, its coordinates below the prime', async () => {
    const [x, y] = [own.point.subarray(1, 1 + size), own.point.subarray(1 + size)].map((half) =>
      BigInt(`0x${Buffer.from(half).toString('hex')}`),
    ) as [bigint, bigint];
    const limit = 2n ** BigInt(8 * size);
    // A point with a small coordinate has a second encoding, with the prime added, where the bytes have room.
    const { Fp } = noble.Point;
    let small = 0n;
    let root: bigint | undefined;
    while (root === undefined) {
      const square = Fp.create(small ** 3n - 3n * small + b);
      if (Fp.pow(square, (p - 1n) / 2n) === 1n) root = Fp.sqrt(square);
      else small++;
    }
    expect(await outcomeOfKey(spkiOf(curve, pointOf(small, root, size)))).toBe('accepted');
    const wrong: [title: string, x: bigint, y: bigint][] = [
      ['zero', 0n, 0n],
      ['x and y exchanged', y, x],
      ['x one more', x + 1n, y],
      ['y one more', x, y + 1n],
      ['y of the last bit', x, y ^ 1n],
      ['x is p', p, y],
      ['y is p', x, p],
      ['everything ones', limit - 1n, limit - 1n],
      ['the order', n, n],
    ];
    if (small + p < limit) wrong.push(['small x and p', small + p, root]);
    const outcomes: string[] = [];
    for (const [title, ...point] of wrong)
      outcomes.push(`${title}: ${await outcomeOfKey(spkiOf(curve, pointOf(...point, size)))}`);
    expect(outcomes).toEqual(wrong.map(([title]) => `${title}: ERR_MDA_KEY_OFF_CURVE`));
  });

  it('is of its own size: the points of other curves are refused', async () => {
    for (const [other] of CURVES)
      if (other !== name)
        expect(await outcomeOfKey(spkiOf(curve, keyFrom('own', other).point))).toBe('ERR_MDA_KEY_POINT');
  });
});

const spki = (algorithm: Uint8Array, point: Uint8Array = bitString(key.point)): Uint8Array =>
  sequence(algorithm, point);
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' });
const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' });
const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });

describe('a key is refused that', () => {
  it.each<[title: string, publicKey: Uint8Array, code: string]>([
    ['is of RSA', rsa, 'ERR_MDA_KEY_ALGORITHM'],
    ['is of Ed25519', ed25519, 'ERR_MDA_KEY_ALGORITHM'],
    ['is of ECDH alone', spki(sequence(oid('1.3.132.1.12'), P256)), 'ERR_MDA_KEY_ALGORITHM'],
    ['is of something below ecPublicKey', spki(sequence(oid(`${EC}.1`), P256)), 'ERR_MDA_KEY_ALGORITHM'],
    ['is of what ecPublicKey is below', spki(sequence(oid('1.2.840.10045.2'), P256)), 'ERR_MDA_KEY_ALGORITHM'],
    ['has no algorithm', spki(sequence()), 'ERR_MDA_DER_TRUNCATED'],
    ['has no parameters', spki(sequence(oid(EC))), 'ERR_MDA_KEY_PARAMETERS'],
    ['inherits its curve', spki(sequence(oid(EC), hex('0500'))), 'ERR_MDA_KEY_PARAMETERS'],
    ['spells out its curve', spki(sequence(oid(EC), explicitParameters())), 'ERR_MDA_KEY_PARAMETERS'],
    ['has an empty SEQUENCE for its curve', spki(sequence(oid(EC), sequence())), 'ERR_MDA_KEY_PARAMETERS'],
    ['is on P-192', spki(sequence(oid(EC), oid('1.2.840.10045.3.1.1'))), 'ERR_MDA_KEY_CURVE'],
    ['is on P-224', spki(sequence(oid(EC), oid('1.3.132.0.33'))), 'ERR_MDA_KEY_CURVE'],
    ['is on secp256k1', secp256k1.publicKey.export({ format: 'der', type: 'spki' }), 'ERR_MDA_KEY_CURVE'],
    ['is on brainpoolP256r1', spki(sequence(oid(EC), oid('1.3.36.3.3.2.8.1.1.7'))), 'ERR_MDA_KEY_CURVE'],
    ['is on something below P-256', spki(sequence(oid(EC), oid('1.2.840.10045.3.1.7.1'))), 'ERR_MDA_KEY_CURVE'],
    ['is on a padded P-256', spki(sequence(oid(EC), hex('06092a8648ce3d03018007'))), 'ERR_MDA_DER_OID'],
    ['has two curves', spki(sequence(oid(EC), P256, P256)), 'ERR_MDA_DER_TRAILING'],
    ['has a NULL after its curve', spki(sequence(oid(EC), P256, hex('0500'))), 'ERR_MDA_DER_TRAILING'],
    ['has no point', spki(sequence(oid(EC), P256), hex('')), 'ERR_MDA_DER_TRUNCATED'],
    ['has an OCTET STRING for a point', spki(sequence(oid(EC), P256), octetString(key.point)), 'ERR_MDA_DER_TAG'],
    ['has a point of no bits', spki(sequence(oid(EC), P256), hex('0300')), 'ERR_MDA_DER_BIT_STRING'],
    ['has a point with unused bits', spki(sequence(oid(EC), P256), bitString(key.point, 1)), 'ERR_MDA_DER_BIT_STRING'],
    [
      'has something after its point',
      sequence(sequence(oid(EC), P256), bitString(key.point), hex('0500')),
      'ERR_MDA_DER_TRAILING',
    ],
    ['is a BIT STRING alone', bitString(key.point), 'ERR_MDA_DER_TAG'],
  ])('%s', async (_, publicKey, code) => {
    expect(await outcomeOfKey(publicKey)).toBe(code);
  });
});
