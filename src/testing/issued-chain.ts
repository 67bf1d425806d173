import { type Bytes, equalBytes } from '../core/bytes.ts';
import { type DerCursor, derCursor, enter, INTEGER, nextIs, SEQUENCE, skipContent } from '../core/der.ts';
import { fromPem } from '../core/pem.ts';

/** A certificate chain as an ACME server hands it out. */
export interface IssuedChain {
  readonly certificateChainPem: string;
  readonly certificateChain: readonly Bytes[];
  /** Whether the first certificate is for the key. */
  readonly isForKey: boolean;
}

const VERSION = 0xa0;

/** Reads the chain; undefined if it holds no certificates. */
export function readIssuedChain(certificateChainPem: string, publicKey: Uint8Array): IssuedChain | undefined {
  try {
    const certificateChain = fromPem(certificateChainPem);
    const spki = publicKeyOf(derCursor(certificateChain[0]!));
    return { certificateChainPem, certificateChain, isForKey: equalBytes(spki, publicKey) };
  } catch {
    return undefined;
  }
}

/** The SubjectPublicKeyInfo of a certificate of any algorithm: the issuer is not Apple's. */
function publicKeyOf(cursor: DerCursor): Uint8Array {
  enter(cursor, SEQUENCE);
  enter(cursor, SEQUENCE);
  if (nextIs(cursor, VERSION)) skipContent(cursor, VERSION);
  skipContent(cursor, INTEGER);
  // Signature algorithm, issuer, validity, subject.
  for (let field = 0; field < 4; field++) skipContent(cursor, SEQUENCE);
  const start = cursor.offset;
  skipContent(cursor, SEQUENCE);
  return cursor.bytes.subarray(start, cursor.offset);
}
