import { X509Certificate } from 'node:crypto';
import type { Bytes } from '../../../src/core/bytes.ts';
import type { Certificate } from '../../../src/core/certificate.ts';
import { derCursor } from '../../../src/core/der.ts';
import { oidToString } from '../../../src/core/oid.ts';
import { describePublicKey, readPublicKey } from '../../../src/core/public-key.ts';
import { readValue, readValues, type Value } from './lenient-der.ts';
import { Refusal } from './protocol.ts';
import { remembered } from './remember.ts';

const HASHES: Readonly<Record<string, Certificate['signatureAlgorithm']['hash']>> = {
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};

/** What the platform's X.509 parser takes is a certificate; what it does not show is read without any rigour. */
export const parseByPlatform = remembered((der: Bytes): Certificate => {
  try {
    return describe(new X509Certificate(der), der);
  } catch {
    throw new Refusal('no certificate to the platform');
  }
});

function describe(x509: X509Certificate, der: Bytes): Certificate {
  const [tbs, algorithm, signature] = readValue(der).children as [Value, Value, Value];
  const fields = tbs.children.filter(({ tag }) => tag !== 0xa0);
  const [serialNumber, , issuer, , subject, publicKey] = fields as [Value, Value, Value, Value, Value, Value];
  const extensions = (fields.find(({ tag }) => tag === 0xa3)?.children[0]?.children ?? []).map(({ children }) => ({
    oid: oidToString(children[0]!.content),
    critical: children.length === 3,
    value: children.at(-1)!.content,
  }));
  const valueOf = (oid: string): Value | undefined => {
    const extension = extensions.find((candidate) => candidate.oid === oid);
    return extension && readValues(extension.value)[0];
  };
  const hash = HASHES[oidToString(algorithm.children[0]!.content)];
  if (hash === undefined) throw new Refusal('no algorithm that this verifier knows');
  const constraints = valueOf('2.5.29.19');
  const usage = valueOf('2.5.29.15')?.content[1];
  return {
    der,
    version: 3,
    serialNumber: Buffer.from(serialNumber.content).toString('hex'),
    signatureAlgorithm: { name: 'ECDSA', hash },
    issuer: { der: issuer.raw, text: x509.issuer },
    subject: { der: subject.raw, text: x509.subject },
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    // Not the platform's: Node 20 ends the process over some keys.
    publicKey: describePublicKey(readPublicKey(derCursor(publicKey.raw))),
    extensions,
    basicConstraints: constraints && {
      ca: x509.ca,
      pathLength: constraints.children.find(({ tag }) => tag === 0x02)?.content.at(-1),
    },
    keyUsage:
      usage === undefined ? undefined : { digitalSignature: (usage & 0x80) !== 0, keyCertSign: (usage & 0x04) !== 0 },
    subjectKeyIdentifier: valueOf('2.5.29.14')?.content,
    authorityKeyIdentifier: valueOf('2.5.29.35')?.children.find(({ tag }) => tag === 0x80)?.content,
    tbsCertificate: tbs.raw,
    signature: signature.content.slice(1),
  };
}
