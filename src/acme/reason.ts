import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';

/** Why something was refused: a stable code for the program, a few words for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** A reason of the library itself, in the words of its error. */
export function reasonOf(code: AttestationErrorCode): Reason {
  const { message } = new AttestationError(code);
  return { code, message };
}

/** A fixed copy of the reasons that a caller's function gave, for every one must be text. */
export function requireReasons(reasons: unknown, option: string): readonly Reason[] {
  if (!Array.isArray(reasons)) throw new TypeError(`the reasons of ${option} must be an array`);
  const copies = Array.from(reasons as readonly (Partial<Reason> | undefined)[], (reason) => {
    const { code, message } = reason ?? {};
    if (typeof code !== 'string' || typeof message !== 'string')
      throw new TypeError(`the reasons of ${option} must each have a code and a message`);
    return Object.freeze({ code, message });
  });
  return Object.freeze(copies);
}
