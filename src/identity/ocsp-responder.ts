import { sha256 } from '../acme/sha256.ts';
import { type Bytes, equalBytes } from '../core/bytes.ts';
import { AttestationError } from '../core/errors.ts';
import { type IdentityRecord, readIdentityCertificate } from './identity-certificate.ts';
import { verifyIdentitySignature } from './identity-signature.ts';
import type { OcspAnswer, OcspResponder, OcspResponse } from './ocsp-response.ts';

/** How answers name an issuer: the hashes of its name and of its key, both, for two authorities may share a name. */
export interface IssuerHashes {
  readonly 'SHA-1': { readonly name: Uint8Array; readonly key: Uint8Array };
  readonly 'SHA-256': { readonly name: Uint8Array; readonly key: Uint8Array };
}

// SHA-1 names an issuer here and proves nothing: the signature does.
const sha1 = async (data: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-1', data as Bytes));

export async function hashesOf({ subject, publicKey }: IdentityRecord): Promise<IssuerHashes> {
  return {
    'SHA-1': { name: await sha1(subject), key: await sha1(publicKey.keyBits) },
    'SHA-256': { name: sha256(subject), key: sha256(publicKey.keyBits) },
  };
}

/** Whether an answer is about this certificate of this issuer. */
export function isAbout(answer: OcspAnswer, { serialNumber }: IdentityRecord, hashes: IssuerHashes): boolean {
  if (answer.hash === undefined || !equalBytes(answer.serialNumber, serialNumber)) return false;
  const { name, key } = hashes[answer.hash];
  return equalBytes(answer.nameHash, name) && equalBytes(answer.keyHash, key);
}

/**
 * Verifies that the issuer answers, or somebody whom it told to: RFC 6960, 4.2.2.2. Returns the certificate of the
 * latter; undefined where the issuer answered itself.
 */
export async function verifyResponder(
  response: OcspResponse,
  issuer: IdentityRecord,
  at: number,
): Promise<IdentityRecord | undefined> {
  const delegate = (await isResponder(response.responder, issuer)) ? undefined : await delegateOf(response, issuer, at);
  const { algorithm, signature, tbs } = response;
  const { publicKey } = delegate ?? issuer;
  if (!(await verifies(publicKey, algorithm, signature, tbs)))
    throw new AttestationError('ERR_MDA_REVOCATION_SIGNATURE');
  return delegate;
}

async function isResponder({ name, keyHash }: OcspResponder, { subject, publicKey }: IdentityRecord): Promise<boolean> {
  return name === undefined ? equalBytes(keyHash, await sha1(publicKey.keyBits)) : equalBytes(name, subject);
}

/** The first certificate of the response that its issuer itself made for this: valid, and for OCSP by name. */
async function delegateOf(
  { responder, certificates }: OcspResponse,
  issuer: IdentityRecord,
  at: number,
): Promise<IdentityRecord> {
  for (const der of certificates) {
    const record = readDelegate(der);
    if (record === undefined || !(await isResponder(responder, record))) continue;
    const { algorithm, signature, tbs, notBefore, notAfter, extendedKeyUsage, keyUsage, unknownCritical } = record;
    const isAllowed =
      equalBytes(record.issuer, issuer.subject) &&
      notBefore <= at &&
      at <= notAfter &&
      // anyExtendedKeyUsage is no such permission: whoever may do anything was not asked to do this.
      extendedKeyUsage?.ocspSigning === true &&
      keyUsage?.digitalSignature !== false &&
      unknownCritical === undefined;
    if (isAllowed && (await verifies(issuer.publicKey, algorithm, signature, tbs))) return record;
  }
  throw new AttestationError('ERR_MDA_REVOCATION_RESPONDER');
}

/** What else a responder sends along is no concern of anybody. */
function readDelegate(der: Uint8Array): IdentityRecord | undefined {
  try {
    return readIdentityCertificate(der, 'certificate');
  } catch {
    return undefined;
  }
}

/** False too for a signature in a form that no platform gets to see, and an algorithm that the platform lacks. */
export async function verifies(...signed: Parameters<typeof verifyIdentitySignature>): Promise<boolean> {
  try {
    return await verifyIdentitySignature(...signed);
  } catch {
    return false;
  }
}
