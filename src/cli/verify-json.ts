import { toBase64 } from '../index.ts';
import { jsonError } from './json-error.ts';
import { toHex } from '../core/bytes.ts';
import { jsonProperties } from '../conformance/json-properties.ts';
import type { Verification } from './verify.ts';

/** The output of `mda verify --json`; docs/cli.md describes it field by field. */
export function verifyJson({ format, options, explanation, checks }: Verification) {
  const { at, expectedFreshnessCode } = options;
  const attestation = explanation.accepted ? explanation.attestation : undefined;
  return {
    verdict: explanation.accepted ? 'accepted' : 'refused',
    error: explanation.accepted ? null : jsonError(explanation.error),
    at: at.toISOString(),
    format,
    freshness: attestation?.freshness ?? null,
    expectedFreshnessCode: typeof expectedFreshnessCode === 'symbol' ? null : toHex(expectedFreshnessCode),
    checks: checks.map(({ name, outcome, code, certificate, detail, reference }) => ({
      name,
      outcome,
      code: code ?? null,
      certificate: certificate ?? null,
      detail,
      reference,
    })),
    properties: attestation ? jsonProperties(attestation.properties) : null,
    publicKey: attestation ? { curve: attestation.publicKey.curve, spki: toBase64(attestation.publicKey.spki) } : null,
    certificates: attestation?.certificates.map(({ der }) => toBase64(der)) ?? null,
    trustAnchor: attestation ? toBase64(attestation.trustAnchor.der) : null,
  };
}
