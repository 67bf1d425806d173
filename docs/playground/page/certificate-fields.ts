import { EXTENSION_NAMES } from '../../../src/cli/extension-names.ts';
import { byteAt, toHex } from '../../../src/core/bytes.ts';
import type { Certificate } from '../../../src/core/certificate.ts';
import {
  atEnd,
  BOOLEAN,
  derCursor,
  type DerCursor,
  enter,
  INTEGER,
  nextIs,
  OCTET_STRING,
  OID,
  SEQUENCE,
  SET,
  skipContent,
} from '../../../src/core/der.ts';
import { describeName } from '../../../src/core/name.ts';
import { oidToString } from '../../../src/core/oid.ts';
import { counted, dateText } from './printable.ts';

/** A field of a certificate: where it lies, and what it says. */
export interface Field {
  readonly label: string;
  readonly value: string;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  /** What Apple attests lies in it. */
  readonly isProperty: boolean;
}

const CONTEXT_0 = 0xa0;
const CONTEXT_3 = 0xa3;

/** The fields of a certificate that was parsed before, in the order of its bytes (RFC 5280, 4.1). */
export function fieldsOf(certificate: Certificate): readonly Field[] {
  const { der } = certificate;
  const fields: Field[] = [];
  const cursor = derCursor(der);

  /** Notes the value that comes next, and reads what is in it. */
  const field = (label: string, tag: number, depth: number, value: string, inside?: () => void): Field => {
    const start = cursor.offset;
    const noted = { label, value, depth, start, end: endOf(cursor, tag), isProperty: false };
    fields.push(noted);
    if (inside === undefined) skipContent(cursor, tag);
    else {
      const outerEnd = enter(cursor, tag);
      inside();
      cursor.offset = cursor.end;
      cursor.end = outerEnd;
    }
    return noted;
  };
  const nextTag = (): number => byteAt(der, cursor.offset);
  const name = (label: string, text: string): void => {
    field(label, SEQUENCE, 2, text || '(empty)', () => {
      while (!atEnd(cursor)) {
        // A Name of this one attribute alone, for its text.
        const start = cursor.offset;
        const attribute = der.subarray(start, endOf(cursor, SET));
        field(
          'attribute',
          SET,
          3,
          describeName(Uint8Array.of(SEQUENCE, ...lengthBytes(attribute.length), ...attribute)).text,
        );
      }
    });
  };
  const algorithm = (depth: number): void => {
    field('signature algorithm', SEQUENCE, depth, `ECDSA with ${certificate.signatureAlgorithm.hash}`);
  };

  field('Certificate', SEQUENCE, 0, counted(der.length, 'byte'), () => {
    field('to be signed', SEQUENCE, 1, 'everything but the signature', () => {
      field('version', CONTEXT_0, 2, '3');
      field('serial number', INTEGER, 2, certificate.serialNumber);
      algorithm(2);
      name('issuer', certificate.issuer.text);
      field('validity', SEQUENCE, 2, '', () => {
        field('not before', nextTag(), 3, dateText(certificate.notBefore));
        field('not after', nextTag(), 3, dateText(certificate.notAfter));
      });
      name('subject', certificate.subject.text);
      const { curve, point } = certificate.publicKey;
      field('public key', SEQUENCE, 2, `EC ${curve}`, () => {
        field('algorithm', SEQUENCE, 3, `EC key on ${curve}`);
        field('point', nextTag(), 3, `uncompressed, ${counted(point.length, 'byte')}`);
      });
      if (!atEnd(cursor)) readExtensions();
    });
    algorithm(1);
    field('signature', nextTag(), 1, 'r and s', () => {
      // The count of unused bits, which is 0, stands before Ecdsa-Sig-Value.
      cursor.offset += 1;
      if (nextIs(cursor, SEQUENCE) && fits(cursor))
        field('Ecdsa-Sig-Value', SEQUENCE, 2, counted(certificate.signature.length, 'byte'));
    });
  });
  return fields;

  function readExtensions(): void {
    field('extensions', CONTEXT_3, 2, counted(certificate.extensions.length, 'extension'), () => {
      const listEnd = enter(cursor, SEQUENCE);
      for (const { oid, critical, value } of certificate.extensions) {
        const label = EXTENSION_NAMES[oid] ?? oid;
        const isProperty = oid.startsWith('1.2.840.113635.100.8.');
        const noted = field(label, SEQUENCE, 3, critical ? 'critical' : '', () => {
          field('OID', OID, 4, oidToString(contentOf(cursor)));
          if (nextIs(cursor, BOOLEAN)) field('critical', BOOLEAN, 4, 'true');
          field('value', OCTET_STRING, 4, extensionText(isProperty, value));
        });
        if (isProperty) for (const part of [noted, fields.at(-1)!]) Object.assign(part, { isProperty });
      }
      cursor.end = listEnd;
    });
  }
}

function extensionText(isProperty: boolean, value: Uint8Array): string {
  if (value.length === 0) return '(no bytes)';
  const isText = isProperty && value.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? String.fromCharCode(...value.subarray(0, 64)) : short(toHex(value));
}

function short(hex: string): string {
  return hex.length > 64 ? `${hex.slice(0, 64)}…` : hex;
}

function endOf({ bytes, offset, end }: DerCursor, tag: number): number {
  const probe = derCursor(bytes, offset, end);
  skipContent(probe, tag);
  return probe.offset;
}

function contentOf({ bytes, offset, end }: DerCursor): Uint8Array {
  const probe = derCursor(bytes, offset, end);
  const start = skipContent(probe, OID);
  return bytes.subarray(start, probe.offset);
}

/** A signature need not be DER for a certificate to parse: the signatures are judged later. */
function fits(cursor: DerCursor): boolean {
  try {
    endOf(cursor, SEQUENCE);
    return true;
  } catch {
    return false;
  }
}

/** DER length; an attribute has less than the 65,536 bytes that a certificate may not have. */
function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
