import { createReadStream } from 'node:fs';
import { growingBuffer } from './growing-buffer.ts';
import { OperatorError } from './operator-error.ts';
import { quote } from '../conformance/printable.ts';

/** Named limit: an attestation has 3 kB. */
export const MAX_INPUT_BYTES = 1_048_576;

/** Reads a file, or standard input for `-`, but never more than the limit. */
export async function readInput(file: string): Promise<Uint8Array> {
  const name = file === '-' ? 'standard input' : quote(file);
  const input = growingBuffer(MAX_INPUT_BYTES);
  try {
    const stream = file === '-' ? process.stdin : createReadStream(file);
    // Leaving the loop closes the stream: what is too much is not read.
    for await (const chunk of stream as AsyncIterable<Uint8Array>)
      if (!input.append(chunk))
        throw new OperatorError(`${name} has more than ${MAX_INPUT_BYTES} bytes; an attestation has a few thousand`);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`cannot read ${name}: ${reasonOf(error)}`);
  }
  return input.take();
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'there is no such directory',
  ENAMETOOLONG: 'the name is too long',
};

/** Why the platform could not read or write, for people. */
export function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? (REASONS[code] ?? code) : 'the platform does not say why';
}
