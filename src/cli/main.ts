#!/usr/bin/env node
import { NO_VERDICT } from './exit-codes.ts';
import { OperatorError } from './operator-error.ts';
import { isBrokenPipe, write } from './output.ts';
import { run } from './run.ts';

/**
 * Ends the run without a verdict. Node's own code for an uncaught exception is 1, which would read as
 * "refused": nothing may end the process but through here.
 */
function endWithoutVerdict(error: unknown): void {
  // The code of a verdict that nobody read stays what it was.
  if (isBrokenPipe(error)) process.exit();
  process.exitCode = NO_VERDICT;
  if (error instanceof OperatorError) process.stderr.write(`mda: ${error.message}\n`);
  else if (error instanceof Error && 'syscall' in error)
    process.stderr.write(`mda: reading or writing failed: ${String((error as NodeJS.ErrnoException).code)}\n`);
  else
    process.stderr.write(
      `mda: internal error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
}

process.on('uncaughtException', (error) => {
  endWithoutVerdict(error);
  process.exit();
});
// Every write reports its failure to whoever waits for it; without a listener it would be thrown as well.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  const { exitCode, text } = await run(process.argv.slice(2));
  process.exitCode = exitCode;
  if (text !== '') await write(text);
} catch (error) {
  endWithoutVerdict(error);
}
