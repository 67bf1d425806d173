import { describe, expect, it } from 'vitest';
import {
  appleEnterpriseAttestationRoot,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  verifyAttestation,
} from '../../src/index.ts';
import { type Der, name } from '../../src/testing/der-writer.ts';
import { appleChainPem } from '../support/mda.ts';
import {
  AT,
  authorityKeyIdentifier,
  basicConstraints,
  FRESHNESS_CODE,
  keyFrom,
  keyIdentifierOf,
  keyUsage,
  LEAF_NAME,
  mintCertificate,
  mintChain,
  ROOT_NAME,
  SUB_CA_NAME,
  subjectKeyIdentifier,
} from '../support/mint.ts';
import { mintPath } from '../support/path.ts';
import { rejectionOf } from '../support/refusal.ts';

const old = await mintChain({ seed: 'old' });
const NEW_ROOT_NAME = name({ CN: 'Simulated Enterprise Attestation Root CA - G2', O: 'Not Apple', C: 'US' });
/** Another root with a name of its own, and a Sub CA below it. */
const renewed = await mintChain({
  seed: 'new',
  root: { subject: NEW_ROOT_NAME, issuer: NEW_ROOT_NAME },
  subCa: { issuer: NEW_ROOT_NAME },
});

function verify(x5c: readonly Uint8Array[], roots: readonly Uint8Array[], at = AT) {
  return verifyAttestation(parseAttestationChain(x5c), {
    at,
    expectedFreshnessCode: FRESHNESS_CODE,
    trustAnchors: roots.map(parseCertificate),
  });
}

const authorityExtensions = (pathLength?: number) => [basicConstraints(true, pathLength), keyUsage(0x06)];

describe('Apple adds a Sub CA or rotates one', () => {
  it('is accepted at once, and the old one stays accepted', async () => {
    await verify(old.x5c, [old.root]);
    for (const [seed, subject] of [
      ['another key', SUB_CA_NAME],
      ['another name', name({ CN: 'Simulated Enterprise Attestation Sub CA 2', O: 'Not Apple', C: 'US' })],
    ] as const) {
      const key = keyFrom(seed);
      const { x5c } = await mintChain({
        keys: { ...old.keys, subCa: key },
        subCa: {
          subject,
          extensions: [
            ...authorityExtensions(0),
            authorityKeyIdentifier(keyIdentifierOf(old.keys.root)),
            subjectKeyIdentifier(keyIdentifierOf(key)),
          ],
        },
        leaf: { issuer: subject },
      });
      await expect(verify(x5c, [old.root])).resolves.toMatchObject({ freshness: 'matched' });
    }
    await verify(old.x5c, [old.root]);
  });

  it('is refused if the root did not sign it, whatever its name', async () => {
    const { x5c } = await mintChain({ seed: 'impostor' });
    expect((await rejectionOf(verify(x5c, [old.root]))).code).toBe('ERR_MDA_CHAIN_KEY_IDENTIFIER');
  });
});

describe('the Sub CA of today ends', () => {
  const lastInstant = new Date('2032-02-18T00:00:00Z');
  const leaf = { notBefore: new Date('2032-02-01T00:00:00Z'), notAfter: new Date('2032-05-02T00:00:00Z') };

  it('holds for its last second, and a leaf does not outlive it', async () => {
    const { x5c, root } = await mintChain({ leaf });
    await verify(x5c, [root], lastInstant);
    const later = new Date(lastInstant.getTime() + 1000);
    expect(await rejectionOf(verify(x5c, [root], later))).toMatchObject({
      code: 'ERR_MDA_CHAIN_EXPIRED',
      certificate: 1,
    });
  });

  it('changes nothing for an audit, which judges at the time of the evidence', async () => {
    const { x5c, root } = await mintChain();
    await verify(x5c, [root], AT);
  });

  const pem = appleChainPem();
  it.skipIf(pem === undefined)('is that date for the published chain', async () => {
    const chain = parseAttestationChain(fromPem(pem!));
    expect(chain.certificates[1]!.notAfter).toEqual(lastInstant);
    await verifyAttestation(chain, {
      at: new Date('2025-08-01T00:00:00Z'),
      expectedFreshnessCode: skipFreshnessCheck,
    });
  });
});

