import { describe, expect, it } from 'vitest';
import { toBase64, toBase64Url } from '../../src/index.ts';
import { encodeAttestationObject } from '../../src/testing/attestation-object.ts';
import { createAttestationAuthority } from '../../src/testing/authority.ts';
import { FAULTS } from '../../src/testing/faults.ts';
import { CHAIN_FAULTS, type Evidence, FRESHNESS_FAULTS } from '../support/faults.ts';
import { AT, FRESHNESS_CODE, keyFrom, mintChain } from '../support/mint.ts';
import type { DeviceInformationRequest, Verifier } from './weak/protocol.ts';
import { REFERENCE, sha256 } from './weak/reference.ts';
import { verifier } from './weak/verifier.ts';

const reference = verifier(REFERENCE);
/** For codes that are no hash of a token. */
const literal: Verifier = verifier({ ...REFERENCE, codeOfToken: (token) => Promise.resolve(token) });

function chainRequest({ x5c, anchors, at }: Evidence) {
  return { op: 'chain', x5c: x5c.map(toBase64), trustAnchors: anchors.map(toBase64), at: at.toISOString() } as const;
}

async function goodEvidence(changes: Parameters<typeof mintChain>[0] = {}): Promise<Evidence> {
  const { x5c, root } = await mintChain(changes);
  return { x5c, anchors: [root], at: AT };
}

describe('the reference of the weak verifiers', () => {
  it('accepts a chain in Apple’s shape', async () => {
    expect(await reference(chainRequest(await goodEvidence()))).toMatchObject({
      result: 'accept',
      publicKey: toBase64(keyFrom('chain leaf').spki),
      properties: {
        serialNumber: { status: 'attested', value: 'SIMULATED1' },
        systemIntegrityProtection: { status: 'attested', value: 'enabled' },
        other: [],
      },
    });
  });

  it.each(CHAIN_FAULTS)('refuses $title', async ({ evidence }) => {
    expect(await reference(chainRequest(await evidence()))).toMatchObject({ result: 'reject' });
  });

  it.each(FRESHNESS_FAULTS)('refuses $title in ACME', async ({ extensions }) => {
    const hexCode = Buffer.from(FRESHNESS_CODE).toString('hex');
    const judge = async ({ x5c, ...evidence }: Evidence) => {
      const { trustAnchors, at } = chainRequest({ x5c, ...evidence });
      const attObj = toBase64Url(encodeAttestationObject(x5c.map((der) => new Uint8Array(der))));
      return literal({ op: 'acme', attObj, token: hexCode, trustAnchors, at });
    };
    expect(await judge(await goodEvidence())).toMatchObject({ result: 'accept' });
    expect(await judge(await goodEvidence({ leaf: { extensions } }))).toMatchObject({ result: 'reject' });
  });

  it.each(FAULTS.filter(({ code }) => code !== 'ERR_MDA_ATTESTATION_PUBLIC_KEY'))(
    'refuses $name: $title',
    async (fault) => {
      const token = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
      const authority = await createAttestationAuthority({ seed: 'weak', at: AT });
      const freshnessCode = new Uint8Array(Buffer.from(await sha256(token), 'hex'));
      const request = { publicKey: keyFrom('weak').spki, freshnessCode, properties: { serialNumber: 'SIMULATED1' } };
      const judge = (attObj: Uint8Array) =>
        reference({
          op: 'acme',
          attObj: toBase64Url(attObj),
          token,
          trustAnchors: [toBase64(authority.root)],
          at: AT.toISOString(),
        });
      const right = await authority.attest(request);
      const wrong =
        fault.of === 'chain'
          ? encodeAttestationObject(await authority.withFault(fault.name).attest(request))
          : encodeAttestationObject(right, { fault: fault.name });
      expect(await judge(encodeAttestationObject(right))).toMatchObject({ result: 'accept' });
      expect(await judge(wrong)).toMatchObject({ result: 'reject' });
    },
  );

  it('names the state of a DeviceInformation attestation', async () => {
    const { x5c, trustAnchors, at } = chainRequest(await goodEvidence());
    const [code, other] = [toBase64(FRESHNESS_CODE), toBase64(Uint8Array.of(1))];
    const ask = async (nonce: DeviceInformationRequest['nonce'], knownNonces: readonly string[]) =>
      reference({ op: 'device-information', x5c, trustAnchors, at, nonce, knownNonces });
    expect(await ask(code, [])).toMatchObject({ freshness: 'fresh' });
    expect(await ask(other, [code])).toMatchObject({ freshness: 'cached' });
    expect(await ask(other, [other])).toMatchObject({ freshness: 'unknown-nonce' });
    expect(await ask(null, [code])).toMatchObject({ freshness: 'not-requested' });
  });
});
