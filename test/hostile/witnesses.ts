import { X509Certificate } from 'node:crypto';
import { ECDSASigValue } from '@peculiar/asn1-ecc';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as asn1X509 from '@peculiar/asn1-x509';
// Writes a global on import in Node: in no other file.
import * as pkijs from 'pkijs';
import type { Certificate } from '../../src/index.ts';

/** Three other readers of certificates. They read more than the core does, but what both read they read alike. */

export interface Fields {
  readonly serialNumber: bigint;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly signatureAlgorithm?: string;
  readonly signature?: string;
  /** `oid critical value` of each. */
  readonly extensions?: readonly string[];
}

export interface Witness {
  readonly name: string;
  read(der: Uint8Array): Fields;
  /** Whether the certificate is signed with the key of the issuer, and whatever else the witness looks at. */
  verifies(der: Uint8Array, issuer: Uint8Array): Promise<boolean>;
}

/**
 * Where a witness is wrong: asn1js, and the two that read with it, write an arc above 2^53 as `{hex}` of its
 * base-128 digits, which no standard knows.
 */
const arcsOf = (oid: string): string =>
  oid.replace(/\{([0-9a-f]+)\}/g, (_, digits: string) =>
    Buffer.from(digits, 'hex')
      .reduce((arc, digit) => arc * 128n + BigInt(digit), 0n)
      .toString(),
  );

const hexOf = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(new Uint8Array(bytes)).toString('hex');
const copyOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

const SIGNATURE_OIDS = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
} as const;

export function fieldsOf(certificate: Certificate): Required<Fields> {
  return {
    serialNumber: BigInt(`0x${certificate.serialNumber}`),
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
    publicKey: hexOf(certificate.publicKey.spki),
    issuer: hexOf(certificate.issuer.der),
    subject: hexOf(certificate.subject.der),
    signatureAlgorithm: SIGNATURE_OIDS[certificate.signatureAlgorithm.hash],
    signature: hexOf(certificate.signature),
    extensions: certificate.extensions.map(({ oid, critical, value }) => `${oid} ${String(critical)} ${hexOf(value)}`),
  };
}

/** Only for certificates that the core has parsed: Node 20 aborts on some keys that it refuses. */
const node: Witness = {
  name: 'node:crypto',
  read(der) {
    const { serialNumber, validFrom, validTo, publicKey } = new X509Certificate(der);
    return {
      serialNumber: BigInt(`0x${serialNumber}`),
      notBefore: Date.parse(validFrom),
      notAfter: Date.parse(validTo),
      publicKey: hexOf(publicKey.export({ type: 'spki', format: 'der' })),
    };
  },
  verifies(der, issuer) {
    const [certificate, authority] = [new X509Certificate(der), new X509Certificate(issuer)];
    return Promise.resolve(certificate.verify(authority.publicKey) && certificate.checkIssued(authority));
  },
};

const CURVE_SIZES: Readonly<Record<string, readonly [string, number]>> = {
  '1.2.840.10045.3.1.7': ['P-256', 32],
  '1.3.132.0.34': ['P-384', 48],
  '1.3.132.0.35': ['P-521', 66],
};
const HASHES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SIGNATURE_OIDS).map(([hash, oid]) => [oid, hash]),
);

