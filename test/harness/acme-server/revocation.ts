import { AttestationError, type Certificate, fromBase64Url, parseCertificate } from '../../../src/index.ts';
import { equalBytes } from '../../../src/core/bytes.ts';
import { readAccountKey } from './account-key.ts';
import { findCertificate, type KnownCertificate } from './certificate.ts';
import type { Context } from './context.ts';
import { refusal } from './problem.ts';
import { empty, type Reply } from './reply.ts';
import { writeRevocation } from './revocations.ts';
import { type AccountRequest, requirePayload, type SignedRequest } from './signed-request.ts';

/** RFC 8555, 7.6: by the account that ordered the certificate, or with the key that is in it. */
export async function revokeCertificate(context: Context, request: SignedRequest | AccountRequest): Promise<Reply> {
  const { certificate, reason = 0 } = requirePayload(request);
  const parsed = readCertificate(certificate);
  const known = await findCertificate(context.store, parsed.serialNumber);
  if (known === undefined || !equalBytes(known.der, parsed.der))
    throw refusal('malformed', 'the certificate was not issued here', { status: 404 });
  await requireRight(request, known, parsed);
  if (typeof reason !== 'number' || !REASONS.includes(reason))
    throw refusal('badRevocationReason', 'the reason is not one that a subscriber may give');
  if (!(await writeRevocation(context, { serialNumber: parsed.serialNumber, known, reason })))
    throw refusal('alreadyRevoked', 'the certificate is revoked already');
  return empty(200);
}

/** RFC 5280, 5.3.1, without those that are for authorities: unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation. */
const REASONS: readonly number[] = [0, 1, 3, 4, 5];

function readCertificate(certificate: unknown): Certificate {
  try {
    return parseCertificate(fromBase64Url(certificate as string));
  } catch (error) {
    if (error instanceof AttestationError || error instanceof TypeError)
      throw refusal('malformed', 'certificate must be one, DER as base64url');
    throw error;
  }
}

async function requireRight(
  request: SignedRequest | AccountRequest,
  { accountId }: KnownCertificate,
  { publicKey }: Certificate,
): Promise<void> {
  const may =
    'account' in request
      ? request.account.id === accountId
      : request.key.thumbprint === (await readAccountKey(publicKey.jwk)).thumbprint;
  if (!may) throw refusal('unauthorized', 'the certificate is of another account, and of another key');
}
