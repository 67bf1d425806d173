import type { VectorFlag } from '../../../src/conformance/flags.ts';
import type { AttestationErrorCode } from '../../../src/index.ts';
import { array, byteString, map, text } from '../../../src/testing/cbor-writer.ts';
import { encodeAttestationObject } from '../../../src/testing/attestation-object.ts';
import { OBJECT_FAULTS, type ObjectFaultName } from '../../../src/testing/object-faults.ts';

type X5c = readonly Uint8Array[];

/** An attestation object that is wrong, for a chain that is right. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly fault: string;
  readonly code: AttestationErrorCode;
  readonly flags: readonly VectorFlag[];
  readonly source: string;
  readonly object: (x5c: X5c) => Uint8Array;
}

/** The entries of a genuine object. */
export const FORMAT = ['fmt', text('apple')] as const;
export const listOf = (x5c: X5c): Uint8Array => array(...x5c.map(byteString));
export const x5cEntry = (x5c: X5c): readonly [string, Uint8Array] => ['x5c', listOf(x5c)];
export const statement = (x5c: X5c): readonly [string, Uint8Array] => ['attStmt', map(x5cEntry(x5c))];
export const genuine = (x5c: X5c): Uint8Array => map(FORMAT, statement(x5c));

/** A fault that the package acts out by name; the vector has the rest of the name. */
export function acted(
  fault: ObjectFaultName,
  about: Pick<Row, 'title' | 'flags' | 'source'> & Partial<Pick<Row, 'fault'>>,
): Row {
  const { title, code } = OBJECT_FAULTS[fault];
  return {
    name: fault.replace('object-', ''),
    fault: title,
    code,
    ...about,
    object: (x5c) => encodeAttestationObject(x5c, { fault }),
  };
}
