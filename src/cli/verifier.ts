import { answerChainRequest, type ChainResult, MalformedRequest } from './chain-request.ts';
import { readArguments } from './arguments.ts';
import { ACCEPTED, type Outcome } from './exit-codes.ts';
import { MAX_LINE_BYTES, readLines } from './lines.ts';
import { OperatorError } from './operator-error.ts';
import { write } from './output.ts';
import { printable } from './printable.ts';

type Id = string | number | null;

/** One answer of the protocol. */
export type Answer = { readonly id: Id } & (
  ChainResult | { readonly result: 'unsupported' } | { readonly result: 'error'; readonly message: string }
);

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
  let id: Id = null;
  try {
    if (line === undefined) throw new MalformedRequest(`the line has more than ${MAX_LINE_BYTES} bytes`);
    const text = decodeUtf8(line);
    if (/^[ \t\r]*$/.test(text)) return undefined;
    const request = parseRequest(text);
    id = requireId(request.get('id'));
    const op = request.get('op');
    if (typeof op !== 'string') throw new MalformedRequest('op must be a string');
    return op === 'chain' ? { id, ...(await answerChainRequest(request)) } : { id, result: 'unsupported' };
  } catch (error) {
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

/** As a map: a field named like a member of every object is a field like any other. */
function parseRequest(text: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedRequest('the line is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedRequest('the request must be a JSON object');
  return new Map(Object.entries(value));
}

function requireId(id: unknown): string | number {
  if (typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id))) return id;
  throw new MalformedRequest('id must be a string or a finite number');
}
