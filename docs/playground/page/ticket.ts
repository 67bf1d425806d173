import { valueText, PROPERTIES } from './property-text.ts';
import type { Judgement } from './judgement.ts';
import { shown } from './printable.ts';
import { toHex } from '../../../src/core/bytes.ts';
import { errorRows } from './verdict-view.ts';

/** The judgement as plain text, for a ticket or a mail. */
export function ticketText(judgement: Judgement, version: string): string {
  const { title, sentences, cautions, facts, checks, properties, sheets, foreignRoot } = judgement;
  const lines: string[] = [];
  const section = (heading: string, rows: readonly (readonly [string, string])[]): void => {
    if (rows.length > 0) lines.push('', heading, ...rows.map(([label, text]) => `  ${label}: ${text}`));
  };
  if (foreignRoot === 'test') lines.push('*** JUDGED BY A TEST ROOT, NOT BY APPLE’S ***');
  if (foreignRoot === 'other') lines.push('*** JUDGED BY ANOTHER ROOT, NOT BY APPLE’S ***');
  lines.push(`Managed Device Attestation: ${title.toUpperCase()}`, ...sentences, ...cautions);
  section('Why', errorRows(judgement));
  section('Judged by', facts);
  if (properties !== undefined) {
    const { values, isVerified } = properties;
    const heading = isVerified ? 'Properties' : 'Properties that the leaf claims, NOT VERIFIED';
    const named = PROPERTIES.map(({ label, name }): [string, string] => {
      const property = values[name];
      if (property.status === 'attested') return [label, shown(valueText(property.value))];
      return [label, property.status === 'malformed' ? `(malformed) ${toHex(property.bytes)}` : `(${property.status})`];
    });
    section(heading, [...named, ...values.other.map(({ oid, bytes }): [string, string] => [oid, toHex(bytes)])]);
  }
  section(
    'Checks',
    checks.map(({ name, outcome, code, detail, reference }) => [name, `${outcome}, ${code ?? detail} [${reference}]`]),
  );
  for (const { heading, note, rows } of sheets) section(note === '' ? heading : `${heading} (${note})`, rows);
  return [...lines, '', `managed-device-attestation ${version}, playground`, ''].join('\n');
}
