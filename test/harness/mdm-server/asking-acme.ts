import type { Identification, Identify } from '../../../src/acme/index.ts';
import type { AskedAnswer, Question } from './ask.ts';

/** Reaches the MDM service: the part of `fetch` that is needed. */
export type AskFetch = (
  url: string,
  request: { readonly method: 'POST'; readonly headers: Readonly<Record<string, string>>; readonly body: string },
) => Promise<{ readonly status: number; readonly text: () => Promise<string> }>;

/**
 * Deployment model 1 with an external ACME server that asks: it knows no device and no client identifier. Once the
 * attestation is verified, it asks the MDM service about the device and the enrollment over HTTP; when nothing else is left
 * to refuse, it takes the client identifier there.
 */
export function identifyByAsking(options: {
  readonly askUrl: () => string;
  readonly secret: string;
  readonly fetch: AskFetch;
}): Identify {
  const { askUrl, secret, fetch } = options;
  const ask = async (question: Question): Promise<AskedAnswer> => {
    const headers = { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' };
    const answer = await fetch(askUrl(), { method: 'POST', headers, body: JSON.stringify(question) });
    // No answer is not a no: the challenge stays pending, and the device asks again.
    if (answer.status !== 200) throw new Error(`the MDM service answered ${answer.status}`);
    return JSON.parse(await answer.text()) as AskedAnswer;
  };
  return async ({ identifier, attestation, token }): Promise<Identification> => {
    const { serialNumber } = attestation.properties;
    const question = {
      clientIdentifier: identifier.value,
      ...(serialNumber.status === 'attested' ? { serialNumber: serialNumber.value } : {}),
      claimant: token,
    };
    const { known, ...owner } = await ask({ ...question, claim: false });
    if (!known) return { identified: false, reasons: [] };
    const claim = async (): Promise<boolean> => (await ask({ ...question, claim: true })).known;
    return { identified: true, by: 'mdm-service', ...owner, claim };
  };
}
