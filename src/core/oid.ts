import type { DerCursor } from './der.ts';
import type { AttestationErrorCode } from './error-codes.ts';
import { AttestationError } from './errors.ts';

/** The content of a DER OBJECT IDENTIFIER that the cursor has checked, in dotted form; exact for arcs of any size. */
export function oidToString(oid: Uint8Array): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of oid) {
    arc = arc * 128n + BigInt(byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  // X.690, 8.19.4: the first two arcs share a number; the first is 0, 1 or 2.
  const [joint, ...rest] = arcs as [bigint, ...bigint[]];
  const first = joint < 80n ? joint / 40n : 2n;
  return [first, joint - first * 40n, ...rest].join('.');
}

/** Refuses the OBJECT IDENTIFIER between `start` and the cursor, and says which it is: an algorithm of the future has a name. */
export function refuseOid(cursor: DerCursor, offset: number, code: AttestationErrorCode): never {
  throw new AttestationError(code, { offset, oid: oidToString(cursor.bytes.subarray(offset, cursor.offset)) });
}
