import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AttestationChain,
  AttestationError,
  appleEnterpriseAttestationRoot,
  certificateFingerprint,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  toBase64,
  verifyAttestation,
  verifyChain,
} from '../../src/index.ts';
import { fromHexText, hasShared, readShared } from './shared.ts';

/** The chain that Apple published: a Mac with macOS 15.5. The last word on what real devices send. */

const AT = new Date('2025-08-01T00:00:00Z');
const FRESHNESS_CODE = '9ff219c2';
const DAY_MILLISECONDS = 86_400_000;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const readPem = (file: string): Uint8Array => fromPem(readShared(`apple/${file}`))[0]!;

function appleChain(): AttestationChain {
  return parseAttestationChain([readPem('published-leaf.pem'), readPem('Apple_Enterprise_Attestation_Sub_CA_1.pem')]);
}

async function codeAt(at: Date): Promise<string> {
  try {
    await verifyAttestation(appleChain(), { at, expectedFreshnessCode: skipFreshnessCheck });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return error.code;
  }
}

describe.skipIf(!hasShared('apple'))('the chain that Apple published', () => {
  it('has the embedded root for its anchor', async () => {
    const root = appleEnterpriseAttestationRoot();
    expect(hexOf(root.der)).toBe(hexOf(readPem('Apple_Enterprise_Attestation_Root_CA.pem')));
    const fingerprint = 'ccf59ef8fcb3017d97f8b5fa6fa90e7a3f9283f76b55ac6cf6eda8b8b949f05b';
    expect(hexOf(await certificateFingerprint(root))).toBe(fingerprint);
    expect(createHash('sha256').update(root.der).digest('hex')).toBe(fingerprint);
  });

  it('verifies, and says of the device what it says', async () => {
    const chain = appleChain();
    const freshness = chain.certificates[0]!.extensions.find(({ oid }) => oid === '1.2.840.113635.100.8.11.1')!.value;
    expect(hexOf(freshness)).toMatch(new RegExp(`^${FRESHNESS_CODE}.*5d62$`));
    const {
      properties,
      publicKey,
      certificates,
      trustAnchor,
      at,
      freshness: judged,
    } = await verifyAttestation(chain, {
      at: AT,
      expectedFreshnessCode: freshness,
    });
    const attested = (value: unknown) => ({ status: 'attested', value });
    expect({ ...properties }).toEqual({
      serialNumber: attested('TMWFWWWP67'),
      udid: attested('00006030-000651690A84001C'),
      softwareUpdateDeviceId: attested('J514sAP'),
      osVersion: attested('15.5'),
      sepOsVersion: attested(expect.stringMatching(/^\d+(\.\d+)*$/)),
      llbVersion: attested(expect.stringMatching(/^\d+(\.\d+)*$/)),
      freshnessCode: attested(freshness),
      systemIntegrityProtection: attested('enabled'),
      secureBoot: attested('Full Security'),
      thirdPartyKernelExtensions: attested('not allowed'),
      other: [],
    });
    expect(publicKey.curve).toBe('P-384');
    expect(judged).toBe('matched');
    expect(at).toEqual(AT);
    expect(certificates).toHaveLength(2);
    expect(toBase64(trustAnchor.der)).toBe(toBase64(appleEnterpriseAttestationRoot().der));
  });

  it('has the shape that the simulated chains copy', () => {
    const [leaf, subCa] = appleChain().certificates;
    expect(leaf!.subject.text).toMatch(/^ST=California,O=Apple Inc\.,OU=AAA Certification,CN=[0-9a-f]{64}$/);
    expect(leaf!.subject.text).toContain(createHash('sha256').update(leaf!.publicKey.point).digest('hex'));
    expect(leaf!.basicConstraints).toEqual({ ca: false, pathLength: undefined });
    expect(leaf!.keyUsage).toEqual({ digitalSignature: true, keyCertSign: false });
    expect(hexOf(leaf!.extensions.find(({ oid }) => oid === '2.5.29.15')!.value)).toBe('030204f0');
    expect(leaf!.authorityKeyIdentifier).toBeUndefined();
    expect(leaf!.subjectKeyIdentifier).toBeUndefined();
    expect(leaf!.signatureAlgorithm).toEqual({ name: 'ECDSA', hash: 'SHA-384' });
    expect(leaf!.extensions.filter(({ critical }) => critical).map(({ oid }) => oid)).toEqual([
      '2.5.29.19',
      '2.5.29.15',
    ]);
    expect(leaf!.notBefore.toISOString()).toMatch(/^2025-07-13T/);
    expect(leaf!.notAfter.toISOString()).toMatch(/^2025-10-12T/);
    expect(leaf!.serialNumber.length).toBeLessThanOrEqual(12);
    expect(subCa!.basicConstraints).toEqual({ ca: true, pathLength: 0 });
    expect(subCa!.notAfter.toISOString()).toBe('2032-02-18T00:00:00.000Z');
    expect(subCa!.issuer.text).toBe(appleEnterpriseAttestationRoot().subject.text);
  });

  it('is refused outside of its validity', async () => {
    const { notBefore, notAfter } = appleChain().certificates[0]!;
    const plus = (date: Date, milliseconds: number) => new Date(date.getTime() + milliseconds);
    expect(await codeAt(plus(notBefore, -DAY_MILLISECONDS))).toBe('ERR_MDA_CHAIN_NOT_YET_VALID');
    expect(await codeAt(plus(notBefore, -1))).toBe('ERR_MDA_CHAIN_NOT_YET_VALID');
    expect(await codeAt(notBefore)).toBe('accepted');
    expect(await codeAt(notAfter)).toBe('accepted');
    expect(await codeAt(plus(notAfter, 1))).toBe('ERR_MDA_CHAIN_EXPIRED');
    expect(await codeAt(plus(notAfter, DAY_MILLISECONDS))).toBe('ERR_MDA_CHAIN_EXPIRED');
  });

  it('is refused with another freshness code, and under any other anchor', async () => {
    const expectedFreshnessCode = fromHexText('00'.repeat(32));
    await expect(verifyAttestation(appleChain(), { at: AT, expectedFreshnessCode })).rejects.toMatchObject({
      code: 'ERR_MDA_FRESHNESS_MISMATCH',
    });
    const trustAnchors = [parseCertificate(readPem('Apple_Enterprise_Attestation_Sub_CA_1.pem'))];
    // The Sub CA as the caller's own anchor is the caller's choice; the leaf as one is nonsense.
    await expect(verifyChain(appleChain(), { at: AT, trustAnchors })).resolves.toMatchObject({ at: AT });
    await expect(
      verifyChain(appleChain(), { at: AT, trustAnchors: [parseCertificate(readPem('published-leaf.pem'))] }),
    ).rejects.toMatchObject({ code: 'ERR_MDA_CHAIN_TRUST_ANCHOR' });
  });
});
