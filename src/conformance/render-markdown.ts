import type { CaseReport, ConformanceReport, Counts } from './report.ts';

/**
 * Writes a report as Markdown, for a page or a comment on a pull request. What a verifier wrote stands in
 * code spans: it makes no links, mentions or markup.
 *
 * @example
 * ```ts
 * import { type ConformanceReport, renderMarkdown } from 'managed-device-attestation/conformance';
 *
 * export const comment = (report: ConformanceReport): string => renderMarkdown(report);
 * ```
 */
export function renderMarkdown(report: ConformanceReport): string {
  const failed = report.cases.filter(({ outcome }) => outcome === 'failed');
  const unsupported = report.cases.filter(({ outcome }) => outcome === 'unsupported');
  const blocks = [
    `# Conformance: ${report.conforms ? 'passed' : 'failed'}`,
    [
      '| folder | passed | failed | unsupported |',
      '|---|---|---|---|',
      ...report.folders.map(({ folder, ...counts }) => row(folder, counts)),
      row('all', report),
    ].join('\n'),
  ];
  if (failed.length > 0) blocks.push('## Failed', failed.map(renderFailure).join('\n'));
  if (unsupported.length > 0) blocks.push('## Unsupported', unsupported.map(({ id }) => `- ${code(id)}`).join('\n'));
  return `${blocks.join('\n\n')}\n`;
}

function row(name: string, { passed, failed, unsupported }: Counts): string {
  return `| ${name} | ${passed} | ${failed} | ${unsupported} |`;
}

function renderFailure({ id, kind, title, because, source, expected, got }: CaseReport): string {
  const facts = [
    ['expected', expected],
    ['got', got],
    ['title', title],
    ['because', because],
    ['source', source],
  ] as const;
  const lines = facts.map(([name, text]) => (text === undefined ? '' : `\n  - ${name}: ${code(text)}`));
  return `- ${code(id)}: ${kind!}${lines.join('')}`;
}

/** A code span whose fence is longer than any run of backticks in it. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  // One space on either side is not shown, and keeps a backtick at the edge apart from the fence.
  return `${fence} ${text} ${fence}`;
}
