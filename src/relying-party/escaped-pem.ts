import type { Bytes } from '../core/bytes.ts';
import { fromPem } from '../core/pem.ts';
import { MAX_FORWARDED_CERTIFICATES } from './byte-sequence.ts';
import { refuseHeader } from './header-value.ts';

/** Certificates in PEM, one after the other, and nothing else. */
const BLOCKS = /^(?:-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----(?:\r?\n)?)+$/;

/**
 * Certificates in PEM, percent-encoded once (RFC 3986, 2.1). `+`, `/` and `=` may stand as they are, for some proxies
 * escape less than others; a `+` is a plus, never a space.
 */
export function readEscapedPem(text: string, name: string): Bytes[] {
  if (/[^A-Za-z0-9._~+/=%-]/.test(text)) refuseHeader('ERR_MDA_HEADER_SYNTAX', name);
  let certificates: Bytes[];
  try {
    const pem = decodeURIComponent(text);
    // Whatever is escaped twice, or is no ASCII, has a character that no block has.
    if (!BLOCKS.test(pem)) refuseHeader('ERR_MDA_HEADER_SYNTAX', name);
    certificates = fromPem(pem);
  } catch (cause) {
    return refuseHeader('ERR_MDA_HEADER_SYNTAX', name, cause);
  }
  if (certificates.length > MAX_FORWARDED_CERTIFICATES) refuseHeader('ERR_MDA_HEADER_COUNT', name);
  return certificates;
}
