import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { toPem } from '../index.ts';
import { readArguments } from './arguments.ts';
import { authorityFile, type AuthoritySecret, rootFingerprint } from './authority-file.ts';
import { ACCEPTED, type Outcome } from './exit-codes.ts';
import { writeNewFiles } from './new-files.ts';
import { OperatorError } from './operator-error.ts';
import { renderTable } from './table.ts';
import { layoutOfStdout } from './terminal.ts';
import { readAt } from './verify-arguments.ts';

/** Makes a simulated attestation authority and writes it to files. */
export async function authority([action, ...args]: readonly string[]): Promise<Outcome> {
  if (action !== 'new') throw new OperatorError('say mda authority new; see mda help authority');
  const line = readArguments(args, [], ['out', 'seed', 'at']);
  if (line.positionals.length > 0) throw new OperatorError('mda authority new takes options only');
  const out = line.one('out');
  if (out === undefined || out === '') throw new OperatorError('--out is missing: the folder to write to');
  const seed = line.one('seed');
  if (seed === '') throw new OperatorError('--seed must not be empty');
  // The certificates are written to the second.
  const at = new Date(Math.floor(readAt(line.one('at')).getTime() / 1000) * 1000);
  return create(out, { seed: seed ?? randomBytes(32).toString('hex'), at });
}

async function create(out: string, secret: AuthoritySecret): Promise<Outcome> {
  const { createAttestationAuthority } = await import('../testing/index.ts');
  const made = await createAttestationAuthority(secret);
  await writeNewFiles(out, [
    { name: 'authority.json', content: await authorityFile(secret, made), mode: 0o600 },
    { name: 'root.pem', content: toPem(made.root) },
    { name: 'sub-ca.pem', content: toPem(made.subCa) },
  ]);
  const rows = [
    { labels: ['authority'], text: `${join(out, 'authority.json')}, a secret, for mda simulate` },
    { labels: ['root'], text: `${join(out, 'root.pem')}, for the server under test to trust` },
    { labels: ['Sub CA'], text: join(out, 'sub-ca.pem') },
    { labels: ['fingerprint'], text: `SHA-256 of the root ${await rootFingerprint(made)}` },
  ];
  return { exitCode: ACCEPTED, text: renderTable(rows, layoutOfStdout()) };
}
