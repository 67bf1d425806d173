import { type Bytes, equalBytes } from '../../../src/core/bytes.ts';
import { type Certificate, parseCertificate } from '../../../src/core/certificate.ts';
import { cborDecoder } from './cbor.ts';
import { parseCsr } from './csr.ts';
import { objectReader } from './object.ts';
import {
  ARC,
  propertiesBy,
  readFreshnessCode,
  readKernelExtensions,
  readSecureBoot,
  readSystemIntegrityProtection,
  readText,
  TABLE,
} from './properties.ts';
import { demand, type Property } from './protocol.ts';
import { remembered, rememberedText } from './remember.ts';
import { isGoodSignature, type Signed } from './signature.ts';
import type { Certificates, Steps } from './steps.ts';

const UNDERSTOOD = ['2.5.29.14', '2.5.29.15', '2.5.29.19', '2.5.29.35', '2.5.29.37'];

/** A second opinion: the same profile as the library's, written apart from it, down to the parsing of DER. */
export const REFERENCE: Steps = {
  fromBase64: rememberedText((text) => decode(text, 'base64')),
  fromBase64Url: rememberedText((text) => decode(text, 'base64url')),
  decodeCbor: remembered(cborDecoder()),
  readObject: objectReader(),
  parse: remembered(parseCertificate),
  isCount: (certificates) => certificates >= 1 && certificates <= 5,
  isDistinct: (chain) => chain.every((one, index) => !includes(chain.slice(0, index), one)),

  // As it was sent, but for an anchor that is repeated at its end.
  arrange: (chain, anchors) => (chain.length > 1 && includes(anchors, chain.at(-1)) ? chain.slice(0, -1) : chain),
  anchorsFor: (_, anchors) => anchors,
  isNamed: (issuer, subject) => equalBytes(issuer.der, subject.der),
  isInTime: ({ notBefore, notAfter }, at) => Number(notBefore) <= at && at <= Number(notAfter),
  isCriticalKnown: (oid) => UNDERSTOOD.includes(oid),
  isAuthority: ({ basicConstraints }) => basicConstraints?.ca === true,
  isWithinPathLength: ({ basicConstraints }, below) => below <= (basicConstraints?.pathLength ?? Infinity),
  maySignCertificates: ({ keyUsage }) => keyUsage?.keyCertSign !== false,
  isEndEntity: ({ basicConstraints }) => basicConstraints?.ca !== true,
  isLeafUsage: ({ keyUsage }) => keyUsage === undefined || (keyUsage.digitalSignature && !keyUsage.keyCertSign),
  isIdentified: ({ authorityKeyIdentifier: named }, { subjectKeyIdentifier: own }) =>
    named === undefined || own === undefined || equalBytes(named, own),
  isSigned: (certificate, issuer) => signaturesOf(issuer)(certificate),
  isToTaste: () => true,

  propertiesOf: propertiesBy(TABLE),
  isArc: (oid) => oid === ARC || oid.startsWith(`${ARC}.`),
  find: (extensions, oid) => extensions.find((extension) => extension.oid === oid),
  isKept: () => true,
  judge: (value, read): Property => {
    if (value === undefined) return { status: 'absent' };
    if (value.length === 0) return { status: 'blank' };
    const attested = read(value);
    return attested === undefined
      ? { status: 'malformed', bytes: hex(value) }
      : { status: 'attested', value: attested };
  },
  readText,
  readFreshnessCode,
  readSystemIntegrityProtection,
  readSecureBoot,
  readKernelExtensions,

  codeOfToken: (token) => sha256(token),
  codeOfNonce: (nonce) => Promise.resolve(hex(nonce)),
  isSameCode: (code, expected) => code === expected,
  isFreshToken: (code, expected, same) => code.status === 'attested' && same(code.value, expected),
  stateOf: (code, nonce, known, same) => {
    if (nonce === undefined) return 'not-requested';
    demand(code.status === 'attested', 'no freshness code, though one was asked for');
    if (same(code.value, nonce)) return 'fresh';
    return known.some((earlier) => same(code.value, earlier)) ? 'cached' : 'unknown-nonce';
  },
  isIdentifier: (identifier, { serialNumber, udid }) =>
    [serialNumber, udid].some((property) => property.status === 'attested' && property.value === identifier),

  parseCsr,
  isProven: (csr) => isGoodSignature(csr),
  isAttestedKey: ({ key }, attested) => equalBytes(key.spki, attested),
};

const signaturesOf = remembered((issuer: Certificate) =>
  remembered((certificate: Certificate) => isGoodSignature(signedBy(certificate, issuer))),
);

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** SHA-256 of a text, in hexadecimal. */
export async function sha256(value: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', Buffer.from(value))));
}

/** What the signature of a certificate is over, and the key that must have made it. */
export function signedBy(certificate: Certificate, { publicKey }: Certificate): Signed {
  const { signatureAlgorithm, signature, tbsCertificate } = certificate;
  return { key: publicKey, hash: signatureAlgorithm.hash, signature, data: tbsCertificate };
}

export function includes(certificates: Certificates, certificate: Certificate | undefined): boolean {
  return certificate !== undefined && certificates.some(({ der }) => equalBytes(der, certificate.der));
}

/** `Buffer` takes what is not in the alphabet: what it took must be what it would write. */
export function decode(text: string, encoding: 'base64' | 'base64url'): Bytes {
  const bytes = Buffer.from(text, encoding);
  demand(bytes.toString(encoding) === text, `no ${encoding}`);
  return new Uint8Array(bytes);
}
