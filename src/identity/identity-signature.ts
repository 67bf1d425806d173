import { type Bytes, equalBytes, fromHex } from '../core/bytes.ts';
import { type DerCursor, enter, SEQUENCE, skipOid } from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import { oidToString } from '../core/oid.ts';
import { type Hash, verifySignature } from '../core/signature.ts';
import type { IdentityKeyRecord } from './identity-key.ts';
import type { RsaKeyRecord } from './rsa-key.ts';

/** How an organisation's authority signs. */
export interface SignatureAlgorithm {
  readonly name: 'ECDSA' | 'RSASSA-PKCS1-v1_5' | 'RSA-PSS';
  readonly hash: Hash;
}

interface KnownAlgorithm extends SignatureAlgorithm {
  /** The whole AlgorithmIdentifier. */
  readonly der: Uint8Array;
  /** RSA-PSS: bytes of salt. */
  readonly saltLength: number;
}

const HASHES: readonly { readonly hash: Hash; readonly bytes: number }[] = [
  { hash: 'SHA-256', bytes: 32 },
  { hash: 'SHA-384', bytes: 48 },
  { hash: 'SHA-512', bytes: 64 },
];

const hex = (number: number): string => number.toString(16).padStart(2, '0');

/**
 * The allow-list, each in the one encoding that its RFC gives it: RFC 5758, 3.2, ECDSA without parameters; RFC 4055,
 * 5, PKCS #1 v1.5 with NULL; RFC 4055, 3.1, PSS with one hash throughout and a salt as long as the hash.
 */
const ALGORITHMS: readonly KnownAlgorithm[] = /* @__PURE__ */ HASHES.flatMap(({ hash, bytes }, index) => {
  // id-sha256, 384 and 512 end in 1, 2 and 3; sha…WithRSAEncryption in 11, 12 and 13; ecdsa-with-SHA… in 2, 3 and 4.
  const identifier = `300d060960864801650304020${index + 1}0500`;
  const pss = `a00f${identifier}a11c301a06092a864886f70d010108${identifier}a2030201${hex(bytes)}`;
  return [
    { name: 'ECDSA', hash, saltLength: 0, der: fromHex(`300a06082a8648ce3d0403${hex(index + 2)}`) },
    { name: 'RSASSA-PKCS1-v1_5', hash, saltLength: 0, der: fromHex(`300d06092a864886f70d0101${hex(index + 11)}0500`) },
    { name: 'RSA-PSS', hash, saltLength: bytes, der: fromHex(`304106092a864886f70d01010a3034${pss}`) },
  ] as const;
});

/** Reads the AlgorithmIdentifier of a signature: one of the allow-list, byte for byte. */
export function readSignatureAlgorithm(cursor: DerCursor): SignatureAlgorithm {
  const { bytes, offset: start } = cursor;
  const outerEnd = enter(cursor, SEQUENCE);
  const known = ALGORITHMS.find(({ der }) => equalBytes(bytes, der, start, cursor.end));
  if (known === undefined) {
    const oidStart = skipOid(cursor);
    throw new AttestationError('ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM', {
      offset: oidStart,
      oid: oidToString(bytes.subarray(oidStart, cursor.offset)),
    });
  }
  cursor.offset = cursor.end;
  cursor.end = outerEnd;
  return known;
}

/** The WebCrypto keys of RSA, by entry of the allow-list, imported once for as long as their record lives; ECDSA has its own in the core. */
const keys = /* @__PURE__ */ new WeakMap<RsaKeyRecord, Map<SignatureAlgorithm, CryptoKey | Promise<CryptoKey>>>();

function rsaKeyOf(key: RsaKeyRecord, algorithm: SignatureAlgorithm): CryptoKey | Promise<CryptoKey> {
  const imported = keys.get(key) ?? new Map<SignatureAlgorithm, CryptoKey | Promise<CryptoKey>>();
  keys.set(key, imported);
  const known = imported.get(algorithm);
  if (known !== undefined) return known;
  const { name, hash } = algorithm;
  const importing = crypto.subtle.importKey('spki', key.spki as Bytes, { name, hash }, false, ['verify']);
  imported.set(algorithm, importing);
  importing.then(
    (ready) => imported.set(algorithm, ready),
    () => imported.delete(algorithm),
  );
  return importing;
}

/**
 * Whether a signature of an organisation's authority verifies; false too where the algorithm is not one of the key.
 *
 * @throws AttestationError `ERR_MDA_DER_*` if an ECDSA signature is not strict DER or out of range
 */
export async function verifyIdentitySignature(
  key: IdentityKeyRecord,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  const { name, hash } = algorithm;
  if (key.keyType === 'EC') return name === 'ECDSA' && verifySignature(key, hash, signature, data);
  if (name === 'ECDSA') return false;
  const known = rsaKeyOf(key, algorithm);
  // No turn is given up for a key that is at hand, as with ECDSA.
  const cryptoKey = 'then' in known ? await known : known;
  const { saltLength } = algorithm as KnownAlgorithm;
  return crypto.subtle.verify({ name, saltLength }, cryptoKey, signature as Bytes, data as Bytes);
}
