import { toBase64, toBase64Url } from '../index.ts';
import type { AcmeEvent } from '../testing/index.ts';
import type { Simulation } from './simulate.ts';

/** The output of `mda simulate acme --json`; docs/cli.md describes it field by field. */
export function simulateJson({ args, outcome, events }: Simulation) {
  const { status, key, orderUrl, states, sent } = outcome;
  const isIssued = status === 'issued';
  const { order = null, authorization = null, challenge = null } = states;
  return {
    outcome: status,
    step: isIssued ? null : outcome.step,
    reason: status === 'undecided' ? outcome.reason : null,
    problem: isIssued ? null : (outcome.problem ?? null),
    identifier: args.enrollment.clientIdentifier,
    fault: args.fault?.name ?? null,
    orderUrl: orderUrl ?? null,
    states: { order, authorization, challenge },
    publicKey: { curve: key.curve, spki: toBase64(key.publicKey) },
    token: sent.token ?? null,
    attObj: sent.attestationObject === undefined ? null : toBase64Url(sent.attestationObject),
    csr: sent.csr === undefined ? null : toBase64(sent.csr),
    certificates: isIssued ? outcome.certificateChain.map(toBase64) : null,
    isForKey: isIssued ? outcome.isForKey : null,
    events: events.map(jsonEvent),
  };
}

function jsonEvent(event: AcmeEvent) {
  const none = { step: null, url: null, httpStatus: null, problem: null, error: null, milliseconds: null };
  if (event.event === 'no answer') return { ...none, ...event, error: messageOf(event.error) };
  return { ...none, ...event, ...('problem' in event ? { problem: event.problem ?? null } : {}) };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
