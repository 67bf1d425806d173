import { p384 } from '@noble/curves/nist.js';
import { toBigInt } from '../../src/core/bytes.ts';
import { concat, hex } from '../../src/testing/der-writer.ts';
import { digest, type HashName } from '../../src/testing/key.ts';

const { Point } = p384;
const { Fn } = Point;
const SIZE = 48;

/** What a signature on P-384 rests on besides the data; nobody but a test chooses `nonce` or `base`. */
export interface Signing {
  readonly secret: bigint;
  readonly nonce: bigint;
  readonly base?: InstanceType<typeof Point>;
}

/** A number as wide as a coordinate of P-384. */
export function wide(value: bigint): Uint8Array {
  return hex(value.toString(16).padStart(2 * SIZE, '0'));
}

/** ECDSA (FIPS 186-5, 6.4.1) on P-384 by the book; raw `r || s`. */
export function signByHand({ secret, nonce, base = Point.BASE }: Signing, data: Uint8Array, hash: HashName) {
  const hashed = digest(hash, data);
  const r = Fn.create(base.multiply(nonce).toAffine().x);
  const s = Fn.mul(Fn.inv(nonce), Fn.add(Fn.create(toBigInt(hashed, 0, hashed.length)), Fn.mul(r, secret)));
  return concat(wide(r), wide(s));
}
