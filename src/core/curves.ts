import { equalBytes, fromHex } from './bytes.ts';

/** A curve that this library verifies on: y^2 = x^3 - 3x + b over the field of prime p (FIPS 186-5, SP 800-186). */
export interface Curve {
  readonly name: 'P-256' | 'P-384' | 'P-521';
  readonly oid: Uint8Array;
  /** Bytes in a coordinate, and in either half of a raw signature. */
  readonly size: number;
  readonly p: bigint;
  readonly b: bigint;
  /** Order of the base point: r and s of a signature are below it. */
  readonly order: bigint;
}

const CURVES: readonly Curve[] = /* @__PURE__ */ [
  {
    name: 'P-384',
    oid: fromHex('2b81040022'),
    size: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    order: 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn,
  },
  {
    name: 'P-256',
    oid: fromHex('2a8648ce3d030107'),
    size: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    order: 2n ** 256n - 2n ** 224n + 2n ** 192n - 0x4319055258e8617b0c46353d039cdaafn,
  },
  {
    name: 'P-521',
    oid: fromHex('2b81040023'),
    size: 66,
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    order: 2n ** 521n - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n,
  },
];

/** The curve whose OID stands in the range. */
export function curveOf(bytes: Uint8Array, start: number, end: number): Curve | undefined {
  return CURVES.find(({ oid }) => equalBytes(bytes, oid, start, end));
}

/** Whether both coordinates are in the field and the point solves the equation of the curve. */
export function isOnCurve({ p, b }: Curve, x: bigint, y: bigint): boolean {
  return x < p && y < p && (y * y - (x * x - 3n) * x - b) % p === 0n;
}
