import { appleEnterpriseAttestationRoot } from '../../../src/core/apple-root.ts';
import type { Explanation } from '../../../src/core/attestation.ts';
import { equalBytes } from '../../../src/core/bytes.ts';
import { type Certificate, parseCertificate } from '../../../src/core/certificate.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import type { ChainLink, CheckRow } from './judgement.ts';
import type { Settings } from './settings.ts';

/** Named limit: a chain has at most five certificates; one that is refused for its length need not be drawn in full. */
const MAX_DRAWN_CERTIFICATES = 6;

/** Checks whose fault is told elsewhere: beside the picture, or by the error of the certificate. */
const ELSEWHERE: readonly CheckRow['name'][] = ['certificates', 'freshness', 'public-key'];

/** The certificates for the picture, leaf first, and the anchor that they are judged by. */
export function chainLinks(
  certificates: readonly Uint8Array[],
  checks: readonly CheckRow[],
  settings: Settings,
  explanation: Explanation,
): readonly ChainLink[] {
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  const links = certificates.slice(0, MAX_DRAWN_CERTIFICATES).map((der, index): ChainLink => {
    const { certificate, error } = parse(der);
    return {
      role: index === 0 ? 'leaf' : 'authority',
      der,
      certificate,
      error,
      faults: failed.filter(({ certificate: at, name }) => at === index && !ELSEWHERE.includes(name)),
      signature: signatureOf(index, checks),
      isReached: true,
    };
  });
  const anchors = settings.trustAnchors ?? [appleEnterpriseAttestationRoot()];
  const top = links.at(-1)?.certificate;
  const anchor = explanation.accepted ? explanation.attestation.trustAnchor : (issuerOf(top, anchors) ?? anchors[0]!);
  // A peer may repeat the anchor at the end; it is drawn once.
  if (links.length > 1 && equalBytes(links.at(-1)!.der, anchor.der)) links.pop();
  if (certificates.length <= MAX_DRAWN_CERTIFICATES)
    links.push({
      role: 'anchor',
      der: anchor.der,
      certificate: anchor,
      error: undefined,
      faults: failed.filter(({ certificate, name }) => certificate === links.length && name !== 'trust-anchor'),
      signature: 'trusted',
      isReached: checks.some(({ name, outcome }) => name === 'trust-anchor' && outcome === 'passed'),
    });
  return links;
}

function parse(der: Uint8Array): Pick<ChainLink, 'certificate' | 'error'> {
  try {
    return { certificate: parseCertificate(der), error: undefined };
  } catch (error) {
    if (error instanceof AttestationError) return { certificate: undefined, error };
    throw error;
  }
}

function issuerOf(top: Certificate | undefined, anchors: readonly Certificate[]): Certificate | undefined {
  return top && anchors.find(({ subject }) => equalBytes(subject.der, top.issuer.der));
}

/** All signatures are verified at once; of several that fail the library names the one nearest to the anchor. */
function signatureOf(index: number, checks: readonly CheckRow[]): ChainLink['signature'] {
  const check = checks.find(({ name }) => name === 'signatures');
  if (check?.outcome === 'passed') return 'verified';
  return check?.outcome === 'failed' && check.certificate === index ? 'failed' : 'not checked';
}
