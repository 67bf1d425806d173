import type { Style } from './colour.ts';
import { toHex } from '../core/bytes.ts';
import { jsonProperties } from '../conformance/json-properties.ts';
import { renderProperties } from './property-table.ts';
import { certificateLabel, errorRows } from './refusal.ts';
import { type Layout, renderTable, type Row } from './table.ts';
import type { InputCheckReport, Verification } from './verify.ts';

const STYLES: Readonly<Record<InputCheckReport['outcome'], Style>> = {
  passed: 'green',
  failed: 'red',
  'not run': 'yellow',
};

/** The output of `mda verify`: properties, checks, and the verdict last, where the eye ends up. */
export function renderVerification(verification: Verification, layout: Layout): string {
  return [
    renderStatements(verification, layout),
    renderChecks(verification, layout),
    renderVerdict(verification, layout),
  ]
    .filter(Boolean)
    .join('\n');
}

function renderStatements({ explanation, claims }: Verification, layout: Layout): string {
  const { paint } = layout;
  if (explanation.accepted) {
    const properties = jsonProperties(explanation.attestation.properties);
    return `${paint('bold', 'Properties')}\n${renderProperties(properties, true, layout)}`;
  }
  if (claims === undefined) return '';
  const heading = paint('bold', 'Properties that the leaf claims, NOT VERIFIED');
  return `${heading}\n${renderProperties(claims, false, layout)}`;
}

function renderChecks({ checks, certificateCount }: Verification, layout: Layout): string {
  const rows = checks.map(({ name, outcome, code, certificate, detail, reference }) => {
    const place = certificate === undefined ? '' : ` in ${certificateLabel(certificate, certificateCount)}`;
    const finding = code === undefined ? detail : `${code}${place}`;
    return { labels: [name, outcome], text: `${finding} [${reference}]`, style: STYLES[outcome] };
  });
  return `${layout.paint('bold', 'Checks')}\n${renderTable(rows, layout, '  ')}`;
}

function renderVerdict({ explanation, options, certificateCount }: Verification, layout: Layout): string {
  const { at, expectedFreshnessCode, trustAnchors } = options;
  const origin = trustAnchors === undefined ? "Apple's root" : 'from --trust-anchor, not Apple';
  const rows: readonly Row[] = [
    { labels: ['judged at'], text: at.toISOString() },
    {
      labels: ['trust anchor'],
      text: explanation.accepted ? `${origin}: ${explanation.attestation.trustAnchor.subject.text}` : origin,
    },
    {
      labels: ['freshness'],
      text:
        typeof expectedFreshnessCode === 'symbol'
          ? 'NOT CHECKED: this attestation may be an old one, or the answer to another request'
          : `expected code ${toHex(expectedFreshnessCode)}`,
    },
  ];
  const verdict = explanation.accepted ? layout.paint('green', 'ACCEPTED') : layout.paint('red', 'REFUSED');
  const reasons = explanation.accepted ? [] : errorRows(explanation.error, certificateCount);
  return `${verdict}\n${renderTable([...reasons, ...rows], layout, '  ')}`;
}
