import { type Bytes, fromHex } from '../core/bytes.ts';

/**
 * SHA-256 (FIPS 180-4), in one turn. WebCrypto's `digest` goes through the thread pool, which takes several times as
 * long as it takes to hash the hundred bytes that the validator has, and queues up behind the signatures of others.
 * For public data: nothing here is hardened against observation.
 */

// FIPS 180-4, 4.2.2: the fractional parts of the cube roots of the first 64 primes.
const CONSTANTS = /* @__PURE__ */ words(
  '428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5d807aa9812835b01243185be550c7dc372be5d7480deb1fe9bdc06a7c19bf174' +
    'e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca635114292967' +
    '27b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070' +
    '19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3748f82ee78a5636f84c878148cc7020890befffaa4506cebbef9a3f7c67178f2',
);
// 5.3.3: those of the square roots of the first eight.
const INITIAL = /* @__PURE__ */ words('6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19');

const BLOCK_BYTES = 64;

function words(hex: string): Int32Array {
  const view = new DataView(fromHex(hex).buffer);
  return Int32Array.from({ length: hex.length / 8 }, (_, index) => view.getInt32(4 * index));
}

/** Work space, which one call after the other uses from its beginning: an allocation takes longer than a block. */
const schedule = /* @__PURE__ */ new Int32Array(64);
const lastBlocks = /* @__PURE__ */ new Uint8Array(2 * BLOCK_BYTES);

/** 32 bytes. */
export function sha256(data: Uint8Array): Bytes {
  const hash = INITIAL.slice();
  const whole = data.length - (data.length % BLOCK_BYTES);
  for (let offset = 0; offset < whole; offset += BLOCK_BYTES) compress(hash, data, offset);
  // 5.1.1: a one bit, zeros, and the length in bits fill the last block.
  const rest = data.length - whole;
  const end = rest + 9 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES;
  lastBlocks.fill(0);
  lastBlocks.set(data.subarray(whole));
  lastBlocks[rest] = 0x80;
  for (let i = 1, length = data.length * 8; length > 0; i++, length = Math.floor(length / 256))
    lastBlocks[end - i] = length % 256;
  for (let offset = 0; offset < end; offset += BLOCK_BYTES) compress(hash, lastBlocks, offset);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i++) digest[i] = hash[i >> 2]! >>> (24 - 8 * (i & 3));
  return digest;
}

/** 6.2.2. */
function compress(hash: Int32Array, data: Uint8Array, offset: number): void {
  for (let t = 0, at = offset; t < 16; t++, at += 4)
    schedule[t] = (data[at]! << 24) | (data[at + 1]! << 16) | (data[at + 2]! << 8) | data[at + 3]!;
  for (let t = 16; t < 64; t++) {
    const w15 = schedule[t - 15]!;
    const w2 = schedule[t - 2]!;
    const sigma0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const sigma1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    schedule[t] = sigma1 + schedule[t - 7]! + sigma0 + schedule[t - 16]!;
  }
  // By index: an iterator would cost as much as the rounds.
  let a = hash[0]!;
  let b = hash[1]!;
  let c = hash[2]!;
  let d = hash[3]!;
  let e = hash[4]!;
  let f = hash[5]!;
  let g = hash[6]!;
  let h = hash[7]!;
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + CONSTANTS[t]! + schedule[t]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  hash[0]! += a;
  hash[1]! += b;
  hash[2]! += c;
  hash[3]! += d;
  hash[4]! += e;
  hash[5]! += f;
  hash[6]! += g;
  hash[7]! += h;
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
