import {
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  type VerifiedAttestation,
  verifyAttestation,
} from '../../src/index.ts';
import { leafExtensions } from '../support/acme.ts';
import { AT, type ChainSpec, FRESHNESS_CODE, type MintedChain, mintChain } from '../support/mint.ts';

/** Attestations that are verified, and the chains that they come from. */

export interface Attested {
  readonly attestation: VerifiedAttestation;
  readonly chain: MintedChain;
}

/** The attestation of a minted leaf, with the properties of these arcs replaced, or left out where undefined is given. */
export async function attested(
  replace: Readonly<Record<string, Uint8Array | undefined>> = {},
  { at = AT, skip = false, ...spec }: ChainSpec & { readonly at?: Date; readonly skip?: boolean } = {},
): Promise<Attested> {
  const extensions = leafExtensions({ '11.1': FRESHNESS_CODE, ...replace });
  const chain = await mintChain({ ...spec, leaf: { extensions, ...spec.leaf } });
  const attestation = await verifyAttestation(parseAttestationChain(chain.x5c), {
    at,
    expectedFreshnessCode: skip ? skipFreshnessCheck : FRESHNESS_CODE,
    trustAnchors: [parseCertificate(chain.root)],
  });
  return { attestation, chain };
}
