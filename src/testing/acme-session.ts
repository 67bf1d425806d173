import type { AcmeStep } from './acme-events.ts';
import type { AccountKey } from './acme-jws.ts';
import type { AcmeRequestContext, AcmeTamper } from './acme-tamper.ts';
import { type AcmeAnswer, type Attempt, hasFailed, type Transport } from './acme-transport.ts';

/** Signed requests of one account (RFC 8555, 6.2 to 6.5). */
export interface Session {
  /** Sends again after failures; what the last try met is thrown, or returned if it was an answer. */
  readonly post: (step: AcmeStep, url: string, payload?: unknown) => Promise<AcmeAnswer>;
  /** Sends once: for what may have happened although no answer came. */
  readonly postOnce: (step: AcmeStep, url: string, payload: unknown) => Promise<Attempt>;
  /** From now on requests are signed in the name of the account, and no longer with the key in their header. */
  readonly signAs: (accountUrl: string) => void;
}

export function createSession(
  transport: Transport,
  newNonce: string,
  accountKey: AccountKey,
  tamper: AcmeTamper,
): Session {
  let accountUrl: string | undefined;

  const attempt = async (step: AcmeStep, url: string, payload: unknown): Promise<Attempt> => {
    let nonce = transport.nonce.take();
    if (nonce === undefined) {
      const answer = await transport.send('newNonce', newNonce, { method: 'HEAD', headers: {} });
      if (hasFailed(answer)) return answer;
      // Without one the server says badNonce, which is the right thing to report.
      nonce = transport.nonce.take() ?? '';
    }
    const key = accountUrl === undefined ? { jwk: accountKey.jwk } : { kid: accountUrl };
    const body = await write(accountKey, tamper, { alg: 'ES256', ...key, nonce, url }, payload, { step, url });
    const accept = step === 'certificate' ? 'application/pem-certificate-chain' : 'application/json';
    return transport.send(step, url, {
      method: 'POST',
      headers: { 'content-type': 'application/jose+json', accept },
      body,
    });
  };

  return {
    post: (step, url, payload) => transport.insist(() => attempt(step, url, payload)),
    postOnce: (step, url, payload) => transport.once(() => attempt(step, url, payload)),
    signAs(url) {
      accountUrl = url;
    },
  };
}

async function write(
  accountKey: AccountKey,
  { header: changeHeader, payload: changePayload, jws: changeJws }: AcmeTamper,
  header: Readonly<Record<string, unknown>>,
  payload: unknown,
  context: AcmeRequestContext,
): Promise<string> {
  const jws = await accountKey.sign(
    changeHeader?.(header, context) ?? header,
    changePayload === undefined ? payload : changePayload(payload, context),
  );
  const text = JSON.stringify(jws);
  return (await changeJws?.(text, context)) ?? text;
}
