import { toBase64Url } from './base64.ts';
import { type Bytes, equalBytes, fromHex, toBigInt } from './bytes.ts';
import { type Curve, curveOf, isOnCurve } from './curves.ts';
import { type DerCursor, enter, fail, leave, nextIs, readOctetBitString, skipOid, OID, SEQUENCE } from './der.ts';
import { refuseOid } from './oid.ts';

/** An elliptic curve public key (RFC 5480), its point known to lie on its curve. */
export interface PublicKey {
  readonly keyType: 'EC';
  readonly curve: 'P-256' | 'P-384' | 'P-521';
  /** SubjectPublicKeyInfo, DER: what `importKey('spki', …)` takes. */
  readonly spki: Bytes;
  /** Uncompressed point, `04 || x || y`: what `importKey('raw', …)` takes. */
  readonly point: Bytes;
  readonly jwk: EcPublicJwk;
}

/** RFC 7518, 6.2.1; the coordinates are base64url and as long as the curve requires. */
export interface EcPublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256' | 'P-384' | 'P-521';
  readonly x: string;
  readonly y: string;
}

/** Views on the bytes of a certificate; internal. */
export interface KeyRecord {
  readonly curve: Curve;
  readonly spki: Uint8Array;
  readonly point: Uint8Array;
}

const EC_PUBLIC_KEY = /* @__PURE__ */ fromHex('2a8648ce3d0201');

/**
 * Reads a SubjectPublicKeyInfo and judges it completely, so that no platform API ever sees a point at
 * infinity, a hybrid or compressed point, or explicit curve parameters (CVE-2020-0601): Node 20 aborts
 * the process on some of them.
 */
export function readPublicKey(cursor: DerCursor): KeyRecord {
  const start = cursor.offset;
  const outerEnd = enter(cursor, SEQUENCE);
  const algorithmEnd = enter(cursor, SEQUENCE);
  const { bytes } = cursor;
  const oidStart = skipOid(cursor);
  if (!equalBytes(bytes, EC_PUBLIC_KEY, oidStart, cursor.offset)) refuseOid(cursor, oidStart, 'ERR_MDA_KEY_ALGORITHM');
  // RFC 5480, 2.1.1: namedCurve alone; implicitCurve and specifiedCurve must not be used.
  if (!nextIs(cursor, OID)) fail(cursor, 'ERR_MDA_KEY_PARAMETERS');
  const curve = curveOf(bytes, skipOid(cursor), cursor.offset) ?? fail(cursor, 'ERR_MDA_KEY_CURVE');
  leave(cursor, algorithmEnd);
  const point = readOctetBitString(cursor);
  leave(cursor, outerEnd);

  // SEC 1, 2.3.3: 04 || x || y.
  const { size } = curve;
  if (point.length !== 1 + 2 * size || point[0] !== 4) fail(cursor, 'ERR_MDA_KEY_POINT');
  if (!isOnCurve(curve, toBigInt(point, 1, 1 + size), toBigInt(point, 1 + size, point.length)))
    fail(cursor, 'ERR_MDA_KEY_OFF_CURVE');
  return { curve, spki: bytes.subarray(start, cursor.offset), point };
}

export function describePublicKey({ curve, spki, point }: KeyRecord): PublicKey {
  return {
    keyType: 'EC',
    curve: curve.name,
    spki: new Uint8Array(spki),
    point: new Uint8Array(point),
    jwk: {
      kty: 'EC',
      crv: curve.name,
      x: toBase64Url(point.subarray(1, 1 + curve.size)),
      y: toBase64Url(point.subarray(1 + curve.size)),
    },
  };
}
