import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  appleEnterpriseAttestationRoot,
  certificateFingerprint,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  verifyChain,
} from '../../src/index.ts';
import { rejectionOf } from '../support/refusal.ts';

const APPLE = join(import.meta.dirname, '../../../shared/apple');

describe('Apple’s root', () => {
  const root = appleEnterpriseAttestationRoot();

  it('has the fingerprint that Apple publishes', async () => {
    const fingerprint = Buffer.from(await certificateFingerprint(root)).toString('hex');
    expect(fingerprint).toBe('ccf59ef8fcb3017d97f8b5fa6fa90e7a3f9283f76b55ac6cf6eda8b8b949f05b');
  });

  it('is what its description says', () => {
    expect(root).toMatchObject({
      serialNumber: '42c0c2bb2c727c5c5eabf6f1a66f1fac5d798737',
      signatureAlgorithm: { name: 'ECDSA', hash: 'SHA-384' },
      subject: { text: 'C=US,O=Apple Inc.,CN=Apple Enterprise Attestation Root CA' },
      notBefore: new Date('2022-02-16T19:01:24Z'),
      notAfter: new Date('2047-02-20T00:00:00Z'),
      publicKey: { curve: 'P-384' },
      basicConstraints: { ca: true, pathLength: undefined },
      keyUsage: { digitalSignature: false, keyCertSign: true },
    });
    expect(root.issuer).toEqual(root.subject);
  });

  it('is described anew every time: nobody can change it for anybody else', () => {
    const mine = appleEnterpriseAttestationRoot();
    mine.der.fill(0);
    mine.publicKey.point.fill(0);
    mine.notAfter.setTime(0);
    expect(appleEnterpriseAttestationRoot()).toEqual(root);
    expect(appleEnterpriseAttestationRoot()).toEqual(parseCertificate(root.der));
  });

  it('signed itself, and is no leaf', async () => {
    const alone = parseAttestationChain([root.der]);
    expect(await rejectionOf(verifyChain(alone, { at: new Date('2026-06-01T00:00:00Z') }))).toMatchObject({
      code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
      certificate: 0,
    });
  });

  it.skipIf(!existsSync(APPLE))('is the file that Apple publishes', () => {
    const [published] = fromPem(readFileSync(join(APPLE, 'Apple_Enterprise_Attestation_Root_CA.pem'), 'utf8'));
    expect(root.der).toEqual(published);
  });
});
