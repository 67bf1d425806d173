import { AttestationError, fromBase64, fromBase64Url } from '../../../src/index.ts';
import { csrProblem, verifyCertificateRequest, type VerifiedCertificateRequest } from '../../../src/acme/index.ts';
import { equalBytes } from '../../../src/core/bytes.ts';
import type { Context } from './context.ts';
import { rememberCertificate } from './certificate.ts';
import { type Judgement, type OrderFacts, readOwnOrder, statesOf, writeCertificate } from './order.ts';
import { orderReply } from './order-resources.ts';
import { refusal, Refusal } from './problem.ts';
import type { Reply } from './reply.ts';
import { type AccountRequest, requirePayload } from './signed-request.ts';

/** RFC 8555, 7.4: whatever is wrong with the request leaves the order `ready`. */
export async function finalizeOrder(context: Context, request: AccountRequest, id: string): Promise<Reply> {
  const { csr } = requirePayload(request);
  const facts = await readOwnOrder(context, request.account.id, id);
  const { judgement } = facts;
  if (statesOf(facts, context.clock()).order !== 'ready' || judgement?.status !== 'valid')
    throw refusal('orderNotReady', 'the order is not ready');
  requireOwnNames(await readRequest(csr, judgement), facts, judgement);
  const { identifier } = facts.order;
  const certificate = await context.ca.issue({ ...judgement, orderId: id, identifier: identifier.value });
  context.onIssued(certificate);
  await rememberCertificate(context, certificate, request.account.id);
  return orderReply(context, await writeCertificate(context, facts, certificate.chain), 200);
}

type ValidJudgement = Extract<Judgement, { status: 'valid' }>;

async function readRequest(csr: unknown, { spki }: ValidJudgement): Promise<VerifiedCertificateRequest> {
  if (typeof csr !== 'string') throw refusal('malformed', 'csr must be a string');
  try {
    return await verifyCertificateRequest(fromBase64Url(csr), { attestedKeys: [fromBase64(spki)] });
  } catch (error) {
    if (error instanceof AttestationError) throw new Refusal({ ...csrProblem(error) });
    throw error;
  }
}

/**
 * RFC 8555, 7.4: a request must not ask for another identifier. Of the device it may say what was ordered and
 * attested or nothing, as Apple's client does; names of other kinds are of no interest, for they are not taken over.
 */
function requireOwnNames(
  { subjectAlternativeNames }: VerifiedCertificateRequest,
  { order }: OrderFacts,
  { serialNumber }: ValidJudgement,
): void {
  for (const name of subjectAlternativeNames) {
    if (name.kind === 'permanentIdentifier' && name.identifierValue !== order.identifier.value)
      throw refusal('badCSR', 'the request asks for another identifier than was ordered');
    if (name.kind === 'hardwareModuleName' && !isText(name.serialNumber, serialNumber))
      throw refusal('badCSR', 'the request asks for another serial number than is attested');
  }
}

/** Byte by byte: what decodes to the same text need not be the same. */
const isText = (value: Uint8Array, text: string | undefined): boolean =>
  text !== undefined && equalBytes(value, new TextEncoder().encode(text));
