import { type Answer, answerRequest } from '../conformance/index.ts';
import { printable } from '../conformance/printable.ts';
import { MalformedRequest, readId } from '../conformance/request.ts';
import { readArguments } from './arguments.ts';
import { ACCEPTED, type Outcome } from './exit-codes.ts';
import { MAX_LINE_BYTES, readLines } from './lines.ts';
import { OperatorError } from './operator-error.ts';
import { write } from './output.ts';

/** Answers one JSON request a line until standard input ends, in order, one at a time. */
export async function verifier(args: readonly string[]): Promise<Outcome> {
  if (readArguments(args, []).positionals.length > 0)
    throw new OperatorError('mda verifier reads requests from standard input and takes no arguments');
  for await (const line of readLines(process.stdin)) {
    const answer = await answerLine(line);
    if (answer !== undefined) await write(`${JSON.stringify(answer)}\n`);
  }
  return { exitCode: ACCEPTED, text: '' };
}

/** The answer to a line; undefined for a blank one. Whatever the line holds, it does not end the run. */
async function answerLine(line: Uint8Array | undefined): Promise<Answer | undefined> {
  let request: unknown;
  try {
    if (line === undefined) throw new MalformedRequest(`the line has more than ${MAX_LINE_BYTES} bytes`);
    const text = decodeUtf8(line);
    if (/^[ \t\r]*$/.test(text)) return undefined;
    request = parseJson(text);
    return await answerRequest(request);
  } catch (error) {
    const id = readId(request);
    if (error instanceof MalformedRequest) return { id, result: 'error', message: error.message };
    // A fault of this program: the driver hears of it, and so does whoever reads the log.
    process.stderr.write(`mda verifier: internal error: ${printable(String(error))}\n`);
    return { id, result: 'error', message: 'internal error' };
  }
}

function decodeUtf8(line: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line);
  } catch {
    throw new MalformedRequest('the line is not UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedRequest('the line is not JSON');
  }
}
