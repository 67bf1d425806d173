import type { Certificate } from '../index.ts';
import { EXTENSION_NAMES } from './extension-names.ts';
import type { InspectedCertificate, Inspection } from './inspect.ts';
import { toHex } from '../core/bytes.ts';
import { renderProperties } from './property-table.ts';
import { certificateLabel, renderError } from './refusal.ts';
import { type Layout, renderTable, type Row } from './table.ts';

/** The output of `mda inspect`: what the input says, with the warning first and last, where a screen cuts neither off. */
export function renderInspection({ format, certificates, properties, error }: Inspection, layout: Layout): string {
  const { paint } = layout;
  const warning = `${paint('yellow', 'NOT VERIFIED')}: this is what the input says; nothing of it is proven. mda verify judges.\n`;
  const parts = [
    warning,
    `Format: ${format}, certificates: ${certificates.length}\n`,
    ...certificates.map((item, index) => renderCertificate(item, certificateLabel(index, certificates.length), layout)),
  ];
  if (properties !== undefined)
    parts.push(
      `${paint('bold', 'Properties that the leaf claims, NOT VERIFIED')}\n${renderProperties(properties, false, layout)}`,
    );
  if (error !== undefined)
    parts.push(`${paint('red', 'DOES NOT PARSE')}\n${renderError(error, layout, certificates.length)}`);
  else if (certificates.length > 0) parts.push(warning);
  return parts.join('\n');
}

function renderCertificate(item: InspectedCertificate, label: string, layout: Layout): string {
  const heading = layout.paint('bold', label);
  if ('error' in item)
    return `${heading}: ${layout.paint('red', 'DOES NOT PARSE')}\n${renderError(item.error, layout, 1)}`;
  const { certificate, fingerprint } = item;
  const facts = renderTable(factsOf(certificate, fingerprint), layout, '  ');
  const extensions = certificate.extensions.map(({ oid, critical, value }): Row => ({
    labels: [critical ? 'critical' : 'not critical'],
    text: `${oid}${oid in EXTENSION_NAMES ? ` ${EXTENSION_NAMES[oid]!}` : ''} = ${toHex(value) || '(no bytes)'}`,
    style: critical ? 'yellow' : 'dim',
  }));
  const list = extensions.length === 0 ? '    none\n' : renderTable(extensions, layout, '    ');
  return `${heading}\n${facts}  extensions\n${list}`;
}

function factsOf(certificate: Certificate, fingerprint: Uint8Array): readonly Row[] {
  return [
    { labels: ['subject'], text: certificate.subject.text || '(empty)' },
    { labels: ['issuer'], text: certificate.issuer.text },
    { labels: ['not before'], text: certificate.notBefore.toISOString() },
    { labels: ['not after'], text: certificate.notAfter.toISOString() },
    { labels: ['key'], text: `EC ${certificate.publicKey.curve}, point ${toHex(certificate.publicKey.point)}` },
    { labels: ['signature'], text: `ECDSA with ${certificate.signatureAlgorithm.hash}` },
    { labels: ['serial number'], text: certificate.serialNumber },
    { labels: ['SHA-256 fingerprint'], text: toHex(fingerprint) },
  ];
}
