import type { Bytes } from '../../../src/core/bytes.ts';
import {
  atEnd,
  derCursor,
  type DerCursor,
  enter,
  leave,
  readInteger,
  readOctetBitString,
  SEQUENCE,
  SET,
  skipOid,
} from '../../../src/core/der.ts';
import { readName } from '../../../src/core/name.ts';
import { describePublicKey, type PublicKey, readPublicKey } from '../../../src/core/public-key.ts';
import { readSignatureHash } from '../../../src/core/signature.ts';
import { demand } from './protocol.ts';
import type { Signed } from './signature.ts';

export interface Csr extends Signed {
  readonly key: PublicKey;
}

const ATTRIBUTES = 0xa0;
/** 1.3.6.1.4.1.311.2.1.14, whose extensions some readers take and others do not. */
export const MICROSOFT_EXTENSION_REQUEST = '2b06010401823702010e';

/** CertificationRequest (RFC 2986, 4), in DER alone. */
export function parseCsr(der: Bytes): Csr {
  const cursor = derCursor(der);
  const end = enter(cursor, SEQUENCE);
  const start = cursor.offset;
  const infoEnd = enter(cursor, SEQUENCE);
  const version = readInteger(cursor);
  demand(version.length === 1 && version[0] === 0, 'a certificate request of another version');
  readName(cursor);
  const key = describePublicKey(readPublicKey(cursor));
  readAttributes(cursor);
  leave(cursor, infoEnd);
  const data = der.slice(start, cursor.offset);
  const hash = readSignatureHash(cursor);
  const signature = new Uint8Array(readOctetBitString(cursor));
  leave(cursor, end);
  demand(atEnd(cursor), 'bytes after a certificate request');
  return { key, hash, signature, data };
}

/** Attributes ::= SET OF SEQUENCE { type OID, values SET SIZE (1..MAX) OF ANY }. */
function readAttributes(cursor: DerCursor): void {
  const end = enter(cursor, ATTRIBUTES);
  const seen: string[] = [];
  readSetOf(cursor, () => {
    const attributeEnd = enter(cursor, SEQUENCE);
    const oid = hexOf(cursor.bytes, skipOid(cursor), cursor.offset);
    demand(!seen.includes(oid), 'an attribute that occurs twice');
    demand(oid !== MICROSOFT_EXTENSION_REQUEST, 'extensions in the attribute of Microsoft');
    seen.push(oid);
    const valuesEnd = enter(cursor, SET);
    demand(!atEnd(cursor), 'an attribute without a value');
    readSetOf(cursor, () => skipAny(cursor));
    leave(cursor, valuesEnd);
    leave(cursor, attributeEnd);
  });
  leave(cursor, end);
}

/** X.690, 11.6: the elements of a SET OF stand in the order of their encodings. */
function readSetOf(cursor: DerCursor, read: () => void): void {
  let previous = '';
  while (!atEnd(cursor)) {
    const start = cursor.offset;
    read();
    const element = hexOf(cursor.bytes, start, cursor.offset);
    demand(previous <= element, 'a SET OF that is not in order');
    previous = element;
  }
}

const CONSTRUCTED = 0x20;

/** Any value, down to its leaves. */
function skipAny(cursor: DerCursor): void {
  const tag = cursor.bytes[cursor.offset]!;
  const end = enter(cursor, tag);
  if ((tag & CONSTRUCTED) === 0) cursor.offset = cursor.end;
  while (!atEnd(cursor)) skipAny(cursor);
  leave(cursor, end);
}

function hexOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('hex');
}
