import type { Bytes } from '../core/bytes.ts';
import { encodeArc, encodeLength, tlv } from '../acme/der-writer.ts';

/** Writes DER, right or deliberately wrong: what a strict reader must refuse, somebody has to write. */

export type Der = Bytes;

export { tlv };

export function concat(...parts: readonly Uint8Array[]): Der {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export const length = (value: number): Der => Uint8Array.from(encodeLength(value));

export const sequence = (...content: readonly Uint8Array[]): Der => tlv(0x30, ...content);
export const set = (...content: readonly Uint8Array[]): Der => tlv(0x31, ...content);
export const octetString = (content: Uint8Array): Der => tlv(0x04, content);
export const bitString = (content: Uint8Array, unused = 0): Der => tlv(0x03, Uint8Array.of(unused), content);
export const boolean = (value: boolean): Der => tlv(0x01, Uint8Array.of(value ? 0xff : 0));
export const explicit = (number: number, content: Uint8Array): Der => tlv(0xa0 + number, content);

export function bytes(text: string): Der {
  return new Uint8Array(new TextEncoder().encode(text));
}

export function hex(text: string): Der {
  return Uint8Array.from(text.replace(/\s+/g, '').match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

export const utf8 = (text: string): Der => tlv(0x0c, bytes(text));
export const printable = (text: string): Der => tlv(0x13, bytes(text));

/** An INTEGER in the fewest bytes. */
export function integer(value: bigint | number): Der {
  const number = BigInt(value);
  let size = 1;
  while (number < -(2n ** BigInt(8 * size - 1)) || number >= 2n ** BigInt(8 * size - 1)) size++;
  const digits = BigInt.asUintN(8 * size, number)
    .toString(16)
    .padStart(2 * size, '0');
  return tlv(0x02, hex(digits));
}

/** An OBJECT IDENTIFIER of any numbers, those included that X.690 has no encoding for. */
export function oid(text: string): Der {
  const [first = 0n, second = 0n, ...rest] = text.split('.').map(BigInt);
  return tlv(0x06, Uint8Array.from([first * 40n + second, ...rest].flatMap(encodeArc)));
}

/** UTCTime through 2049, GeneralizedTime from 2050. */
export function time(date: Date): Der {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050 ? tlv(0x17, bytes(digits.slice(2))) : tlv(0x18, bytes(digits));
}

const ATTRIBUTE_TYPES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
};

/** The OID of an attribute of a name, from its short name; what is none is taken for an OID. */
export const attributeType = (type: string): string =>
  Object.hasOwn(ATTRIBUTE_TYPES, type) ? ATTRIBUTE_TYPES[type]! : type;

/** An attribute of a name: UTF8String, and PrintableString for the country. */
export const nameAttribute = (type: string, value: string): Der =>
  sequence(oid(attributeType(type)), type === 'C' ? printable(value) : utf8(value));

/** A Name of one attribute to each relative name. */
export const name = (attributes: Readonly<Record<string, string>>): Der =>
  sequence(...Object.entries(attributes).map(([type, value]) => set(nameAttribute(type, value))));
