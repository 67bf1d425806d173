import { type Certificate, parseCertificate } from '../../src/index.ts';
import { type CertificateParts, type ChainSpec, type MintedChain, mintChain, randomKey } from '../support/mint.ts';
import { verdict } from './judge.ts';

/** Chains with one part that should not be there, whose signatures are right. */

// By WebCrypto: there are some thousand signatures here.
const keys = { root: await randomKey(), subCa: await randomKey(), leaf: await randomKey() };
const anchors: readonly Certificate[] = [parseCertificate((await mintChain({ keys })).root)];

/** A chain under the anchor of this run, with what the caller changes in it. */
export const mint = (spec: ChainSpec = {}): Promise<MintedChain> => mintChain({ keys, ...spec });

export async function verdictOf(spec: ChainSpec): Promise<string> {
  return verdict((await mint(spec)).x5c, anchors);
}

export const leafVerdict = (replace: Partial<CertificateParts>): Promise<string> => verdictOf({ leaf: { replace } });

/** The verdicts on a chain whose leaf has the parts, and on one whose Sub CA has them. */
export async function verdictsWith(replace: Partial<CertificateParts>): Promise<readonly string[]> {
  return [await leafVerdict(replace), await verdictOf({ subCa: { replace } })];
}
