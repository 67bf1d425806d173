import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCertificate } from '../../src/core/certificate.ts';
import { isRememberedUnder, issuers, recallIssuer, rememberIssuer } from '../../src/core/issuer-memory.ts';
import {
  explainAttestation,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  verifyAttestation,
  type VerifyAttestationOptions,
  verifyChain,
} from '../../src/index.ts';
import { CHAIN_FAULTS } from '../support/faults.ts';
import { mintLeaf } from '../support/leaf.ts';
import { AT, basicConstraints, FRESHNESS_CODE, keyFrom, mintChain } from '../support/mint.ts';
import { mintPath } from '../support/path.ts';
import { rejectionOf } from '../support/refusal.ts';

function verify(x5c: readonly Uint8Array[], anchors: readonly Uint8Array[], at = AT) {
  return verifyChain(parseAttestationChain(x5c), { trustAnchors: anchors.map(parseCertificate), at });
}

const chain = await mintChain();

beforeEach(() => void (issuers.length = 0));
afterEach(() => vi.restoreAllMocks());

describe('an issuer that was verified', () => {
  it('is not verified again: the second time one signature is left', async () => {
    const spy = vi.spyOn(crypto.subtle, 'verify');
    await verify(chain.x5c, [chain.root]);
    expect(spy).toHaveBeenCalledTimes(2);
    await verify(chain.x5c, [chain.root]);
    expect(spy).toHaveBeenCalledTimes(3);
    issuers.length = 0;
    await verify(chain.x5c, [chain.root]);
    expect(spy).toHaveBeenCalledTimes(5);
  });

  it('costs no turn: what is left to verify is with the platform before the call returns', async () => {
    await verify(chain.x5c, [chain.root]);
    const spy = vi.spyOn(crypto.subtle, 'verify');
    const pending = verify(chain.x5c, [chain.root]);
    expect(spy).toHaveBeenCalledTimes(1);
    await pending;
  });

  it('is remembered at any height, and the leaf never', async () => {
    const { x5c, root } = await mintPath({ authorities: [{}, {}, {}] });
    await verify(x5c, [root]);
    expect(x5c.map((der) => recallIssuer(issuers, der) !== undefined)).toEqual([false, true, true, true]);
    expect(recallIssuer(issuers, root)).toBeUndefined();
  });

  it('gives the same answer as one that is new', async () => {
    const fresh = await verify(chain.x5c, [chain.root]);
    expect(await verify(chain.x5c, [chain.root])).toEqual(fresh);
  });

  it('is still judged by its validity', async () => {
    const { x5c, root } = await mintChain({ subCa: { notAfter: new Date('2026-06-15T00:00:00Z') } });
    await verify(x5c, [root]);
    const late = new Date('2026-06-16T00:00:00Z');
    expect(await rejectionOf(verify(x5c, [root], late))).toMatchObject({
      code: 'ERR_MDA_CHAIN_EXPIRED',
      certificate: 1,
    });
    const early = new Date('2021-01-01T00:00:00Z');
    expect(await rejectionOf(verify(x5c, [root], early))).toHaveProperty('code', 'ERR_MDA_CHAIN_NOT_YET_VALID');
  });

  it('under one anchor is not verified under another of the same name', async () => {
    const { x5c, root } = await mintChain({ subCa: { extensions: [basicConstraints(true, 0)] } });
    const other = await mintChain({ seed: 'other' });
    await verify(x5c, [root]);
    expect(await rejectionOf(verify(x5c, [other.root]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE',
      certificate: 1,
    });
    expect((await verify(x5c, [other.root, root])).trustAnchor.der).toEqual(root);
  });

  it('does not make a leaf right that it did not sign', async () => {
    await verify(chain.x5c, [chain.root]);
    const forged = await mintChain({ leaf: { issuerKey: keyFrom('stranger') } });
    expect(await rejectionOf(verify([forged.leaf, chain.subCa], [chain.root]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE',
      certificate: 0,
    });
  });

  it('is judged as a leaf where it stands as one', async () => {
    await verify(chain.x5c, [chain.root]);
    expect(await rejectionOf(verify([chain.subCa], [chain.root]))).toHaveProperty('code', 'ERR_MDA_CHAIN_LEAF_IS_CA');
  });

  it('with one bit changed is another certificate', async () => {
    await verify(chain.x5c, [chain.root]);
    const changed = chain.subCa.slice();
    changed[changed.length - 1]! ^= 1;
    expect(recallIssuer(issuers, changed)).toBeUndefined();
    expect(recallIssuer(issuers, chain.subCa.subarray(0, -1))).toBeUndefined();
    expect(await rejectionOf(verify([chain.leaf, changed], [chain.root]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE',
      certificate: 1,
    });
  });
});

describe('an issuer that was not verified', () => {
  it('is not remembered, whatever is wrong with its chain', async () => {
    for (const { title, evidence } of CHAIN_FAULTS) {
      const { x5c, anchors, at } = await evidence();
      await rejectionOf(verify(x5c, anchors, at));
      expect([title, x5c.filter((der) => recallIssuer(issuers, der) !== undefined)]).toEqual([title, []]);
    }
  });

  it('is not remembered from an explanation', async () => {
    const stranger = await mintChain({ seed: 'stranger' });
    await explainAttestation(stranger.x5c, {
      at: AT,
      trustAnchors: [parseCertificate(chain.root)],
      expectedFreshnessCode: skipFreshnessCheck,
    });
    expect(recallIssuer(issuers, stranger.subCa)).toBeUndefined();
  });

  it.each<[string, Partial<VerifyAttestationOptions>]>([
    ['expired', { at: new Date('2026-08-01T00:00:00Z') }],
    ['stale', { expectedFreshnessCode: new Uint8Array(32) }],
    ['for another key', { expectedPublicKey: keyFrom('another').spki }],
  ])('is not remembered from an attestation that is %s, though its own signature verifies', async (_, changes) => {
    const trustAnchors = [parseCertificate(chain.root)];
    const options = { at: AT, trustAnchors, expectedFreshnessCode: FRESHNESS_CODE, ...changes };
    await rejectionOf(verifyAttestation(parseAttestationChain(chain.x5c), options));
    await explainAttestation(chain.x5c, options);
    expect(recallIssuer(issuers, chain.subCa)).toBeUndefined();
  });

  it('costs no signature where a cheaper check refuses the chain', async () => {
    await verify(chain.x5c, [chain.root]);
    const spy = vi.spyOn(crypto.subtle, 'verify');
    await rejectionOf(verify(chain.x5c, [chain.root], new Date('2026-08-01T00:00:00Z')));
    expect(spy).not.toHaveBeenCalled();
  });

  it('is not remembered because an anchor was looked for among several', async () => {
    const forged = await mintChain({ leaf: { issuerKey: keyFrom('stranger') } });
    const other = await mintChain({ seed: 'other' });
    await rejectionOf(verify(forged.x5c, [other.root, forged.root]));
    expect(recallIssuer(issuers, forged.subCa)).toBeUndefined();
  });
});

describe('the memory', () => {
  const signedBy = Uint8Array.of(1);
  const recordsOf = async (count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, index) =>
        readCertificate(await mintLeaf({ serialNumber: index + 1 }), 'der'),
      ),
    );

  it('holds 16 and forgets the one that was not used for longest', async () => {
    const records = await recordsOf(18);
    for (const record of records.slice(0, 16)) rememberIssuer(issuers, record, signedBy);
    // Used, so that the second is the oldest now.
    expect(recallIssuer(issuers, records[0]!.der)).toBe(records[0]);
    for (const record of records.slice(16)) rememberIssuer(issuers, record, signedBy);
    const forgotten = records.flatMap(({ der }, index) => (recallIssuer(issuers, der) === undefined ? [index] : []));
    expect(forgotten).toEqual([1, 2]);
  });

  it('holds the bytes once, under the first key', async () => {
    const [record] = await recordsOf(1);
    const twin = readCertificate(record!.der, 'der');
    rememberIssuer(issuers, record!, signedBy);
    rememberIssuer(issuers, twin, Uint8Array.of(2));
    expect(recallIssuer(issuers, twin.der)).toBe(record);
    expect(isRememberedUnder(issuers, record!, signedBy)).toBe(true);
    expect(isRememberedUnder(issuers, record!, Uint8Array.of(2))).toBe(false);
    expect(isRememberedUnder(issuers, twin, signedBy)).toBe(false);
  });

  it('is asked with anything at all', async () => {
    const [record] = await recordsOf(1);
    rememberIssuer(issuers, record!, signedBy);
    for (const anything of [undefined, null, 'MIIC', {}, [1]]) expect(recallIssuer(issuers, anything)).toBeUndefined();
  });
});
