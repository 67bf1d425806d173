import type { Identification, Identify } from '../../../src/acme/index.ts';
import type { AskedAnswer, Question } from './ask.ts';
import { type Asking, askService } from './asking.ts';

/**
 * Deployment model 1 with an external ACME server that asks: it knows no device and no client identifier. Once the
 * attestation is verified, it asks the MDM service about the device and the enrollment over HTTP; when nothing else is left
 * to refuse, it takes the client identifier there.
 */
export function identifyByAsking(asking: Asking): Identify {
  // No answer is not a no: the challenge stays pending, and the device asks again.
  const ask = async (question: Question): Promise<AskedAnswer> =>
    JSON.parse(await askService(asking, question)) as AskedAnswer;
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
