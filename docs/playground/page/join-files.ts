import { type Certificate, parseCertificate } from '../../../src/core/certificate.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import { toPem } from '../../../src/core/pem.ts';
import { recognise } from './recognise.ts';

/** Named limit: a chain has at most five certificates. */
const MAX_FILES = 16;

/**
 * Several files as one PEM text, the leaf first: people keep a certificate a file, and files have no order. Undefined
 * where one of them is anything but certificates in PEM or DER.
 */
export function joinFiles(files: readonly Uint8Array[]): string | undefined {
  if (files.length > MAX_FILES) return undefined;
  const parts = files.map(certificatesOf);
  if (!parts.every((part) => part !== undefined)) return undefined;
  return toPem(leafFirst(parts).flatMap((part) => part.map(({ der }) => der)));
}

function certificatesOf(bytes: Uint8Array): readonly Certificate[] | undefined {
  const evidence = recognise(bytes);
  if (evidence.kind !== 'chain' || !['PEM', 'DER'].includes(evidence.format)) return undefined;
  try {
    return evidence.certificates.map(parseCertificate);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

type Part = readonly Certificate[];

/** In the order in which each is issued by the next, going by names alone; as they were given where there is none. */
function leafFirst(parts: readonly Part[]): readonly Part[] {
  const issues = (upper: Part, lower: Part): boolean =>
    upper !== lower && lower.at(-1)?.issuer.text === upper[0]?.subject.text;
  const ordered: Part[] = [];
  let next = parts.find((part) => !parts.some((other) => issues(part, other)));
  while (next !== undefined && !ordered.includes(next)) {
    const part = next;
    ordered.push(part);
    next = parts.find((other) => issues(other, part));
  }
  return ordered.length === parts.length ? ordered : parts;
}
