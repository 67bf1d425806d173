import { byteAt, type Bytes, equalBytes, fromHex, toBigInt } from './bytes.ts';
import type { Curve } from './curves.ts';
import { atEnd, derCursor, type DerCursor, enter, fail, leave, readPositiveInteger, SEQUENCE, skipOid } from './der.ts';
import { refuseOid } from './oid.ts';
import type { KeyRecord } from './public-key.ts';

/** A hash of SHA-2, as WebCrypto names it. */
export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512';

// RFC 5758, 3.2: ecdsa-with-SHA2 is 1.2.840.10045.4.3, and below it 2, 3 and 4 are these.
const ECDSA_WITH_SHA2 = /* @__PURE__ */ fromHex('2a8648ce3d0403');
const HASHES: readonly (Hash | undefined)[] = [undefined, undefined, 'SHA-256', 'SHA-384', 'SHA-512'];

/** Reads the AlgorithmIdentifier of a certificate's signature: one of the allow-list, without parameters. */
export function readSignatureHash(cursor: DerCursor): Hash {
  const end = enter(cursor, SEQUENCE);
  const { bytes } = cursor;
  const start = skipOid(cursor);
  const last = cursor.offset - 1;
  const hash = equalBytes(bytes, ECDSA_WITH_SHA2, start, last) ? HASHES[byteAt(bytes, last)] : undefined;
  if (hash === undefined) refuseOid(cursor, start, 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM');
  leave(cursor, end);
  return hash;
}

/**
 * Turns Ecdsa-Sig-Value (RFC 3279, 2.2.3) into the `r || s` of WebCrypto. Strict: DER alone, both
 * numbers from 1 to n - 1, so that a signature has one form only, apart from its mirror image n - s.
 */
function toRawSignature(signature: Uint8Array, curve: Curve): Bytes {
  const cursor = derCursor(signature);
  const raw = new Uint8Array(2 * curve.size);
  const end = enter(cursor, SEQUENCE);
  readScalar(cursor, curve, raw, curve.size);
  readScalar(cursor, curve, raw, 2 * curve.size);
  leave(cursor, end);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_DER_TRAILING');
  return raw;
}

/** Reads a number from 1 to n - 1 into the bytes of `raw` that end at `end`. */
function readScalar(cursor: DerCursor, { size, order }: Curve, raw: Uint8Array, end: number): void {
  const scalar = readPositiveInteger(cursor);
  if (scalar.length > size) fail(cursor, 'ERR_MDA_DER_INTEGER');
  raw.set(scalar, end - scalar.length);
  if (toBigInt(raw, end - size, end) >= order) fail(cursor, 'ERR_MDA_DER_INTEGER');
}

const keys = /* @__PURE__ */ new WeakMap<KeyRecord, CryptoKey | Promise<CryptoKey>>();

/** The WebCrypto key, imported once for as long as its record lives; an import that failed is tried again. */
function cryptoKeyOf(key: KeyRecord): CryptoKey | Promise<CryptoKey> {
  return keys.get(key) ?? importKey(key);
}

function importKey(key: KeyRecord): Promise<CryptoKey> {
  // The raw point is imported three times as fast as the SubjectPublicKeyInfo, which was judged before.
  const algorithm = { name: 'ECDSA', namedCurve: key.curve.name };
  const importing = crypto.subtle.importKey('raw', key.point as Bytes, algorithm, false, ['verify']);
  keys.set(key, importing);
  importing.then(
    (imported) => keys.set(key, imported),
    () => keys.delete(key),
  );
  return importing;
}

/**
 * Whether a signature verifies: judged here for its form, by WebCrypto for its arithmetic.
 *
 * @throws AttestationError `ERR_MDA_DER_*` if the signature is not strict DER or out of range
 */
export async function verifySignature(
  key: KeyRecord,
  hash: Hash,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  const raw = toRawSignature(signature, key.curve);
  const known = cryptoKeyOf(key);
  // No turn is given up for a key that is at hand: the platform starts at once.
  const cryptoKey = 'then' in known ? await known : known;
  return crypto.subtle.verify({ name: 'ECDSA', hash }, cryptoKey, raw, data as Bytes);
}
