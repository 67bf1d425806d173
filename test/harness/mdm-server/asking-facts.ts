import type { Evaluate } from '../../../src/acme/index.ts';
import { factsFrom } from '../../../src/mdm/index.ts';
import { evaluatePolicy, type Policy, REASONS } from '../../../src/policy/index.ts';
import type { DynamicSource } from '../../../src/relying-party/index.ts';
import { type Asking, askService } from './asking.ts';
import type { KnownFacts } from './decide.ts';

export type AskFacts = (serialNumber: string, signal?: AbortSignal) => Promise<KnownFacts>;

/** Asks the MDM service what it knows of a device. It rejects if there is no answer, which is not a no. */
export function askFactsOf(asking: Asking): AskFacts {
  // What comes is judged by whoever uses it: an authorizer and a policy refuse what is no fact.
  return async (serialNumber, signal) =>
    JSON.parse(await askService(asking, { serialNumber }, signal), reviveTime) as KnownFacts;
}

const reviveTime = (key: string, value: unknown): unknown =>
  key === 'reportedAt' && typeof value === 'string' ? new Date(value) : value;

/** Deployment model 3: facts that no certificate can have, of the device that the certificate names. */
export function lookUpByAsking(ask: AskFacts): DynamicSource['lookup'] {
  return async ({ properties: { serialNumber } }, { signal }) => {
    // Nobody knows a device without a name.
    if (serialNumber.status !== 'attested') return {};
    const { reported, inventory } = await ask(serialNumber.value, signal);
    return { reported, inventory };
  };
}

/**
 * Deployment model 2: an ACME server that decides. It asks the MDM service whether the device is enrolled and what else is
 * known, judges by its policy, and issues or refuses. If the service does not answer, nothing is issued.
 */
export function evaluateByAsking(ask: AskFacts, policy: Policy): Evaluate {
  return async (attestation, { at }) => {
    const { serialNumber } = attestation.properties;
    const known = serialNumber.status === 'attested' ? await ask(serialNumber.value) : undefined;
    if (known?.enrolled !== true)
      return { allowed: false, reasons: [{ code: 'not-enrolled', message: 'the device is not under management' }] };
    const { reported, inventory } = known;
    const { attested } = await factsFrom({ attestation });
    const decision = evaluatePolicy(policy, { attested, reported, inventory }, { at });
    const reasons = decision.reasons.map(({ rule, code }) => ({ code, message: `${rule}: ${REASONS[code].meaning}` }));
    return { allowed: decision.allowed, reasons };
  };
}
