import { type Bytes, isBytes } from '../../../src/core/bytes.ts';
import type { CborValue } from './cbor.ts';
import { demand } from './protocol.ts';

/** What a lenient reader of attestation objects lets pass. */
export interface ObjectTolerance {
  readonly anyFormat?: boolean;
  readonly formatInAnyCase?: boolean;
  readonly keysInAnyCase?: boolean;
  readonly unknownKeys?: boolean;
  readonly anyAuthData?: boolean;
}

/** `{ fmt: 'apple', attStmt: { x5c: [bstr, ...] } }`, and `authData` absent or empty. */
export function objectReader(tolerance: ObjectTolerance = {}): (object: CborValue) => readonly Bytes[] {
  const entriesOf = (value: CborValue | undefined, keys: readonly string[]): ReadonlyMap<string, CborValue> => {
    demand(value instanceof Map, 'a value that is no CBOR map');
    const entries = [...(value as ReadonlyMap<string, CborValue>)].map(([key, item]) => {
      const known = tolerance.keysInAnyCase
        ? keys.find((name) => name.toLowerCase() === key.toLowerCase())
        : keys.find((name) => name === key);
      demand(known !== undefined || tolerance.unknownKeys === true, 'a key that no attestation object has');
      return [known ?? key, item] as const;
    });
    return new Map(entries);
  };
  const isApple = (format: string): boolean =>
    tolerance.anyFormat === true || (tolerance.formatInAnyCase ? format.toLowerCase() : format) === 'apple';

  return (object) => {
    const entries = entriesOf(object, ['fmt', 'attStmt', 'authData']);
    const format = entries.get('fmt');
    demand((typeof format === 'string' && isApple(format)) || tolerance.anyFormat === true, 'another format');
    const authData = entries.get('authData');
    const isEmpty = authData === undefined || (isBytes(authData) && authData.length === 0);
    demand(isEmpty || tolerance.anyAuthData === true, 'authData that is not empty');
    const x5c = entriesOf(entries.get('attStmt'), ['x5c']).get('x5c');
    demand(Array.isArray(x5c) && x5c.every(isBytes), 'no list of certificates');
    return x5c as readonly Bytes[];
  };
}
