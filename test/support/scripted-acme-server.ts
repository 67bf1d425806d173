import { createHash, createHmac, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { fromBase64Url, parseAttestationChain, skipFreshnessCheck, toPem, verifyAttestation } from '../../src/index.ts';
import { parseAttestationObject, restoreEcdsaSignature } from '../../src/acme/index.ts';
import type { AcmeFetch, AcmeFetchResponse, AcmeRequest } from '../../src/testing/acme-fetch.ts';
import type { AcmeStep } from '../../src/testing/acme-events.ts';
import { mintCertificate } from '../../src/testing/certificate-writer.ts';
import { name } from '../../src/testing/der-writer.ts';
import { keyFrom } from '../../src/testing/key.ts';
import type { AttestationAuthority } from '../../src/testing/index.ts';

/**
 * An ACME server in a function, of one order: enough to see what the simulated device sends, and to fail wherever a
 * test wants it to. The reference server is in `test/harness/acme-server`.
 */

export const ORIGIN = 'https://acme.example';
export const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';

/** What the server would answer. */
export interface Scripted {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Received {
  readonly step: AcmeStep;
  readonly request: AcmeRequest;
  /** Of a signed request. */
  readonly header: Record<string, unknown>;
  readonly payload: unknown;
  readonly signatureBytes: number;
}

/** Comes between the device and the server; throws for a connection that fails. `proceed` lets the server do its work. */
export type Interrupt = (received: Received, proceed: () => Promise<Scripted>, count: number) => Promise<Scripted>;

export interface ScriptedServerOptions {
  readonly authority: AttestationAuthority;
  readonly interrupt?: Interrupt;
  readonly hmacKey?: Uint8Array;
  readonly directory?: object;
  /** Whether the answer to a newAccount names the account. */
  readonly nonces?: boolean;
}

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Scripted => ({
  status,
  headers,
  body: JSON.stringify(value),
});

export const problem = (type: string, status = 400, headers: Record<string, string> = {}): Scripted =>
  json(status, { type: `urn:ietf:params:acme:error:${type}`, detail: 'no', status }, headers);

const STEPS: Readonly<Record<string, AcmeStep>> = {
  '/directory': 'directory',
  '/nonce': 'newNonce',
  '/account': 'newAccount',
  '/new-order': 'newOrder',
  '/order/1': 'order',
  '/authorization/1': 'authorization',
  '/challenge/1': 'challenge',
  '/finalize/1': 'finalize',
  '/certificate/1': 'certificate',
};

const issuer = keyFrom('scripted issuer', 'P-256');

export function scriptedAcmeServer({ authority, interrupt, hmacKey, directory, nonces = true }: ScriptedServerOptions) {
  const received: Received[] = [];
  const valid = new Set<string>();
  let count = 0;
  let jwk: Record<string, string> | undefined;
  let attestedKey: Uint8Array | undefined;
  let certificate: Uint8Array | undefined;
  let csr: Uint8Array | undefined;
  const order = { status: 'pending', error: undefined as unknown };
  const challenge = { status: 'pending', error: undefined as unknown };
  let orders = 0;

  const orderJson = () => ({
    ...order,
    authorizations: [`${ORIGIN}/authorization/1`],
    finalize: `${ORIGIN}/finalize/1`,
    ...(order.status === 'valid' ? { certificate: `${ORIGIN}/certificate/1` } : {}),
  });
  const challengeJson = () => ({ type: 'device-attest-01', url: `${ORIGIN}/challenge/1`, token: TOKEN, ...challenge });

  async function judge(payload: { readonly attObj?: string }): Promise<Scripted> {
    if (challenge.status !== 'pending') return problem('malformed');
    try {
      const { x5c } = parseAttestationObject(fromBase64Url(payload.attObj ?? ''));
      const { publicKey, properties } = await verifyAttestation(parseAttestationChain(x5c), {
        at: new Date('2026-06-01T12:00:00Z'),
        trustAnchors: authority.trustAnchors,
        expectedFreshnessCode: skipFreshnessCheck,
      });
      const expected = createHash('sha256').update(TOKEN).digest('hex');
      const { freshnessCode } = properties;
      if (freshnessCode.status !== 'attested' || Buffer.from(freshnessCode.value).toString('hex') !== expected)
        throw new Error('freshness');
      attestedKey = publicKey.spki;
      challenge.status = 'valid';
      order.status = 'ready';
    } catch {
      challenge.status = 'invalid';
      challenge.error = { type: 'urn:ietf:params:acme:error:badAttestationStatement', detail: 'no', status: 400 };
      order.status = 'invalid';
    }
    return json(200, challengeJson());
  }

  async function issue(payload: { readonly csr: string }): Promise<Scripted> {
    if (order.status !== 'ready') return problem('orderNotReady', 403);
    csr = fromBase64Url(payload.csr);
    if (!Buffer.from(csr).includes(Buffer.from(attestedKey!))) return problem('badCSR');
    certificate = await mintCertificate({
      subject: name({ CN: 'issued' }),
      issuer: name({ CN: 'issuer' }),
      key: { spki: new Uint8Array(attestedKey!) },
      issuerKey: issuer,
      hash: 'SHA-256',
      notBefore: new Date('2026-06-01T12:00:00Z'),
      notAfter: new Date('2026-06-02T12:00:00Z'),
      extensions: [],
    });
    order.status = 'valid';
    return json(200, orderJson());
  }

  function serve(step: AcmeStep, payload: unknown): Promise<Scripted> | Scripted {
    switch (step) {
      case 'directory':
        return json(200, {
          newNonce: `${ORIGIN}/nonce`,
          newAccount: `${ORIGIN}/account`,
          newOrder: `${ORIGIN}/new-order`,
          ...directory,
        });
      case 'newNonce':
        return { status: 200, headers: {}, body: '' };
      case 'newAccount':
        return json(201, { status: 'valid' }, { location: `${ORIGIN}/accounts/1` });
      case 'newOrder':
        orders++;
        return json(201, orderJson(), { location: `${ORIGIN}/order/1` });
      case 'order':
        return json(200, orderJson());
      case 'authorization':
        return json(200, {
          status: challenge.status,
          challenges: [{ type: 'http-01', status: 'pending' }, challengeJson()],
        });
      case 'challenge':
        return judge(payload as { readonly attObj?: string });
      case 'finalize':
        return issue(payload as { readonly csr: string });
      case 'certificate':
        return { status: 200, headers: {}, body: toPem(certificate!) };
    }
  }

  /** Reads a signed request; an answer if it is none. */
  function readSigned(url: string, { body = '', headers }: AcmeRequest): Omit<Received, 'step' | 'request'> | Scripted {
    if (headers['content-type'] !== 'application/jose+json') return problem('malformed', 415);
    let parts: Record<'protected' | 'payload' | 'signature', string>;
    let header: Record<string, unknown>;
    try {
      parts = JSON.parse(body) as typeof parts;
      header = JSON.parse(Buffer.from(parts.protected, 'base64url').toString()) as typeof header;
    } catch {
      return problem('malformed');
    }
    if (!valid.delete(header['nonce'] as string) && nonces) return problem('badNonce');
    const isNew = url === `${ORIGIN}/account`;
    if (isNew) jwk ??= header['jwk'] as typeof jwk;
    if (header['url'] !== url || (header['kid'] !== `${ORIGIN}/accounts/1` && !isNew))
      return problem('unauthorized', 403);
    const key = createPublicKey({ key: jwk!, format: 'jwk' });
    const signature = fromBase64Url(parts.signature);
    const data = Buffer.from(`${parts.protected}.${parts.payload}`);
    const isSigned = restoreEcdsaSignature(signature, 'ES256').some((candidate) =>
      verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, candidate),
    );
    if (!isSigned) return problem('malformed');
    const text = Buffer.from(parts.payload, 'base64url').toString();
    const payload = text === '' ? undefined : (JSON.parse(text) as unknown);
    return { header, payload, signatureBytes: signature.length };
  }

  const fetch: AcmeFetch = async (url, request) => {
    if (!url.startsWith(`${ORIGIN}/`)) throw new Error(`nobody is there: ${url}`);
    const step = STEPS[url.slice(ORIGIN.length)]!;
    const signed =
      request.method === 'POST' ? readSigned(url, request) : { header: {}, payload: undefined, signatureBytes: 0 };
    let answer: Scripted;
    if ('status' in signed) answer = signed;
    else {
      const one = { step, request, ...signed };
      received.push(one);
      const proceed = async () => serve(step, signed.payload);
      const times = received.filter((other) => other.step === step).length;
      answer = interrupt === undefined ? await proceed() : await interrupt(one, proceed, times);
    }
    const nonce = `nonce${count++}`;
    valid.add(nonce);
    return response(answer, nonces && step !== 'directory' ? { 'replay-nonce': nonce } : {});
  };

  return {
    fetch,
    received,
    order,
    challenge,
    orders: () => orders,
    csr: () => csr!,
    steps: () => received.map(({ step }) => step),
    of: (step: AcmeStep) => received.filter((one) => one.step === step),
    certificate: () => new X509Certificate(certificate!),
    /** The payload of the external account binding, if its MAC is right. */
    boundKey(): unknown {
      const { externalAccountBinding: jws } = received.find(({ step }) => step === 'newAccount')!.payload as {
        externalAccountBinding: Record<string, string>;
      };
      const mac = createHmac('sha256', hmacKey!).update(`${jws['protected']!}.${jws['payload']!}`).digest('base64url');
      if (mac !== jws['signature']) throw new Error('MAC');
      return ['protected', 'payload'].map(
        (part) => JSON.parse(Buffer.from(jws[part]!, 'base64url').toString()) as unknown,
      );
    },
  };
}

function response({ status, headers, body }: Scripted, more: Record<string, string>): AcmeFetchResponse {
  const all = new Headers({ ...more, ...headers });
  return { status, headers: all, text: () => Promise.resolve(body) };
}
