import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import {
  checkRevocation,
  identityTrustAnchor,
  noAttestingAuthority,
  verifyIdentity,
} from '../../src/identity/index.ts';
import { AT } from '../support/organisation.ts';

/** Authorities and lists made by another library; `node:crypto` reads what is accepted. */
const ALGORITHMS = {
  ECDSA: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
} as const;

const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };

describe.each(Object.entries(ALGORITHMS))('an authority of @peculiar/x509 with %s', (_, signingAlgorithm) => {
  it('is read as others read it', async () => {
    const keys = await crypto.subtle.generateKey(signingAlgorithm, false, ['sign', 'verify']);
    const deviceKeys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
      'verify',
    ]);
    const root = await X509CertificateGenerator.createSelfSigned({
      ...dates,
      serialNumber: '01',
      name: 'CN=Root, O=Organisation, C=AT',
      keys,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(true, 1, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const device = await X509CertificateGenerator.create({
      ...dates,
      serialNumber: '0a0b',
      subject: 'CN=device',
      issuer: root.subject,
      publicKey: deviceKeys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2']),
        new SubjectAlternativeNameExtension([{ type: 'dns', value: 'device.example' }]),
      ],
    });
    const [rootDer, deviceDer] = [root, device].map(({ rawData }) => new Uint8Array(rawData)) as [
      Uint8Array,
      Uint8Array,
    ];
    const options = {
      at: AT,
      trustAnchors: [identityTrustAnchor(rootDer)],
      attestingAuthorities: noAttestingAuthority,
    } as const;
    const identity = await verifyIdentity([deviceDer], options);
    expect(identity.names).toEqual([{ kind: 'dns', value: 'device.example' }]);
    expect(identity.identifiers).toEqual([]);

    const [witness, rootWitness] = [new X509Certificate(deviceDer), new X509Certificate(rootDer)];
    expect(witness.verify(rootWitness.publicKey)).toBe(true);
    expect(witness.checkIssued(rootWitness)).toBe(true);
    expect(identity.certificateSerialNumber.toUpperCase()).toBe(witness.serialNumber);
    expect(identity.fingerprint.toUpperCase()).toBe(witness.fingerprint256.replaceAll(':', ''));
    expect(identity.notAfter).toEqual(new Date(witness.validTo));
    expect(Buffer.from(identity.publicKey.spki)).toEqual(witness.publicKey.export({ type: 'spki', format: 'der' }));
    expect(identity.trustAnchor.publicKey.jwk).toEqual(rootWitness.publicKey.export({ format: 'jwk' }));

    const crl = await X509CrlGenerator.create({
      issuer: root.subject,
      thisUpdate: new Date('2026-06-01T00:00:00Z'),
      nextUpdate: new Date('2026-06-02T00:00:00Z'),
      entries: [
        { serialNumber: '0a0b', revocationDate: new Date('2026-05-01T00:00:00Z'), reason: X509CrlReason.superseded },
      ],
      signingAlgorithm,
      signingKey: keys.privateKey,
    });
    const verdict = await checkRevocation(identity, {
      at: AT,
      onUnknown: 'accept',
      crls: [new Uint8Array(crl.rawData)],
    });
    expect(verdict.rejected).toEqual([]);
    expect(verdict.certificates).toMatchObject([{ status: 'revoked', reason: 'superseded' }]);
  });
});
