import type { Bytes } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';
import { readByteSequence, readByteSequences } from './byte-sequence.ts';
import { refuseHeader } from './header-value.ts';
import { withIssuers } from './issuers.ts';

/** What is read of `request.cf.tlsClientAuth` in a Cloudflare Worker. */
export interface CloudflareClientAuth {
  readonly certRFC9440?: unknown;
  readonly certRFC9440TooLarge?: unknown;
  readonly certChainRFC9440?: unknown;
  readonly certChainRFC9440TooLarge?: unknown;
}

/**
 * Reads the certificates of the client in a Cloudflare Worker, leaf first. The platform terminates TLS, and no header
 * has a part in it.
 *
 * Checks: that there is a certificate, that neither it nor its chain was left out for its size, and their form.
 * Leaves to you: all that `verifyIdentity` does. Cloudflare hands on certificates that it did not verify, too.
 *
 * @param clientAuth `request.cf.tlsClientAuth`
 * @param options.issuers what follows the leaf where the client sent the leaf alone
 * @throws AttestationError `ERR_MDA_HEADER_MISSING`, `ERR_MDA_HEADER_TOO_LARGE`, `ERR_MDA_HEADER_SYNTAX`,
 * `ERR_MDA_HEADER_COUNT`
 * @throws TypeError if an option is unknown or of another type
 * @example
 * ```ts
 * import { chainFromCloudflare } from 'managed-device-attestation/relying-party';
 *
 * export const chainOf = (request: { cf?: { tlsClientAuth?: object } }) => chainFromCloudflare(request.cf?.tlsClientAuth);
 * ```
 * @see https://developers.cloudflare.com/changelog/post/2026-03-27-rfc9440-mtls-fields
 */
export function chainFromCloudflare(
  clientAuth: CloudflareClientAuth | undefined,
  options: { readonly issuers?: readonly Uint8Array[] } = {},
): readonly Bytes[] {
  requireOptions(options, ['issuers']);
  const fields: CloudflareClientAuth = clientAuth ?? {};
  const read = (name: 'certRFC9440' | 'certChainRFC9440'): string | undefined => {
    if (fields[`${name}TooLarge`] === true) refuseHeader('ERR_MDA_HEADER_TOO_LARGE', name);
    const text = fields[name];
    return typeof text === 'string' && text !== '' ? text : undefined;
  };
  const leaf = read('certRFC9440') ?? refuseHeader('ERR_MDA_HEADER_MISSING', 'certRFC9440');
  const rest = read('certChainRFC9440');
  const chain = [
    readByteSequence(leaf, 'certRFC9440'),
    ...(rest === undefined ? [] : readByteSequences(rest, 'certChainRFC9440')),
  ];
  return withIssuers(chain, options.issuers);
}
