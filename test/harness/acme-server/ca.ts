import { fromBase64, toPem } from '../../../src/index.ts';
import { encodeHardwareModuleName, encodePermanentIdentifier } from '../../../src/acme/index.ts';
import { toBigInt, toHex } from '../../../src/core/bytes.ts';
import { derCursor } from '../../../src/core/der.ts';
import { readPublicKey } from '../../../src/core/public-key.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateSpec,
  extension,
  keyUsage,
  mintCertificate,
  subjectKeyIdentifier,
} from '../../../src/testing/certificate-writer.ts';
import { bytes, concat, name, oid, sequence } from '../../../src/testing/der-writer.ts';
import { digest, keyFrom, keyIdentifierOf, privateJwkFrom } from '../../../src/testing/key.ts';
import { extensionsOf, type IdentityContent } from './identity.ts';
import type { RevocationSigner } from './revocation-documents.ts';

/** What a certificate is made of: facts that are stored, and nothing else. */
export interface CertificateContent {
  readonly orderId: string;
  readonly identifier: string;
  /** When the attestation was judged, ISO 8601. */
  readonly at: string;
  /** SubjectPublicKeyInfo of the attested key, base64. */
  readonly spki: string;
  readonly serialNumber?: string;
  /** In the place of what was ordered: what is attested, and for how long. */
  readonly identity?: IdentityContent;
}

export interface IssuedCertificate {
  readonly orderId: string;
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
  readonly der: Uint8Array<ArrayBuffer>;
  /** PEM, leaf first, without the root. */
  readonly chain: string;
  readonly notAfter: Date;
}

/** A small certification authority of an organisation. */
export interface CertificateAuthority {
  /** DER: what relying parties trust. */
  readonly root: Uint8Array<ArrayBuffer>;
  /** DER: who signs the certificates of devices. */
  readonly issuing: Uint8Array<ArrayBuffer>;
  readonly issuerNotAfter: Date;
  /** Who sign what was revoked. */
  readonly signers: Readonly<Record<'root' | 'issuing', RevocationSigner>>;
  /** The same content makes the same bytes, in any process: a certificate is never issued twice. */
  readonly issue: (content: CertificateContent) => Promise<IssuedCertificate>;
}

/** RFC 5612: an enterprise number for examples, as the OID of the kind of hardware (RFC 4108, 5). */
const HARDWARE_TYPE = '1.3.6.1.4.1.32473.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
const DAY_MILLISECONDS = 86_400_000;
const CERTIFICATE_DAYS = 365;

/** A root and an issuing authority, P-256, that depend on the seed and the time alone. */
export async function createCertificateAuthority(options: {
  readonly seed: string;
  /** They are valid from a day before to ten years after it. */
  readonly at: Date;
}): Promise<CertificateAuthority> {
  const { seed, at } = options;
  const keys = { root: keyFrom(`${seed} root`, 'P-256'), issuing: keyFrom(`${seed} issuing`, 'P-256') };
  const names = {
    root: name({ CN: 'Example Organisation Root CA', O: 'Example Organisation' }),
    issuing: name({ CN: 'Example Organisation Device CA', O: 'Example Organisation' }),
  };
  const validity = {
    notBefore: new Date(at.getTime() - DAY_MILLISECONDS),
    notAfter: new Date(at.getTime() + 10 * CERTIFICATE_DAYS * DAY_MILLISECONDS),
  };
  const signedByRoot = { issuer: names.root, issuerKey: keys.root, hash: 'SHA-256', ...validity } as const;
  const root = await mintCertificate({
    ...signedByRoot,
    subject: names.root,
    key: keys.root,
    serialNumber: 1,
    extensions: [basicConstraints(true), keyUsage(0x06), subjectKeyIdentifier(keyIdentifierOf(keys.root))],
  });
  const issuing = await mintCertificate({
    ...signedByRoot,
    subject: names.issuing,
    key: keys.issuing,
    serialNumber: 2,
    extensions: [
      basicConstraints(true, 0),
      keyUsage(0x06),
      subjectKeyIdentifier(keyIdentifierOf(keys.issuing)),
      authorityKeyIdentifier(keyIdentifierOf(keys.root)),
    ],
  });
  const signerOf = async (which: 'root' | 'issuing', certificate: Uint8Array<ArrayBuffer>) => {
    const { jwk } = privateJwkFrom(`${seed} ${which}`, 'P-256');
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    return { certificate, privateKey: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']) };
  };
  return {
    root,
    issuing,
    issuerNotAfter: validity.notAfter,
    signers: { root: await signerOf('root', root), issuing: await signerOf('issuing', issuing) },
    async issue(content) {
      const spec = leafSpec(content, keyIdentifierOf(keys.issuing));
      const der = await mintCertificate({ ...spec, issuer: names.issuing, issuerKey: keys.issuing, hash: 'SHA-256' });
      const { orderId } = content;
      const serialNumber = toHex(serialNumberOf(content));
      return { orderId, serialNumber, der, chain: toPem([der, issuing]), notAfter: spec.notAfter };
    },
  };
}

/** 16 bytes, positive: of the order and of the key, so that it is never given to two certificates. */
function serialNumberOf({ orderId, spki }: CertificateContent): Uint8Array {
  const serial = digest('SHA-256', bytes(`${orderId} ${spki}`)).slice(0, 16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial;
}

/** Subject and names are what was ordered and attested; nothing of the certificate request goes in. */
function leafSpec(content: CertificateContent, issuerKeyIdentifier: Uint8Array) {
  const { orderId, serialNumber, at, spki, identity } = content;
  const serial = serialNumberOf(content);
  const key = { spki: fromBase64(spki) };
  const { point } = readPublicKey(derCursor(key.spki));
  return {
    subject: name({
      CN: (identity?.namesDevice === false ? undefined : serialNumber) ?? orderId,
      O: 'Example Organisation',
    }),
    key,
    serialNumber: toBigInt(serial, 0, serial.length),
    notBefore: new Date(identity?.notBefore ?? at),
    notAfter: new Date(identity?.notAfter ?? Date.parse(at) + CERTIFICATE_DAYS * DAY_MILLISECONDS),
    extensions: [
      basicConstraints(false),
      keyUsage(0x80),
      extension('2.5.29.37', sequence(oid(CLIENT_AUTHENTICATION))),
      subjectKeyIdentifier(keyIdentifierOf({ point: new Uint8Array(point) })),
      authorityKeyIdentifier(issuerKeyIdentifier),
      ...(identity === undefined
        ? [extension('2.5.29.17', sequence(concat(...deviceNames(content))))]
        : extensionsOf(identity)),
    ],
  } satisfies Partial<CertificateSpec>;
}

function deviceNames({ identifier, serialNumber }: CertificateContent): readonly Uint8Array[] {
  const permanentIdentifier = encodePermanentIdentifier({ identifierValue: identifier });
  if (serialNumber === undefined) return [permanentIdentifier];
  const hardware = { type: HARDWARE_TYPE, serialNumber: bytes(serialNumber) };
  return [permanentIdentifier, encodeHardwareModuleName(hardware)];
}
