import type { CaseReport, ConformanceReport, Counts } from './report.ts';
import { folderOf } from './report.ts';

/**
 * Writes a report as JUnit XML, as CI services read it: a suite for each folder. There are no times in it, so
 * that two runs give the same text.
 *
 * @example
 * ```ts
 * import { type ConformanceReport, renderJUnit } from 'managed-device-attestation/conformance';
 *
 * export const artifact = (report: ConformanceReport): Blob => new Blob([renderJUnit(report)], { type: 'text/xml' });
 * ```
 */
export function renderJUnit(report: ConformanceReport): string {
  const suites = report.folders.flatMap(({ folder, ...counts }) => [
    `  <testsuite name="${escape(folder)}" ${totals(counts)}>`,
    ...report.cases.filter(({ id }) => folderOf(id) === folder).map((one) => renderCase(folder, one)),
    '  </testsuite>',
  ]);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="conformance" ${totals(report)}>`,
    ...suites,
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function totals({ passed, failed, unsupported }: Counts): string {
  return `tests="${passed + failed + unsupported}" failures="${failed}" errors="0" skipped="${unsupported}"`;
}

function renderCase(folder: string, one: CaseReport): string {
  const head = `    <testcase classname="${escape(folder)}" name="${escape(one.id.slice(folder.length + 1))}"`;
  if (one.outcome === 'passed') return `${head}/>`;
  const result =
    one.outcome === 'unsupported'
      ? '<skipped message="unsupported"/>'
      : `<failure type="${escape(one.kind!)}" message="${escape(`expected ${one.expected!}, got ${one.got!}`)}">${escape(
          [one.title, one.because, one.source].filter(Boolean).join(' | '),
        )}</failure>`;
  return `${head}>${result}</testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// Characters that XML 1.0 has no way to write are not in a report: its texts are printable.
function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
