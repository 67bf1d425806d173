/**
 * How implementations of WebCrypto differ where a verifier of attestations could notice. Nothing here goes through
 * the library: it asks for what the library asks for, and for what the library keeps from the platform.
 */

type Curve = 'P-256' | 'P-384' | 'P-521';
type Bytes = Uint8Array<ArrayBuffer>;

const hash = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', 'P-521': 'SHA-512' } as const;
const size = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;
const DATA = new TextEncoder().encode('what was signed');

const generate = (namedCurve: Curve): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify']);
const importRaw = (namedCurve: Curve, point: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve }, false, ['verify']);
const pointOf = async ({ publicKey }: CryptoKeyPair): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));

async function signAndVerify(curve: Curve): Promise<boolean> {
  const { privateKey, publicKey } = await generate(curve);
  const algorithm = { name: 'ECDSA', hash: hash[curve] };
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, DATA));
  return signature.length === 2 * size[curve] && crypto.subtle.verify(algorithm, publicKey, signature, DATA);
}

/** What `verify` says of a signature that is something else than `r || s` of the right length. */
async function verifyOdd(change: (raw: Bytes) => Bytes): Promise<boolean> {
  const { privateKey, publicKey } = await generate('P-384');
  const algorithm = { name: 'ECDSA', hash: 'SHA-384' };
  const raw = new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, DATA));
  return crypto.subtle.verify(algorithm, publicKey, change(raw), DATA);
}

/** A DER INTEGER of an unsigned number. */
function integer(number: Bytes): number[] {
  const digits = Array.from(number.subarray(number.findIndex((byte) => byte !== 0)));
  if (digits[0]! > 0x7f) digits.unshift(0);
  return [2, digits.length, ...digits];
}

function derOf(raw: Bytes): Bytes {
  const content = [...integer(raw.subarray(0, raw.length / 2)), ...integer(raw.subarray(raw.length / 2))];
  return Uint8Array.from([0x30, content.length, ...content]);
}

async function compressed(): Promise<CryptoKey> {
  const point = await pointOf(await generate('P-384'));
  return importRaw('P-384', Uint8Array.from([2 + (point[96]! & 1), ...point.subarray(1, 49)]));
}

async function hybrid(): Promise<CryptoKey> {
  const point = await pointOf(await generate('P-384'));
  return importRaw('P-384', Uint8Array.from([6 + (point[96]! & 1), ...point.subarray(1)]));
}

async function offCurve(): Promise<CryptoKey> {
  const point = await pointOf(await generate('P-384'));
  point[96]! ^= 1;
  return importRaw('P-384', point);
}

async function trailing(): Promise<CryptoKey> {
  const { publicKey } = await generate('P-384');
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-384' };
  return crypto.subtle.importKey('spki', Uint8Array.from([...spki, 0]), algorithm, false, ['verify']);
}

async function otherHash(): Promise<boolean> {
  const { privateKey, publicKey } = await generate('P-384');
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(algorithm, privateKey, DATA);
  return crypto.subtle.verify(algorithm, publicKey, signature, DATA);
}

/** RSA is for the certificates of organisations, in `./identity`. */
async function signAndVerifyRsa(name: 'RSASSA-PKCS1-v1_5' | 'RSA-PSS', saltLength?: number): Promise<boolean> {
  const parameters = { name, hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(parameters, false, ['sign', 'verify']);
  const algorithm = saltLength === undefined ? name : { name, saltLength };
  const signature = await crypto.subtle.sign(algorithm, privateKey, DATA);
  return crypto.subtle.verify(algorithm, publicKey, signature, DATA);
}

/** A public key of that many bits, which nobody has the factors of, and whether a signature can be held against it. */
async function largeRsa(bits: number, publicExponent: string): Promise<boolean> {
  const modulus = Uint8Array.from({ length: bits / 8 }, (_, index) => (index * 89 + 0x81) | 1);
  const base64Url = btoa(String.fromCharCode(...modulus))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const jwk = { kty: 'RSA', n: base64Url, e: publicExponent };
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
  return !(await crypto.subtle.verify(algorithm, key, new Uint8Array(bits / 8), DATA));
}

async function shared(): Promise<boolean> {
  const data = new Uint8Array(new SharedArrayBuffer(8)) as unknown as Bytes;
  await crypto.subtle.digest('SHA-256', data);
  return true;
}

async function twice(): Promise<boolean> {
  const { privateKey } = await generate('P-256');
  const sign = async () =>
    String(new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, DATA)));
  return (await sign()) === (await sign());
}

