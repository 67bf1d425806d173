import { type Bytes, copyBytes, equalBytes } from '../core/bytes.ts';
import { derCursor, enter, fail, SEQUENCE } from '../core/der.ts';
import { AttestationError } from '../core/errors.ts';
import type { AttestedProperties } from '../core/properties.ts';
import { MAX_ALTERNATIVE_NAME_BYTES, parseSubjectAlternativeNames } from '../acme/alternative-names.ts';
import { tlv } from '../acme/der-writer.ts';
import { encodeHardwareModuleName, encodePermanentIdentifier } from '../acme/encode-name.ts';
import { isVisible } from '../acme/general-name.ts';
import { APPLE_ARC } from './oids.ts';

/**
 * The names of the device, as GeneralNames: a permanent identifier (RFC 4043), assigned by the authority that issues, and a
 * hardware module name (RFC 4108), whose type is Apple's OID of the property that the number is. Both are the serial
 * number, or the UDID where no serial number is attested; in a User Enrollment there are none.
 */
export function deviceNames({ serialNumber, udid }: AttestedProperties): readonly Bytes[] {
  for (const [property, type] of [
    [serialNumber, `${APPLE_ARC}.9.1`],
    [udid, `${APPLE_ARC}.9.2`],
  ] as const)
    // A property may have spaces around it, a name may not.
    if (property.status === 'attested' && isVisible(property.value))
      return [
        encodePermanentIdentifier({ identifierValue: property.value }),
        encodeHardwareModuleName({ type, serialNumber: new TextEncoder().encode(property.value) }),
      ];
  return [];
}

/** Copies what the caller wants named besides. */
export function requireOtherNames(names: unknown): readonly Bytes[] {
  if (!Array.isArray(names)) throw new TypeError('subjectAlternativeNames must be an array');
  // Not `map`, which passes over the holes of an array.
  return Array.from(names, (name, index) => copyBytes(name, `subjectAlternativeNames[${index}]`));
}

/** GeneralNames of the names of the device and the others, each once; undefined if there is none. */
export function encodeAlternativeNames(ofDevice: readonly Bytes[], others: readonly Bytes[]): Bytes | undefined {
  if (others.reduce((sum, { length }) => sum + length, 0) > MAX_ALTERNATIVE_NAME_BYTES)
    throw new AttestationError('ERR_MDA_NAME_COUNT');
  const names = [...ofDevice];
  for (const name of others) {
    requireOneValue(name);
    if (names.some((other) => equalBytes(other, name))) continue;
    const [parsed] = parseSubjectAlternativeNames(tlv(SEQUENCE, name));
    if (parsed!.kind === 'permanentIdentifier' || parsed!.kind === 'hardwareModuleName')
      throw new AttestationError('ERR_MDA_NAME_DEVICE');
    names.push(name);
  }
  if (names.length === 0) return undefined;
  const value = tlv(SEQUENCE, ...names);
  // What is written is what the reader takes: not too many, not too long.
  parseSubjectAlternativeNames(value);
  return value;
}

/** Two names in the place of one would hide the second one from the check. */
function requireOneValue(name: Bytes): void {
  const cursor = derCursor(name);
  enter(cursor, name[0]!);
  if (cursor.end !== name.length) fail(cursor, 'ERR_MDA_DER_TRAILING');
}
