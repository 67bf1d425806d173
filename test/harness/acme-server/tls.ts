import { createPrivateKey } from 'node:crypto';
import { toPem } from '../../../src/index.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  keyUsage,
  mintCertificate,
  subjectKeyIdentifier,
} from '../../../src/testing/certificate-writer.ts';
import { bytes, name, oid, sequence, tlv } from '../../../src/testing/der-writer.ts';
import { keyFrom, keyIdentifierOf, privateJwkFrom } from '../../../src/testing/key.ts';

/** What the server shows who connects. */
export interface TlsIdentity {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** The root to trust. With the same seed it has the same name and key, whichever process made it and when. */
  readonly rootPem: string;
}

const DAY_MILLISECONDS = 86_400_000;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';

/**
 * An identity for localhost and 127.0.0.1, made when the server starts. It is valid now, by the clock of the machine
 * and not by that of the harness: those who connect have no other.
 */
export async function createTlsIdentity(seed: string, now: Date): Promise<TlsIdentity> {
  const keys = { root: keyFrom(`${seed} TLS root`, 'P-256'), server: keyFrom(`${seed} TLS server`, 'P-256') };
  const rootName = name({ CN: 'Example TLS Root CA' });
  const validity = {
    notBefore: new Date(now.getTime() - DAY_MILLISECONDS),
    notAfter: new Date(now.getTime() + 30 * DAY_MILLISECONDS),
  };
  const common = { issuer: rootName, issuerKey: keys.root, hash: 'SHA-256', ...validity } as const;
  const rootIdentifier = keyIdentifierOf(keys.root);
  const root = await mintCertificate({
    ...common,
    subject: rootName,
    key: keys.root,
    serialNumber: 1,
    extensions: [basicConstraints(true), keyUsage(0x06), subjectKeyIdentifier(rootIdentifier)],
  });
  const server = await mintCertificate({
    ...common,
    subject: name({ CN: 'localhost' }),
    key: keys.server,
    // Another one each time, for clients that remember.
    serialNumber: now.getTime(),
    extensions: [
      basicConstraints(false),
      keyUsage(0x80),
      extension('2.5.29.37', sequence(oid(SERVER_AUTHENTICATION))),
      authorityKeyIdentifier(rootIdentifier),
      // RFC 5280, 4.2.1.6: dNSName is [2], iPAddress is [7].
      extension('2.5.29.17', sequence(tlv(0x82, bytes('localhost')), tlv(0x87, Uint8Array.of(127, 0, 0, 1)))),
    ],
  });
  const { jwk } = privateJwkFrom(`${seed} TLS server`, 'P-256');
  const key = createPrivateKey({ key: jwk as Record<string, string>, format: 'jwk' });
  return {
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: toPem(server),
    rootPem: toPem(root),
  };
}
