import { freshnessCodeForToken, skipFreshnessCheck, type VerifyAttestationOptions } from '../index.ts';
import { parseDateTime } from '../conformance/date-time.ts';
import { type CommandLine, readArguments } from './arguments.ts';
import { parseDate } from './date.ts';
import { parseNonce } from './nonce.ts';
import { OperatorError } from './operator-error.ts';
import { readTrustAnchors } from './trust-anchors.ts';

export interface VerifyArguments {
  /** `-` is standard input. */
  readonly file: string;
  readonly json: boolean;
  readonly options: VerifyAttestationOptions;
}

export async function readVerifyArguments(args: readonly string[]): Promise<VerifyArguments> {
  const line = readArguments(args, ['json', 'no-freshness'], ['at', 'nonce', 'token', 'trust-anchor']);
  const file = readFile(line);
  const at = readAt(line.one('at'));
  const expectedFreshnessCode = await readFreshness(line);
  const trustAnchors = await readTrustAnchors(line.all('trust-anchor'));
  const options: VerifyAttestationOptions = { at, expectedFreshnessCode };
  return { file, json: line.has('json'), options: trustAnchors === undefined ? options : { ...options, trustAnchors } };
}

/** The one file that a command reads. */
export function readFile({ positionals: [file, ...more] }: CommandLine): string {
  if (file === undefined || file === '') throw new OperatorError('FILE is missing; - is standard input');
  if (more.length > 0) throw new OperatorError('give one FILE; a chain is one file, leaf first');
  return file;
}

/** The time to judge at; now unless it is given. */
export function readAt(text: string | undefined): Date {
  if (text === undefined) return new Date();
  const at = parseDateTime(text) ?? parseDate(text);
  if (at === undefined)
    throw new OperatorError(
      '--at must be a date of RFC 3339 that exists: 2026-06-01T12:00:00Z, or 2026-06-01 for its start',
    );
  return at;
}

/** Exactly one of the three: what is not checked must be said, and what is said twice may contradict itself. */
async function readFreshness(line: CommandLine): Promise<Uint8Array | typeof skipFreshnessCheck> {
  const [nonce, token] = [line.one('nonce'), line.one('token')];
  const given = [nonce !== undefined, token !== undefined, line.has('no-freshness')].filter(Boolean).length;
  if (given === 0)
    throw new OperatorError(
      'a freshness option is missing: --nonce (DeviceInformation), --token (ACME), or --no-freshness to leave the check out',
    );
  if (given > 1) throw new OperatorError('give one of --nonce, --token and --no-freshness, not several');
  if (nonce !== undefined) return parseNonce(nonce);
  if (token === undefined) return skipFreshnessCheck;
  try {
    return await freshnessCodeForToken(token);
  } catch (error) {
    if (error instanceof TypeError)
      throw new OperatorError('--token must be the base64url token of the challenge, not the key authorization');
    throw error;
  }
}