function evaluates(): boolean {
  // What a bundle for a worker must not need.
  return (0, eval)('true') as boolean;
}

const accepted = async (attempt: Promise<unknown>): Promise<boolean> => {
  await attempt;
  return true;
};

/** A clock tells attackers what a processor does, so some runtimes stop theirs while there is nothing to wait for. */
function clockMoves(): boolean {
  const start = Date.now();
  for (let i = 0; i < 1e9; i++) if (i % 1e6 === 0 && Date.now() > start) return true;
  return false;
}

/** The questions, each answered by yes, no, or the name of what is thrown. */
export const PROBES: Readonly<Record<string, () => Promise<boolean> | boolean>> = {
  'ECDSA with P-256': () => signAndVerify('P-256'),
  'ECDSA with P-384': () => signAndVerify('P-384'),
  'ECDSA with P-521': () => signAndVerify('P-521'),
  'P-384 with SHA-256': otherHash,
  'SHA-1 as a digest': () => accepted(crypto.subtle.digest('SHA-1', DATA)),
  'RSA with PKCS #1 v1.5, 2048 bits': () => signAndVerifyRsa('RSASSA-PKCS1-v1_5'),
  'RSA with PSS, 2048 bits': () => signAndVerifyRsa('RSA-PSS', 32),
  'takes an RSA key of 4096 bits': () => largeRsa(4096, 'AQAB'),
  'takes an RSA key of 8192 bits': () => largeRsa(8192, 'AQAB'),
  'takes an RSA key of 16384 bits': () => largeRsa(16_384, 'AQAB'),
  'takes an RSA key with the exponent 3': () => largeRsa(2048, 'Aw'),
  'takes an RSA key with the exponent 1': () => largeRsa(2048, 'AQ'),
  'a signature in DER verifies': () => verifyOdd(derOf),
  'a signature one byte short verifies': () => verifyOdd((raw) => raw.slice(1)),
  'a signature with a byte appended verifies': () => verifyOdd((raw) => Uint8Array.from([...raw, 0])),
  'r and s of zero verify': () => verifyOdd((raw) => new Uint8Array(raw.length)),
  'an empty signature verifies': () => verifyOdd(() => new Uint8Array()),
  'imports a compressed point': () => accepted(compressed()),
  'imports a hybrid point': () => accepted(hybrid()),
  'imports a point off the curve': () => accepted(offCurve()),
  'imports the point at infinity': () => accepted(importRaw('P-384', new Uint8Array(1))),
  'imports an SPKI with a byte after it': () => accepted(trailing()),
  'digests shared memory': shared,
  'signs the same bytes the same': twice,
  'code from strings runs': evaluates,
  'the clock moves while code runs': clockMoves,
  'has Ed25519': () => accepted(crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])),
};

/** What this runtime answers to each probe. */
export async function probeWebCrypto(): Promise<Readonly<Record<string, string>>> {
  const answers: Record<string, string> = {};
  for (const [name, probe] of Object.entries(PROBES))
    answers[name] = await Promise.resolve()
      .then(probe)
      .then(
        (yes) => (yes ? 'yes' : 'no'),
        (error: unknown) => (error instanceof Error || error instanceof DOMException ? error.name : String(error)),
      );
  return answers;
}
