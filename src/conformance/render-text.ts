import type { CaseReport, ConformanceReport, Counts } from './report.ts';

/**
 * Writes a report for people: the counts of each folder, every failure with what was expected and what came,
 * what is unsupported, and the verdict last.
 *
 * @example
 * ```ts
 * import { answerRequest, renderText, runVectors, verifierFromFunction } from 'managed-device-attestation/conformance';
 *
 * console.log(renderText(await runVectors([], verifierFromFunction(answerRequest), { compareCodes: true })));
 * ```
 */
export function renderText(report: ConformanceReport): string {
  const failed = report.cases.filter(({ outcome }) => outcome === 'failed');
  const unsupported = report.cases.filter(({ outcome }) => outcome === 'unsupported');
  const blocks = [renderFolders(report), ...failed.map(renderFailure)];
  if (unsupported.length > 0) blocks.push(['Unsupported', ...unsupported.map(({ id }) => `  ${id}`)].join('\n'));
  blocks.push(verdictOn(report));
  return `${blocks.join('\n\n')}\n`;
}

function renderFolders({ folders }: ConformanceReport): string {
  const width = Math.max('folder'.length, ...folders.map(({ folder }) => folder.length));
  const line = (name: string, cells: readonly (number | string)[]) =>
    [name.padEnd(width), ...cells.map((cell) => String(cell).padStart(12))].join('');
  return [
    line('folder', ['passed', 'failed', 'unsupported']),
    ...folders.map(({ folder, passed, failed, unsupported }) => line(folder, [passed, failed, unsupported])),
  ].join('\n');
}

function renderFailure({ id, kind, title, because, source, expected, got }: CaseReport): string {
  return [
    `FAILED ${id} (${kind!})`,
    `  ${title}`,
    ...(because === undefined ? [] : [`  because   ${because}`]),
    `  expected  ${expected!}`,
    `  got       ${got!}`,
    `  source    ${source}`,
  ].join('\n');
}

function verdictOn(report: ConformanceReport): string {
  const { passed, failed, unsupported }: Counts = report;
  const counts = `passed ${passed}, failed ${failed}, unsupported ${unsupported}`;
  if (report.conforms) return `PASSED: ${counts}`;
  return failed === 0 ? `FAILED: nothing passed (${counts})` : `FAILED: ${counts}`;
}
