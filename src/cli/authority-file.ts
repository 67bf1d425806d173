import { certificateFingerprint } from '../index.ts';
import { toHex } from '../core/bytes.ts';
import { quote } from '../conformance/printable.ts';
import { parseDateTime } from '../conformance/date-time.ts';
import { jsonText } from './json-text.ts';
import { OperatorError } from './operator-error.ts';
import { readInput } from './read-input.ts';
import type { AttestationAuthority } from '../testing/index.ts';

/** What a simulated authority is made of. Whoever has it can attest whatever he likes under its root. */
export interface AuthoritySecret {
  readonly seed: string;
  readonly at: Date;
}

const FORMAT = 'managed-device-attestation simulated authority 1';
const WARNING =
  'This file is a secret: with it any device can be attested to whoever trusts root.pem. For tests alone; trust that root in no production configuration.';

/** The authority file: everything else follows from the seed, for signatures follow RFC 6979. */
export async function authorityFile({ seed, at }: AuthoritySecret, authority: AttestationAuthority): Promise<string> {
  return jsonText({
    format: FORMAT,
    warning: WARNING,
    seed,
    at: at.toISOString(),
    rootFingerprint: await rootFingerprint(authority),
  });
}

/** Makes the authority of a file again. */
export async function readAuthorityFile(file: string): Promise<AttestationAuthority> {
  if (file === '-') throw new OperatorError('--authority must be a file, not standard input');
  const { format, seed, at, rootFingerprint: expected } = readMembers(await readInput(file));
  const time = typeof at === 'string' ? parseDateTime(at) : undefined;
  if (format !== FORMAT || typeof seed !== 'string' || time === undefined)
    throw new OperatorError(`--authority ${quote(file)} must be the authority.json that mda authority new has written`);
  const { createAttestationAuthority } = await import('../testing/index.ts');
  const authority = await createAttestationAuthority({ seed, at: time });
  // Keys may be derived in another way by another version of this program.
  if ((await rootFingerprint(authority)) !== expected)
    throw new OperatorError(
      `--authority ${quote(file)} was changed, or written by another version of mda: its root comes out another`,
    );
  return authority;
}

function readMembers(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

export const rootFingerprint = async ({ trustAnchors: [root] }: AttestationAuthority): Promise<string> =>
  toHex(await certificateFingerprint(root!));
