import { parseDateTime } from '../conformance/date-time.ts';

/** A full-date of RFC 3339, `2026-06-01`: its first instant in UTC. Undefined if the text is not one. */
export function parseDate(text: string): Date | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? parseDateTime(`${text}T00:00:00Z`) : undefined;
}
