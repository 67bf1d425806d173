import { toHex } from '../../../src/core/bytes.ts';
import type { Bytes } from '../../../src/core/bytes.ts';
import type { Properties, PropertyName } from './protocol.ts';
import type { ArcExtension, Read, Steps } from './steps.ts';

export const ARC = '1.2.840.113635.100.8';

/** Which OID says what, and the step that reads it. */
export const TABLE: readonly (readonly [PropertyName, arcs: string, read: (steps: Steps) => Read])[] = [
  ['serialNumber', '9.1', ({ readText }) => readText],
  ['udid', '9.2', ({ readText }) => readText],
  ['softwareUpdateDeviceId', '9.4', ({ readText }) => readText],
  ['osVersion', '10.1', ({ readText }) => readText],
  ['sepOsVersion', '10.2', ({ readText }) => readText],
  ['llbVersion', '10.3', ({ readText }) => readText],
  ['freshnessCode', '11.1', ({ readFreshnessCode }) => readFreshnessCode],
  ['systemIntegrityProtection', '13.1', (steps) => steps.readSystemIntegrityProtection],
  ['secureBoot', '13.2', ({ readSecureBoot }) => readSecureBoot],
  ['thirdPartyKernelExtensions', '13.3', ({ readKernelExtensions }) => readKernelExtensions],
];

/** Reads every property by a table of OIDs. */
export function propertiesBy(table: typeof TABLE) {
  return (extensions: readonly ArcExtension[], steps: Steps): Properties => {
    const taken: (ArcExtension | undefined)[] = [];
    const named = table.map(([name, arcs, read]) => {
      const found = steps.find(extensions, `${ARC}.${arcs}`);
      taken.push(found);
      return [name, steps.judge(found?.value, read(steps))] as const;
    });
    return {
      ...(Object.fromEntries(named) as Record<PropertyName, Properties[PropertyName]>),
      other: extensions
        .filter((extension) => !taken.includes(extension) && steps.isKept(extension.oid))
        .map(({ oid, value }) => ({ oid, bytes: toHex(value) })),
    };
  };
}

// Controls, separators, what is drawn as nothing, annotations, the empty Braille cell.
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2800]/u;

/** Strict UTF-8, a byte order mark being a character like any other. */
export function utf8(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

export const readText: Read = (value) => {
  const text = utf8(value);
  return text === undefined || UNSEEN.test(text) || text.trim() === '' ? undefined : text;
};

export const readFreshnessCode: Read = (value) => (value.length <= 32 ? toHex(value) : undefined);

const LEVELS = ['Full Security', 'Reduced Security', 'Permissive Security'];

export const readSecureBoot: Read = (value) => LEVELS.find((level) => level === utf8(value));

export const readSystemIntegrityProtection: Read = (value) => {
  const number = readInteger(value);
  return number === 0n ? 'enabled' : number === 1n ? 'disabled' : undefined;
};

export const readKernelExtensions: Read = (value) => {
  const number = readInteger(value);
  return number === undefined ? undefined : number === 0n ? 'not allowed' : 'allowed';
};

/** One INTEGER in DER that is all of the value. */
export function readInteger(value: Bytes): bigint | undefined {
  const { size, start } = readLength(value);
  if (value[0] !== 0x02 || size === 0 || size !== value.length - start) return undefined;
  const digits = value.subarray(start);
  const [first, second = 0] = digits;
  const isPadded = size > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  return isPadded ? undefined : BigInt.asIntN(8 * size, BigInt(`0x${toHex(digits)}`));
}

/** The length of the content, undefined if it is not in its shortest form, and where the content starts. */
function readLength(value: Bytes): { readonly size: number | undefined; readonly start: number } {
  const [, first = 0, leading] = value;
  if (first < 0x80) return { size: first, start: 2 };
  const start = first - 0x80 + 2;
  const size = Number(`0x0${toHex(value.subarray(2, start))}`);
  return { size: size >= 0x80 && leading !== 0 ? size : undefined, start };
}
