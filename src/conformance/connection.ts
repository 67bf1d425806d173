/** What came back from a verifier: a line, one that is too long to be an answer, or nothing any more. */
export type Reception =
  | {
      readonly kind: 'line';
      /** Without its line feed. */
      readonly line: string;
    }
  | { readonly kind: 'over-long' }
  | {
      readonly kind: 'ended';
      /** How, for people: `exit code 1`. */
      readonly detail: string;
    };

/** A running verifier, at the other end of two streams of lines. */
export interface VerifierConnection {
  /** Sends a request, a line without its line feed. Several may be sent before the first is answered. */
  readonly send: (line: string) => void;
  /** The next line of the verifier. Called anew only after the promise before has settled. */
  readonly receive: () => Promise<Reception>;
  /** Ends the verifier, also one that hangs. */
  readonly close: () => Promise<void>;
}

/** Starts a verifier. Whatever it throws ends the run; a verifier that misbehaves is started anew. */
export type OpenVerifier = () => Promise<VerifierConnection>;

/**
 * Makes a verifier of a function, for a run in the same program.
 *
 * Leaves to you: a function that never returns control; no time limit helps against it.
 *
 * @param answer takes a request as `JSON.parse` gives it, one at a time; a rejection counts as a crash
 * @example
 * ```ts
 * import { answerRequest, runVectors, verifierFromFunction } from 'managed-device-attestation/conformance';
 *
 * const report = await runVectors([], verifierFromFunction(answerRequest), { compareCodes: true });
 * console.log(report.conforms); // false
 * ```
 */
export function verifierFromFunction(answer: (request: unknown) => unknown): OpenVerifier {
  if (typeof answer !== 'function') throw new TypeError('answer must be a function');
  return () => {
    const lines: string[] = [];
    return Promise.resolve({
      send: (line) => void lines.push(line),
      async receive() {
        try {
          const text = stringify(await answer(JSON.parse(lines.shift()!)));
          // What JSON does not know is no line of JSON either.
          return { kind: 'line', line: text ?? '' };
        } catch (error) {
          return { kind: 'ended', detail: describe(error) };
        }
      },
      close: () => Promise.resolve(),
    });
  };
}

/** Anything can be thrown, also what has no text. */
function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'it threw something that has no text';
  }
}

/** `JSON.stringify` with its whole type: undefined and functions have no JSON. */
function stringify(value: unknown): string | undefined {
  return JSON.stringify(value);
}
