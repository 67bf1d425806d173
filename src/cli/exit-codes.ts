/** Exit codes. A script that gates on them must never take a broken run for a verdict, nor the other way round. */
export const ACCEPTED = 0;
export const REFUSED = 1;
/** Usage, an unreadable file, an unrecognised format, a fault of this program: no verdict was reached. */
export const NO_VERDICT = 2;

export type ExitCode = typeof ACCEPTED | typeof REFUSED | typeof NO_VERDICT;

/** What a command prints to standard output, and the exit code that goes with it. */
export interface Outcome {
  readonly exitCode: ExitCode;
  readonly text: string;
}
