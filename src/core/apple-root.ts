import { fromBase64 } from './base64.ts';
import { type Certificate, type CertificateRecord, describeCertificate, readCertificate } from './certificate.ts';

// https://www.apple.com/certificateauthority/private/, "Apple Enterprise Attestation Root CA"
const APPLE_ENTERPRISE_ATTESTATION_ROOT =
  'MIICJDCCAamgAwIBAgIUQsDCuyxyfFxeq/bxpm8frF15hzcwCgYIKoZIzj0EAwMwUTEtMCsGA1UEAwwkQXBwbGUgRW50ZXJwcmlz' +
  'ZSBBdHRlc3RhdGlvbiBSb290IENBMRMwEQYDVQQKDApBcHBsZSBJbmMuMQswCQYDVQQGEwJVUzAeFw0yMjAyMTYxOTAxMjRaFw00' +
  'NzAyMjAwMDAwMDBaMFExLTArBgNVBAMMJEFwcGxlIEVudGVycHJpc2UgQXR0ZXN0YXRpb24gUm9vdCBDQTETMBEGA1UECgwKQXBw' +
  'bGUgSW5jLjELMAkGA1UEBhMCVVMwdjAQBgcqhkjOPQIBBgUrgQQAIgNiAAT6Jigq+Ps9Q4CoT8t8q+UnOe2poT9nRaUfGhBTbgvq' +
  'SGXPjVkbYlIWYO+1zPk2Sz9hQ5ozzmLrPmTBgEWRcHjA2/y77GEicps9wn2tj+G89l3INNDKETdxSPPIZpPj8VmjQjBAMA8GA1Ud' +
  'EwEB/wQFMAMBAf8wHQYDVR0OBBYEFPNqTQGd8muBpV5du+UIbVbi+d66MA4GA1UdDwEB/wQEAwIBBjAKBggqhkjOPQQDAwNpADBm' +
  'AjEA1xpWmTLSpr1VH4f8Ypk8f3jMUKYz4QPG8mL58m9sX/b2+eXpTv2pH4RZgJjucnbcAjEA4ZSB6S45FlPuS/u4pTnzoz632rA+' +
  'xW/TZwFEh9bhKjJ+5VQ9/Do1os0u3LEkgN/r';

let record: CertificateRecord | undefined;

export function appleEnterpriseAttestationRootRecord(): CertificateRecord {
  return (record ??= readCertificate(fromBase64(APPLE_ENTERPRISE_ATTESTATION_ROOT), 'root'));
}

/**
 * The Apple Enterprise Attestation Root CA, P-384, valid until 2047-02-20: the trust anchor that every
 * verification uses unless it is told otherwise.
 *
 * SHA-256 `ccf59ef8fcb3017d97f8b5fa6fa90e7a3f9283f76b55ac6cf6eda8b8b949f05b`.
 *
 * @example
 * ```ts
 * import { appleEnterpriseAttestationRoot } from 'managed-device-attestation';
 *
 * console.log(appleEnterpriseAttestationRoot().notAfter.toISOString()); // 2047-02-20T00:00:00.000Z
 * ```
 * @see https://www.apple.com/certificateauthority/private/
 */
export function appleEnterpriseAttestationRoot(): Certificate {
  return describeCertificate(appleEnterpriseAttestationRootRecord());
}
