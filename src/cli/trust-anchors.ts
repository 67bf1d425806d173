import { AttestationError, type Certificate, fromPem, parseCertificate } from '../index.ts';
import { OperatorError } from './operator-error.ts';
import { quote } from '../conformance/printable.ts';
import { readInput } from './read-input.ts';

/** The certificates of the PEM files; undefined, and so Apple's root, if there is no file. */
export async function readTrustAnchors(files: readonly string[]): Promise<readonly Certificate[] | undefined> {
  if (files.length === 0) return undefined;
  const anchors: Certificate[] = [];
  for (const file of files) anchors.push(...(await readTrustAnchorFile(file)));
  return anchors;
}

async function readTrustAnchorFile(file: string): Promise<readonly Certificate[]> {
  if (file === '-') throw new OperatorError('--trust-anchor must be a file, not standard input');
  const text = new TextDecoder().decode(await readInput(file));
  try {
    return fromPem(text).map(parseCertificate);
  } catch (error) {
    // The operator's own file, not evidence: no verdict can be had with it.
    if (error instanceof AttestationError)
      throw new OperatorError(`--trust-anchor ${quote(file)} must hold certificates as PEM (${error.code})`);
    throw error;
  }
}
