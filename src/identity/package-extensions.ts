import type { Bytes } from '../core/bytes.ts';
import type { CertificateExtension } from './identity-extensions.ts';

/** The class `Extension` of `pkijs`, as far as it is needed here. */
export type PkijsExtensionClass<Instance> = new (parameters: {
  extnID: string;
  critical: boolean;
  extnValue: ArrayBuffer;
}) => Instance;

/**
 * Turns extensions into those of `pkijs`, for `certificate.extensions`.
 *
 * @param Extension the class of `pkijs`; this library does not load the package
 * @example
 * ```ts
 * import { type CertificateExtension, toPkijsExtensions } from 'managed-device-attestation/identity';
 * import { type Certificate, Extension } from 'pkijs';
 *
 * export function addTo(certificate: Certificate, extensions: readonly CertificateExtension[]): void {
 *   certificate.extensions = [...(certificate.extensions ?? []), ...toPkijsExtensions(extensions, Extension)];
 * }
 * ```
 * @see https://www.npmjs.com/package/pkijs
 */
export function toPkijsExtensions<Instance>(
  extensions: readonly CertificateExtension[],
  Extension: PkijsExtensionClass<Instance>,
): Instance[] {
  return extensions.map(
    ({ oid, critical, value }) => new Extension({ extnID: oid, critical, extnValue: new Uint8Array(value).buffer }),
  );
}

/** The class `Extension` of `@peculiar/x509`, as far as it is needed here. */
export type PeculiarExtensionClass<Instance> = new (type: string, critical: boolean, value: Bytes) => Instance;

/**
 * Turns extensions into those of `@peculiar/x509`, for `X509CertificateGenerator.create`.
 *
 * @param Extension the class of `@peculiar/x509`; this library does not load the package
 * @example
 * ```ts
 * import { Extension, type X509CertificateCreateParams } from '@peculiar/x509';
 * import { type CertificateExtension, toPeculiarExtensions } from 'managed-device-attestation/identity';
 *
 * export function withExtensions(
 *   parameters: X509CertificateCreateParams,
 *   extensions: readonly CertificateExtension[],
 * ): X509CertificateCreateParams {
 *   return { ...parameters, extensions: toPeculiarExtensions(extensions, Extension) };
 * }
 * ```
 * @see https://www.npmjs.com/package/@peculiar/x509
 */
export function toPeculiarExtensions<Instance>(
  extensions: readonly CertificateExtension[],
  Extension: PeculiarExtensionClass<Instance>,
): Instance[] {
  return extensions.map(({ oid, critical, value }) => new Extension(oid, critical, new Uint8Array(value)));
}
