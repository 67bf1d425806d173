import type { Store } from '../../../src/acme/index.ts';
import { findCertificate, type KnownCertificate } from './certificate.ts';
import type { Context } from './context.ts';
import { writeFirst } from './once.ts';
import { refusal, tooLarge } from './problem.ts';
import { readBody } from '../http.ts';
import type { IncomingMessage } from 'node:http';
import type { Reply } from './reply.ts';
import { answerOcspRequest, periodFrom, type Revoked, writeRevocationList } from './revocation-documents.ts';

/**
 * What was revoked: a mark for each certificate, which OCSP reads, and a list that only grows, which the revocation list is
 * made of. The list comes first: who hears that the certificate is revoked finds it in both.
 */

const markOf = (serialNumber: string): string => `revoked:${serialNumber}`;
const placeOf = (index: number): string => `revocation:${index}`;

/** @returns false if it was revoked before */
export async function writeRevocation(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  { serialNumber, known, reason }: { serialNumber: string; known: KnownCertificate; reason: number },
): Promise<boolean> {
  if (await store.get(markOf(serialNumber))) return false;
  // In whole seconds, as documents have it.
  const at = new Date(1000 * Math.floor(clock().getTime() / 1000));
  const value = JSON.stringify({ serialNumber, at, reason, notAfter: known.notAfter });
  for (let index = 0; (await writeFirst(store, placeOf(index), value)) !== value; index++);
  await store.set(markOf(serialNumber), value, Math.max(1, known.notAfter.getTime() - clock().getTime()));
  return true;
}

const parse = (text: string): Revoked & { readonly notAfter: Date } => {
  const { serialNumber, at, reason, notAfter } = JSON.parse(text) as Record<
    'serialNumber' | 'at' | 'notAfter',
    string
  > & {
    readonly reason: number;
  };
  return { serialNumber, at: new Date(at), reason, notAfter: new Date(notAfter) };
};

/** Of certificates that have not expired. A crash may have written one twice: the first entry counts. */
async function listRevoked(store: Store, at: Date): Promise<readonly Revoked[]> {
  const revoked = new Map<string, Revoked>();
  for (let index = 0; ; index++) {
    const text = await store.get(placeOf(index));
    if (!text) return [...revoked.values()];
    const entry = parse(text);
    if (entry.notAfter >= at && !revoked.has(entry.serialNumber)) revoked.set(entry.serialNumber, entry);
  }
}

/** `crl/issuing` is the list of the authority that issues to devices; that of the root is empty. */
export async function answerRevocationList({ ca, store, clock, limits }: Context, id: string): Promise<Reply> {
  if (id !== 'issuing' && id !== 'root') throw refusal('malformed', 'there is no such list', { status: 404 });
  const at = clock();
  const revoked = id === 'issuing' ? await listRevoked(store, at) : [];
  const body = await writeRevocationList(ca.signers[id], revoked, periodFrom(at, limits.revocationSeconds));
  return { status: 200, headers: { 'Content-Type': 'application/pkix-crl' }, body };
}

const MAX_OCSP_REQUEST_BYTES = 4096;

/** RFC 6960, appendix A.1: of certificates of devices. */
export async function answerOcsp(context: Context, request: IncomingMessage): Promise<Reply> {
  const { ca, store, clock, limits } = context;
  const body = await readBody(request, MAX_OCSP_REQUEST_BYTES, tooLarge);
  const statusOf = async (serialNumber: string) => {
    if ((await findCertificate(store, serialNumber)) === undefined) return undefined;
    const text = await store.get(markOf(serialNumber));
    return { revoked: text ? parse(text) : undefined };
  };
  return {
    status: 200,
    headers: { 'Content-Type': 'application/ocsp-response' },
    body: await answerOcspRequest(ca.signers.issuing, body, statusOf, periodFrom(clock(), limits.revocationSeconds)),
  };
}
