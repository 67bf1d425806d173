import { describe, expect, it } from 'vitest';
import { bitString, concat, hex, integer, oid, sequence, tlv } from '../../src/testing/der-writer.ts';
import { keyFrom } from '../support/mint.ts';
import { verdictsWith } from './replaced.ts';

/** Keys and algorithms that no platform is to see, in a leaf and in a Sub CA whose signatures are right. */

describe('a SubjectPublicKeyInfo', () => {
  const EC = '1.2.840.10045.2.1';
  const P384 = oid('1.3.132.0.34');
  const { point } = keyFrom('a key');
  const PRIME = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
  const B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn;
  const coordinate = (value: bigint) => hex(value.toString(16).padStart(96, '0'));
  const x = point.subarray(1, 49);
  const y = point.subarray(49);
  const spki = (algorithm: string, parameters: Uint8Array, content: Uint8Array) =>
    sequence(sequence(oid(algorithm), parameters), bitString(content));
  const withPoint = (content: Uint8Array) => spki(EC, P384, content);
  const number = (part: Uint8Array) => BigInt(`0x${Buffer.from(part).toString('hex')}`);
  const p384Field = sequence(oid('1.2.840.10045.1.1'), integer(PRIME));
  const explicitParameters = (generator: Uint8Array) =>
    sequence(
      integer(1),
      p384Field,
      sequence(tlv(0x04, coordinate(PRIME - 3n)), tlv(0x04, coordinate(B))),
      tlv(0x04, generator),
      integer(2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn),
      integer(1),
    );

  it.each<[string, Uint8Array]>([
    ['the point at infinity', withPoint(Uint8Array.of(0))],
    ['the point at infinity, padded', withPoint(new Uint8Array(97))],
    ['no point', withPoint(new Uint8Array())],
    ['a hybrid point', withPoint(concat(Uint8Array.of(6 + (point[96]! & 1)), x, y))],
    ['a hybrid point of the wrong parity', withPoint(concat(Uint8Array.of(7 - (point[96]! & 1)), x, y))],
    ['a compressed point', withPoint(concat(Uint8Array.of(2 + (point[96]! & 1)), x))],
    ['a compressed point, padded', withPoint(concat(Uint8Array.of(2), x, new Uint8Array(48)))],
    ['a point of form 5', withPoint(concat(Uint8Array.of(5), x, y))],
    ['an uncompressed point in an OCTET STRING', withPoint(tlv(0x04, point))],
    ['a point with a byte more', withPoint(concat(point, Uint8Array.of(0)))],
    ['a point with a byte less', withPoint(point.subarray(0, 96))],
    ['the origin', withPoint(concat(Uint8Array.of(4), new Uint8Array(96)))],
    ['a point off the curve', withPoint(concat(Uint8Array.of(4), x, coordinate(number(y) ^ 1n)))],
    ['x and y exchanged', withPoint(concat(Uint8Array.of(4), y, x))],
    ['x of p', withPoint(concat(Uint8Array.of(4), coordinate(PRIME), y))],
    ['y of p', withPoint(concat(Uint8Array.of(4), x, coordinate(PRIME)))],
    ['all ones', withPoint(concat(Uint8Array.of(4), new Uint8Array(96).fill(0xff)))],
    ['a point of P-256', withPoint(keyFrom('a key', 'P-256').point)],
    ['a P-384 point named P-256', spki(EC, oid('1.2.840.10045.3.1.7'), point)],
    ['a P-384 point named P-521', spki(EC, oid('1.3.132.0.35'), point)],
    ['no parameters', spki(EC, new Uint8Array(), point)],
    ['NULL for parameters', spki(EC, hex('0500'), point)],
    ['two curves', spki(EC, concat(P384, P384), point)],
    ['a NULL behind the curve', spki(EC, concat(P384, hex('0500')), point)],
    ['explicit parameters', spki(EC, explicitParameters(point), point)],
    ['explicit parameters with the key for a generator (CVE-2020-0601)', spki(EC, explicitParameters(point), point)],
    ['P-224', spki(EC, oid('1.3.132.0.33'), point)],
    ['secp256k1', spki(EC, oid('1.3.132.0.10'), keyFrom('a key', 'P-256').point)],
    ['brainpoolP384r1', spki(EC, oid('1.3.36.3.3.2.8.1.1.11'), point)],
    ['SM2', spki(EC, oid('1.2.156.10197.1.301'), keyFrom('a key', 'P-256').point)],
    ['ecDH', spki('1.3.132.1.12', P384, point)],
    ['ecMQV', spki('1.3.132.1.13', P384, point)],
    ['an RSA key', spki('1.2.840.113549.1.1.1', hex('0500'), sequence(integer(2n ** 2047n + 1n), integer(65537)))],
    ['Ed25519', spki('1.3.101.112', new Uint8Array(), new Uint8Array(32))],
    ['X448', spki('1.3.101.111', new Uint8Array(), new Uint8Array(56))],
    ['ML-DSA-65', spki('2.16.840.1.101.3.4.3.18', new Uint8Array(), new Uint8Array(1952))],
    ['unused bits', sequence(sequence(oid(EC), P384), bitString(point, 1))],
    ['an OCTET STRING for the BIT STRING', sequence(sequence(oid(EC), P384), tlv(0x04, point))],
    ['nothing behind the algorithm', sequence(sequence(oid(EC), P384))],
    ['an empty SEQUENCE', sequence()],
    ['a point of 15,000 bytes', withPoint(new Uint8Array(15_000).fill(4))],
  ])('is refused with %s', async (_, publicKey) => {
    for (const code of await verdictsWith({ publicKey })) expect(code).toMatch(/^ERR_MDA_(KEY|DER)_/);
  });
});

describe('an algorithm', () => {
  const ecdsa = (hash: number) => oid(`1.2.840.10045.4.3.${hash}`);
  it.each<[string, Uint8Array]>([
    ['SHA-1', sequence(oid('1.2.840.10045.4.1'))],
    ['SHA-224', sequence(ecdsa(1))],
    ['the one after SHA-512', sequence(ecdsa(5))],
    ['the arc itself', sequence(oid('1.2.840.10045.4.3'))],
    ['below SHA-384', sequence(oid('1.2.840.10045.4.3.3.1'))],
    ['SHA-384 with NULL', sequence(ecdsa(3), hex('0500'))],
    ['SHA-384 with a curve', sequence(ecdsa(3), oid('1.3.132.0.34'))],
    ['RSA', sequence(oid('1.2.840.113549.1.1.12'), hex('0500'))],
    ['none', sequence()],
    ['an arc that 32 bits take for 3', sequence(oid('1.2.840.10045.4.3.4294967299'))],
    ['an OID of 7,000 bytes', sequence(tlv(0x06, new Uint8Array(7000).fill(0x81)))],
    ['an OID that does not end', sequence(hex('06082a8648ce3d040383'))],
    ['an OID with a padded arc', sequence(hex('06092a8648ce3d04038003'))],
    ['lengths of BER, in both', hex('30810a06082a8648ce3d040303')],
  ])('is refused in both places: %s', async (_, algorithm) => {
    for (const code of await verdictsWith({ innerAlgorithm: algorithm, outerAlgorithm: algorithm }))
      expect(code).toMatch(/^ERR_MDA_(CERTIFICATE_SIGNATURE_ALGORITHM|DER_)/);
  });

  it('is refused that differs inside and outside', async () => {
    for (const place of ['innerAlgorithm', 'outerAlgorithm'] as const)
      for (const code of await verdictsWith({ [place]: sequence(ecdsa(2)) }))
        expect(code).toBe('ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH');
  });
});
