import { X509Certificate } from 'node:crypto';
import { printable } from '../conformance/printable.ts';
import type { AcmeEvent, AcmeProblem, AcmeUndecidedReason } from '../testing/index.ts';
import { alternativeNamesText } from './alternative-names-text.ts';
import type { Style } from './colour.ts';
import { messageOf } from './simulate-json.ts';
import type { Simulation } from './simulate.ts';
import { type Layout, renderTable, type Row } from './table.ts';

const VERDICTS: Readonly<Record<Simulation['outcome']['status'], readonly [Style, string]>> = {
  issued: ['green', 'ISSUED'],
  refused: ['red', 'REFUSED'],
  undecided: ['yellow', 'NO VERDICT'],
};

const REASONS: Readonly<Record<AcmeUndecidedReason, string>> = {
  'server-error': 'the server failed, or was overloaded, each time it was asked',
  'unexpected-answer': 'the answer is not one of RFC 8555',
  'no-challenge': 'the server offers no device-attest-01 challenge for this identifier',
  'not-ready': 'the server was not ready when patience ended',
};

/** The output of `mda simulate acme`: what happened step by step, and the verdict last, where the eye ends up. */
export function renderSimulation(simulation: Simulation, layout: Layout): string {
  const [style, verdict] = VERDICTS[simulation.outcome.status];
  return [
    `${layout.paint('bold', 'Steps')}\n${renderTable(simulation.events.map(eventRow), layout, '  ')}\n`,
    `${layout.paint(style, verdict)}\n${renderTable(verdictRows(simulation), layout, '  ')}`,
  ].join('');
}

function eventRow(event: AcmeEvent): Row {
  switch (event.event) {
    case 'wait':
      return { labels: ['(wait)', ''], text: `${event.milliseconds} ms` };
    case 'no answer':
      return { labels: [event.step, 'no answer'], text: messageOf(event.error), style: 'red' };
    case 'answer': {
      const style = event.httpStatus < 300 ? 'green' : 'red';
      return { labels: [event.step, `HTTP ${event.httpStatus}`], text: event.problem?.type ?? event.url, style };
    }
  }
}

function verdictRows({ args, device, outcome }: Simulation): readonly Row[] {
  const { order, authorization, challenge } = outcome.states;
  const { serialNumber, enrollment } = device.state();
  const rows: readonly Row[] = [
    { labels: ['identifier'], text: args.enrollment.clientIdentifier },
    { labels: ['device'], text: enrollment === 'user' ? 'in a User Enrollment' : `serial number ${serialNumber}` },
    { labels: ['fault'], text: args.fault === undefined ? '' : `${args.fault.name}: ${args.fault.title}` },
    ...outcomeRows(outcome),
    { labels: ['order'], text: order ?? '' },
    { labels: ['authorization'], text: authorization ?? '' },
    { labels: ['challenge'], text: challenge ?? '' },
    { labels: ['written to'], text: args.out ?? '' },
  ];
  return rows.filter(({ text }) => text !== '');
}

function outcomeRows(outcome: Simulation['outcome']): readonly Row[] {
  if (outcome.status === 'issued')
    return [
      ...outcome.certificateChain.slice(0, 1).flatMap(certificateRows),
      {
        labels: ['key'],
        text: outcome.isForKey ? `${outcome.key.curve}, the attested one` : 'ANOTHER than the one of the request',
      },
    ];
  return [
    { labels: ['at'], text: outcome.step },
    { labels: ['reason'], text: outcome.status === 'undecided' ? REASONS[outcome.reason] : '' },
    ...problemRows(outcome.problem),
  ];
}

function problemRows(problem: AcmeProblem | undefined): readonly Row[] {
  if (problem === undefined) return [];
  const { subproblems } = problem.document;
  return [
    { labels: ['problem'], text: problem.type },
    { labels: ['detail'], text: problem.detail ?? '' },
    { labels: ['subproblems'], text: subproblems === undefined ? '' : JSON.stringify(subproblems) },
  ];
}

/** By Node, for it may be of any algorithm. */
function certificateRows(der: Uint8Array): readonly Row[] {
  const { subject, issuer, subjectAltName, validFrom, validTo } = new X509Certificate(der);
  const line = (name: string) => name.split('\n').join(', ');
  return [
    { labels: ['subject'], text: line(subject) || '(empty)' },
    { labels: ['names'], text: alternativeNamesText(der) ?? subjectAltName ?? '' },
    { labels: ['issuer'], text: line(issuer) },
    { labels: ['valid'], text: `${validFrom} to ${validTo}` },
  ];
}

/** For standard error, while it happens: why there is a wait. */
export function waitNote(milliseconds: number, last: AcmeEvent | undefined): string {
  return `mda: ${printable(reasonOf(last))}; going on in ${milliseconds} ms\n`;
}

function reasonOf(last: AcmeEvent | undefined): string {
  if (last?.event === 'no answer') return `${last.step}: ${messageOf(last.error)}`;
  return last?.event === 'answer' ? `${last.step}: HTTP ${last.httpStatus}` : 'waiting';
}
