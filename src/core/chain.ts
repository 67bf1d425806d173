import { type Bytes, equalBytes } from './bytes.ts';
import { type Certificate, type CertificateRecord, describeCertificate, readCertificate } from './certificate.ts';
import { AttestationError } from './errors.ts';
import { issuers, recallIssuer } from './issuer-memory.ts';

/** Named limit: a leaf, up to three certification authorities, and an anchor repeated at the end. Apple sends two. */
export const MAX_CHAIN_CERTIFICATES = 5;

declare const parsed: unique symbol;

/** A parsed chain, leaf first, as it was sent. Parsed is not verified. Only `parseAttestationChain` makes one. */
export interface AttestationChain {
  readonly certificates: readonly Certificate[];
  readonly [parsed]: true;
}

/** Describes its certificates when somebody looks. A class, for accessors that every chain shares cost nothing to make. */
class ParsedChain {
  readonly #records: readonly CertificateRecord[];

  static {
    // Nobody makes another one by way of an instance.
    this.prototype.constructor = Object;
  }

  constructor(records: readonly CertificateRecord[]) {
    this.#records = records;
  }

  get certificates(): readonly Certificate[] {
    return this.#records.map(describeCertificate);
  }

  static recordsOf(this: void, chain: unknown): readonly CertificateRecord[] {
    const parsedChain = Object(chain) as object;
    if (!(#records in parsedChain)) throw new TypeError('chain must come from parseAttestationChain');
    return parsedChain.#records;
  }
}

/** The records behind a chain that this library parsed. */
export const recordsOf = ParsedChain.recordsOf;

/**
 * Parses the certificates of an attestation (the `x5c` of ACME, the array of DeviceInformation), leaf first.
 *
 * Checks: every certificate as `parseCertificate` does, their number (1 to 5), none twice.
 * Leaves to you: the verification; see `verifyAttestation`.
 *
 * @param certificates the DER bytes of each
 * @throws AttestationError `ERR_MDA_CHAIN_EMPTY`, `ERR_MDA_CHAIN_TOO_LONG`, `ERR_MDA_CHAIN_DUPLICATE`, and
 * those of `parseCertificate` with `certificate` set to its index
 * @throws TypeError if `certificates` is not an array of `Uint8Array`
 * @example
 * ```ts
 * import { fromPem, parseAttestationChain } from 'managed-device-attestation';
 * import { readFileSync } from 'node:fs';
 *
 * const chain = parseAttestationChain(fromPem(readFileSync('chain.pem', 'utf8')));
 * console.log(chain.certificates[0]?.subject.text);
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4
 */
export function parseAttestationChain(certificates: readonly Uint8Array[]): AttestationChain {
  return new ParsedChain(readChain(certificates)) as Omit<AttestationChain, typeof parsed> as AttestationChain;
}

export function readChain(certificates: readonly Uint8Array[]): readonly CertificateRecord[] {
  return readLinks(
    certificates,
    MAX_CHAIN_CERTIFICATES,
    (bytes, index, option) => (index > 0 ? recallIssuer(issuers, bytes) : undefined) ?? readCertificate(bytes, option),
  );
}

/** Reads the certificates of a peer, leaf first, each by `read`; the error of one says which it is. */
export function readLinks<Link extends { readonly der: Bytes }>(
  certificates: readonly Uint8Array[],
  maximum: number,
  read: (bytes: unknown, index: number, option: string) => Link,
): readonly Link[] {
  if (!Array.isArray(certificates)) throw new TypeError('certificates must be an array of Uint8Array');
  const list: readonly unknown[] = certificates;
  const { length } = list;
  if (length === 0) throw new AttestationError('ERR_MDA_CHAIN_EMPTY');
  if (length > maximum) throw new AttestationError('ERR_MDA_CHAIN_TOO_LONG');
  const links: Link[] = [];
  for (let index = 0; index < length; index++) {
    try {
      const link = read(list[index], index, `certificates[${index}]`);
      if (links.some(({ der }) => equalBytes(der, link.der))) throw new AttestationError('ERR_MDA_CHAIN_DUPLICATE');
      links.push(link);
    } catch (error) {
      throw error instanceof AttestationError ? Object.assign(error, { certificate: index }) : error;
    }
  }
  return links;
}
