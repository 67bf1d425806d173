import { bytes, type Der, name, sequence, tlv } from '../../src/testing/der-writer.ts';
import { attribute, attributes, type CsrParts, mintCsr } from './csr.ts';
import { encodeExtensions, type ExtensionSpec, extension, type HashName, type Key, keyFrom } from './mint.ts';

/** Certificate requests for tests: the same on every run, or with a fault in one place and a signature that is right. */

export const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
export const CHALLENGE_PASSWORD = '1.2.840.113549.1.9.7';
export const SUBJECT = name({ CN: 'SIMULATED1', O: 'Not Apple' });

export const extensionRequest = (...extensions: readonly ExtensionSpec[]): Der =>
  attribute(EXTENSION_REQUEST, encodeExtensions(extensions));
export const subjectAltName = (...names: readonly Uint8Array[]): ExtensionSpec =>
  extension('2.5.29.17', sequence(...names));

export interface RequestSpec {
  readonly key?: Key;
  /** Signs in the place of the key. */
  readonly signer?: Key;
  readonly hash?: HashName;
  /** Replaces parts before the signature is made. */
  readonly replace?: Partial<CsrParts>;
  /** Replaces the content of the BIT STRING that holds the signature. */
  readonly signature?: (value: Der) => Uint8Array;
}

export const KEY = keyFrom('certificate request', 'P-256');

/** A request of a device, with a name in it. */
export function mintRequest(spec: RequestSpec = {}): Promise<Der> {
  const { key = KEY, signer = key, hash = 'SHA-256', replace, signature } = spec;
  return mintCsr({
    key: { spki: key.spki, sign: (...data) => signer.sign(...data) },
    hash,
    subject: SUBJECT,
    replace: {
      attributes: attributes(extensionRequest(subjectAltName(tlv(0x82, bytes('device.example'))))),
      ...replace,
    },
    ...(signature && { signature }),
  });
}
