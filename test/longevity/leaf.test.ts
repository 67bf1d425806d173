import { describe, expect, it } from 'vitest';
import { parseAttestationChain, parseCertificate, verifyAttestation } from '../../src/index.ts';
import { name } from '../../src/testing/der-writer.ts';
import { extendedKeyUsage } from '../../src/testing/leaf.ts';
import {
  AT,
  authorityKeyIdentifier,
  type CertificateSpec,
  extension,
  type ExtensionSpec,
  FRESHNESS_CODE,
  keyFrom,
  keyIdentifierOf,
  LEAF_EXTENSIONS,
  mintChain,
  subjectKeyIdentifier,
} from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';

async function verify(leaf: Partial<CertificateSpec>, at = AT) {
  const { x5c, root } = await mintChain({ leaf });
  const trustAnchors = [parseCertificate(root)];
  return verifyAttestation(parseAttestationChain(x5c), { at, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors });
}

const withExtensions = (...more: readonly ExtensionSpec[]) => verify({ extensions: [...LEAF_EXTENSIONS, ...more] });

describe('Apple changes how long a leaf is valid', () => {
  it.each([
    ['an hour', '2026-06-01T11:30:00Z', '2026-06-01T12:30:00Z'],
    ['one instant', '2026-06-01T12:00:00Z', '2026-06-01T12:00:00Z'],
    ['two years', '2026-01-01T00:00:00Z', '2028-01-01T00:00:00Z'],
    ['longer than its Sub CA', '2026-01-01T00:00:00Z', '2046-01-01T00:00:00Z'],
    ['past 2050, as GeneralizedTime', '2026-01-01T00:00:00Z', '2055-01-01T00:00:00Z'],
    ['without an end (RFC 5280, 4.1.2.5)', '2026-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
  ])('%s is as good as 91 days', async (_, notBefore, notAfter) => {
    await verify({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) });
  });

  it('a leaf that has expired is refused by its own dates', async () => {
    const leaf = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-03-01T00:00:00Z') };
    expect(await rejectionOf(verify(leaf))).toMatchObject({ code: 'ERR_MDA_CHAIN_EXPIRED', certificate: 0 });
  });
});

describe('Apple changes the extended key usage', () => {
  const critical = (spec: ExtensionSpec): ExtensionSpec => ({ ...spec, critical: true });

  it.each([
    ['none, as in 2025', []],
    ['that of 2026', [extendedKeyUsage('1.2.840.113635.100.4.24')]],
    ['another of Apple’s', [extendedKeyUsage('1.2.840.113635.100.4.99')]],
    ['two', [extendedKeyUsage('1.2.840.113635.100.4.24', '1.3.6.1.5.5.7.3.2')]],
    ['a critical one', [critical(extendedKeyUsage('1.2.840.113635.100.4.24'))]],
  ])('%s', async (_, extensions) => {
    await expect(withExtensions(...extensions)).resolves.toMatchObject({ freshness: 'matched' });
  });
});

describe('Apple adds what a leaf has not had', () => {
  it('key identifiers, pointers to a revocation list and to OCSP, policies: accepted', async () => {
    const { keys } = await mintChain();
    const leafKey = keyFrom('chain leaf');
    await withExtensions(
      authorityKeyIdentifier(keyIdentifierOf(keys.subCa)),
      subjectKeyIdentifier(keyIdentifierOf(leafKey)),
      extension('2.5.29.31', Uint8Array.of(0x30, 0)),
      extension('1.3.6.1.5.5.7.1.1', Uint8Array.of(0x30, 0)),
      extension('2.5.29.32', Uint8Array.of(0x30, 0)),
    );
  });

  it('an extension that it marks as critical: refused, for it says that not knowing it is not safe', async () => {
    const unknown = extension('1.2.840.113635.100.6.99', Uint8Array.of(5, 0), true);
    expect(await rejectionOf(withExtensions(unknown))).toMatchObject({
      code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
      certificate: 0,
      oid: '1.2.840.113635.100.6.99',
    });
  });

  it('another subject, a serial number of 20 bytes: accepted', async () => {
    await verify({ subject: name({ CN: 'Device Attestation', OU: 'Something else' }), serialNumber: 2n ** 158n });
  });
});
