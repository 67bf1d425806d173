import { type Certificate, toBase64 } from '../index.ts';
import type { InspectedCertificate, Inspection } from './inspect.ts';
import { jsonError } from './json-error.ts';
import { toHex } from '../core/bytes.ts';

/** The output of `mda inspect --json`; docs/cli.md describes it field by field. */
export function inspectJson({ format, certificates, properties, error }: Inspection) {
  return {
    verified: false,
    error: error ? jsonError(error) : null,
    format,
    certificates: certificates.map(certificateJson),
    properties: properties ?? null,
  };
}

function certificateJson(item: InspectedCertificate) {
  const der = toBase64(item.der);
  if ('error' in item) return { der, error: jsonError(item.error) };
  return { der, error: null, fingerprint: toHex(item.fingerprint), ...describe(item.certificate) };
}

function describe(certificate: Certificate) {
  const { basicConstraints, keyUsage, subjectKeyIdentifier, authorityKeyIdentifier } = certificate;
  return {
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serialNumber: certificate.serialNumber,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    signatureAlgorithm: { name: certificate.signatureAlgorithm.name, hash: certificate.signatureAlgorithm.hash },
    publicKey: { curve: certificate.publicKey.curve, spki: toBase64(certificate.publicKey.spki) },
    basicConstraints: basicConstraints
      ? { ca: basicConstraints.ca, pathLength: basicConstraints.pathLength ?? null }
      : null,
    keyUsage: keyUsage ? { digitalSignature: keyUsage.digitalSignature, keyCertSign: keyUsage.keyCertSign } : null,
    subjectKeyIdentifier: subjectKeyIdentifier ? toHex(subjectKeyIdentifier) : null,
    authorityKeyIdentifier: authorityKeyIdentifier ? toHex(authorityKeyIdentifier) : null,
    extensions: certificate.extensions.map(({ oid, critical, value }) => ({ oid, critical, value: toHex(value) })),
  };
}
