import type { DerCursor } from '../core/der.ts';
import { describePublicKey, type KeyRecord, type PublicKey, readPublicKey } from '../core/public-key.ts';
import { describeRsaKey, nextIsRsaKey, readRsaKey, type RsaKeyRecord, type RsaPublicKey } from './rsa-key.ts';

/** A key of an organisation's certificate. That of a device which attests is an EC key. */
export type IdentityPublicKey = PublicKey | RsaPublicKey;

/** Views on the bytes of a certificate; internal. */
export type IdentityKeyRecord = EcKeyRecord | RsaKeyRecord;

export interface EcKeyRecord extends KeyRecord {
  readonly keyType: 'EC';
  /** The content of the BIT STRING, which key identifiers and OCSP hash. */
  readonly keyBits: Uint8Array;
}

/** Reads a SubjectPublicKeyInfo: of an elliptic curve as the core reads it, or of RSA. */
export function readIdentityKey(cursor: DerCursor): IdentityKeyRecord {
  if (nextIsRsaKey(cursor)) return readRsaKey(cursor);
  const key = readPublicKey(cursor);
  return Object.assign(key, { keyType: 'EC' as const, keyBits: key.point });
}

export function describeIdentityKey(key: IdentityKeyRecord): IdentityPublicKey {
  return key.keyType === 'RSA' ? describeRsaKey(key) : describePublicKey(key);
}
