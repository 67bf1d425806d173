import { createHash } from 'node:crypto';
import { toBase64, toPem } from '../../src/index.ts';

/** Certificates as the proxies write them. */

/** RFC 9440. */
export const byteSequence = (der: Uint8Array): string => `:${toBase64(der)}:`;

/** nginx: everything but what RFC 3986 calls unreserved. */
export const escapedPem = (...certificates: readonly Uint8Array[]): string => encodeURIComponent(toPem(certificates));

/** Envoy: what it escapes, and nothing else. */
export const envoyPem = (...certificates: readonly Uint8Array[]): string =>
  toPem(certificates)
    .replaceAll('\n', '%0A')
    .replaceAll(' ', '%20')
    .replaceAll('+', '%2B')
    .replaceAll('/', '%2F')
    .replaceAll('=', '%3D');

export const sha256Hex = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
