import type { IncomingMessage } from 'node:http';
import { type DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { AttestationError, type Certificate, parseAttestationChain, verifyChain } from '../../../src/index.ts';
import { parseSubjectAlternativeNames } from '../../../src/acme/index.ts';
import { toHex } from '../../../src/core/bytes.ts';
import type { Context } from './context.ts';
import { Refusal } from './refusal.ts';

/** Who is at the other end of the connection: TLS has proven the key, and this the certificate. */
export interface ClientIdentity {
  readonly kind: 'attested' | 'plain';
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyFingerprint: string;
  /** What the ACME server put into the certificate: what was ordered, and which device was attested. */
  readonly clientIdentifier: string | undefined;
  readonly serialNumber: string | undefined;
}

/**
 * Reads the client certificate. The handshake has seen a signature of its key, whoever issued it; who did is judged here, for
 * every request and by the clock of the service.
 */
export async function readClientIdentity(context: Context, request: IncomingMessage): Promise<ClientIdentity> {
  const { socket } = request;
  const chain = socket instanceof TLSSocket ? peerChain(socket) : [];
  if (chain.length === 0) throw new Refusal(401, 'a client certificate is required');
  const { acme, plainAnchors } = context;
  const attested = await verify(chain, acme.identityAnchors, context.clock());
  const leaf = attested ?? (await verify(chain, plainAnchors, context.clock()));
  if (leaf === undefined) throw new Refusal(401, 'the client certificate is not one of an enrollment');
  const spki = new Uint8Array(leaf.publicKey.spki);
  return {
    kind: attested === undefined ? 'plain' : 'attested',
    keyFingerprint: toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', spki))),
    ...(attested === undefined ? { clientIdentifier: undefined, serialNumber: undefined } : readNames(leaf)),
  };
}

/** DER, the certificate of the key first. */
function peerChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate = socket.getPeerCertificate(true) as DetailedPeerCertificate | Record<string, never> | undefined;
  while (certificate && 'raw' in certificate) {
    const { raw, issuerCertificate } = certificate as DetailedPeerCertificate;
    chain.push(new Uint8Array(raw));
    // A root that was sent is its own issuer.
    certificate = issuerCertificate === certificate ? undefined : issuerCertificate;
  }
  return chain;
}

async function verify(
  chain: readonly Uint8Array[],
  trustAnchors: readonly Certificate[],
  at: Date,
): Promise<Certificate | undefined> {
  if (trustAnchors.length === 0) return undefined;
  try {
    const { certificates } = await verifyChain(parseAttestationChain(chain), { at, trustAnchors });
    return certificates[0];
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

const SUBJECT_ALT_NAME = '2.5.29.17';

function readNames({ extensions }: Certificate): Pick<ClientIdentity, 'clientIdentifier' | 'serialNumber'> {
  const extension = extensions.find(({ oid }) => oid === SUBJECT_ALT_NAME);
  const names = extension === undefined ? [] : parseSubjectAlternativeNames(extension.value);
  const permanent = names.find((name) => name.kind === 'permanentIdentifier');
  const hardware = names.find((name) => name.kind === 'hardwareModuleName');
  return {
    clientIdentifier: permanent?.identifierValue,
    serialNumber: hardware && new TextDecoder().decode(hardware.serialNumber),
  };
}
