import { type Certificate, parseCertificate } from '../../../src/core/certificate.ts';
import { type Bytes, equalBytes } from '../../../src/core/bytes.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import { bytes } from '../../../src/testing/der-writer.ts';
import { keyFrom } from '../../../src/testing/key.ts';
import { constructed, primitive, readValue, type Value, write } from './lenient-der.ts';
import { demand } from './protocol.ts';
import { remembered } from './remember.ts';
import type { Steps } from './steps.ts';

/** The fields of a certificate, each of which a mend may replace. */
export interface Fields {
  readonly version: readonly Value[];
  readonly serialNumber: Value;
  readonly algorithm: Value;
  readonly issuer: Value;
  readonly validity: Value;
  readonly subject: Value;
  readonly publicKey: Value;
  readonly uniqueIdentifiers: readonly Value[];
  readonly extensions: readonly Value[];
  readonly outerAlgorithm: Value;
  readonly signature: Value;
}

export type Mend = (fields: Fields) => Partial<Fields>;

/** What a lenient reader lets pass besides what its mend makes good. */
export interface ReadingTolerance {
  readonly trailingBytes?: boolean;
  readonly anyLengths?: boolean;
}

/** Reads the value that the bytes are. */
export function readSent(bytes: Bytes, { trailingBytes = false, anyLengths = false }: ReadingTolerance): Value {
  const sent = readValue(bytes);
  demand(trailingBytes || sent.raw.length === bytes.length, 'bytes after a value');
  demand(anyLengths || equalBytes(write(sent), sent.raw), 'a length that is not in its shortest form');
  return sent;
}

/**
 * A parser that lets one kind of fault pass: what the strict one refuses is mended and parsed again, and the
 * signature is judged over the bytes that were sent.
 */
export function mending(mend: Mend, tolerance: ReadingTolerance = {}): Steps['parse'] {
  return remembered((der) => {
    try {
      return parseCertificate(der);
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
    }
    const sent = readSent(der, tolerance);
    const fields = fieldsOf(sent);
    const mended = parseCertificate(write(assemble({ ...fields, ...mend(fields) })));
    return { ...mended, der, ...asSent(sent, fields, mended) };
  });
}

/** What the path and the answer rest on, as it was sent. */
function asSent(sent: Value, { issuer, subject, publicKey }: Fields, mended: Certificate): Partial<Certificate> {
  return {
    tbsCertificate: sent.children[0]!.raw,
    issuer: { ...mended.issuer, der: issuer.raw },
    subject: { ...mended.subject, der: subject.raw },
    publicKey: { ...mended.publicKey, spki: publicKey.raw },
  };
}

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

function fieldsOf(certificate: Value): Fields {
  const [tbs, outerAlgorithm, signature] = certificate.children;
  const all = [...(tbs?.children ?? [])];
  const version = all[0]?.tag === VERSION ? [all.shift()!] : [];
  const list = all.find(({ tag }) => tag === EXTENSIONS);
  // It would be written as a field that is left out, and so be mended by the way.
  demand(list === undefined || list.children[0]?.children.length !== 0, 'a list of extensions without any');
  const [serialNumber, algorithm, issuer, validity, subject, publicKey, ...rest] = all;
  demand(publicKey !== undefined && signature !== undefined, 'no certificate');
  return {
    version,
    serialNumber: serialNumber!,
    algorithm: algorithm!,
    issuer: issuer!,
    validity: validity!,
    subject: subject!,
    publicKey,
    uniqueIdentifiers: rest.filter(({ tag }) => tag !== EXTENSIONS),
    extensions: list?.children[0]?.children ?? [],
    outerAlgorithm: outerAlgorithm!,
    signature,
  };
}

function assemble(fields: Fields): Value {
  const tbs = constructed(0x30, [
    ...fields.version,
    fields.serialNumber,
    fields.algorithm,
    fields.issuer,
    fields.validity,
    fields.subject,
    fields.publicKey,
    ...fields.uniqueIdentifiers,
    ...(fields.extensions.length === 0 ? [] : [constructed(EXTENSIONS, [constructed(0x30, fields.extensions)])]),
  ]);
  return constructed(0x30, [tbs, fields.outerAlgorithm, fields.signature]);
}

export const VERSION_3 = constructed(VERSION, [primitive(0x02, Uint8Array.of(2))]);
export const SERIAL_NUMBER_1 = primitive(0x02, Uint8Array.of(1));
export const SOME_NAME = readValue(keylessName());
export const SOME_KEY = readValue(keyFrom('in the place of another').spki);

function keylessName(): Bytes {
  const attribute = constructed(0x30, [primitive(0x06, Uint8Array.of(0x55, 4, 3)), primitive(0x0c, bytes('somebody'))]);
  return constructed(0x30, [constructed(0x31, [attribute])]).raw;
}

/** The extensions with the value of each, and the flag before it, changed. */
export function eachExtension(
  { extensions }: Fields,
  change: (parts: readonly Value[]) => readonly Value[],
): Pick<Fields, 'extensions'> {
  return { extensions: extensions.map((extension) => constructed(0x30, change(extension.children))) };
}

/** The hexadecimal of the OID of an extension. */
export function oidOf(extension: Value): string {
  return Buffer.from(extension.children[0]?.content ?? []).toString('hex');
}
