import {
  AttestationError,
  type Certificate,
  parseAttestationChain,
  parseCertificate,
  verifyAttestation,
  type VerifiedAttestation,
} from '../../src/index.ts';
import { AT, FRESHNESS_CODE, type Key, signatureValue } from '../support/mint.ts';
import { bitString, concat, type Der, sequence } from '../../src/testing/der-writer.ts';
import { encodeTlv, type Tlv } from './tlv.ts';

/** What came of hostile input: the code of the refusal, or what was accepted. Any other error is a bug and passes through. */
export type Outcome = { readonly code: string } | { readonly accepted: VerifiedAttestation };

export function codeOf(error: unknown): string {
  if (error instanceof AttestationError && error.code.startsWith('ERR_MDA_')) return error.code;
  throw error;
}

/** The code with which `read` refuses; undefined if it does not. */
export function refusalOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

export const parses = (der: Uint8Array): boolean => refusalOf(() => parseCertificate(der)) === undefined;

/** All of the job: parse, chain, freshness. */
export async function judge(
  x5c: readonly Uint8Array[],
  trustAnchors: readonly Certificate[],
  at = AT,
): Promise<Outcome> {
  try {
    const options = { at, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors };
    return { accepted: await verifyAttestation(parseAttestationChain(x5c), options) };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

/** The code of the refusal, or the word `accepted`. */
export async function verdict(...evidence: Parameters<typeof judge>): Promise<string> {
  const outcome = await judge(...evidence);
  return 'code' in outcome ? outcome.code : 'accepted';
}

/** A certificate with a signature that is right for its TBSCertificate, however wrong that is. */
export async function signTree(certificate: Tlv, issuerKey: Key): Promise<Der> {
  const [tbs, ...rest] = certificate.children ?? [];
  if (tbs === undefined) return encodeTlv(certificate);
  const signature = bitString(signatureValue(await issuerKey.sign(encodeTlv(tbs), 'SHA-384')));
  // The signature is the last value; what a mutation put between or removed stays that way.
  const kept = rest.slice(0, -1).map(encodeTlv);
  return sequence(encodeTlv(tbs), concat(...kept), signature);
}
