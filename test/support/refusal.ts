import { AttestationError, type AttestationErrorCode } from '../../src/index.ts';

function asRefusal(error: unknown): AttestationError {
  if (error instanceof AttestationError) return error;
  throw error;
}

/** The error with which evidence is refused. Whatever else is thrown, and nothing at all, fails the test. */
export function refusalOf(run: () => unknown): AttestationError {
  try {
    run();
  } catch (error) {
    return asRefusal(error);
  }
  throw new Error('nothing was refused');
}

/** The same of a promise. */
export async function rejectionOf(promise: Promise<unknown>): Promise<AttestationError> {
  try {
    await promise;
  } catch (error) {
    return asRefusal(error);
  }
  throw new Error('nothing was refused');
}

/** The code with which evidence is refused, or `accepted`: for tables that hold both. */
export function outcomeOf(run: () => unknown): AttestationErrorCode | 'accepted' {
  try {
    run();
    return 'accepted';
  } catch (error) {
    return asRefusal(error).code;
  }
}