const asn1: Witness = {
  name: '@peculiar/asn1-x509',
  read(der) {
    const {
      tbsCertificate: tbs,
      signatureAlgorithm,
      signatureValue,
    } = AsnConvert.parse(copyOf(der), asn1X509.Certificate);
    return {
      serialNumber: BigInt(`0x${hexOf(tbs.serialNumber)}`),
      notBefore: tbs.validity.notBefore.getTime().getTime(),
      notAfter: tbs.validity.notAfter.getTime().getTime(),
      publicKey: hexOf(AsnConvert.serialize(tbs.subjectPublicKeyInfo)),
      issuer: hexOf(AsnConvert.serialize(tbs.issuer)),
      subject: hexOf(AsnConvert.serialize(tbs.subject)),
      signatureAlgorithm: signatureAlgorithm.algorithm,
      signature: hexOf(signatureValue),
      extensions: Array.from(
        tbs.extensions ?? [],
        ({ extnID, critical, extnValue }) => `${arcsOf(extnID)} ${String(critical)} ${hexOf(extnValue.buffer)}`,
      ),
    };
  },
  async verifies(der, issuer) {
    // The bytes as sent: asn1-x509 does not write an arc above 2^53 as it read it.
    const parsed = AsnConvert.parse(copyOf(der), asn1X509.Certificate);
    const { tbsCertificateRaw, signatureAlgorithm, signatureValue } = parsed;
    const { subjectPublicKeyInfo } = AsnConvert.parse(copyOf(issuer), asn1X509.Certificate).tbsCertificate;
    const curve = Buffer.from(subjectPublicKeyInfo.algorithm.parameters!).subarray(2);
    const [namedCurve, size] = Object.entries(CURVE_SIZES).find(([oid]) => oidBytes(oid).equals(curve))![1];
    const spki = AsnConvert.serialize(subjectPublicKeyInfo);
    const key = await crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve }, false, ['verify']);
    const { r, s } = AsnConvert.parse(signatureValue, ECDSASigValue);
    const raw = Buffer.concat([r, s].map((part) => fixed(new Uint8Array(part), size)));
    const algorithm = { name: 'ECDSA', hash: HASHES[signatureAlgorithm.algorithm]! };
    return crypto.subtle.verify(algorithm, key, copyOf(raw), tbsCertificateRaw!);
  },
};

function oidBytes(oid: string): Buffer {
  const { algorithm } = new asn1X509.AlgorithmIdentifier({ algorithm: oid });
  return Buffer.from(AsnConvert.serialize(new asn1X509.AlgorithmIdentifier({ algorithm }))).subarray(4);
}

function fixed(number: Uint8Array, size: number): Uint8Array {
  const digits = hexOf(number).replace(/^(00)+/, '');
  return Buffer.from(digits.padStart(2 * size, '0'), 'hex');
}

const pki: Witness = {
  name: 'pkijs',
  read(der) {
    const certificate = pkijs.Certificate.fromBER(copyOf(der));
    return {
      serialNumber: BigInt(`0x${hexOf(certificate.serialNumber.valueBlock.valueHexView)}`),
      notBefore: certificate.notBefore.value.getTime(),
      notAfter: certificate.notAfter.value.getTime(),
      publicKey: hexOf(certificate.subjectPublicKeyInfo.toSchema().toBER()),
      issuer: hexOf(certificate.issuer.toSchema().toBER()),
      subject: hexOf(certificate.subject.toSchema().toBER()),
      signatureAlgorithm: certificate.signatureAlgorithm.algorithmId,
      signature: hexOf(certificate.signatureValue.valueBlock.valueHexView),
      extensions: (certificate.extensions ?? []).map(
        ({ extnID, critical, extnValue }) =>
          `${arcsOf(extnID)} ${String(critical)} ${hexOf(extnValue.valueBlock.valueHexView)}`,
      ),
    };
  },
  verifies(der, issuer) {
    const [certificate, authority] = [der, issuer].map((bytes) => pkijs.Certificate.fromBER(copyOf(bytes)));
    return certificate!.verify(authority);
  },
};

export const WITNESSES: readonly Witness[] = [node, asn1, pki];

/** The verdict of pkijs' own path validation. */
export async function pkijsAcceptsChain(x5c: readonly Uint8Array[], anchor: Uint8Array, at: Date): Promise<boolean> {
  const [trusted, ...certs] = [anchor, ...[...x5c].reverse()].map((der) => pkijs.Certificate.fromBER(copyOf(der)));
  const engine = new pkijs.CertificateChainValidationEngine({ trustedCerts: [trusted!], certs, checkDate: at });
  const { result } = await engine.verify();
  return result;
}
