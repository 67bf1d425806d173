import type { AttestationErrorCode } from './error-codes.ts';
import { AttestationError } from './errors.ts';

/** Stable names, in the order in which the checks run. */
export type CheckName =
  | 'certificates'
  | 'trust-anchor'
  | 'names'
  | 'validity'
  | 'critical-extensions'
  | 'certification-authorities'
  | 'path-length'
  | 'key-usage'
  | 'leaf'
  | 'key-identifiers'
  | 'signatures'
  | 'freshness'
  | 'public-key';

/** What one check found. */
export interface CheckReport<Name extends string = CheckName> {
  readonly name: Name;
  /** `not run`: the caller asked to leave it out, or it needs what an earlier check did not find. */
  readonly outcome: 'passed' | 'failed' | 'not run';
  /** The code of the failure; undefined unless `outcome` is `failed`. */
  readonly code: AttestationErrorCode | undefined;
  /** Index, leaf first, of the certificate at fault; undefined where none is. */
  readonly certificate: number | undefined;
  /** A few words for people, `holds` where the name says it all. Fixed words, dates and numbers: safe to print. */
  readonly detail: string;
  /** The section of an RFC, or the page of Apple's, that asks for the check. */
  readonly reference: string;
}

/** One check. `run` throws if it fails; the rest is for the report. */
export interface Check<Context, Name extends string = CheckName> {
  readonly name: Name;
  readonly reference: string;
  readonly run: (context: Context) => void | Promise<void>;
  /** The facts that a passed check rests on, where there are any beyond its name. */
  readonly facts?: (context: Context) => string;
  /** False where the caller's options leave the check out; a check without this always runs. */
  readonly isAsked?: (context: Context) => boolean;
}

/** Runs the checks in their order; throws at the first that fails. */
export async function runChecks<Context>(checks: readonly Check<Context, string>[], context: Context): Promise<void> {
  for (const check of checks) {
    if (check.isAsked?.(context) === false) continue;
    const pending = check.run(context);
    // A microtask for every check that has nothing to wait for would cost more than the check.
    if (pending !== undefined) await pending;
  }
}

/** Runs the same checks and reports every one, with the error that `runChecks` throws. */
export async function reportChecks<Context, Name extends string>(
  checks: readonly Check<Context, Name>[],
  context: Context,
): Promise<{ readonly reports: CheckReport<Name>[]; readonly error: AttestationError | undefined }> {
  const reports: CheckReport<Name>[] = [];
  let first: AttestationError | undefined;
  for (const check of checks) {
    const asked = check.isAsked?.(context) !== false;
    const error = asked ? await failureOf(check, context) : undefined;
    if (!asked) reports.push(report(check, 'not run', 'not asked for'));
    else if (error === undefined) reports.push(report(check, 'passed', check.facts?.(context) ?? 'holds'));
    else if (error.code === first?.code) reports.push(report(check, 'not run', 'an earlier check failed'));
    else reports.push(report(check, 'failed', error.message, error));
    first ??= error;
  }
  return { reports, error: first };
}

async function failureOf<Context>(
  check: Check<Context, string>,
  context: Context,
): Promise<AttestationError | undefined> {
  try {
    await check.run(context);
    return undefined;
  } catch (error) {
    if (error instanceof AttestationError) return error;
    throw error;
  }
}

export function report<Name extends string>(
  { name, reference }: Pick<CheckReport<Name>, 'name' | 'reference'>,
  outcome: CheckReport['outcome'],
  detail: string,
  error?: AttestationError,
): CheckReport<Name> {
  return { name, outcome, code: error?.code, certificate: error?.certificate, detail, reference };
}