describe('Apple makes a new root', () => {
  it('is unknown until it is an anchor; both may be, for as long as it takes', async () => {
    expect(await rejectionOf(verify(renewed.x5c, [old.root]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
      certificate: 1,
    });
    for (const { x5c, root } of [old, renewed]) {
      const { trustAnchor } = await verify(x5c, [old.root, renewed.root]);
      expect(trustAnchor.der).toEqual(root);
    }
  });

  it('may have the name of the old one: the key decides', async () => {
    const sameName = await mintChain({ seed: 'same name' });
    for (const { x5c, root } of [old, sameName]) {
      for (const roots of [
        [old.root, sameName.root],
        [sameName.root, old.root],
      ]) {
        const { trustAnchor } = await verify(x5c, roots);
        expect(trustAnchor.der).toEqual(root);
      }
    }
  });

  it('may be signed by the old one and sent along: who knows the old one alone accepts it', async () => {
    const crossSigned = await mintCertificate({
      subject: NEW_ROOT_NAME,
      issuer: ROOT_NAME,
      key: renewed.keys.root,
      issuerKey: old.keys.root,
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2047-02-20T00:00:00Z'),
      extensions: [...authorityExtensions(), subjectKeyIdentifier(keyIdentifierOf(renewed.keys.root))],
    });
    const x5c = [...renewed.x5c, crossSigned];
    await verify(x5c, [old.root]);
    // The chain is walked as it was sent: who dropped the old one wants the chain without the third certificate.
    expect((await rejectionOf(verify(x5c, [renewed.root]))).code).toBe('ERR_MDA_CHAIN_TRUST_ANCHOR');
    await verify(renewed.x5c, [renewed.root]);
  });

  it('stands beside the embedded one by one line of a caller', async () => {
    const anchors = [appleEnterpriseAttestationRoot(), parseCertificate(renewed.root)];
    const chain = parseAttestationChain(renewed.x5c);
    const options = { at: AT, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors: anchors };
    await expect(verifyAttestation(chain, options)).resolves.toMatchObject({ freshness: 'matched' });
  });
});

describe('the root ends', () => {
  const end = appleEnterpriseAttestationRoot().notAfter;

  it('is an expiry of the certificate after the last', async () => {
    const { x5c, root } = await mintChain({
      subCa: { notAfter: new Date('2050-01-01T00:00:00Z') },
      leaf: { notAfter: new Date('2050-01-01T00:00:00Z') },
    });
    await verify(x5c, [root], end);
    expect(await rejectionOf(verify(x5c, [root], new Date(end.getTime() + 1000)))).toMatchObject({
      code: 'ERR_MDA_CHAIN_EXPIRED',
      certificate: 2,
    });
  });

  it('may be renewed with the same key, and both chains hold', async () => {
    const until2060 = { notAfter: new Date('2060-01-01T00:00:00Z') };
    const chain = await mintChain({ seed: 'old', subCa: until2060, leaf: until2060, root: until2060 });
    const at = new Date('2055-01-01T00:00:00Z');
    expect((await rejectionOf(verify(chain.x5c, [old.root], at))).code).toBe('ERR_MDA_CHAIN_EXPIRED');
    await verify(chain.x5c, [old.root, chain.root], at);
    await verify(old.x5c, [old.root, chain.root], AT);
  });
});

describe('Apple sends more certificates', () => {
  const dates = { notBefore: new Date('2022-02-16T00:00:00Z'), notAfter: new Date('2032-02-18T00:00:00Z') };
  const chainOf = async (authorities: number): Promise<{ root: Der; x5c: readonly Der[] }> =>
    mintPath({ authorities: Array.from({ length: authorities }, () => dates), leaf: { subject: LEAF_NAME } });

  it.each([1, 2, 3, 4])('%i authorities between leaf and root are fine', async (authorities) => {
    const { x5c, root } = await chainOf(authorities);
    await verify(x5c, [root]);
  });

  it('the root may be repeated at the end', async () => {
    const { x5c, root } = await chainOf(3);
    const { certificates } = await verify([...x5c, root], [root]);
    expect(certificates).toHaveLength(4);
  });

  it('a sixth certificate is refused by their number', async () => {
    const { x5c, root } = await chainOf(4);
    await expect(async () => verify([...x5c, root], [root])).rejects.toMatchObject({ code: 'ERR_MDA_CHAIN_TOO_LONG' });
  });

  it('an authority that says how many may follow is held to it', async () => {
    const { x5c, root } = await mintPath({ authorities: [{ extensions: authorityExtensions(0) }, {}] });
    expect(await rejectionOf(verify(x5c, [root]))).toMatchObject({ code: 'ERR_MDA_CHAIN_PATH_LENGTH', certificate: 2 });
  });
});
