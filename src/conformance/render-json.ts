import type { ConformanceReport } from './report.ts';

/**
 * Writes a report as JSON, for programs. `null` stands for "none".
 *
 * @example
 * ```ts
 * import { type ConformanceReport, renderJson } from 'managed-device-attestation/conformance';
 *
 * export const failedIds = (report: ConformanceReport): unknown => JSON.parse(renderJson(report));
 * ```
 * @see docs/conformance.md: every field
 */
export function renderJson(report: ConformanceReport): string {
  return `${JSON.stringify(report, (_, value: unknown) => value ?? null, 2)}\n`;
}
